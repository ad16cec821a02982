//! Paths, turns and pens in the terms of the rasterizer.

use crate::commands::Segment;
use tiny_skia::{LineCap, LineJoin, Path, PathBuilder, Stroke, Transform};

/// A turn clockwise around a point; in doubles, as a large picture would show the error of singles.
pub(super) fn turn(degrees: f32, around: [f32; 2]) -> Transform {
    let [x, y] = around.map(f64::from);
    let angle = f64::from(degrees).to_radians();
    let [sin, cos] = [angle.sin(), angle.cos()];
    let [tx, ty] = [cos * -x + -sin * -y + x, sin * -x + cos * -y + y];
    let [sin, cos, tx, ty] = [sin, cos, tx, ty].map(|v| v as f32);
    Transform::from_row(cos, sin, -sin, cos, tx, ty)
}

/// What draws lines of this width.
pub(super) fn pen(width: f32, is_round: bool) -> Stroke {
    // SVG's own caps and joins, and tiny-skia's: cut off and pointed.
    let plain = Stroke {
        width,
        ..Stroke::default()
    };
    if !is_round {
        return plain;
    }
    Stroke {
        line_cap: LineCap::Round,
        line_join: LineJoin::Round,
        ..plain
    }
}

/// `None` if nothing of the path can be seen.
pub(super) fn built(path: &[Segment]) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for segment in path {
        match *segment {
            Segment::Move([x, y]) => builder.move_to(x, y),
            Segment::Line([x, y]) => builder.line_to(x, y),
            Segment::Quad([[x1, y1], [x, y]]) => builder.quad_to(x1, y1, x, y),
            Segment::Cubic([[x1, y1], [x2, y2], [x, y]]) => {
                builder.cubic_to(x1, y1, x2, y2, x, y);
            }
            Segment::Close => builder.close(),
        }
    }
    builder.finish()
}
