//! The topological order of a graph's nodes.

use super::error::GraphError;
use super::model::{Node, Stream};

/// The position of each node in topological order, back edges ignored.
///
/// This is Kahn's algorithm (Kahn 1962), a layer at a time: nodes of one layer keep the order of
/// the configuration, so the positions, and with them the order of calls on one thread, do not
/// depend on a hash or an address.
///
/// # Errors
/// [`GraphError::Cycle`] if nodes wait for one another.
pub(super) fn topological_order(
    nodes: &[Node],
    streams: &[Stream],
) -> Result<Vec<usize>, GraphError> {
    let mut sorter = Sorter {
        nodes,
        streams,
        order: vec![None; nodes.len()],
    };
    let mut next = 0;
    while next < nodes.len() {
        let layer = sorter.next_layer();
        if layer.is_empty() {
            return Err(sorter.cycle());
        }
        for node in layer {
            sorter.order[node] = Some(next);
            next += 1;
        }
    }
    Ok(sorter.order.into_iter().flatten().collect())
}

struct Sorter<'a> {
    nodes: &'a [Node],
    streams: &'a [Stream],
    order: Vec<Option<usize>>,
}

impl Sorter<'_> {
    /// The nodes without a position whose inputs are all written by nodes with one.
    fn next_layer(&self) -> Vec<usize> {
        let unordered = (0..self.nodes.len()).filter(|node| self.order[*node].is_none());
        unordered
            .filter(|node| self.blocking_input(*node).is_none())
            .collect()
    }

    /// The first input whose writer has no position yet, and this writer.
    fn blocking_input(&self, node: usize) -> Option<(usize, usize)> {
        let mut inputs = self.nodes[node].forward_inputs();
        inputs.find_map(|(input, edge)| {
            let writer = self.streams[edge.stream].writer?;
            self.order[writer].is_none().then_some((input, writer))
        })
    }

    /// Follows blocking inputs against the streams until a node comes up again.
    fn cycle(&self) -> GraphError {
        let start = self.order.iter().position(Option::is_none);
        let mut path = vec![start.expect("sorting stopped at an unordered node")];
        loop {
            let node = path[path.len() - 1];
            let (input, writer) = self
                .blocking_input(node)
                .expect("an unordered node is blocked, or the next layer would hold it");
            if let Some(start) = path.iter().position(|n| *n == writer) {
                return self.cycle_error(&path[start..], node, input);
            }
            path.push(writer);
        }
    }

    fn cycle_error(&self, path: &[usize], node: usize, input: usize) -> GraphError {
        // The path runs against the streams; a reader follows them.
        let titles = path.iter().rev().map(|n| self.nodes[*n].config.title());
        let port = &self.nodes[node].config.inputs[input];
        GraphError::Cycle {
            nodes: titles.collect::<Vec<String>>().join(", "),
            node: self.nodes[node].config.title(),
            stream: port.name.clone(),
            port: format!("{}:{}", port.tag, port.index),
        }
    }
}
