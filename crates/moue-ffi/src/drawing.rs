//! The built-in drawings as commands for a canvas.
//!
//! Every phone has a canvas with paths, and none has an SVG renderer; one of our own would be a
//! quarter of the library.

use moue_drawings::{Command, Drawing, Segment};

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
    moue_drawings::by_path(&path).map(|drawing| commands(&drawing))
}

fn commands(drawing: &Drawing) -> Vec<DrawCommand> {
    drawing.commands().into_iter().map(Into::into).collect()
}

impl From<Command> for DrawCommand {
    fn from(command: Command) -> Self {
        match command {
            Command::Fill { path, color } => Self::Fill {
                path: elements(&path),
                color: opaque(color),
            },
            // Where it is not round the path is closed and smooth, and no cap or join is seen.
            Command::Stroke {
                path, color, width, ..
            } => Self::Stroke {
                path: elements(&path),
                color: opaque(color),
                width,
            },
            Command::Turn {
                degrees,
                around: [x, y],
            } => Self::Rotate { degrees, x, y },
            Command::Layer { opacity } => Self::Layer { opacity },
            Command::Clip { path } => Self::Clip {
                path: elements(&path),
            },
            Command::End => Self::End,
        }
    }
}

// Android's and Apple's canvases take colors as one number.
fn opaque([r, g, b]: [u8; 3]) -> u32 {
    u32::from_be_bytes([u8::MAX, r, g, b])
}

fn elements(path: &[Segment]) -> Vec<PathElement> {
    path.iter().copied().map(Into::into).collect()
}

impl From<Segment> for PathElement {
    fn from(segment: Segment) -> Self {
        match segment {
            Segment::Move([x, y]) => Self::Move { x, y },
            Segment::Line([x, y]) => Self::Line { x, y },
            Segment::Quad([[x1, y1], [x, y]]) => Self::Quad { x1, y1, x, y },
            Segment::Cubic([[x1, y1], [x2, y2], [x, y]]) => Self::Cubic {
                x1,
                y1,
                x2,
                y2,
                x,
                y,
            },
            Segment::Close => Self::Close,
        }
    }
}

#[cfg(test)]
mod tests;
