//! Layout of a drawn graph: boxes in layers from top to bottom, lines between them.
//!
//! The method is that of Sugiyama, Tagawa and Toda (1981), "Methods for visual understanding of
//! hierarchical system structures": layers, an order within each that has few crossings, then
//! places. A line that passes a layer has an item of its own there, which keeps boxes out of its
//! way; the name of a stream has one in a row between two layers.

mod items;
mod order;
mod place;

pub(super) use items::Arrow;

use super::model::Graph;
use items::{Item, Items};
use place::MARGIN;

/// Height of a box in pixels: a line of 12-pixel letters with space around it.
pub(super) const BOX_HEIGHT: f32 = 34.0;
/// Height of a row of streams' names, of 10-pixel letters.
const NAME_HEIGHT: f32 = 16.0;
/// Space between rows, in which lines bend.
const ROW_GAP: f32 = 22.0;

/// A box with a title.
pub(super) struct Placed {
    pub(super) title: String,
    pub(super) rect: Rect,
    /// Whether it is an input or output stream of the graph.
    pub(super) is_stream: bool,
}

/// The name of a stream beside its line.
pub(super) struct Name {
    pub(super) text: String,
    pub(super) rect: Rect,
}

/// A part of a stream's line: from a box, a name or a bend to one in the next row.
pub(super) struct Line {
    /// The start of a vertical line through the upper row, which ends at `from`; equal to `from`
    /// where the upper end is a box.
    pub(super) start: [f32; 2],
    pub(super) from: [f32; 2],
    pub(super) to: [f32; 2],
    pub(super) is_back_edge: bool,
    /// Which end is at a reader's box and has an arrow.
    pub(super) arrow: Arrow,
}

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) width: f32,
    pub(super) height: f32,
}

/// Where everything is.
pub(super) struct Layout {
    pub(super) boxes: Vec<Placed>,
    pub(super) names: Vec<Name>,
    pub(super) lines: Vec<Line>,
    pub(super) width: f32,
    pub(super) height: f32,
}

impl Layout {
    pub(super) fn of(graph: &Graph) -> Self {
        let mut items = Items::of(graph);
        order::reduce_crossings(&mut items);
        let ports = place::Ports::of(&items);
        place::place(&mut items, &ports);
        let tops = row_tops(items.rows.len());
        let mut layout = Self {
            boxes: Vec::new(),
            names: Vec::new(),
            lines: Vec::new(),
            width: items.right_edge() + MARGIN,
            height: tops[items.rows.len()] - ROW_GAP + MARGIN,
        };
        for item in &items.all {
            layout.add(item, tops[item.row]);
        }
        for (index, link) in items.links.iter().enumerate() {
            let [upper, lower] = [&items.all[link.upper], &items.all[link.lower]];
            let bottom = tops[upper.row] + row_height(upper.row);
            let from = [upper.x + ports.lower_edge[index], bottom];
            let start = if upper.is_box() {
                from
            } else {
                [from[0], tops[upper.row]]
            };
            layout.lines.push(Line {
                start,
                from,
                to: [lower.x + ports.upper_edge[index], tops[lower.row]],
                is_back_edge: link.is_back_edge,
                arrow: link.arrow,
            });
        }
        layout
    }

    fn add(&mut self, item: &Item, top: f32) {
        let rect = Rect {
            x: item.x - item.left,
            y: top,
            width: item.left + item.right,
            height: row_height(item.row),
        };
        match &item.kind {
            items::Kind::Box { title, is_stream } => self.boxes.push(Placed {
                title: title.clone(),
                rect,
                is_stream: *is_stream,
            }),
            items::Kind::Name(text) => self.names.push(Name {
                text: text.clone(),
                // What is left of the line is space.
                rect: Rect {
                    x: item.x + items::NAME_SPACE,
                    width: item.right - items::NAME_SPACE,
                    ..rect
                },
            }),
            items::Kind::Bend => {}
        }
    }
}

/// Even rows hold boxes, odd ones names.
fn row_height(row: usize) -> f32 {
    if row.is_multiple_of(2) {
        BOX_HEIGHT
    } else {
        NAME_HEIGHT
    }
}

