//! A graph as an SVG picture.

use super::layout::{Arrow, BOX_HEIGHT, Layout, Line, Name, Placed};
use super::model::Graph;
use std::fmt::Write;

impl Graph {
    /// The graph as an SVG picture: layers from top to bottom, back edges dashed. Boxes, names and
    /// lines do not overlap.
    pub fn to_svg(&self) -> String {
        let layout = Layout::of(self);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w:.0} {h:.0}\" width=\"{w:.0}\" height=\"{h:.0}\" \
             font-family=\"Helvetica,Arial,sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
             <marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
             orient=\"auto-start-reverse\"><path d=\"M0 0.5 8 4 0 7.5z\" fill=\"#567\"/></marker>\n",
            w = layout.width.ceil(),
            h = layout.height.ceil()
        );
        for line in &layout.lines {
            draw_line(line, &mut out);
        }
        for name in &layout.names {
            draw_name(name, &mut out);
        }
        for placed in &layout.boxes {
            draw_box(placed, &mut out);
        }
        out + "</svg>\n"
    }
}

fn draw_box(placed: &Placed, out: &mut String) {
    let rect = placed.rect;
    let (fill, radius) = if placed.is_stream {
        ("#fdf3d7", BOX_HEIGHT / 2.0)
    } else {
        ("#e6effb", 6.0)
    };
    // Writing into a string cannot fail, so the results are dropped here and below.
    let _ = writeln!(
        out,
        "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"{radius}\" fill=\"{fill}\" stroke=\"#456\"/>\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
        rect.x,
        rect.y,
        rect.width,
        rect.height,
        rect.x + rect.width / 2.0,
        rect.y + rect.height / 2.0 + 4.0,
        escaped(&placed.title)
    );
}

fn draw_name(name: &Name, out: &mut String) {
    let _ = writeln!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"#567\" font-size=\"10\">{}</text>",
        name.rect.x,
        name.rect.y + name.rect.height / 2.0 + 3.5,
        escaped(&name.text)
    );
}

/// A line whose curve is vertical at both ends, so that it stays between their rows.
fn draw_line(line: &Line, out: &mut String) {
    let Line {
        start: [x, top],
        from: [_, y0],
        to: [x1, y1],
        ..
    } = line;
    let middle = f32::midpoint(*y0, *y1);
    // A vertical part of no length would leave an arrow at its start without a direction.
    let vertical = if top < y0 {
        format!(" V{y0:.1}")
    } else {
        String::new()
    };
    let dash = if line.is_back_edge {
        " stroke-dasharray=\"5 4\""
    } else {
        ""
    };
    let arrow = match line.arrow {
        Arrow::None => "",
        Arrow::Down => " marker-end=\"url(#arrow)\"",
        Arrow::Up => " marker-start=\"url(#arrow)\"",
    };
    let _ = writeln!(
        out,
        "<path d=\"M{x:.1} {top:.1}{vertical} C{x:.1} {middle:.1} {x1:.1} {middle:.1} {x1:.1} {y1:.1}\" fill=\"none\" \
         stroke=\"#789\"{dash}{arrow}/>"
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
