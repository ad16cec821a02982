//! Drawing a graph: as Graphviz' language, and as an SVG picture.

use super::{Graph, Node};
use std::fmt::Write;

impl Graph {
    /// The graph in Graphviz' language.
    pub fn to_dot(&self) -> String {
        let mut out = String::from(
            "digraph moue {\n  rankdir=TB;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n",
        );
        let quoted =
            |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        for (place, node) in self.nodes.iter().enumerate() {
            let _ = writeln!(out, "  n{place} [label={}];", quoted(&label(node)));
        }
        for stream in &self.streams {
            let from = match stream.writer {
                Some(node) => format!("n{node}"),
                None => {
                    let _ = writeln!(out, "  {} [shape=ellipse];", quoted(&stream.name));
                    quoted(&stream.name)
                }
            };
            for (node, input) in &stream.readers {
                let style = if self.nodes[*node].inputs[*input].1 {
                    ", style=dashed, constraint=false"
                } else {
                    ""
                };
                let _ = writeln!(
                    out,
                    "  {from} -> n{node} [label={}{style}];",
                    quoted(&stream.name)
                );
            }
        }
        for (name, stream) in &self.outputs {
            let end = quoted(&format!("{name} (out)"));
            let _ = writeln!(out, "  {end} [shape=ellipse, label={}];", quoted(name));
            let from = self.streams[*stream]
                .writer
                .map_or_else(|| quoted(name), |n| format!("n{n}"));
            let _ = writeln!(out, "  {from} -> {end};");
        }
        out + "}\n"
    }

    /// The graph as a picture: layers from top to bottom, back edges dashed.
    pub fn to_svg(&self) -> String {
        let layout = Layout::of(self);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" \
             font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
            w = layout.width,
            h = layout.height
        );
        layout.lines(self, &mut out);
        for (title, [x, y], outside) in &layout.boxes {
            let (fill, radius) = if *outside {
                ("#fdf3d7", HEIGHT / 2)
            } else {
                ("#e6effb", 6)
            };
            let _ = writeln!(
                out,
                "<rect x=\"{}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"{radius}\" fill=\"{fill}\" stroke=\"#456\"/>\
                 <text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                x - WIDTH / 2,
                y + HEIGHT / 2 + 4,
                escaped(title)
            );
        }
        out + "</svg>\n"
    }
}

fn label(node: &Node) -> String {
    let config = &node.config;
    if config.name.is_empty() {
        config.calculator.clone()
    } else {
        config.name.clone()
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

const WIDTH: usize = 330;
const HEIGHT: usize = 34;
const GAP: usize = 40;

/// Boxes in layers: streams from outside, nodes by their longest way from there, streams for
/// outside.
struct Layout {
    /// Title, middle of the upper side, whether it is a stream from or for outside.
    boxes: Vec<(String, [usize; 2], bool)>,
    /// For each input stream, node and output the place in `boxes`.
    inputs: Vec<usize>,
    nodes: Vec<usize>,
    outputs: Vec<usize>,
    width: usize,
    height: usize,
}

impl Layout {
    fn of(graph: &Graph) -> Self {
        let mut layers = vec![1; graph.nodes.len()];
        let mut order: Vec<usize> = (0..graph.nodes.len()).collect();
        order.sort_by_key(|n| graph.nodes[*n].order);
        for place in order {
            let forward = graph.nodes[place].inputs.iter().filter(|(_, back)| !back);
            let above = forward
                .filter_map(|(s, _)| graph.streams[*s].writer)
                .map(|w| layers[w])
                .max();
            layers[place] = above.map_or(1, |l| l + 1);
        }
        let last = layers.iter().max().copied().unwrap_or(0) + 1;
        let mut layout = Self {
            boxes: Vec::new(),
            inputs: Vec::new(),
            nodes: Vec::new(),
            outputs: Vec::new(),
            width: 0,
            height: (last + 1) * (HEIGHT + GAP) + GAP,
        };
        let widest = (0..=last)
            .map(|l| layers.iter().filter(|n| **n == l).count())
            .max()
            .unwrap_or(1);
        let widest = widest
            .max(graph.inputs.len())
            .max(graph.outputs.len())
            .max(1);
        layout.width = widest * (WIDTH + GAP) + 2 * GAP;
        layout.inputs = layout.row(0, graph.inputs().map(str::to_owned).collect(), true);
        layout.nodes = vec![0; graph.nodes.len()];
        for layer in 1..last {
            let members: Vec<usize> = (0..layers.len()).filter(|n| layers[*n] == layer).collect();
            let titles = members.iter().map(|n| label(&graph.nodes[*n])).collect();
            for (node, place) in members.iter().zip(layout.row(layer, titles, false)) {
                layout.nodes[*node] = place;
            }
        }
        layout.outputs = layout.row(last, graph.outputs().map(str::to_owned).collect(), true);
        layout
    }

    fn row(&mut self, layer: usize, titles: Vec<String>, outside: bool) -> Vec<usize> {
        let step = self.width / (titles.len() + 1).max(1);
        let first = self.boxes.len();
        let y = GAP + layer * (HEIGHT + GAP);
        self.boxes.extend(
            titles
                .into_iter()
                .enumerate()
                .map(|(i, t)| (t, [step * (i + 1), y], outside)),
        );
        (first..self.boxes.len()).collect()
    }

    fn lines(&self, graph: &Graph, out: &mut String) {
        for (place, stream) in graph.streams.iter().enumerate() {
            let outside = || {
                graph
                    .inputs
                    .iter()
                    .position(|i| *i == place)
                    .map(|i| self.inputs[i])
            };
            let Some(from) = stream.writer.map(|w| self.nodes[w]).or_else(outside) else {
                continue;
            };
            for (node, input) in &stream.readers {
                self.line(
                    from,
                    self.nodes[*node],
                    &stream.name,
                    graph.nodes[*node].inputs[*input].1,
                    out,
                );
            }
            for (output, _) in graph
                .outputs
                .iter()
                .enumerate()
                .filter(|(_, (_, s))| *s == place)
            {
                self.line(from, self.outputs[output], &stream.name, false, out);
            }
        }
    }

    fn line(&self, from: usize, to: usize, name: &str, back: bool, out: &mut String) {
        let ([x0, y0], [x1, y1]) = (self.boxes[from].1, self.boxes[to].1);
        let (y0, dash) = (
            y0 + HEIGHT,
            if back {
                " stroke-dasharray=\"5 4\""
            } else {
                ""
            },
        );
        // A back edge runs along the right margin.
        let margin = self.width - GAP / 2;
        let path = if back {
            format!(
                "M{x0} {y0} C{margin} {y0} {margin} {y0} {margin} {} C{margin} {y1} {x1} {} {x1} {y1}",
                (y0 + y1) / 2,
                y1 - GAP / 2
            )
        } else {
            format!(
                "M{x0} {y0} C{x0} {} {x1} {} {x1} {y1}",
                y0 + GAP / 2,
                y1.saturating_sub(GAP / 2)
            )
        };
        let (lx, ly) = if back {
            (margin - 4, (y0 + y1) / 2)
        } else {
            ((x0 + x1) / 2 + 4, (y0 + y1) / 2 + 4)
        };
        let anchor = if back { "end" } else { "start" };
        let _ = writeln!(
            out,
            "<path d=\"{path}\" fill=\"none\" stroke=\"#789\"{dash}/><text x=\"{lx}\" y=\"{ly}\" fill=\"#567\" \
             font-size=\"10\" text-anchor=\"{anchor}\">{}</text>",
            escaped(name)
        );
    }
}
