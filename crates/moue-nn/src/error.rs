//! Errors of loading and running a model.

/// Everything that [`Model`](crate::Model) and [`Session`](crate::Session) may refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are no well-formed `.tflite` file.
    #[error("not a valid .tflite file: {0}")]
    Format(String),
    /// The graph uses an operator, type or option that this runtime does not have.
    #[error("operator {operator} at node {node} is not supported: {reason}")]
    Unsupported {
        /// Position in the file's list of operators, from 0.
        node: usize,
        /// The operator's name in TFLite, such as `CONV_2D`.
        operator: String,
        /// What about it is missing.
        reason: String,
    },
    /// Shapes, types or indices of the graph contradict each other.
    #[error("operator {operator} at node {node} is malformed: {reason}")]
    Graph {
        /// Position in the file's list of operators, from 0.
        node: usize,
        /// The operator's name in TFLite, such as `CONV_2D`.
        operator: String,
        /// The contradiction.
        reason: String,
    },
    /// The model needs more than the limits in [`Limits`](crate::Limits) allow.
    #[error("the model exceeds a limit: {0}")]
    Limit(String),
    /// The caller passed inputs that do not fit the model.
    #[error("wrong input: {0}")]
    Input(String),
}

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, Error>;

pub(crate) fn format_error<T>(what: impl Into<String>) -> Result<T> {
    Err(Error::Format(what.into()))
}
