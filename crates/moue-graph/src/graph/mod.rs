//! A graph that is ready to run: subgraphs expanded, streams joined, contracts checked.

mod check;
mod draw;
mod error;
mod expand;

pub use error::GraphError;

use crate::calculator::Contract;
use crate::config::{GraphConfig, Library, NodeConfig, Port, hint};
use crate::packet::PacketType;
use crate::registry::{CalculatorFactory, Registry};
use std::collections::HashMap;

/// A checked graph. It can be run any number of times.
pub struct Graph {
    pub(crate) nodes: Vec<Node>,
    pub(crate) streams: Vec<Stream>,
    /// Streams from outside, as places in `streams`.
    pub(crate) inputs: Vec<usize>,
    /// Streams for outside: the name and the place in `streams`.
    pub(crate) outputs: Vec<(String, usize)>,
    /// Packets that may wait at an input that is fed from outside.
    pub(crate) max_queue_size: usize,
    /// What the file says of threads.
    pub(crate) num_threads: Option<usize>,
}

pub(crate) struct Node {
    pub(crate) config: NodeConfig,
    pub(crate) contract: Contract,
    pub(crate) factory: CalculatorFactory,
    /// For each input, the place of its stream, and whether it closes a loop.
    pub(crate) inputs: Vec<(usize, bool)>,
    pub(crate) outputs: Vec<usize>,
    /// Nodes further down come later.
    pub(crate) order: usize,
}

impl Node {
    pub(crate) fn is_source(&self) -> bool {
        self.inputs.is_empty()
    }

    pub(crate) fn has_back_edge(&self) -> bool {
        self.inputs.iter().any(|(_, back)| *back)
    }
}

pub(crate) struct Stream {
    pub(crate) name: String,
    /// The node that writes it; `None` if it comes from outside.
    pub(crate) writer: Option<usize>,
    /// Nodes and their inputs.
    pub(crate) readers: Vec<(usize, usize)>,
    /// What it may carry; `None` for anything.
    pub(crate) types: Option<Vec<PacketType>>,
}

impl Graph {
    /// Expands subgraphs from `library`, joins streams and checks everything that can be checked
    /// without running.
    ///
    /// # Errors
    /// [`GraphError`] with node and stream.
    pub fn new(
        config: &GraphConfig,
        library: &Library,
        registry: &Registry,
    ) -> Result<Self, GraphError> {
        let mut builder = Builder::default();
        for node in expand::expand(config, library, registry)? {
            builder.node(node, registry)?;
        }
        builder.finish(config)
    }

    /// Streams that the graph takes in: name and tag.
    pub fn inputs(&self) -> impl Iterator<Item = &str> {
        self.inputs.iter().map(|s| self.streams[*s].name.as_str())
    }

    /// Streams that the graph gives.
    pub fn outputs(&self) -> impl Iterator<Item = &str> {
        self.outputs.iter().map(|(name, _)| name.as_str())
    }

    /// What messages call the nodes, calculators all of them, in the order of the file.
    pub fn nodes(&self) -> impl Iterator<Item = String> {
        self.nodes.iter().map(|n| n.config.title())
    }

    /// Threads that the file asks for.
    pub fn num_threads(&self) -> Option<usize> {
        self.num_threads
    }

    /// Side packets that must be given: the name, and the node and type of the first who reads it.
    pub fn side_packets(&self) -> Vec<(String, String, Option<PacketType>)> {
        let written: Vec<&Port> = self
            .nodes
            .iter()
            .flat_map(|n| &n.config.output_side_packets)
            .collect();
        let mut sides: Vec<(String, String, Option<PacketType>)> = Vec::new();
        for node in &self.nodes {
            for port in &node.config.input_side_packets {
                let known = written.iter().any(|w| w.name == port.name)
                    || sides.iter().any(|s| s.0 == port.name);
                let kind = node
                    .contract
                    .input_side_packets
                    .of(&port.tag)
                    .and_then(|p| p.types.first().copied());
                if !known {
                    sides.push((port.name.clone(), node.config.title(), kind));
                }
            }
        }
        sides
    }

