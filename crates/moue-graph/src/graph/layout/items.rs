//! What has a place in a row: boxes, names of streams, and bends of lines that pass.

use super::super::model::{Graph, Node};
use std::collections::HashMap;

/// Space between a line and the name beside it, and around both.
pub(super) const NAME_SPACE: f32 = 5.0;
/// Half of the space that a passing line has for itself.
const BEND_SPACE: f32 = 8.0;
/// Space around a title in its box, on both sides together.
const TITLE_SPACE: f32 = 28.0;
const TITLE_SIZE: f32 = 12.0;
const NAME_SIZE: f32 = 10.0;
/// Letters of a title or name that are drawn; a longer one ends in an ellipsis.
const MAX_LETTERS: usize = 80;
/// Bends of a whole drawing. Of a graph of thousands of nodes whose streams pass most layers there
/// would be millions; lines that would need more are drawn straight.
const MAX_BENDS: usize = 50_000;

/// An item of a row.
pub(super) struct Item {
    pub(super) kind: Kind,
    pub(super) row: usize,
    /// Pixels that it needs on the left and on the right of `x`.
    pub(super) left: f32,
    pub(super) right: f32,
    /// Where its line is; of a box its middle.
    pub(super) x: f32,
}

pub(super) enum Kind {
    Box { title: String, is_stream: bool },
    Name(String),
    Bend,
}

impl Item {
    pub(super) fn is_box(&self) -> bool {
        matches!(self.kind, Kind::Box { .. })
    }

    fn boxed(title: &str, row: usize, is_stream: bool) -> Self {
        let title = shortened(title);
        let half = (text_width(&title, TITLE_SIZE) + TITLE_SPACE) / 2.0;
        Self::new(Kind::Box { title, is_stream }, row, half, half)
    }

    fn name(text: &str, row: usize) -> Self {
        let text = shortened(text);
        let right = text_width(&text, NAME_SIZE) + 2.0 * NAME_SPACE;
        Self::new(Kind::Name(text), row, NAME_SPACE, right)
    }

    fn bend(row: usize) -> Self {
        Self::new(Kind::Bend, row, BEND_SPACE, BEND_SPACE)
    }

    fn new(kind: Kind, row: usize, left: f32, right: f32) -> Self {
        Self {
            kind,
            row,
            left,
            right,
            x: 0.0,
        }
    }
}

/// Where a part of a line has an arrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Arrow {
    None,
    /// At the lower end.
    Down,
    /// At the upper end: back edges lead up.
    Up,
}

/// A part of a stream's line, between items of neighboring rows (or, past [`MAX_BENDS`], any).
pub(super) struct Link {
    pub(super) upper: usize,
    pub(super) lower: usize,
    pub(super) is_back_edge: bool,
    pub(super) arrow: Arrow,
}

/// All items, and in which order they are in their rows.
pub(super) struct Items {
    pub(super) all: Vec<Item>,
    pub(super) links: Vec<Link>,
    /// Indices into `all`, from left to right.
    pub(super) rows: Vec<Vec<usize>>,
    bends: usize,
}

impl Items {
    pub(super) fn of(graph: &Graph) -> Self {
        let layers = layers(graph);
        let last = 1 + layers.iter().max().copied().unwrap_or(0);
        let mut items = Self {
            all: Vec::new(),
            links: Vec::new(),
            rows: (0..=2 * last).map(|_| Vec::new()).collect(),
            bends: 0,
        };
        let inputs: HashMap<usize, usize> = graph
            .inputs
            .iter()
            .map(|s| (*s, items.add(Item::boxed(&graph.streams[*s].name, 0, true))))
            .collect();
        let mut nodes = Vec::new();
        for (node, layer) in graph.nodes.iter().zip(&layers) {
            nodes.push(items.add(Item::boxed(node.label(), 2 * layer, false)));
        }
        let mut outputs = Vec::new();
        for (name, stream) in &graph.outputs {
            outputs.push((*stream, items.add(Item::boxed(name, 2 * last, true))));
        }
        for (index, stream) in graph.streams.iter().enumerate() {
            let Some(writer) = stream.writer.map_or(inputs.get(&index), |n| nodes.get(n)) else {
                continue;
            };
            let readers = stream.readers.iter().map(|reader| {
                let edge = graph.nodes[reader.node].inputs[reader.input];
                (nodes[reader.node], edge.is_back_edge)
            });
            let ends = outputs.iter().filter(|(s, _)| *s == index);
            let ends = ends.map(|(_, item)| (*item, false));
            items.add_stream(
                &stream.name,
                *writer,
                &readers.chain(ends).collect::<Vec<_>>(),
            );
        }
        items
    }

