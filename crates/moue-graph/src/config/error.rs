//! Errors of graph files, with the line and the nearest known name.

use super::descriptors;
use super::nearest::nearest;
use super::port::PortError;
use crate::printable::printable;
use prost_reflect::text_format::ParseError;
use std::ops::Range;

/// Why a text is no graph.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The text is not well formed, or names an unknown field, option or message.
    #[error("line {line}: {}", printable(reason))]
    Text {
        /// The line, from 1.
        line: usize,
        /// What is wrong, with the nearest known name where there is one.
        reason: String,
    },
    /// A stream, side packet or tag does not have the form of one.
    #[error("line {line}: {source}")]
    Port {
        /// The line of the node; 0 if the port belongs to the graph itself.
        line: usize,
        /// What is wrong.
        source: PortError,
    },
}

/// Turns the parser's error into a line and a reason, with the nearest known name.
pub(super) fn located(error: &ParseError, text: &str) -> ConfigError {
    let span = span(error);
    // An error without a span is an unexpected end of the text.
    let at = span.as_ref().map_or(text.len(), |span| span.start);
    let before = &text.as_bytes()[..at.min(text.len())];
    let line = 1 + before.iter().filter(|b| **b == b'\n').count();
    let written = span.and_then(|span| text.get(span)).unwrap_or_default();
    let mut reason = error.to_string();
    if let Some(known) = meant(&reason, written) {
        reason += &format!("; did you mean {known}?");
    }
    ConfigError::Text { line, reason }
}

/// The place of an error in the text.
fn span(error: &ParseError) -> Option<Range<usize>> {
    // The parser gives it to the crate miette only, which nothing else here needs; but it is also
    // the last field in the error's debug form, which tests of each kind of error hold.
    let debug = format!("{error:?}");
    let (_, after) = debug.rsplit_once("span: ")?;
    let (start, after) = after.split_once("..")?;
    let end = after.split(|c: char| !c.is_ascii_digit()).next()?;
    Some(start.parse().ok()?..end.parse().ok()?)
}

/// The known name nearest to the unknown one that a parser's message is about.
fn meant(reason: &str, written: &str) -> Option<String> {
    // The parser's error has no public variants. Its message starts with what was not found, then
    // quotes the unknown name and the message or enum in which it was looked up.
    let mut quoted = reason.split('\'').skip(1).step_by(2);
    let unknown = quoted.next()?;
    let scope = quoted.next().unwrap_or_default();
    let found = known_names(reason, scope)?;
    let meant = nearest(unknown, found.iter().map(String::as_str))?;
    // A known message can be named where it does not fit; it is not its own correction.
    (meant != written).then(|| meant.to_owned())
}

/// The names that are valid where the parser found an unknown one.
fn known_names(reason: &str, scope: &str) -> Option<Vec<String>> {
    let pool = descriptors::pool();
    if reason.starts_with("field") {
        let message = descriptors::message(scope)?;
        Some(message.fields().map(|f| f.name().to_owned()).collect())
    } else if reason.starts_with("value") {
        let values = pool.get_enum_by_name(scope)?;
        Some(values.values().map(|v| v.name().to_owned()).collect())
    } else if reason.starts_with("extension") {
        let extensions = pool.all_extensions();
        Some(extensions.map(|e| e.full_name().to_owned()).collect())
    } else if reason.starts_with("message type") {
        Some(descriptors::message_names())
    } else {
        None
    }
}
