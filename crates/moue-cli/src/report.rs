//! How a run ended.

use crate::inputs::COMPILED_IN;
use crate::text::is_near;
use moue::FindError;
use moue::gallery::GalleryError;
use moue_index::ReembedError;
use std::path::Path;
use std::process::ExitCode;

/// The outcome of a command, the worst of what happened to its pictures.
// In the order of exit codes, so that `max` is the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// Everything was found.
    Found,
    /// Some picture had no face or no match, or was rejected.
    Missing,
    /// Something failed.
    Error,
    /// The user stopped it.
    Interrupted,
}

impl Outcome {
    /// What shells report for a program stopped by Ctrl-C: 128 and the number of SIGINT.
    pub(crate) const INTERRUPTED: u8 = 130;

    /// `Found` if the condition holds, otherwise `Missing`.
    pub(crate) fn found_if(found: bool) -> Self {
        if found { Self::Found } else { Self::Missing }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        ExitCode::from(match outcome {
            Outcome::Found => 0,
            Outcome::Missing => 1,
            Outcome::Error => 2,
            Outcome::Interrupted => Outcome::INTERRUPTED,
        })
    }
}

/// An error with its causes. Errors of libraries often repeat the text of their cause, which is
/// then left out.
pub(crate) fn chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = in_words(&cause.to_string());
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

/// How the standard library says that a text is no number, and how people say it.
const NO_NUMBER: [(&str, &str); 5] = [
    ("invalid digit found in string", "this is no whole number"),
    ("invalid float literal", "this is no number"),
    (
        "cannot parse integer from empty string",
        "this is no number",
    ),
    ("number too large to fit in target type", "this is too much"),
    (
        "number too small to fit in target type",
        "this is too little",
    ),
];

/// Messages of the system and the standard library in people's words.
pub(crate) fn in_words(text: &str) -> String {
    let unnumbered = without_number(text);
    NO_NUMBER
        .iter()
        .fold(unnumbered, |text, (from, to)| text.replace(from, to))
}

/// The system's messages without their numbers, which help nobody.
fn without_number(text: &str) -> String {
    let Some((before, rest)) = text.split_once(" (os error ") else {
        return text.to_owned();
    };
    let after = rest.split_once(')').map_or("", |(_, after)| after);
    format!("{before}{after}")
}

/// A hint on what the user can do about an error, printed after it; often none. The library's
/// errors name no command, as other programs use it too.
pub(crate) fn advice(error: &anyhow::Error) -> String {
    if let Some(ReembedError::Missing { .. }) = error.downcast_ref() {
        return "; nothing was changed; --drop-missing leaves them out".into();
    }
    #[cfg(feature = "collections")]
    if let Some(moue_index::ImmichError::Plain(_)) = error.downcast_ref() {
        return " (--allow-private)".into();
    }
    // A search passes the gallery's error on in its own.
    let within = match error.downcast_ref() {
        Some(FindError::Gallery(within)) => Some(within),
        _ => None,
    };
    match error.downcast_ref().or(within) {
        Some(GalleryError::Missing(path)) => missing_advice(path),
        Some(GalleryError::Damaged { path, .. }) => {
            let path = path.display();
            format!("; `moue gallery verify --repair {path}` saves what can be read")
        }
        Some(GalleryError::OtherWeights { path, .. }) => {
            format!("; `moue gallery reembed {}` does that", path.display())
        }
        _ => String::new(),
    }
}

/// What to do about a gallery that is not there: its name may be that of a compiled-in one, mistyped.
fn missing_advice(path: &Path) -> String {
    let is_meant = |name: &&str| path.to_str().is_some_and(|path| is_near(path, name));
    match COMPILED_IN.into_iter().find(is_meant) {
        Some(name) => format!("; did you mean {name}?"),
        None => format!(
            "; `moue gallery add {} PICTURES…` makes one",
            path.display()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::{Context, anyhow};

    #[test]
    fn what_is_no_number_is_said_in_words() {
        let text = |error: std::num::ParseIntError| in_words(&error.to_string());
        let parsed = |number: &str| text(number.parse::<u8>().unwrap_err());
        assert_eq!(parsed("x"), "this is no whole number");
        assert_eq!(parsed(""), "this is no number");
        assert_eq!(parsed("999"), "this is too much");
        assert_eq!(
            in_words(&"x".parse::<f32>().unwrap_err().to_string()),
            "this is no number"
        );
    }

    #[test]
    fn causes_are_named_once_and_without_numbers() {
        let missing = std::io::Error::from_raw_os_error(2);
        let error = anyhow!("cannot read a.png: {missing}").context("a.png");
        let error = Err::<(), _>(missing).context(error).unwrap_err();
        let text = chain(&error);
        assert_eq!(text.matches("o such file").count(), 1, "{text}");
        assert!(!text.contains("os error"), "{text}");
    }
}
