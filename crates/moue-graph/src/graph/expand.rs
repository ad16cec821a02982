//! Subgraphs are replaced by their nodes, so that only calculators are left.

use super::error::GraphError;
use crate::calculator::{Contract, Count, Ports};
use crate::config::{GraphConfig, Library, NodeConfig, Port, hint};
use crate::options::Options;
use crate::printable::printable;
use crate::registry::Registry;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Most nodes of a graph and of its subgraphs, those that are subgraphs counted too.
// MediaPipe's largest graph has 200. A file of two lines that holds another one twice, thirty files
// deep, has a billion.
const MAX_NODES: usize = 5_000;

/// Most subgraphs inside one another.
const MAX_DEPTH: usize = 64;

/// Most bytes of names and options after expansion, as each use of a subgraph has its own.
const MAX_BYTES: usize = 1 << 26;

/// The nodes of `graph` and of all its subgraphs.
///
/// # Errors
/// [`GraphError`]; calculators and options that do not exist are all named at once, calculators
/// first, as options of a calculator that is missing matter less.
pub(super) fn expand(
    graph: &GraphConfig,
    library: &Library,
    registry: &Registry,
) -> Result<Vec<NodeConfig>, GraphError> {
    let mut expansion = Expansion {
        library,
        registry,
        nodes: Vec::new(),
        path: vec![graph.graph_type.clone()],
        count: 0,
        bytes: 0,
        calculators: BTreeMap::new(),
        options: Vec::new(),
    };
    expansion.add_graph(graph, &Scope::default(), &graph.options)?;
    expansion.finish()
}

/// The outer names of what a subgraph's nodes call by inner names.
#[derive(Default)]
struct Scope {
    /// Put before names that are only used inside, so that two uses of a subgraph, or a subgraph
    /// and the graph around it, can use the same name for different streams.
    prefix: String,
    title: String,
    streams: HashMap<String, String>,
    side_packets: HashMap<String, String>,
    /// Inputs, by inner name, that the node leaves out, as messages call them.
    omitted: HashMap<String, String>,
    /// Outer names of the inputs that are back edges.
    back_edges: HashSet<String>,
}

impl Scope {
    /// The scope inside the subgraph `inner` that `node` uses.
    fn inside(node: &NodeConfig, inner: &GraphConfig, prefix: String) -> Result<Self, GraphError> {
        let mut scope = Self {
            prefix,
            title: if node.name.is_empty() {
                inner.graph_type.clone()
            } else {
                node.name.clone()
            },
            ..Self::default()
        };
        scope.map_ports(node, inner).map_err(|reason| {
            let node = node.title();
            GraphError::Port { node, reason }
        })?;
        let back_edges = node.inputs.iter().filter(|p| node.is_back_edge(p));
        scope.back_edges = back_edges.map(|p| p.name.clone()).collect();
        Ok(scope)
    }

    /// Maps the subgraph's own names to those at the node's ports.
    fn map_ports(&mut self, node: &NodeConfig, inner: &GraphConfig) -> Result<(), String> {
        map(&inner.inputs, &node.inputs, &mut self.streams)?;
        map(&inner.outputs, &node.outputs, &mut self.streams)?;
        map(
            &inner.input_side_packets,
            &node.input_side_packets,
            &mut self.side_packets,
        )?;
        map(
            &inner.output_side_packets,
            &node.output_side_packets,
            &mut self.side_packets,
        )?;
        let streams = inner.inputs.iter();
        let streams = streams.filter(|p| !self.streams.contains_key(&p.name));
        let packets = inner.input_side_packets.iter();
        let packets = packets.filter(|p| !self.side_packets.contains_key(&p.name));
        let omitted = streams.chain(packets).map(|p| (p.name.clone(), p.place()));
        self.omitted = omitted.collect();
        Ok(())
    }

