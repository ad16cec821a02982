//! Layout of a drawn graph: boxes in layers from top to bottom.

use super::model::{Graph, Node};

// All in pixels, chosen by hand: a box holds the longest calculator name of this crate in 12-pixel
// letters, and a gap holds the name of a stream beside its line.
/// Width of a box.
pub(super) const WIDTH: usize = 330;
/// Height of a box.
pub(super) const HEIGHT: usize = 34;
/// Space between boxes.
pub(super) const GAP: usize = 40;

/// A node, or an input or output stream of the graph.
pub(super) struct Placed {
    pub(super) title: String,
    /// The middle of the upper edge.
    pub(super) upper_middle: [usize; 2],
    /// Whether it is an input or output stream of the graph.
    pub(super) is_stream: bool,
}

/// A layered drawing (Sugiyama et al. 1981) without crossing reduction: the first layer holds the
/// graph's inputs, each node lies one layer below the lowest of its writers, the last layer holds
/// the graph's outputs.
pub(super) struct Layout {
    pub(super) boxes: Vec<Placed>,
    /// The index into `boxes` of each input stream, node and output stream.
    pub(super) inputs: Vec<usize>,
    pub(super) nodes: Vec<usize>,
    pub(super) outputs: Vec<usize>,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Layout {
    pub(super) fn of(graph: &Graph) -> Self {
        let layers = layers(graph);
        let last = layers.iter().max().copied().unwrap_or(0) + 1;
        let mut layout = Self {
            boxes: Vec::new(),
            inputs: Vec::new(),
            nodes: vec![0; graph.nodes.len()],
            outputs: Vec::new(),
            width: widest(graph, &layers, last) * (WIDTH + GAP) + 2 * GAP,
            height: (last + 1) * (HEIGHT + GAP) + GAP,
        };
        layout.inputs = layout.add_row(0, graph.inputs().map(str::to_owned).collect(), true);
        for layer in 1..last {
            layout.add_nodes(graph, &layers, layer);
        }
        layout.outputs = layout.add_row(last, graph.outputs().map(str::to_owned).collect(), true);
        layout
    }

    fn add_nodes(&mut self, graph: &Graph, layers: &[usize], layer: usize) {
        let nodes: Vec<usize> = (0..layers.len()).filter(|n| layers[*n] == layer).collect();
        let titles = nodes.iter().map(|n| graph.nodes[*n].label().to_owned());
        let row = self.add_row(layer, titles.collect(), false);
        for (node, index) in nodes.iter().zip(row) {
            self.nodes[*node] = index;
        }
    }

    /// Adds a row of boxes, spread over the width, and returns their indices.
    fn add_row(&mut self, layer: usize, titles: Vec<String>, is_stream: bool) -> Vec<usize> {
        let step = self.width / (titles.len() + 1);
        let first = self.boxes.len();
        let y = GAP + layer * (HEIGHT + GAP);
        for (i, title) in titles.into_iter().enumerate() {
            self.boxes.push(Placed {
                title,
                upper_middle: [step * (i + 1), y],
                is_stream,
            });
        }
        (first..self.boxes.len()).collect()
    }
}

/// The layer of each node, from 1: its longest path from the graph's inputs.
fn layers(graph: &Graph) -> Vec<usize> {
    let mut layers = vec![1; graph.nodes.len()];
    let mut ordered: Vec<usize> = (0..graph.nodes.len()).collect();
    // In topological order the layers of all writers are known before a node's own.
    ordered.sort_by_key(|n| graph.nodes[*n].order);
    for node in ordered {
        layers[node] = 1 + lowest_writer(graph, &graph.nodes[node], &layers);
    }
    layers
}

/// The lowest layer among the writers of a node's inputs; 0 if it has none.
fn lowest_writer(graph: &Graph, node: &Node, layers: &[usize]) -> usize {
    let writers = node
        .forward_inputs()
        .filter_map(|(_, edge)| graph.streams[edge.stream].writer);
    writers.map(|w| layers[w]).max().unwrap_or(0)
}

/// Boxes in the fullest row, at least 1.
fn widest(graph: &Graph, layers: &[usize], last: usize) -> usize {
    let nodes_in = |layer: usize| layers.iter().filter(|l| **l == layer).count();
    let rows = (1..last).map(nodes_in);
    rows.chain([graph.inputs.len(), graph.outputs.len(), 1])
        .max()
        .unwrap_or(1)
}
