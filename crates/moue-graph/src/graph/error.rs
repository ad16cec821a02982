//! Why a graph that can be read cannot run.

/// Why a graph cannot run. Nodes are named by name, or by calculator and line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// A node names a calculator that does not exist.
    #[error("node {node}: there is no calculator or subgraph called {calculator}{hint}")]
    UnknownCalculator {
        /// The node.
        node: String,
        /// The calculator that it names.
        calculator: String,
        /// The nearest known name, or empty.
        hint: String,
    },
    /// An option does not exist, or takes a value that it cannot have.
    #[error("node {node}: {reason}")]
    Option {
        /// The node.
        node: String,
        /// What is wrong, with the line.
        reason: String,
    },
    /// Several calculators or options do not exist.
    #[error("{}", listed(errors))]
    Several {
        /// What is wrong, calculators before options.
        errors: Vec<GraphError>,
    },
    /// The graph is larger than any that is meant to run.
    #[error("the graph has {reason}")]
    Limit {
        /// What there is too much of, and the limit.
        reason: String,
    },
    /// A subgraph contains itself.
    #[error("subgraph {graph_type} contains itself: {path}")]
    Recursion {
        /// The subgraph's type.
        graph_type: String,
        /// The subgraphs from the outermost to the repeated one.
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
    /// A node or the graph reads a stream that no node writes.
    #[error(
        "{reader} reads the stream {stream}, which no node writes and the graph does not take in{hint}"
    )]
    MissingStream {
        /// The node or graph output that reads it.
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
    #[error("the side packet {side_packet} is written twice: by {first} and by {second}")]
    DuplicateSidePacket {
        /// The side packet.
        side_packet: String,
        /// One writer.
        first: String,
        /// The other.
        second: String,
    },
    /// A stream carries another type than its reader expects.
    #[error(
        "node {node} wants {expected} on the stream {stream}, which carries {carried} from {writer}"
    )]
    Type {
        /// The reader.
        node: String,
        /// The stream.
        stream: String,
        /// What the reader expects.
        expected: String,
        /// What the stream carries.
        carried: String,
        /// The node that writes it.
        writer: String,
    },
    /// Nodes form a cycle without a back edge.
    #[error(
        "the nodes {nodes} form a circle; mark the input {stream} of {node} with input_stream_info {{ tag_index: '{port}' back_edge: true }} if it is meant"
    )]
    Cycle {
        /// The nodes of the cycle.
        nodes: String,
        /// One of them.
        node: String,
        /// A stream of the cycle that it reads.
        stream: String,
        /// The port at which it reads it.
        port: String,
    },
    /// `input_stream_info` marks an input as a back edge that does not exist.
    #[error("node {node}: input_stream_info names the input {port}, which it does not have")]
    UnknownBackEdge {
        /// The node.
        node: String,
        /// The port.
        port: String,
    },
}

/// All errors in one line.
fn listed(errors: &[GraphError]) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("; ")
}
