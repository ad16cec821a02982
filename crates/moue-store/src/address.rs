//! Addresses of stores: URLs that every store reads alike.

use crate::StoreError;

/// What a gallery is called where an address does not say.
const DEFAULT_GALLERY: &str = "moue";

/// Bytes of a gallery's name: PostgreSQL cuts names off at 63, and ours have suffixes.
const MAX_NAME: usize = 40;

/// An address like `postgres://user:password@host/database?gallery=cats&search=exact`.
///
/// ```
/// use moue_store::Address;
/// let address = Address::parse("postgres://me:secret@db.example/faces?gallery=cats&sslmode=require")?;
/// assert_eq!(address.scheme, "postgres");
/// assert_eq!(address.gallery, "cats");
/// assert_eq!(address.shown(), "postgres://db.example/faces?gallery=cats");
/// assert_eq!(address.server, "postgres://me:secret@db.example/faces?sslmode=require");
/// # Ok::<(), moue_store::StoreError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// Before `://`, in lower case.
    pub scheme: String,
    /// The name of the gallery, `moue` unless given: letters, digits and underscores.
    pub gallery: String,
    /// The options that are moue's: `search`, `ef`, `few`.
    options: Vec<(String, String)>,
    /// The address without moue's options, for the server's own client. It may have a password.
    pub server: String,
    shown: String,
}

// Without the password.
impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Address").field(&self.shown).finish()
    }
}

impl Address {
    /// The scheme of a text that is an address of a store, such as `postgres`; `None` for paths. Not
    /// even `C:\mine.moue` and `file.zip!/a` have one.
    pub fn scheme_of(text: &str) -> Option<&str> {
        let (scheme, _) = text.split_once("://")?;
        let is_scheme = scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '+');
        (scheme.len() > 1 && is_scheme).then_some(scheme)
    }

    /// Reads an address.
    ///
    /// # Errors
    /// [`StoreError::Address`], which tells how to write it.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let Some(scheme) = Self::scheme_of(text) else {
            return Err(refused(
                "<address>",
                "write postgres://HOST/DATABASE".into(),
            ));
        };
        let (place, query) = text.split_once('?').unwrap_or((text, ""));
        let mut address = Self {
            scheme: scheme.to_ascii_lowercase(),
            gallery: DEFAULT_GALLERY.into(),
            options: Vec::new(),
            server: place.to_owned(),
            shown: without_user(place),
        };
        let shown = address.shown.clone();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            match key {
                "gallery" => address.gallery = checked_name(value, &shown)?,
                "search" | "ef" | "few" => address.options.push((key.into(), value.into())),
                // For the server's own client.
                _ => push_option(&mut address.server, pair),
            }
        }
        if address.gallery != DEFAULT_GALLERY {
            address.shown = format!("{shown}?gallery={}", address.gallery);
        }
        Ok(address)
    }

    /// The address without user and password, for messages.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The value of one of moue's options; the last one, if it is given several times.
    pub fn option(&self, key: &str) -> Option<&str> {
        let mut given = self.options.iter().rev();
        given
            .find(|(k, _)| k == key)
            .map(|(_, value)| value.as_str())
    }

    /// An error about this address.
    pub fn refused(&self, reason: impl Into<String>) -> StoreError {
        refused(&self.shown, reason.into())
    }
}

fn push_option(server: &mut String, pair: &str) {
    let is_first = !server.contains('?');
    server.push(if is_first { '?' } else { '&' });
    server.push_str(pair);
}

fn refused(store: &str, reason: String) -> StoreError {
    StoreError::Address {
        store: store.to_owned(),
        reason,
    }
}

/// A gallery's name goes into names of tables and collections, so it has no other characters.
fn checked_name(name: &str, store: &str) -> Result<String, StoreError> {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    if starts && name.len() <= MAX_NAME && name.chars().all(is_allowed) {
        return Ok(name.to_owned());
    }
    Err(refused(
        store,
        format!("a gallery's name has a to z, 0 to 9 and _, a letter first, {MAX_NAME} at most"),
    ))
}

/// The address without `user:password@`. Several hosts may follow.
fn without_user(place: &str) -> String {
    let Some((scheme, rest)) = place.split_once("://") else {
        return place.to_owned();
    };
    // The last one of all: a password may have an unescaped @ or /.
    let rest = rest.rsplit_once('@').map_or(rest, |(_, hosts)| hosts);
    let hosts = rest.split('/').next().unwrap_or_default();
    if hosts.split(',').all(has_port_or_none) {
        format!("{scheme}://{rest}")
    } else {
        // It may be a part of a password with an unescaped ?.
        format!("{scheme}://…")
    }
}

/// Whether a host has a number behind its colon, if it has a colon.
fn has_port_or_none(host: &str) -> bool {
    let after_v6 = host.rsplit_once(']').map_or(host, |(_, port)| port);
    let port = after_v6.split_once(':').map(|(_, port)| port);
    port.is_none_or(|port| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_no_addresses() {
        for path in [
            "my.moue",
            "C:\\my.moue",
            "a/b://c",
            "builtin",
            "x://y",
            "://",
        ] {
            assert_eq!(Address::scheme_of(path), None, "{path}");
        }
        assert_eq!(Address::scheme_of("milvus://localhost"), Some("milvus"));
    }

    #[test]
    fn passwords_are_never_shown() {
        let text =
            "postgres://me:se@cret@a,b:5433/faces?search=exact&target_session_attrs=read-write";
        let address = Address::parse(text).unwrap();
        assert_eq!(address.shown(), "postgres://a,b:5433/faces");
        assert!(!format!("{address:?}").contains("cret"));
        for text in [
            "postgres://me:pw/cret@a/faces",
            "postgres://me:pw?cret@a/faces",
        ] {
            let shown = Address::parse(text).unwrap().shown().to_owned();
            assert!(!shown.contains("pw") && !shown.contains("cret"), "{shown}");
        }
        let v6 = Address::parse("postgres://[::1]:5432/faces").unwrap();
        assert_eq!(v6.shown(), "postgres://[::1]:5432/faces");
        assert_eq!(address.option("search"), Some("exact"));
        assert!(
            address
                .server
                .ends_with("faces?target_session_attrs=read-write")
        );
    }

    #[test]
    fn names_that_would_be_sql_are_refused() {
        for name in ["", "1a", "a;drop", "a\"b", "Cats", "a-b", &"a".repeat(41)] {
            let text = format!("postgres://h/d?gallery={name}");
            let error = Address::parse(&text).unwrap_err().to_string();
            assert!(error.contains("a letter first"), "{name}: {error}");
        }
    }
}
