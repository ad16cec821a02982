//! A graph as an SVG picture.

use super::layout::{GAP, HEIGHT, Layout, Placed, WIDTH};
use super::model::Graph;
use std::fmt::Write;

impl Graph {
    /// The graph as an SVG picture: layers from top to bottom, back edges dashed.
    pub fn to_svg(&self) -> String {
        let layout = Layout::of(self);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" \
             font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
            w = layout.width,
            h = layout.height
        );
        // Lines first, so that boxes cover their ends.
        draw_streams(self, &layout, &mut out);
        for placed in &layout.boxes {
            draw_box(placed, &mut out);
        }
        out + "</svg>\n"
    }
}

fn draw_box(placed: &Placed, out: &mut String) {
    let [x, y] = placed.upper_middle;
    let (fill, radius) = if placed.is_stream {
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
        escaped(&placed.title)
    );
}

fn draw_streams(graph: &Graph, layout: &Layout, out: &mut String) {
    for (index, stream) in graph.streams.iter().enumerate() {
        let Some(from) = start(graph, layout, index) else {
            continue;
        };
        for reader in &stream.readers {
            let edge = graph.nodes[reader.node].inputs[reader.input];
            let line = Line::new(layout, from, layout.nodes[reader.node], edge.is_back_edge);
            line.draw(&stream.name, out);
        }
        let outputs = graph.outputs.iter().zip(&layout.outputs);
        for (_, to) in outputs.filter(|((_, stream), _)| *stream == index) {
            Line::new(layout, from, *to, false).draw(&stream.name, out);
        }
    }
}

/// The box at which a stream starts: its writer, or the graph's input.
fn start(graph: &Graph, layout: &Layout, stream: usize) -> Option<usize> {
    match graph.streams[stream].writer {
        Some(node) => Some(layout.nodes[node]),
        None => {
            let input = graph.inputs.iter().position(|i| *i == stream)?;
            Some(layout.inputs[input])
        }
    }
}

/// A line from the lower edge of one box to the upper edge of another.
struct Line {
    from: [usize; 2],
    to: [usize; 2],
    is_back_edge: bool,
    /// Where back edges run: near the right border, outside of all boxes.
    margin: usize,
}

impl Line {
    fn new(layout: &Layout, from: usize, to: usize, is_back_edge: bool) -> Self {
        let [x, y] = layout.boxes[from].upper_middle;
        Self {
            from: [x, y + HEIGHT],
            to: layout.boxes[to].upper_middle,
            is_back_edge,
            margin: layout.width - GAP / 2,
        }
    }

    fn draw(&self, name: &str, out: &mut String) {
        let (path, dash) = if self.is_back_edge {
            (self.back_path(), " stroke-dasharray=\"5 4\"")
        } else {
            (self.forward_path(), "")
        };
        let ([x, y], anchor) = self.label();
        let _ = writeln!(
            out,
            "<path d=\"{path}\" fill=\"none\" stroke=\"#789\"{dash}/><text x=\"{x}\" y=\"{y}\" fill=\"#567\" \
             font-size=\"10\" text-anchor=\"{anchor}\">{}</text>",
            escaped(name)
        );
    }

    fn forward_path(&self) -> String {
        let ([x0, y0], [x1, y1]) = self.ends();
        format!(
            "M{x0} {y0} C{x0} {} {x1} {} {x1} {y1}",
            y0 + GAP / 2,
            y1.saturating_sub(GAP / 2)
        )
    }

    fn back_path(&self) -> String {
        let ([x0, y0], [x1, y1]) = self.ends();
        let margin = self.margin;
        format!(
            "M{x0} {y0} C{margin} {y0} {margin} {y0} {margin} {} C{margin} {y1} {x1} {} {x1} {y1}",
            (y0 + y1) / 2,
            y1 - GAP / 2
        )
    }

    /// Where the stream's name goes, and which end of it lies there.
    fn label(&self) -> ([usize; 2], &'static str) {
        let ([x0, y0], [x1, y1]) = self.ends();
        if self.is_back_edge {
            ([self.margin - 4, (y0 + y1) / 2], "end")
        } else {
            ([(x0 + x1) / 2 + 4, (y0 + y1) / 2 + 4], "start")
        }
    }

    fn ends(&self) -> ([usize; 2], [usize; 2]) {
        (self.from, self.to)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
