//! Rewrites of a parsed graph, and the check of its shapes, before it is lowered to steps.

mod constants;
mod flatten;
mod int8;
mod padding;
mod shapes;

use crate::error::Result;
use crate::graph::Graph;
use crate::limits::Limits;
use crate::ops::BoxedOp;

/// Runs all passes, in the order in which they rely on each other.
pub(crate) fn run(graph: &mut Graph<BoxedOp>, limits: &Limits) -> Result<()> {
    // Constants first: the int8 pass inserts no conversion for what is constant by then.
    constants::fold_dequantize(graph)?;
    int8::convert(graph)?;
    shapes::check_shapes(graph, limits)?;
    // Both of these change shapes or operands that the file states, so they follow the check.
    flatten::flatten_inputs(graph)?;
    padding::fuse_padding(graph)
}
