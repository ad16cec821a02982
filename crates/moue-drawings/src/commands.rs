//! Drawings as commands for a canvas: for whoever has paths, and no SVG.

use crate::Drawing;
use crate::sketch::{Ink, Part};
use kurbo::{Arc, BezPath, PathEl, SvgArc, Vec2};

/// One element of a path. Points are in units of the drawing, which is 256 wide and high: to the right, and
/// down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Segment {
    /// Starts a contour.
    Move([f32; 2]),
    /// A straight line.
    Line([f32; 2]),
    /// A quadratic Bézier curve: its control point, and its end.
    Quad([[f32; 2]; 2]),
    /// A cubic Bézier curve: its control points, and its end.
    Cubic([[f32; 2]; 3]),
    /// Closes the contour.
    Close,
}

/// A command for a canvas. Colors are red, green and blue.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Fills a path (nonzero winding rule).
    Fill {
        /// The path.
        path: Vec<Segment>,
        /// The color.
        color: [u8; 3],
    },
    /// Draws along a path.
    Stroke {
        /// The path.
        path: Vec<Segment>,
        /// The color.
        color: [u8; 3],
        /// The width of the line.
        width: f32,
        /// Whether caps and joins are round. If not, the path is closed, and its corners are pointed.
        is_round: bool,
    },
    /// What follows, up to `End`, is turned clockwise around a point.
    Turn {
        /// By so many degrees.
        degrees: f32,
        /// The point.
        around: [f32; 2],
    },
    /// What follows, up to `End`, is drawn as one layer with this opacity, 0 to 1.
    Layer {
        /// The opacity.
        opacity: f32,
    },
    /// What follows, up to `End`, is drawn as one layer, of which the inside of a path is kept.
    Clip {
        /// The path.
        path: Vec<Segment>,
    },
    /// Ends the last `Turn`, `Layer` or `Clip`.
    End,
}

impl Drawing {
    /// The picture as commands, from back to front. White paper lies below.
    ///
    /// ```
    /// use moue_drawings::Command;
    /// let commands = moue_drawings::find("gus-smirk").unwrap().commands();
    /// assert!(matches!(commands[0], Command::Fill { .. }));
    /// ```
    pub fn commands(&self) -> Vec<Command> {
        let mut commands = Vec::new();
        for part in self.parts() {
            push(&part, &mut commands);
        }
        commands
    }
}

fn push(part: &Part, commands: &mut Vec<Command>) {
    let command = match part {
        Part::Path { d, ink } => return push_inked(parsed(d), ink, true, commands),
        Part::Ellipse { place, ink } => return push_inked(ellipse(*place), ink, false, commands),
        Part::Rect { place, ink } => return push_inked(rect(*place), ink, false, commands),
        Part::Faded(opacity) => Command::Layer { opacity: *opacity },
        Part::Turned([degrees, x, y]) => Command::Turn {
            degrees: *degrees,
            around: [*x, *y],
        },
        Part::Clipped { d } => Command::Clip { path: parsed(d) },
        Part::End => Command::End,
    };
    commands.push(command);
}

fn push_inked(path: Vec<Segment>, ink: &Ink, is_round: bool, commands: &mut Vec<Command>) {
    if let Some(color) = ink.fill {
        let path = path.clone();
        commands.push(Command::Fill { path, color });
    }
    if let Some(color) = ink.stroke {
        commands.push(Command::Stroke {
            path,
            color,
            width: ink.width,
            is_round,
        });
    }
}

/// A path of SVG. The text is our own; should it ever fail to parse, the path is empty and a test fails.
fn parsed(d: &str) -> Vec<Segment> {
    let path = BezPath::from_svg(d).unwrap_or_default();
    path.iter().map(segment).collect()
}

fn segment(element: PathEl) -> Segment {
    match element {
        PathEl::MoveTo(p) => Segment::Move(point(p)),
        PathEl::LineTo(p) => Segment::Line(point(p)),
        PathEl::QuadTo(c, p) => Segment::Quad([point(c), point(p)]),
        PathEl::CurveTo(a, b, p) => Segment::Cubic([point(a), point(b), point(p)]),
        PathEl::ClosePath => Segment::Close,
    }
}

fn point(p: kurbo::Point) -> [f32; 2] {
    [p.x as f32, p.y as f32]
}

fn ellipse([x, y, rx, ry]: [f32; 4]) -> Vec<Segment> {
    let corners = [[x, y + ry], [x - rx, y], [x, y - ry], [x + rx, y]];
    let mut at = [x + rx, y];
    let mut path = vec![Segment::Move(at)];
    for corner in corners {
        quarter(&mut path, at, corner, [rx, ry]);
        at = corner;
    }
    path.push(Segment::Close);
    path
}

/// A rectangle with round corners, clockwise from the top left.
fn rect([x, y, w, h, round]: [f32; 5]) -> Vec<Segment> {
    // As SVG has it: a radius is at most half of its side.
    let radii = [round.min(w / 2.0), round.min(h / 2.0)];
    let [rx, ry] = radii;
    let [right, bottom] = [x + w, y + h];
    let sides = [
        [[right - rx, y], [right, y + ry]],
        [[right, bottom - ry], [right - rx, bottom]],
        [[x + rx, bottom], [x, bottom - ry]],
        [[x, y + ry], [x + rx, y]],
    ];
    let mut path = vec![Segment::Move([x + rx, y])];
    for [end, next] in sides {
        path.push(Segment::Line(end));
        // Where corners are sharp, an arc without a radius would only repeat the point.
        if round > 0.0 {
            quarter(&mut path, end, next, radii);
        }
    }
    path.push(Segment::Close);
    path
}

/// How far a curve may be from its arc; a quarter of an ellipse of our size is one curve then.
const TOLERANCE: f64 = 0.1;

/// A quarter of an ellipse, clockwise.
fn quarter(path: &mut Vec<Segment>, from: [f32; 2], to: [f32; 2], radii: [f32; 2]) {
    let [from, to, radii] = [from, to, radii].map(|[x, y]| (f64::from(x), f64::from(y)));
    let arc = SvgArc {
        from: from.into(),
        to: to.into(),
        radii: Vec2::from(radii),
        x_rotation: 0.0,
        large_arc: false,
        sweep: true,
    };
    if let Some(arc) = Arc::from_svg_arc(&arc) {
        path.extend(arc.append_iter(TOLERANCE).map(segment));
    }
}