    /// Leaves out the inputs of a node that the subgraph itself was not given, where `is_optional`
    /// says so of their tag.
    fn omit(
        &self,
        ports: &mut Vec<Port>,
        is_optional: impl Fn(&str) -> bool,
    ) -> Result<(), String> {
        let required = |p: &&Port| self.omitted.contains_key(&p.name) && !is_optional(&p.tag);
        if let Some(port) = ports.iter().find(required) {
            let place = &self.omitted[&port.name];
            return Err(format!(
                "the subgraph's input {place} is not joined to a stream"
            ));
        }
        ports.retain(|p| !self.omitted.contains_key(&p.name));
        Ok(())
    }

    /// A node of the subgraph under the names used outside of it.
    fn rename(&self, mut node: NodeConfig) -> NodeConfig {
        if !self.title.is_empty() {
            let name = if node.name.is_empty() {
                &node.calculator
            } else {
                &node.name
            };
            node.name = format!("{}/{name}", self.title);
        }
        self.rename_ports(&mut node.inputs, &self.streams);
        self.rename_ports(&mut node.outputs, &self.streams);
        self.rename_ports(&mut node.input_side_packets, &self.side_packets);
        self.rename_ports(&mut node.output_side_packets, &self.side_packets);
        // A back edge into a subgraph is one for every node that reads it inside.
        for port in node
            .inputs
            .iter()
            .filter(|p| self.back_edges.contains(&p.name))
        {
            node.back_edges.push((port.tag.clone(), port.index));
        }
        node
    }

    fn rename_ports(&self, ports: &mut [Port], outer: &HashMap<String, String>) {
        for port in ports {
            let inner = std::mem::take(&mut port.name);
            port.name = match outer.get(&inner) {
                Some(name) => name.clone(),
                None => format!("{}{inner}", self.prefix),
            };
        }
    }
}

struct Expansion<'a> {
    library: &'a Library,
    registry: &'a Registry,
    nodes: Vec<NodeConfig>,
    /// Types of the subgraphs that are being expanded, from the outermost one.
    path: Vec<String>,
    /// Nodes so far, and the bytes of their names and options.
    count: usize,
    bytes: usize,
    /// Calculators that do not exist, by name, so that each is named once.
    calculators: BTreeMap<String, GraphError>,
    /// Options that do not exist.
    options: Vec<GraphError>,
}

