//! Affine transforms of the plane as 4 × 4 matrices.

use crate::error::Result;
use crate::graph::Operands;

/// An affine transform of the plane as the operators pass it on: the first two rows of a 4 × 4
/// matrix, of which the third column, for a depth, is not used.
#[derive(Clone, Copy)]
pub(super) struct Affine {
    pub(super) x: [f32; 3],
    pub(super) y: [f32; 3],
}

impl Affine {
    /// From the stored matrix, whose rows are `row` floats apart.
    pub(super) fn of(stored: &[f32], row: usize) -> Self {
        let line = |at: usize| [stored[at], stored[at + 1], stored[at + 3]];
        Self {
            x: line(0),
            y: line(row),
        }
    }

    pub(super) fn apply(&self, x: f32, y: f32) -> [f32; 2] {
        [self.x, self.y].map(|line| line[0] * x + line[1] * y + line[2])
    }
}

/// Refuses an operand that is no 4 × 4 matrix.
pub(super) fn check_matrix(operands: Operands<'_>, operand: usize) -> Result<()> {
    match operands.shape(operand)? {
        [1, 4, 4] => Ok(()),
        other => operands
            .node
            .malformed(format!("a transform of shape {other:?}, not [1, 4, 4]")),
    }
}
