//! The query of a URI.

use crate::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};

/// The query's parameters; a list is one that may be repeated. What is unknown or no valid value is
/// a problem.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        if !is_utf8(query) {
            return Err(Problem::bad("the query is no UTF-8"));
        }
        let parsed = serde_html_form::from_str(query);
        parsed
            .map(Self)
            .map_err(|error| Problem::bad(format!("the query: {error}")))
    }
}

/// A number that may be missing, but not empty: the parser would take `since=` as no `since`, and a
/// script whose variable is unset would get all pictures.
pub(crate) fn number<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// Whether what `%` stands for is UTF-8; the parser would put another character for what is not.
fn is_utf8(query: &str) -> bool {
    let mut bytes = Vec::with_capacity(query.len());
    let mut rest = query.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let digits = tail
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => bytes.push(*first),
        }
    }
    std::str::from_utf8(&bytes).is_ok()
}

/// The value of one parameter.
pub(crate) fn value(uri: &Uri, name: &str) -> Option<String> {
    let query = uri.query().unwrap_or_default();
    let pairs: Vec<(String, String)> = serde_html_form::from_str(query).ok()?;
    let found = pairs.into_iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_have_to_be_utf8() {
        assert!(is_utf8("a=%C3%A9&b=%zz&c=%"));
        assert!(!is_utf8("a=%FF") && !is_utf8("a=%C3"));
        let uri: Uri = "/v2/search?q=a%20b&key=k".parse().unwrap();
        assert_eq!(value(&uri, "key").as_deref(), Some("k"));
        assert_eq!(value(&uri, "none"), None);
    }
}
