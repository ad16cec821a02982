//! The content of a graph's file as values: nodes, their ports and options.

use super::option_values::OptionValue;
use super::port::Port;
use crate::options::Options;
use crate::printable::printable;

/// A node of a graph: a calculator or a subgraph, and the streams at its ports.
///
/// The methods add ports in the order of the calls, written as in a file: `name`, `TAG:name` or
/// `TAG:index:name`.
///
/// ```
/// use moue_graph::NodeConfig;
/// let node = NodeConfig::new("FlowLimiterCalculator")
///     .input("frames")
///     .back_edge("FINISHED:answers")
///     .output("limited_frames");
/// assert_eq!(node.inputs[1].tag, "FINISHED");
/// assert_eq!(node.back_edges, [("FINISHED".to_owned(), 0)]);
/// ```
#[derive(Debug, Clone, Default)]
pub struct NodeConfig {
    /// The node's name in messages; empty for that of its calculator.
    pub name: String,
    /// The name of the calculator, or the type of the subgraph.
    pub calculator: String,
    /// The input streams.
    pub inputs: Vec<Port>,
    /// The output streams.
    pub outputs: Vec<Port>,
    /// The input side packets.
    pub input_side_packets: Vec<Port>,
    /// The output side packets.
    pub output_side_packets: Vec<Port>,
    /// The inputs that are back edges, as `(tag, index)`: their streams come from a later node and
    /// close a loop.
    pub back_edges: Vec<(String, usize)>,
    /// The options.
    pub options: Options,
    /// Options whose values are those of options of the graph around the node.
    pub option_values: Vec<OptionValue>,
    /// What moue does not have of the node's options, each with its line and a reason. A graph with
    /// such a node cannot run.
    pub unknown_options: Vec<String>,
    /// The line of the file in which the calculator is named; 0 if the node was built in Rust.
    pub line: usize,
}

impl NodeConfig {
    /// A node without ports that runs `calculator`.
    pub fn new(calculator: &str) -> Self {
        Self {
            calculator: calculator.to_owned(),
            ..Self::default()
        }
    }

    /// Adds an input stream.
    ///
    /// # Panics
    /// If `port` does not have one of the three forms: names built in Rust are literals.
    pub fn input(mut self, port: &str) -> Self {
        push(&mut self.inputs, port);
        self
    }

    /// Adds an input stream that is a back edge.
    ///
    /// # Panics
    /// As [`NodeConfig::input`].
    pub fn back_edge(mut self, port: &str) -> Self {
        let port = push(&mut self.inputs, port);
        self.back_edges.push((port.tag.clone(), port.index));
        self
    }

    /// Adds an output stream.
    ///
    /// # Panics
    /// As [`NodeConfig::input`].
    pub fn output(mut self, port: &str) -> Self {
        push(&mut self.outputs, port);
        self
    }

    /// Adds an input side packet.
    ///
    /// # Panics
    /// As [`NodeConfig::input`].
    pub fn input_side_packet(mut self, port: &str) -> Self {
        push(&mut self.input_side_packets, port);
        self
    }

    /// Adds an output side packet.
    ///
    /// # Panics
    /// As [`NodeConfig::input`].
    pub fn output_side_packet(mut self, port: &str) -> Self {
        push(&mut self.output_side_packets, port);
        self
    }

    /// Whether the stream at `port` is a back edge.
    pub(crate) fn is_back_edge(&self, port: &Port) -> bool {
        let mut back_edges = self.back_edges.iter();
        back_edges.any(|(tag, index)| *tag == port.tag && *index == port.index)
    }

    /// The node in messages: its name or its calculator, and its line.
    pub(crate) fn title(&self) -> String {
        let name = if self.name.is_empty() {
            &self.calculator
        } else {
            &self.name
        };
        let name = printable(name);
        match self.line {
            0 => name,
            line => format!("{name} (line {line})"),
        }
    }
}

/// A graph, or a subgraph if it has a type.
///
/// [`GraphConfig::parse`] reads one from text; the methods build the same in Rust.
///
/// ```
/// use moue_graph::{GraphConfig, NodeConfig};
///
/// let node = NodeConfig::new("PassThroughCalculator").input("in").output("out");
/// let built = GraphConfig::default().input("in").output("out").node(node);
/// let parsed = GraphConfig::parse(
///     "input_stream: 'in' output_stream: 'out'
///      node { calculator: 'PassThroughCalculator' input_stream: 'in' output_stream: 'out' }",
/// )?;
/// assert_eq!(built.nodes[0].inputs, parsed.nodes[0].inputs);
/// assert_eq!(built.outputs, parsed.outputs);
/// # Ok::<(), moue_graph::ConfigError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct GraphConfig {
    /// The type under which other graphs use this one as a node; empty if none does.
    pub graph_type: String,
    /// The nodes. Their order does not determine the order in which they run.
    pub nodes: Vec<NodeConfig>,
    /// The input streams, whose packets are sent by [`Run::send`](crate::Run::send).
    pub inputs: Vec<Port>,
    /// The output streams.
    pub outputs: Vec<Port>,
    /// The input side packets.
    pub input_side_packets: Vec<Port>,
    /// The output side packets.
    pub output_side_packets: Vec<Port>,
    /// Packets that may wait at an input before its sender or source is held back; `None` for 100.
    pub max_queue_size: Option<usize>,
    /// The number of threads to run on; `None` leaves it to the caller.
    pub num_threads: Option<usize>,
    /// The graph's own options, which those of the node that uses it as a subgraph replace. Nodes
    /// read them by [`NodeConfig::option_values`].
    pub options: Options,
}

impl GraphConfig {
    /// Adds an input stream.
    ///
    /// # Panics
    /// As [`NodeConfig::input`].
    pub fn input(mut self, port: &str) -> Self {
        push(&mut self.inputs, port);
        self
    }

    /// Adds an output stream.
    ///
    /// # Panics
    /// As [`NodeConfig::input`].
    pub fn output(mut self, port: &str) -> Self {
        push(&mut self.outputs, port);
        self
    }

    /// Adds a node.
    pub fn node(mut self, node: NodeConfig) -> Self {
        self.nodes.push(node);
        self
    }
}

/// Adds a port that a program names, and returns it.
fn push<'a>(ports: &'a mut Vec<Port>, port: &str) -> &'a Port {
    let port = Port::parse_next(port, ports).unwrap_or_else(|error| panic!("{error}"));
    ports.push(port);
    &ports[ports.len() - 1]
}