/// The upper edge of each row, and of the one after the last.
fn row_tops(rows: usize) -> Vec<f32> {
    let mut tops = vec![MARGIN];
    for row in 0..rows {
        tops.push(tops[row] + row_height(row) + ROW_GAP);
    }
    tops
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GraphConfig, Library, NodeConfig, Registry, Variant};

    fn layout(config: &GraphConfig) -> Layout {
        let library = Library::builtin(Variant::Cpu);
        Layout::of(&Graph::new(config, &library, &Registry::standard()).unwrap())
    }

    /// A chain whose first stream is read by every node, with loops back and side exits.
    fn tangled(length: usize) -> GraphConfig {
        let mut config = GraphConfig::default().input("in").output("s0").output("in");
        for i in 0..length {
            let mut node = NodeConfig::new("PassThroughCalculator").input("in");
            let mut outputs = vec![format!("a_long_name_of_a_stream_{i}"), format!("s{i}")];
            if i > 0 {
                node = node.input(&format!("s{}", i - 1));
            } else {
                outputs.remove(0);
            }
            if i > 2 {
                node = node.input(&format!("s{}", i - 3));
                outputs.push(format!("t{i}"));
            }
            config = config.node(outputs.iter().fold(node, |node, name| node.output(name)));
        }
        config
    }

    fn overlap(a: &Rect, b: &Rect) -> bool {
        a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
    }

    /// Points of a line: of its vertical part and of the curve as it is drawn.
    fn points(line: &Line) -> Vec<[f32; 2]> {
        let middle = f32::midpoint(line.from[1], line.to[1]);
        let curve = |t: f32| {
            let [a, b, c, d] = [
                (1.0 - t).powi(3),
                3.0 * t * (1.0 - t).powi(2),
                3.0 * t * t * (1.0 - t),
                t.powi(3),
            ];
            [
                (a + b) * line.from[0] + (c + d) * line.to[0],
                a * line.from[1] + (b + c) * middle + d * line.to[1],
            ]
        };
        let along = |i: i32| line.start[1] + (line.from[1] - line.start[1]) * i as f32 / 8.0;
        let vertical = (0..=8).map(|i| [line.from[0], along(i)]);
        vertical
            .chain((0..=32).map(|i| curve(i as f32 / 32.0)))
            .collect()
    }

    fn is_inside(rect: &Rect, [x, y]: [f32; 2]) -> bool {
        x > rect.x && x < rect.x + rect.width && y > rect.y && y < rect.y + rect.height
    }

    fn assert_clear(layout: &Layout, what: &str) {
        let boxes = layout.boxes.iter().map(|b| (b.title.as_str(), b.rect));
        let names = layout.names.iter().map(|n| (n.text.as_str(), n.rect));
        let all: Vec<(&str, Rect)> = boxes.chain(names).collect();
        for (i, (title, rect)) in all.iter().enumerate() {
            assert!(
                rect.x >= 0.0 && rect.x + rect.width <= layout.width,
                "{what}: {title}"
            );
            assert!(
                rect.y >= 0.0 && rect.y + rect.height <= layout.height,
                "{what}: {title}"
            );
            for (other, second) in &all[..i] {
                assert!(
                    !overlap(rect, second),
                    "{what}: {title} and {other} overlap"
                );
            }
            for line in &layout.lines {
                for point in points(line) {
                    let crosses = is_inside(rect, point);
                    assert!(!crosses, "{what}: a line goes through {title} at {point:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_overlaps_in_our_own_graphs() {
        for (name, text) in [
            (
                "search",
                include_str!("../../../graphs/facial_search.pbtxt"),
            ),
            (
                "detection",
                include_str!("../../../graphs/face_detection.pbtxt"),
            ),
            (
                "embedding",
                include_str!("../../../graphs/face_embedding.pbtxt"),
            ),
        ] {
            let layout = layout(&GraphConfig::parse(text).unwrap());
            assert!(layout.boxes.len() > 5 && layout.names.len() > 3);
            assert_clear(&layout, name);
        }
    }

    #[test]
    fn nothing_overlaps_where_lines_pass_many_layers() {
        for length in 1..24 {
            assert_clear(&layout(&tangled(length)), &format!("{length} nodes"));
        }
    }

    #[test]
    fn a_back_edge_has_its_arrow_at_the_upper_end() {
        let text = include_str!("../../../graphs/facial_search.pbtxt");
        let layout = layout(&GraphConfig::parse(text).unwrap());
        let back: Vec<&Line> = layout.lines.iter().filter(|l| l.is_back_edge).collect();
        assert!(back.len() > 2, "it passes several layers");
        let arrows = back.iter().filter(|l| l.arrow == Arrow::Up).count();
        assert_eq!(arrows, 1);
    }

    #[test]
    fn a_graph_without_nodes_has_its_streams() {
        let layout = layout(&GraphConfig::default().input("in").output("in"));
        assert_eq!(layout.boxes.len(), 2);
        assert_clear(&layout, "streams alone");
    }
}
