//! What is wrong with a graph that can be read but not run.

/// Why a graph can't run. Nodes are called by name, or by calculator and line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// A node names a calculator that does not exist.
    #[error("node {node}: there is no calculator or subgraph called {calculator}{hint}")]
    UnknownCalculator {
        /// The node.
        node: String,
        /// What it asks for.
        calculator: String,
        /// The nearest known name, or empty.
        hint: String,
    },
    /// A subgraph contains itself.
    #[error("subgraph {kind} contains itself: {path}")]
    Recursion {
        /// The subgraph's type.
        kind: String,
        /// The way from the first to the second.
        path: String,
    },
    /// A port is missing, or there is one that the calculator does not have.
    #[error("node {node}: {reason}")]
    Port {
        /// The node.
        node: String,
        /// What is wrong.
        reason: String,
    },
    /// A node or the graph reads a stream that nobody writes.
    #[error(
        "{reader} reads the stream {stream}, which no node writes and the graph does not take in{hint}"
    )]
    MissingStream {
        /// Who reads it.
        reader: String,
        /// The stream.
        stream: String,
        /// The nearest known name, or empty.
        hint: String,
    },
    /// A stream has two writers.
    #[error("the stream {stream} is written twice: by {first} and by {second}")]
    DuplicateStream {
        /// The stream.
        stream: String,
        /// One writer.
        first: String,
        /// The other.
        second: String,
    },
    /// A side packet has two writers.
    #[error("the side packet {side} is written twice: by {first} and by {second}")]
    DuplicateSidePacket {
        /// The side packet.
        side: String,
        /// One writer.
        first: String,
        /// The other.
        second: String,
    },
    /// A stream carries something else than its reader wants.
    #[error(
        "node {node} wants {wanted} on the stream {stream}, which carries {carried} from {writer}"
    )]
    Type {
        /// The reader.
        node: String,
        /// The stream.
        stream: String,
        /// What the reader wants.
        wanted: String,
        /// What the stream carries.
        carried: String,
        /// Who writes it.
        writer: String,
    },
    /// Nodes wait for one another.
    #[error(
        "the nodes {nodes} form a circle; mark the input {stream} of {node} with input_stream_info {{ tag_index: '{port}' back_edge: true }} if it is meant"
    )]
    Cycle {
        /// Nodes of the circle.
        nodes: String,
        /// One of them.
        node: String,
        /// A stream of the circle that it reads.
        stream: String,
        /// The port at which it reads it.
        port: String,
    },
    /// A mark for a back edge names no input.
    #[error("node {node}: input_stream_info names the input {port}, which it does not have")]
    UnknownBackEdge {
        /// The node.
        node: String,
        /// The port.
        port: String,
    },
}
