//! Rewrites of a parsed graph, and the check of its shapes, before it is lowered to steps.

mod constants;
mod flatten;
mod int8;
mod padding;
mod part;
mod shapes;

use crate::budget::Budget;
use crate::error::Result;
use crate::graph::Graph;
use crate::ops::BoxedOp;
pub(crate) use part::Part;

/// Runs all passes, in the order in which they rely on each other. With a `part` the rest of the graph
/// is dropped.
pub(crate) fn run(
    graph: &mut Graph<BoxedOp>,
    part: Option<&Part<'_>>,
    budget: &mut Budget,
) -> Result<()> {
    // Constants first: the int8 pass inserts no conversion for what is constant by then, and a part
    // has those that it reads.
    constants::fold(graph, budget)?;
    if let Some(part) = part {
        part.keep(graph)?;
    }
    int8::convert(graph, budget)?;
    shapes::check_shapes(graph)?;
    // Both of these change shapes or operands that the file states, so they follow the check.
    flatten::flatten_inputs(graph)?;
    padding::fuse_padding(graph)?;
    // Last, as passes add activations.
    shapes::check_sizes(graph, budget.limits())
}
