//! Errors of a running graph.

use crate::calculator::CalculatorError;

/// Why a packet was refused. The run continues without it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The graph has no such input stream.
    #[error("the graph has no input {stream}{hint}")]
    UnknownStream {
        /// The name given.
        stream: String,
        /// The nearest known name, or empty.
        hint: String,
    },
    /// The timestamp is not later than the one before.
    #[error("the stream {stream} was at {last} µs already; a packet at {given} µs comes too late")]
    Timestamp {
        /// The stream.
        stream: String,
        /// The last packet's timestamp.
        last: i64,
        /// The refused one.
        given: i64,
    },
    /// The packet has another type than the readers of the stream expect.
    #[error("the stream {stream} takes {expected}, not {actual}")]
    Type {
        /// The stream.
        stream: String,
        /// The types that its readers expect.
        expected: String,
        /// The type of the packet.
        actual: String,
    },
    /// The stream was closed, or the graph has ended.
    #[error("the stream {stream} is closed")]
    Closed {
        /// The stream.
        stream: String,
    },
}

/// Why a graph did not start, or did not end well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A calculator failed.
    #[error("node {node}: {source}")]
    Calculator {
        /// The node.
        node: String,
        /// The calculator's error.
        source: CalculatorError,
    },
    /// A calculator panicked.
    #[error("node {node} panicked: {message}")]
    Panic {
        /// The node.
        node: String,
        /// The panic's message.
        message: String,
    },
    /// A calculator wrote a packet that is too late or has the wrong type.
    #[error("node {node}, stream {stream}: {reason}")]
    Output {
        /// The node.
        node: String,
        /// The stream.
        stream: String,
        /// What is wrong.
        reason: String,
    },
    /// A side packet was not given.
    #[error("node {node} needs the side packet {side_packet}, which was not given")]
    MissingSidePacket {
        /// The node.
        node: String,
        /// The side packet.
        side_packet: String,
    },
    /// A side packet has the wrong type.
    #[error("node {node} needs {expected} as the side packet {side_packet}, not {actual}")]
    SidePacketType {
        /// The node.
        node: String,
        /// The side packet.
        side_packet: String,
        /// The types that it expects.
        expected: String,
        /// The type of the side packet.
        actual: String,
    },
    /// Packets wait for others that never come.
    #[error("node {node} waits for the stream {stream}, which will bring nothing")]
    Deadlock {
        /// The node.
        node: String,
        /// The stream.
        stream: String,
    },
    /// There is no such stream to observe.
    #[error("the graph has no stream {stream}{hint}")]
    UnknownStream {
        /// The name given.
        stream: String,
        /// The nearest known name, or empty.
        hint: String,
    },
    /// The run was cancelled.
    #[error("the run was cancelled")]
    Cancelled,
}
