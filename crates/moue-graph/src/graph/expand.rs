//! Subgraphs are replaced by their nodes, so that only calculators are left.

use super::error::GraphError;
use crate::config::{GraphConfig, Library, NodeConfig, Port, hint};
use crate::registry::Registry;
use std::collections::{HashMap, HashSet};

/// The nodes of `graph` and of all its subgraphs.
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
    };
    expansion.add_graph(graph, &Scope::default())?;
    Ok(expansion.nodes)
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
        map_inputs(&inner.inputs, &node.inputs, &mut self.streams)?;
        map_outputs(&inner.outputs, &node.outputs, &mut self.streams)?;
        map_inputs(
            &inner.input_side_packets,
            &node.input_side_packets,
            &mut self.side_packets,
        )?;
        map_outputs(
            &inner.output_side_packets,
            &node.output_side_packets,
            &mut self.side_packets,
        )
    }

    /// A node of the subgraph under the names used outside of it.
    fn rename(&self, node: &NodeConfig) -> NodeConfig {
        let mut node = node.clone();
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
}

impl Expansion<'_> {
    fn add_graph(&mut self, graph: &GraphConfig, scope: &Scope) -> Result<(), GraphError> {
        for (number, node) in graph.nodes.iter().enumerate() {
            let node = scope.rename(node);
            if self.registry.get(&node.calculator).is_some() {
                self.nodes.push(node);
            } else if let Some(inner) = self.library.get(&node.calculator) {
                let name = inner.graph_type.to_lowercase();
                let prefix = format!("{}{name}_{number}__", scope.prefix);
                self.add_subgraph(&node, inner, prefix)?;
            } else {
                return Err(self.unknown(&node));
            }
        }
        Ok(())
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
                graph_type: inner.graph_type.clone(),
                path: self.path.join(" → ") + " → " + &inner.graph_type,
            });
        }
        self.path.push(inner.graph_type.clone());
        self.add_graph(inner, &Scope::inside(node, inner, prefix)?)?;
        self.path.pop();
        Ok(())
    }

    fn unknown(&self, node: &NodeConfig) -> GraphError {
        let known = self.registry.names().chain(self.library.graph_types());
        GraphError::UnknownCalculator {
            node: node.title(),
            calculator: node.calculator.clone(),
            hint: hint(&node.calculator, known),
        }
    }
}

/// Maps inner names to outer ones. Every input of the subgraph must be connected.
fn map_inputs(
    inner: &[Port],
    outer: &[Port],
    names: &mut HashMap<String, String>,
) -> Result<(), String> {
    if let Some(port) = inner.iter().find(|p| find(outer, p).is_none()) {
        let place = port.place();
        return Err(format!(
            "the subgraph's input {place} is not joined to a stream"
        ));
    }
    map_outputs(inner, outer, names)
}

/// Maps inner names to outer ones. Outputs of the subgraph may be left unconnected.
fn map_outputs(
    inner: &[Port],
    outer: &[Port],
    names: &mut HashMap<String, String>,
) -> Result<(), String> {
    for port in inner {
        if let Some(connected) = find(outer, port) {
            names.insert(port.name.clone(), connected.name.clone());
        }
    }
    if let Some(unknown) = outer.iter().find(|p| find(inner, p).is_none()) {
        return Err(format!("the subgraph has no port {}", unknown.place()));
    }
    Ok(())
}

fn find<'a>(ports: &'a [Port], port: &Port) -> Option<&'a Port> {
    let mut ports = ports.iter();
    ports.find(|p| p.tag == port.tag && p.index == port.index)
}