    /// The place of a stream, by its name.
    pub(crate) fn stream(&self, name: &str) -> Option<usize> {
        let output = self
            .outputs
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, s)| *s);
        output.or_else(|| self.streams.iter().position(|s| s.name == name))
    }
}

#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    streams: Vec<Stream>,
    places: HashMap<String, usize>,
}

impl Builder {
    fn node(&mut self, config: NodeConfig, registry: &Registry) -> Result<(), GraphError> {
        let factory = registry
            .get(&config.calculator)
            .expect("expansion leaves only calculators");
        let mut contract = Contract::default();
        (factory.contract)(&mut contract, &config);
        check::ports(&config, &contract)?;
        let mut outputs = Vec::new();
        for port in &config.outputs {
            let types = check::types(&contract.outputs, port);
            outputs.push(self.write(port, Some(self.nodes.len()), types, &config.title())?);
        }
        let order = self.nodes.len();
        self.nodes.push(Node {
            config,
            contract,
            factory,
            inputs: Vec::new(),
            outputs,
            order,
        });
        Ok(())
    }

    /// Adds a stream and its writer.
    fn write(
        &mut self,
        port: &Port,
        writer: Option<usize>,
        types: Option<Vec<PacketType>>,
        title: &str,
    ) -> Result<usize, GraphError> {
        if let Some(first) = self.places.get(&port.name) {
            let first = self.writer(*first);
            return Err(GraphError::DuplicateStream {
                stream: port.name.clone(),
                first,
                second: title.to_owned(),
            });
        }
        self.places.insert(port.name.clone(), self.streams.len());
        self.streams.push(Stream {
            name: port.name.clone(),
            writer,
            readers: Vec::new(),
            types,
        });
        Ok(self.streams.len() - 1)
    }

    fn writer(&self, stream: usize) -> String {
        match self.streams[stream].writer {
            Some(node) => self
                .nodes
                .get(node)
                .map_or_else(|| "the same node".to_owned(), |n| n.config.title()),
            None => "the graph's own input".to_owned(),
        }
    }

    fn finish(mut self, config: &GraphConfig) -> Result<Graph, GraphError> {
        let mut inputs = Vec::new();
        for port in &config.inputs {
            inputs.push(self.write(port, None, None, "the graph's own input")?);
        }
        self.join()?;
        self.order()?;
        self.check_types()?;
        self.check_sides()?;
        let mut outputs = Vec::new();
        for port in &config.outputs {
            outputs.push((
                port.name.clone(),
                self.find(&port.name, "the graph's output")?,
            ));
        }
        let max_queue_size = config.max_queue_size.unwrap_or(100);
        let Self { nodes, streams, .. } = self;
        Ok(Graph {
            nodes,
            streams,
            inputs,
            outputs,
            max_queue_size,
            num_threads: config.num_threads,
        })
    }

    fn find(&self, name: &str, reader: &str) -> Result<usize, GraphError> {
        self.places
            .get(name)
            .copied()
            .ok_or_else(|| GraphError::MissingStream {
                reader: reader.to_owned(),
                stream: name.to_owned(),
                hint: hint(name, self.places.keys().map(String::as_str)),
            })
    }

    /// Joins every input to its stream.
    fn join(&mut self) -> Result<(), GraphError> {
        for place in 0..self.nodes.len() {
            let node = &self.nodes[place].config;
            let mut inputs = Vec::new();
            for port in &node.inputs {
                let stream = self.find(&port.name, &format!("node {}", node.title()))?;
                inputs.push((stream, node.is_back_edge(port)));
            }
            for (input, (stream, _)) in inputs.iter().enumerate() {
                self.streams[*stream].readers.push((place, input));
            }
            self.nodes[place].inputs = inputs;
        }
        Ok(())
    }

