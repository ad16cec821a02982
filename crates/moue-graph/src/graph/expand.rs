//! Subgraphs are replaced by their nodes, so that only calculators are left.

use super::GraphError;
use crate::config::{GraphConfig, Library, NodeConfig, Port, hint};
use crate::registry::Registry;
use std::collections::{HashMap, HashSet};

/// The nodes of `graph` and of all its subgraphs. Inner streams get the subgraph node's name as
/// prefix.
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
    expansion.graph(graph, &Scope::default())?;
    Ok(expansion.nodes)
}

/// How the names inside a subgraph are called outside of it.
#[derive(Default)]
struct Scope {
    prefix: String,
    title: String,
    streams: HashMap<String, String>,
    sides: HashMap<String, String>,
    /// Outer names of the inputs that close a loop.
    back_edges: HashSet<String>,
}

impl Scope {
    fn rename(&self, ports: &mut [Port], outer: &HashMap<String, String>) {
        for port in ports {
            port.name = outer
                .get(&port.name)
                .cloned()
                .unwrap_or_else(|| format!("{}{}", self.prefix, port.name));
        }
    }

    fn enter(&self, node: &NodeConfig) -> NodeConfig {
        let mut node = node.clone();
        if !self.title.is_empty() {
            node.name = format!(
                "{}/{}",
                self.title,
                if node.name.is_empty() {
                    &node.calculator
                } else {
                    &node.name
                }
            );
        }
        self.rename(&mut node.inputs, &self.streams);
        self.rename(&mut node.outputs, &self.streams);
        self.rename(&mut node.input_side_packets, &self.sides);
        self.rename(&mut node.output_side_packets, &self.sides);
        let closing = node
            .inputs
            .iter()
            .filter(|p| self.back_edges.contains(&p.name));
        node.back_edges.extend(
            closing
                .map(|p| (p.tag.clone(), p.index))
                .collect::<Vec<_>>(),
        );
        node
    }
}

struct Expansion<'a> {
    library: &'a Library,
    registry: &'a Registry,
    nodes: Vec<NodeConfig>,
    path: Vec<String>,
}

impl Expansion<'_> {
    fn graph(&mut self, graph: &GraphConfig, scope: &Scope) -> Result<(), GraphError> {
        for (number, node) in graph.nodes.iter().enumerate() {
            let node = scope.enter(node);
            if self.registry.get(&node.calculator).is_some() {
                self.nodes.push(node);
                continue;
            }
            let Some(inner) = self.library.get(&node.calculator) else {
                return Err(self.unknown(&node));
            };
            if self.path.contains(&inner.graph_type) {
                let path = self.path.join(" → ") + " → " + &inner.graph_type;
                return Err(GraphError::Recursion {
                    kind: inner.graph_type.clone(),
                    path,
                });
            }
            self.path.push(inner.graph_type.clone());
            let inside = inside(
                &node,
                inner,
                &format!(
                    "{}{}_{number}__",
                    scope.prefix,
                    inner.graph_type.to_lowercase()
                ),
            )?;
            self.graph(inner, &inside)?;
            self.path.pop();
        }
        Ok(())
    }

    fn unknown(&self, node: &NodeConfig) -> GraphError {
        GraphError::UnknownCalculator {
            node: node.title(),
            calculator: node.calculator.clone(),
            hint: hint(
                &node.calculator,
                self.registry.names().chain(self.library.graph_types()),
            ),
        }
    }
}

/// The scope inside of a subgraph that `node` uses.
fn inside(node: &NodeConfig, inner: &GraphConfig, prefix: &str) -> Result<Scope, GraphError> {
    let mut scope = Scope {
        prefix: prefix.to_owned(),
        title: if node.name.is_empty() {
            inner.graph_type.clone()
        } else {
            node.name.clone()
        },
        ..Scope::default()
    };
    let title = node.title();
    join(
        &title,
        &inner.inputs,
        &node.inputs,
        true,
        &mut scope.streams,
    )?;
    join(
        &title,
        &inner.outputs,
        &node.outputs,
        false,
        &mut scope.streams,
    )?;
    join(
        &title,
        &inner.input_side_packets,
        &node.input_side_packets,
        true,
        &mut scope.sides,
    )?;
    join(
        &title,
        &inner.output_side_packets,
        &node.output_side_packets,
        false,
        &mut scope.sides,
    )?;
    let closing = node.inputs.iter().filter(|p| node.is_back_edge(p));
    scope.back_edges = closing.map(|p| p.name.clone()).collect();
    Ok(scope)
}

/// Maps the subgraph's own names (`inner`) to those at the node's ports (`outer`).
fn join(
    title: &str,
    inner: &[Port],
    outer: &[Port],
    needed: bool,
    names: &mut HashMap<String, String>,
) -> Result<(), GraphError> {
    let error = |reason| GraphError::Port {
        node: title.to_owned(),
        reason,
    };
    let same = |a: &Port, b: &Port| a.tag == b.tag && a.index == b.index;
    for port in inner {
        match outer.iter().find(|p| same(p, port)) {
            Some(outer) => drop(names.insert(port.name.clone(), outer.name.clone())),
            None if needed => {
                return Err(error(format!(
                    "the subgraph's input {} is not joined to a stream",
                    port.place()
                )));
            }
            None => {}
        }
    }
    match outer.iter().find(|p| !inner.iter().any(|i| same(i, p))) {
        Some(port) => Err(error(format!("the subgraph has no port {}", port.place()))),
        None => Ok(()),
    }
}