impl Expansion<'_> {
    fn finish(self) -> Result<Vec<NodeConfig>, GraphError> {
        let mut errors: Vec<GraphError> = self.calculators.into_values().collect();
        errors.extend(self.options);
        match errors.len() {
            0 => Ok(self.nodes),
            1 => Err(errors.swap_remove(0)),
            _ => Err(GraphError::Several { errors }),
        }
    }

    /// Adds the nodes of a graph with the given options.
    fn add_graph(
        &mut self,
        graph: &GraphConfig,
        scope: &Scope,
        options: &Options,
    ) -> Result<(), GraphError> {
        for (number, node) in graph.nodes.iter().enumerate() {
            let mut node = node.clone();
            self.omit(&mut node, scope)?;
            let mut node = scope.rename(node);
            self.spend(&node, scope)?;
            self.set_options(&mut node, options);
            if self.registry.get(&node.calculator).is_some() {
                self.nodes.push(node);
            } else if let Some(inner) = self.library.get(&node.calculator) {
                let name = inner.graph_type.to_lowercase();
                let prefix = format!("{}{name}_{number}__", scope.prefix);
                self.add_subgraph(&node, inner, prefix)?;
            } else {
                let error = self.unknown(&node);
                self.calculators.entry(node.calculator).or_insert(error);
            }
        }
        Ok(())
    }

    /// Counts a node against the limits.
    fn spend(&mut self, node: &NodeConfig, scope: &Scope) -> Result<(), GraphError> {
        self.count += 1;
        let limit = |reason: String| Err(GraphError::Limit { reason });
        if self.count > MAX_NODES {
            return limit(format!(
                "more than {MAX_NODES} nodes after its subgraphs are expanded"
            ));
        }
        let ports = [
            &node.inputs,
            &node.outputs,
            &node.input_side_packets,
            &node.output_side_packets,
        ];
        let names = ports.into_iter().flatten();
        let names: usize = names.map(|p| p.tag.len() + p.name.len()).sum();
        let own = node.name.len() + node.calculator.len() + node.options.encoded_len();
        self.bytes += names + own + scope.prefix.len();
        if self.bytes > MAX_BYTES {
            return limit(format!(
                "more than {MAX_BYTES} bytes of names and options after its subgraphs are expanded"
            ));
        }
        Ok(())
    }

    /// Gives the node the options that it takes from the graph around it.
    fn set_options(&mut self, node: &mut NodeConfig, graph: &Options) {
        let mut reasons = std::mem::take(&mut node.unknown_options);
        for value in std::mem::take(&mut node.option_values) {
            reasons.extend(
                value
                    .apply(&node.calculator, &mut node.options, graph)
                    .err(),
            );
        }
        let title = node.title();
        let errors = reasons.into_iter().map(|reason| GraphError::Option {
            node: title.clone(),
            reason,
        });
        self.options.extend(errors);
    }

    /// Leaves out inputs that the node's graph was not given. A calculator must do without them; a
    /// subgraph hands the question on to its own nodes.
    fn omit(&self, node: &mut NodeConfig, scope: &Scope) -> Result<(), GraphError> {
        if scope.omitted.is_empty() {
            return Ok(());
        }
        let mut contract = Contract::default();
        let factory = self.registry.get(&node.calculator);
        if let Some(factory) = &factory {
            (factory.contract)(&mut contract, node);
        }
        let is_optional = |ports: &Ports, tag: &str| {
            let declared = ports.of(tag).map(|p| p.count);
            factory.is_none() || declared == Some(Count::Optional)
        };
        let title = node.title();
        scope
            .omit(&mut node.inputs, |tag| is_optional(&contract.inputs, tag))
            .and_then(|()| {
                let packets = &contract.input_side_packets;
                scope.omit(&mut node.input_side_packets, |tag| {
                    is_optional(packets, tag)
                })
            })
            .map_err(|reason| GraphError::Port {
                node: title,
                reason,
            })
    }

    fn add_subgraph(
        &mut self,
        node: &NodeConfig,
        inner: &GraphConfig,
        prefix: String,
    ) -> Result<(), GraphError> {
        // Without this check a subgraph that uses itself would be expanded for ever.
        if self.path.contains(&inner.graph_type) {
            return Err(GraphError::Recursion {
                graph_type: printable(&inner.graph_type),
                path: printable(&(self.path.join(" → ") + " → " + &inner.graph_type)),
            });
        }
        if self.path.len() > MAX_DEPTH {
            let reason = format!("more than {MAX_DEPTH} subgraphs inside one another");
            return Err(GraphError::Limit { reason });
        }
        self.path.push(inner.graph_type.clone());
        let mut options = inner.options.clone();
        options.extend(&node.options);
        self.add_graph(inner, &Scope::inside(node, inner, prefix)?, &options)?;
        self.path.pop();
        Ok(())
    }

    fn unknown(&self, node: &NodeConfig) -> GraphError {
        let known = self.registry.names().chain(self.library.graph_types());
        GraphError::UnknownCalculator {
            node: node.title(),
            calculator: printable(&node.calculator),
            hint: hint(&node.calculator, known),
        }
    }
}

/// Maps inner names to outer ones. Ports of the subgraph may be left unconnected.
fn map(inner: &[Port], outer: &[Port], names: &mut HashMap<String, String>) -> Result<(), String> {
    let connected: HashMap<_, _> = outer.iter().map(|p| (p.key(), &p.name)).collect();
    for port in inner {
        if let Some(name) = connected.get(&port.key()) {
            names.insert(port.name.clone(), (*name).clone());
        }
    }
    let declared: HashSet<_> = inner.iter().map(Port::key).collect();
    match outer.iter().find(|p| !declared.contains(&p.key())) {
        Some(unknown) => Err(format!("the subgraph has no port {}", unknown.place())),
        None => Ok(()),
    }
}
