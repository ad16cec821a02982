//! Errors of loading and running a model.

/// Everything that [`Model`](crate::Model) and [`Session`](crate::Session) may refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are no well-formed `.tflite` file.
    #[error("not a valid .tflite file: {}", printable(.0))]
    Format(String),
    /// The graph uses an operator, type or option that this runtime does not have.
    #[error("operator {} at node {node} is not supported: {}", printable(.operator), printable(.reason))]
    Unsupported {
        /// Position in the file's list of operators, from 0.
        node: usize,
        /// The operator's name in TFLite, such as `CONV_2D`.
        operator: String,
        /// What about it is missing.
        reason: String,
    },
    /// Shapes, types or indices of the graph contradict each other.
    #[error("operator {} at node {node} is malformed: {}", printable(.operator), printable(.reason))]
    Graph {
        /// Position in the file's list of operators, from 0.
        node: usize,
        /// The operator's name in TFLite, such as `CONV_2D`.
        operator: String,
        /// The contradiction.
        reason: String,
    },
    /// The model needs more than the limits in [`Limits`](crate::Limits) allow.
    #[error("the model exceeds a limit: {}", printable(.0))]
    Limit(String),
    /// The caller passed inputs that do not fit the model.
    #[error("wrong input: {}", printable(.0))]
    Input(String),
    /// There is no graphics card, or it fails.
    #[cfg(feature = "gpu")]
    #[error("the graphics card cannot be used: {}", printable(.0))]
    Device(String),
}

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, Error>;

pub(crate) fn format_error<T>(what: impl Into<String>) -> Result<T> {
    Err(Error::Format(what.into()))
}

/// A message as one line that a terminal shows and does not obey. Names in a file are of the
/// file's choice: they may hold control characters, and megabytes.
fn printable(message: &str) -> String {
    /// Characters that are shown. The longest message of our own takes half of it.
    const MAX_SHOWN: usize = 400;
    let shown = message.chars().take(MAX_SHOWN).flat_map(|c| {
        let escaped = c.is_control().then(|| c.escape_default());
        let plain = escaped.is_none().then_some(c);
        escaped.into_iter().flatten().chain(plain)
    });
    let mut shown: String = shown.collect();
    if message.chars().nth(MAX_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_no_control_characters_and_an_end() {
        let error = Error::Format(format!("'\u{1b}[31m\u{9b}' {}", "x".repeat(100_000)));
        let shown = error.to_string();
        assert!(
            !shown.contains(char::is_control) && shown.contains("\\u{1b}[31m"),
            "{shown}"
        );
        assert!(shown.len() < 500 && shown.ends_with('…'));
    }
}
