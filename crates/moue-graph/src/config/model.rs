//! What a graph's file says, as values: nodes, their ports and options.

use super::port::Port;
use crate::options::Options;

/// One box of the graph: a calculator or a subgraph, and the streams at its ports.
#[derive(Debug, Clone, Default)]
pub struct NodeConfig {
    /// What to call it in messages; empty for the calculator's name.
    pub name: String,
    /// The calculator's or subgraph's name.
    pub calculator: String,
    /// Streams that it reads.
    pub inputs: Vec<Port>,
    /// Streams that it writes.
    pub outputs: Vec<Port>,
    /// Side packets that it reads.
    pub input_side_packets: Vec<Port>,
    /// Side packets that it writes.
    pub output_side_packets: Vec<Port>,
    /// Inputs, as `(tag, index)`, whose streams come from further down the graph.
    pub back_edges: Vec<(String, usize)>,
    /// Its options.
    pub options: Options,
    /// The line of the file in which its calculator is named; 0 if it was built in Rust.
    pub line: usize,
}

impl NodeConfig {
    /// A node that runs `calculator`.
    pub fn new(calculator: &str) -> Self {
        Self {
            calculator: calculator.to_owned(),
            ..Self::default()
        }
    }

    /// Reads the stream `port`, written as in a file: `NAME`, `TAG:NAME` or `TAG:index:NAME`.
    ///
    /// # Panics
    /// If `port` is not written so; it is meant for names that stand in the program.
    pub fn input(mut self, port: &str) -> Self {
        self.inputs
            .push(Port::parse_next(port, &self.inputs).expect("a stream's name"));
        self
    }

    /// Reads `port`, whose stream comes from further down the graph.
    ///
    /// # Panics
    /// As [`NodeConfig::input`].
    pub fn back_edge(mut self, port: &str) -> Self {
        let port = Port::parse_next(port, &self.inputs).expect("a stream's name");
        self.back_edges.push((port.tag.clone(), port.index));
        self.inputs.push(port);
        self
    }

    /// Writes the stream `port`.
    ///
    /// # Panics
    /// As [`NodeConfig::input`].
    pub fn output(mut self, port: &str) -> Self {
        self.outputs
            .push(Port::parse_next(port, &self.outputs).expect("a stream's name"));
        self
    }

    /// Reads the side packet `port`.
    ///
    /// # Panics
    /// As [`NodeConfig::input`].
    pub fn input_side_packet(mut self, port: &str) -> Self {
        self.input_side_packets
            .push(Port::parse_next(port, &self.input_side_packets).expect("a side packet's name"));
        self
    }

    /// Writes the side packet `port`.
    ///
    /// # Panics
    /// As [`NodeConfig::input`].
    pub fn output_side_packet(mut self, port: &str) -> Self {
        self.output_side_packets
            .push(Port::parse_next(port, &self.output_side_packets).expect("a side packet's name"));
        self
    }

    /// Whether the stream at `port` closes a loop.
    pub(crate) fn is_back_edge(&self, port: &Port) -> bool {
        self.back_edges
            .iter()
            .any(|(tag, index)| *tag == port.tag && *index == port.index)
    }

    /// How messages call the node: its name, or its calculator, and its line.
    pub(crate) fn title(&self) -> String {
        let name = if self.name.is_empty() {
            &self.calculator
        } else {
            &self.name
        };
        match self.line {
            0 => name.clone(),
            line => format!("{name} (line {line})"),
        }
    }
}

/// A graph, or a subgraph if it has a type.
#[derive(Debug, Clone, Default)]
pub struct GraphConfig {
    /// The name under which other graphs use it as a node; empty for a graph that nobody uses.
    pub graph_type: String,
    /// Its nodes.
    pub nodes: Vec<NodeConfig>,
    /// Streams that come from outside.
    pub inputs: Vec<Port>,
    /// Streams that are meant for outside.
    pub outputs: Vec<Port>,
    /// Side packets that come from outside.
    pub input_side_packets: Vec<Port>,
    /// Side packets that are meant for outside.
    pub output_side_packets: Vec<Port>,
    /// Packets that may wait at an input before whoever feeds the graph is held up; `None` for 100.
    pub max_queue_size: Option<usize>,
    /// Threads to run on; `None` leaves it to the caller.
    pub num_threads: Option<usize>,
}

impl GraphConfig {
    /// Adds a stream from outside.
    ///
    /// # Panics
    /// As [`NodeConfig::input`].
    pub fn input(mut self, port: &str) -> Self {
        self.inputs
            .push(Port::parse_next(port, &self.inputs).expect("a stream's name"));
        self
    }

    /// Adds a stream for outside.
    ///
    /// # Panics
    /// As [`NodeConfig::input`].
    pub fn output(mut self, port: &str) -> Self {
        self.outputs
            .push(Port::parse_next(port, &self.outputs).expect("a stream's name"));
        self
    }

    /// Adds a node.
    pub fn node(mut self, node: NodeConfig) -> Self {
        self.nodes.push(node);
        self
    }
}
