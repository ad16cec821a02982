//! The built-in drawings as commands for a canvas.
//!
//! Every phone has a canvas with paths, and none has an SVG renderer; one of our own would be a
//! quarter of the library. The drawings' SVG is our own and uses little of it, all of which is here.

use roxmltree::{Document, Node};
use svgtypes::{SimplePathSegment, SimplifyingPathParser};

/// One element of a path. Coordinates are in units of the drawing, which is 256 wide and high.
#[derive(Debug, Clone, Copy, PartialEq, uniffi::Enum)]
pub enum PathElement {
    /// Starts a contour.
    Move {
        /// To the right.
        x: f32,
        /// Down.
        y: f32,
    },
    /// A straight line.
    Line {
        /// To the right.
        x: f32,
        /// Down.
        y: f32,
    },
    /// A quadratic Bézier curve.
    Quad {
        /// Of the control point, to the right.
        x1: f32,
        /// Of the control point, down.
        y1: f32,
        /// To the right.
        x: f32,
        /// Down.
        y: f32,
    },
    /// A cubic Bézier curve.
    Cubic {
        /// Of the first control point, to the right.
        x1: f32,
        /// Of the first control point, down.
        y1: f32,
        /// Of the second control point, to the right.
        x2: f32,
        /// Of the second control point, down.
        y2: f32,
        /// To the right.
        x: f32,
        /// Down.
        y: f32,
    },
    /// Closes the contour.
    Close,
}

/// A command for a canvas. Colors are `0xAARRGGBB`.
#[derive(Debug, Clone, PartialEq, uniffi::Enum)]
pub enum DrawCommand {
    /// Fills a path (nonzero winding rule).
    Fill {
        /// The path.
        path: Vec<PathElement>,
        /// The color.
        color: u32,
    },
    /// Draws along a path, with round caps and joins.
    Stroke {
        /// The path.
        path: Vec<PathElement>,
        /// The color.
        color: u32,
        /// The width of the line.
        width: f32,
    },
    /// What follows, up to `End`, is turned clockwise around a point.
    Rotate {
        /// By so many degrees.
        degrees: f32,
        /// The point, to the right.
        x: f32,
        /// The point, down.
        y: f32,
    },
    /// What follows, up to `End`, is drawn as one layer with this opacity, 0 to 1.
    Layer {
        /// The opacity.
        opacity: f32,
    },
    /// What follows, up to `End`, is drawn only inside a path.
    Clip {
        /// The path.
        path: Vec<PathElement>,
    },
    /// Ends the last `Rotate`, `Layer` or `Clip`.
    End,
}

/// The SVG text of a built-in picture, whose path is `builtin:NAME` or `emoji:CHARACTER`; none for
/// another path.
#[uniffi::export]
pub fn drawing_svg(path: String) -> Option<String> {
    moue_drawings::by_path(&path).map(|drawing| drawing.svg())
}

/// A built-in picture as commands for a canvas of 256 by 256 units, from back to front; none for
/// another path. White paper lies below.
#[uniffi::export]
pub fn draw_commands(path: String) -> Option<Vec<DrawCommand>> {
    commands(&drawing_svg(path)?)
}

/// The commands of one of our own SVG texts; `None` for what no drawing of ours has.
fn commands(svg: &str) -> Option<Vec<DrawCommand>> {
    let document = Document::parse(svg).ok()?;
    let mut out = Vec::new();
    append_children(document.root_element(), &mut out)?;
    Some(out)
}

fn append_children(parent: Node<'_, '_>, out: &mut Vec<DrawCommand>) -> Option<()> {
    for node in parent.children().filter(Node::is_element) {
        match node.tag_name().name() {
            "g" => append_group(node, out)?,
            // Drawn where a group refers to it.
            "clipPath" => {}
            _ => append_shape(node, out)?,
        }
    }
    Some(())
}

fn append_group(node: Node<'_, '_>, out: &mut Vec<DrawCommand>) -> Option<()> {
    let before = out.len();
    if let Some(opacity) = node.attribute("opacity") {
        out.push(DrawCommand::Layer {
            opacity: opacity.parse().ok()?,
        });
    }
    if let Some(turn) = node.attribute("transform") {
        out.push(rotation(turn)?);
    }
    if let Some(clip) = node.attribute("clip-path") {
        let id = clip.strip_prefix("url(#")?.strip_suffix(')')?;
        let mut all = node.document().descendants();
        let named = all.find(|n| n.attribute("id") == Some(id))?;
        let path = path_of(named.first_element_child()?)?;
        out.push(DrawCommand::Clip { path });
    }
    let opened = out.len() - before;
    append_children(node, out)?;
    out.extend(std::iter::repeat_n(DrawCommand::End, opened));
    Some(())
}

