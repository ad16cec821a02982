//! Rewrites of a parsed graph, and the check of its shapes, before it is lowered to steps.

mod constants;
mod flatten;
mod int8;
mod padding;
mod shapes;

use crate::budget::Budget;
use crate::error::Result;
use crate::graph::Graph;
use crate::ops::BoxedOp;

/// Runs all passes, in the order in which they rely on each other.
pub(crate) fn run(graph: &mut Graph<BoxedOp>, budget: &mut Budget) -> Result<()> {
    // Constants first: the int8 pass inserts no conversion for what is constant by then.
    constants::fold(graph, budget)?;
    int8::convert(graph, budget)?;
    shapes::check_shapes(graph)?;
    // Both of these change shapes or operands that the file states, so they follow the check.
    flatten::flatten_inputs(graph)?;
    padding::fuse_padding(graph)?;
    // Last, as passes add activations.
    shapes::check_sizes(graph, budget.limits())
}
