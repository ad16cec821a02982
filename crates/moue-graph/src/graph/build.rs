//! From a configuration to a checked graph.

use super::error::GraphError;
use super::model::{Graph, InputEdge, Node, Reader, Stream, writer_title};
use super::order::topological_order;
use super::{check, expand, types};
use crate::calculator::Contract;
use crate::config::{GraphConfig, Library, NodeConfig, Port, hint};
use crate::packet::PacketType;
use crate::registry::Registry;
use std::collections::{HashMap, HashSet};

/// Packets that may wait at an input if the configuration sets no limit.
// MediaPipe's default for `max_queue_size` (`calculator.proto`). It bounds the memory that a fast
// source can take, and is large enough that nodes of a pipeline do not wait for one another.
const DEFAULT_MAX_QUEUE_SIZE: usize = 100;

impl Graph {
    /// Expands subgraphs from `library`, connects streams by name, and checks everything that can
    /// be checked without running: ports against contracts, types, writers, and cycles.
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
            builder.add_node(node, registry)?;
        }
        builder.finish(config)
    }
}

#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    streams: Vec<Stream>,
    /// The index of each stream by its name.
    by_name: HashMap<String, usize>,
}

impl Builder {
    fn add_node(&mut self, config: NodeConfig, registry: &Registry) -> Result<(), GraphError> {
        let factory = registry
            .get(&config.calculator)
            .expect("expansion leaves only calculators");
        let mut contract = Contract::default();
        (factory.contract)(&mut contract, &config);
        check::ports(&config, &contract)?;
        let mut outputs = Vec::new();
        for port in &config.outputs {
            let types = check::types(&contract.outputs, port);
            outputs.push(self.add_stream(port, Some(self.nodes.len()), types, &config.title())?);
        }
        self.nodes.push(Node {
            config,
            contract,
            factory,
            inputs: Vec::new(),
            outputs,
            order: 0,
        });
        Ok(())
    }

    /// Adds a stream with its writer, and returns its index.
    fn add_stream(
        &mut self,
        port: &Port,
        writer: Option<usize>,
        types: Option<Vec<PacketType>>,
        title: &str,
    ) -> Result<usize, GraphError> {
        if let Some(first) = self.by_name.get(&port.name) {
            return Err(GraphError::DuplicateStream {
                stream: port.name.clone(),
                first: writer_title(&self.nodes, &self.streams[*first]),
                second: title.to_owned(),
            });
        }
        self.by_name.insert(port.name.clone(), self.streams.len());
        self.streams.push(Stream {
            name: port.name.clone(),
            writer,
            readers: Vec::new(),
            types,
        });
        Ok(self.streams.len() - 1)
    }

    fn finish(mut self, config: &GraphConfig) -> Result<Graph, GraphError> {
        let mut inputs = Vec::new();
        for port in &config.inputs {
            inputs.push(self.add_stream(port, None, None, "the graph's own input")?);
        }
        self.connect_inputs()?;
        let order = topological_order(&self.nodes, &self.streams)?;
        for (node, order) in self.nodes.iter_mut().zip(order) {
            node.order = order;
        }
        types::check(&self.nodes, &mut self.streams)?;
        check::side_packet_writers(&self.nodes)?;
        let outputs = self.outputs(config)?;
        Ok(Graph {
            nodes: self.nodes,
            streams: self.streams,
            inputs,
            outputs,
            max_queue_size: config.max_queue_size.unwrap_or(DEFAULT_MAX_QUEUE_SIZE),
            num_threads: config.num_threads,
        })
    }

    /// Connects every input to its stream. All streams are known only when all nodes are.
    fn connect_inputs(&mut self) -> Result<(), GraphError> {
        for node in 0..self.nodes.len() {
            let inputs = self.input_edges(&self.nodes[node].config)?;
            for (input, edge) in inputs.iter().enumerate() {
                self.streams[edge.stream]
                    .readers
                    .push(Reader { node, input });
            }
            self.nodes[node].inputs = inputs;
        }
        Ok(())
    }

    fn input_edges(&self, config: &NodeConfig) -> Result<Vec<InputEdge>, GraphError> {
        let back_edges = config.back_edges.iter();
        let back_edges: HashSet<(&str, usize)> = back_edges.map(|(t, i)| (&**t, *i)).collect();
        let mut edges = Vec::new();
        for port in &config.inputs {
            edges.push(InputEdge {
                stream: self.find(&port.name, || format!("node {}", config.title()))?,
                is_back_edge: back_edges.contains(&port.key()),
            });
        }
        Ok(edges)
    }

    fn outputs(&self, config: &GraphConfig) -> Result<Vec<(String, usize)>, GraphError> {
        let mut outputs = Vec::new();
        for port in &config.outputs {
            let stream = self.find(&port.name, || "the graph's output".to_owned())?;
            outputs.push((port.name.clone(), stream));
        }
        Ok(outputs)
    }

    fn find(&self, name: &str, reader: impl Fn() -> String) -> Result<usize, GraphError> {
        let found = self.by_name.get(name).copied();
        found.ok_or_else(|| GraphError::MissingStream {
            reader: reader(),
            stream: name.to_owned(),
            hint: hint(name, self.by_name.keys().map(String::as_str)),
        })
    }
}
