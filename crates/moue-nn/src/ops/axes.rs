//! Axes that operators name, counted from the front or, where negative, from the back.

use crate::error::Result;
use crate::graph::{Node, Operands};

/// `axis` counted from the front, where it may be negative.
pub(super) fn axis_of(node: &Node, axis: i32, rank: usize) -> Result<usize> {
    let counted = if axis < 0 {
        i64::from(axis) + rank as i64
    } else {
        i64::from(axis)
    };
    match usize::try_from(counted) {
        Ok(axis) if axis < rank => Ok(axis),
        _ => node.malformed(format!("axis {axis} of {rank} dimensions")),
    }
}

/// Which dimensions of the first operand the constant second one lists.
pub(super) fn marked_axes(operands: Operands<'_>) -> Result<Vec<bool>> {
    let rank = operands.shape(0)?.len();
    let Some(axes) = operands.ints(1)? else {
        return operands.node.unsupported("axes must be constant");
    };
    let mut marked = vec![false; rank];
    for &axis in axes {
        marked[axis_of(operands.node, axis, rank)?] = true;
    }
    Ok(marked)
}