    /// Nodes, each after those whose streams it reads, back edges left out.
    fn order(&mut self) -> Result<(), GraphError> {
        let mut placed = vec![false; self.nodes.len()];
        let mut next = 0;
        loop {
            let free = |node: &Node| {
                let ready = |s: &usize| self.streams[*s].writer.is_none_or(|w| placed[w]);
                node.inputs
                    .iter()
                    .filter(|(_, back)| !back)
                    .all(|(s, _)| ready(s))
            };
            let ready: Vec<usize> = (0..self.nodes.len())
                .filter(|i| !placed[*i] && free(&self.nodes[*i]))
                .collect();
            if ready.is_empty() {
                break;
            }
            for node in ready {
                placed[node] = true;
                self.nodes[node].order = next;
                next += 1;
            }
        }
        if next == self.nodes.len() {
            Ok(())
        } else {
            Err(self.cycle(&placed))
        }
    }

    /// Follows unplaced nodes backwards until one comes up again.
    fn cycle(&self, placed: &[bool]) -> GraphError {
        let before = |node: usize| {
            let waits = |s: &usize| self.streams[*s].writer.filter(|w| !placed[*w]);
            let mut inputs = self.nodes[node]
                .inputs
                .iter()
                .enumerate()
                .filter(|(_, (_, back))| !back);
            inputs
                .find_map(|(i, (s, _))| Some((i, *s, waits(s)?)))
                .expect("an unplaced node waits for another")
        };
        let mut path = vec![
            placed
                .iter()
                .position(|p| !p)
                .expect("some node is not placed"),
        ];
        loop {
            let last = path[path.len() - 1];
            let (input, stream, writer) = before(last);
            if let Some(start) = path.iter().position(|n| *n == writer) {
                let titles: Vec<String> = path[start..]
                    .iter()
                    .rev()
                    .map(|n| self.nodes[*n].config.title())
                    .collect();
                let port = &self.nodes[last].config.inputs[input];
                return GraphError::Cycle {
                    nodes: titles.join(", "),
                    node: self.nodes[last].config.title(),
                    stream: self.streams[stream].name.clone(),
                    port: format!("{}:{}", port.tag, port.index),
                };
            }
            path.push(writer);
        }
    }

    /// Passes types on through gates, then compares what is carried with what is wanted.
    fn check_types(&mut self) -> Result<(), GraphError> {
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        order.sort_by_key(|n| self.nodes[*n].order);
        for place in order {
            let node = &self.nodes[place];
            for (port, (stream, _)) in node.config.inputs.iter().zip(&node.inputs) {
                let (wanted, carried) = (
                    check::types(&node.contract.inputs, port),
                    &self.streams[*stream].types,
                );
                let (Some(wanted), Some(carried)) = (wanted, carried) else {
                    continue;
                };
                if !wanted.iter().any(|w| carried.contains(w)) {
                    return Err(GraphError::Type {
                        node: node.config.title(),
                        stream: port.name.clone(),
                        wanted: PacketType::names(&wanted),
                        carried: PacketType::names(carried),
                        writer: self.writer(*stream),
                    });
                }
            }
            if node.contract.same_types {
                self.pass_types(place);
            }
        }
        Ok(())
    }

    fn pass_types(&mut self, place: usize) {
        let node = &self.nodes[place];
        let same = |a: &Port, b: &Port| a.tag == b.tag && a.index == b.index;
        let mut passed = Vec::new();
        for (port, stream) in node.config.outputs.iter().zip(&node.outputs) {
            let input = node.config.inputs.iter().position(|p| same(p, port));
            let types = input.and_then(|i| self.streams[node.inputs[i].0].types.clone());
            passed.push((*stream, types));
        }
        for (stream, types) in passed {
            self.streams[stream].types = types;
        }
    }

    fn check_sides(&self) -> Result<(), GraphError> {
        let mut writers: HashMap<&str, &Node> = HashMap::new();
        for node in &self.nodes {
            for port in &node.config.output_side_packets {
                if let Some(first) = writers.insert(&port.name, node) {
                    let (first, second) = (first.config.title(), node.config.title());
                    return Err(GraphError::DuplicateSidePacket {
                        side: port.name.clone(),
                        first,
                        second,
                    });
                }
            }
        }
        Ok(())
    }
}
