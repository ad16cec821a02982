//! Faces and expressions for the tests of galleries.
#![allow(dead_code, reason = "each test file uses a part")]

use moue::embed::EXPRESSION_LEN;
use moue::{BoundingBox, Expression, Face};

/// An expression on a circle: two lie `2 sin(half the difference of their angles)` apart.
pub(crate) fn expression(angle: f32) -> Expression {
    at(angle, 1)
}

/// A unit vector at an angle from the first axis, toward axis `axis`.
pub(crate) fn at(angle: f32, axis: usize) -> Expression {
    let mut values = [0.0; EXPRESSION_LEN];
    values[0] = angle.cos();
    values[axis] = angle.sin();
    Expression(values)
}

/// A face in the middle of its picture.
pub(crate) fn face() -> Face {
    let bounding_box = BoundingBox {
        xmin: 0.25,
        ymin: 0.25,
        width: 0.5,
        height: 0.5,
    };
    Face {
        bounding_box,
        score: 0.9,
        key_points: Some([[0.5; 2]; 6]),
    }
}
