//! The nodes and streams of a checked graph.

use crate::calculator::Contract;
use crate::config::{NodeConfig, Port};
use crate::packet::PacketType;
use crate::registry::CalculatorFactory;
use std::collections::HashSet;

/// A checked graph. It can run any number of times, also at the same time.
///
/// ```
/// use moue_graph::{Graph, GraphConfig, Library, Registry};
///
/// let config = GraphConfig::parse(
///     "input_stream: 'in' output_stream: 'out'
///      node { calculator: 'PassThroughCalculator' input_stream: 'in' output_stream: 'out' }",
/// )?;
/// let graph = Graph::new(&config, &Library::default(), &Registry::standard())?;
/// assert_eq!(graph.inputs().collect::<Vec<_>>(), ["in"]);
/// assert_eq!(graph.outputs().collect::<Vec<_>>(), ["out"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Graph {
    pub(crate) nodes: Vec<Node>,
    pub(crate) streams: Vec<Stream>,
    /// The graph's input streams, as indices into `streams`.
    pub(crate) inputs: Vec<usize>,
    /// The graph's output streams: the name and the index into `streams`.
    pub(crate) outputs: Vec<(String, usize)>,
    /// Packets that may wait at one input before its source, or the sender, is held back.
    pub(crate) max_queue_size: usize,
    /// Threads that the configuration asks for.
    pub(crate) num_threads: Option<usize>,
}

/// A calculator in the graph.
pub(crate) struct Node {
    pub(crate) config: NodeConfig,
    pub(crate) contract: Contract,
    pub(crate) factory: CalculatorFactory,
    /// One for each input, in the order of the ports.
    pub(crate) inputs: Vec<InputEdge>,
    /// The index of the stream at each output.
    pub(crate) outputs: Vec<usize>,
    /// The position in topological order; a node nearer to the graph's outputs has a higher one.
    pub(crate) order: usize,
}

/// The stream at an input of a node.
#[derive(Clone, Copy)]
pub(crate) struct InputEdge {
    pub(crate) stream: usize,
    /// Whether the stream comes from a later node and so closes a loop.
    pub(crate) is_back_edge: bool,
}

impl Node {
    /// Whether the node has no input streams and produces packets by itself.
    pub(crate) fn is_source(&self) -> bool {
        self.inputs.is_empty()
    }

    pub(crate) fn has_back_edge(&self) -> bool {
        self.inputs.iter().any(|input| input.is_back_edge)
    }

    /// The inputs that are not back edges.
    pub(crate) fn forward_inputs(&self) -> impl Iterator<Item = (usize, &InputEdge)> {
        let inputs = self.inputs.iter().enumerate();
        inputs.filter(|(_, input)| !input.is_back_edge)
    }
}

/// Packets of one kind, from one writer to any number of readers.
pub(crate) struct Stream {
    pub(crate) name: String,
    /// The node that writes it; `None` if it is an input of the graph.
    pub(crate) writer: Option<usize>,
    pub(crate) readers: Vec<Reader>,
    /// The types that it may carry; `None` for any.
    pub(crate) types: Option<Vec<PacketType>>,
}

/// A node and the index of the input at which it reads a stream.
#[derive(Clone, Copy)]
pub(crate) struct Reader {
    pub(crate) node: usize,
    pub(crate) input: usize,
}

/// A side packet that a run must be given.
#[derive(Debug, Clone, PartialEq)]
pub struct SidePacketInfo {
    /// Its name.
    pub name: String,
    /// The first node that reads it.
    pub reader: String,
    /// The type that this node reads; `None` for any.
    pub packet_type: Option<PacketType>,
}

impl Graph {
    /// The names of the graph's input streams.
    pub fn inputs(&self) -> impl Iterator<Item = &str> {
        self.inputs.iter().map(|s| self.streams[*s].name.as_str())
    }

    /// The names of the graph's output streams.
    pub fn outputs(&self) -> impl Iterator<Item = &str> {
        self.outputs.iter().map(|(name, _)| name.as_str())
    }

    /// The nodes in the order of the configuration, subgraphs expanded, as error messages call
    /// them.
    pub fn nodes(&self) -> impl Iterator<Item = String> {
        self.nodes.iter().map(|n| n.config.title())
    }

    /// The number of threads that the configuration asks for; `None` if it leaves this open.
    pub fn num_threads(&self) -> Option<usize> {
        self.num_threads
    }

    /// The side packets that [`RunBuilder::side_packet`](crate::RunBuilder::side_packet) must
    /// give: those that some node reads and none writes.
    pub fn side_packets(&self) -> Vec<SidePacketInfo> {
        let nodes = || self.nodes.iter();
        let written = nodes().flat_map(|n| &n.config.output_side_packets);
        // Those that are written, and those that are listed already.
        let mut known: HashSet<&str> = written.map(|port| port.name.as_str()).collect();
        let mut missing = Vec::new();
        for node in nodes() {
            for port in &node.config.input_side_packets {
                if known.insert(&port.name) {
                    missing.push(side_packet_info(node, port));
                }
            }
        }
        missing
    }

    /// The index of the stream `name`; outputs of the graph first.
    pub(crate) fn stream(&self, name: &str) -> Option<usize> {
        let output = self.outputs.iter().find(|(n, _)| n == name);
        output
            .map(|(_, stream)| *stream)
            .or_else(|| self.streams.iter().position(|s| s.name == name))
    }
}

fn side_packet_info(node: &Node, port: &Port) -> SidePacketInfo {
    let declared = node.contract.input_side_packets.of(&port.tag);
    SidePacketInfo {
        name: port.name.clone(),
        reader: node.config.title(),
        packet_type: declared.and_then(|p| p.types.first().copied()),
    }
}

/// The writer of a stream as error messages call it.
pub(super) fn writer_title(nodes: &[Node], stream: &Stream) -> String {
    match stream.writer {
        // A node's outputs are added before the node itself.
        Some(node) => nodes
            .get(node)
            .map_or_else(|| "the same node".to_owned(), |n| n.config.title()),
        None => "the graph's own input".to_owned(),
    }
}