/// `rotate(degrees x y)`
fn rotation(text: &str) -> Option<DrawCommand> {
    let numbers = text.strip_prefix("rotate(")?.strip_suffix(')')?;
    let numbers: Result<Vec<f32>, _> = numbers.split(' ').map(str::parse).collect();
    let [degrees, x, y] = numbers.ok()?.try_into().ok()?;
    Some(DrawCommand::Rotate { degrees, x, y })
}

fn append_shape(node: Node<'_, '_>, out: &mut Vec<DrawCommand>) -> Option<()> {
    let path = path_of(node)?;
    if let Some(color) = color(node.attribute("fill")?)? {
        let path = path.clone();
        out.push(DrawCommand::Fill { path, color });
    }
    if let Some(color) = color(node.attribute("stroke")?)? {
        let width = number(node, "stroke-width")?;
        out.push(DrawCommand::Stroke { path, color, width });
    }
    Some(())
}

/// `Some(None)` for "none", `None` for what is no color of ours.
fn color(text: &str) -> Option<Option<u32>> {
    if text == "none" {
        return Some(None);
    }
    let color = text.parse::<svgtypes::Color>().ok()?;
    let channels = [color.alpha, color.red, color.green, color.blue];
    Some(Some(u32::from_be_bytes(channels)))
}

fn number(node: Node<'_, '_>, name: &str) -> Option<f32> {
    node.attribute(name)?.parse().ok()
}

fn path_of(node: Node<'_, '_>) -> Option<Vec<PathElement>> {
    match node.tag_name().name() {
        "path" => SimplifyingPathParser::from(node.attribute("d")?)
            .map(|segment| segment.ok().map(element))
            .collect(),
        "ellipse" => {
            let center = [number(node, "cx")?, number(node, "cy")?];
            Some(ellipse(center, [number(node, "rx")?, number(node, "ry")?]))
        }
        "rect" => {
            let corner = [number(node, "x")?, number(node, "y")?];
            let size = [number(node, "width")?, number(node, "height")?];
            Some(rectangle(corner, size, number(node, "rx")?))
        }
        _ => None,
    }
}

fn element(segment: SimplePathSegment) -> PathElement {
    use SimplePathSegment as S;
    match segment {
        S::MoveTo { x, y } => PathElement::Move {
            x: x as f32,
            y: y as f32,
        },
        S::LineTo { x, y } => PathElement::Line {
            x: x as f32,
            y: y as f32,
        },
        S::Quadratic { x1, y1, x, y } => PathElement::Quad {
            x1: x1 as f32,
            y1: y1 as f32,
            x: x as f32,
            y: y as f32,
        },
        S::CurveTo {
            x1,
            y1,
            x2,
            y2,
            x,
            y,
        } => PathElement::Cubic {
            x1: x1 as f32,
            y1: y1 as f32,
            x2: x2 as f32,
            y2: y2 as f32,
            x: x as f32,
            y: y as f32,
        },
        S::ClosePath => PathElement::Close,
    }
}

/// How far the control points of a quarter circle of radius 1 are from its ends: the usual value,
/// with which the curve is nowhere further than 0.0003 from the circle.
const KAPPA: f32 = 0.552_284_8;

fn ellipse([cx, cy]: [f32; 2], [rx, ry]: [f32; 2]) -> Vec<PathElement> {
    let corner = [cx - rx, cy - ry];
    rounded(corner, [2.0 * rx, 2.0 * ry], [rx, ry])
}

fn rectangle(corner: [f32; 2], [width, height]: [f32; 2], round: f32) -> Vec<PathElement> {
    // As SVG has it: a radius is at most half of its side.
    let radii = [round.min(width / 2.0), round.min(height / 2.0)];
    rounded(corner, [width, height], radii)
}

/// A rectangle with elliptic corners, clockwise from the top left.
fn rounded([x, y]: [f32; 2], [w, h]: [f32; 2], [rx, ry]: [f32; 2]) -> Vec<PathElement> {
    let [right, bottom] = [x + w, y + h];
    let [kx, ky] = [rx * (1.0 - KAPPA), ry * (1.0 - KAPPA)];
    let line = |x, y| PathElement::Line { x, y };
    let cubic = |[x1, y1]: [f32; 2], [x2, y2]: [f32; 2], [x, y]: [f32; 2]| PathElement::Cubic {
        x1,
        y1,
        x2,
        y2,
        x,
        y,
    };
    vec![
        PathElement::Move { x: x + rx, y },
        line(right - rx, y),
        cubic([right - kx, y], [right, y + ky], [right, y + ry]),
        line(right, bottom - ry),
        cubic(
            [right, bottom - ky],
            [right - kx, bottom],
            [right - rx, bottom],
        ),
        line(x + rx, bottom),
        cubic([x + kx, bottom], [x, bottom - ky], [x, bottom - ry]),
        line(x, y + ry),
        cubic([x, y + ky], [x + kx, y], [x + rx, y]),
        PathElement::Close,
    ]
}

#[cfg(test)]
mod tests;