    /// The right edge of the rightmost item.
    pub(super) fn right_edge(&self) -> f32 {
        let edges = self.all.iter().map(|item| item.x + item.right);
        edges.fold(0.0, f32::max)
    }

    fn add(&mut self, item: Item) -> usize {
        let index = self.all.len();
        self.rows[item.row].push(index);
        self.all.push(item);
        index
    }

    /// The lines of a stream. Forward ones share a trunk, from which each reader branches off just
    /// above its box.
    fn add_stream(&mut self, name: &str, writer: usize, readers: &[(usize, bool)]) {
        let start = self.all[writer].row;
        let is_below = |items: &Self, reader: usize| items.all[reader].row > start;
        let mut below: Vec<(usize, bool)> = readers.to_vec();
        below.retain(|(reader, _)| is_below(self, *reader));
        below.sort_by_key(|(reader, _)| self.all[*reader].row);
        if !below.is_empty() {
            // All readers of a stream that is only read back are above: then it is no trunk's.
            let is_back = below.iter().all(|(_, is_back)| *is_back);
            // One line for all readers: a line for each would hide what they share.
            let mut trunk = self.link_name(name, writer, start + 1, is_back);
            for (reader, is_back) in &below {
                trunk = self.descend(trunk, self.all[*reader].row - 1, *is_back);
                self.link(trunk, *reader, *is_back, Arrow::Down);
            }
        }
        for (reader, _) in readers {
            if !is_below(self, *reader) {
                self.add_back_edge(name, writer, *reader);
            }
        }
    }

    /// A line from a writer up to a reader of its own row or one above.
    fn add_back_edge(&mut self, name: &str, writer: usize, reader: usize) {
        let row = self.all[reader].row + 1;
        let item = self.add(Item::name(name, row));
        self.link(reader, item, true, Arrow::Up);
        if self.all[writer].row < row {
            self.link(writer, item, true, Arrow::None);
        } else {
            let end = self.descend(item, self.all[writer].row - 1, true);
            self.link(end, writer, true, Arrow::None);
        }
    }

    fn link_name(&mut self, name: &str, above: usize, row: usize, is_back_edge: bool) -> usize {
        let item = self.add(Item::name(name, row));
        self.link(above, item, is_back_edge, Arrow::None);
        item
    }

    /// Leads a line through bends down to a row; returns its last item.
    fn descend(&mut self, mut item: usize, row: usize, is_back_edge: bool) -> usize {
        while self.all[item].row < row && self.bends < MAX_BENDS {
            let bend = self.add(Item::bend(self.all[item].row + 1));
            self.link(item, bend, is_back_edge, Arrow::None);
            self.bends += 1;
            item = bend;
        }
        item
    }

    fn link(&mut self, upper: usize, lower: usize, is_back_edge: bool, arrow: Arrow) {
        self.links.push(Link {
            upper,
            lower,
            is_back_edge,
            arrow,
        });
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

/// The text, or its beginning with an ellipsis.
fn shortened(text: &str) -> String {
    if text.chars().count() <= MAX_LETTERS {
        return text.to_owned();
    }
    let kept = text.chars().take(MAX_LETTERS - 1);
    kept.chain(['…']).collect()
}

/// Pixels that a text needs at most. The font is chosen where the picture is shown; these are the
/// widths of DejaVu Sans, the widest of the common ones.
fn text_width(text: &str, size: f32) -> f32 {
    let width = |c: char| match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' => 0.36,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 1.0,
        _ if c.is_ascii_uppercase() => 0.76,
        _ if c.is_ascii() => 0.64,
        _ => 1.0,
    };
    text.chars().map(width).sum::<f32>() * size
}
