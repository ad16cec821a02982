//! Checks the shapes that a file states against those that its operators make.

use crate::error::{Error, Result};
use crate::graph::{Graph, Node, Operands};
use crate::layout::Layout;
use crate::limits::Limits;
use crate::ops::BoxedOp;

/// Most elements of an activation, whatever the limits are: indirection buffers count them in 32
/// bits.
const MAX_ACTIVATION: usize = 1 << 31;

pub(super) fn check_shapes(graph: &Graph<BoxedOp>, limits: &Limits) -> Result<()> {
    for (node, op) in &graph.nodes {
        let shapes = op.output_shapes(Operands::new(node, &graph.tensors))?;
        check_outputs(graph, node, &shapes)?;
    }
    check_sizes(graph, limits)
}

/// The results of a node must be as many as its operator makes, and of the same shapes.
fn check_outputs(graph: &Graph<BoxedOp>, node: &Node, shapes: &[Vec<usize>]) -> Result<()> {
    let stated = node.outputs.len();
    if shapes.len() != stated {
        return node.malformed(format!("{stated} outputs where {} are made", shapes.len()));
    }
    for (shape, output) in shapes.iter().zip(&node.outputs) {
        let stated = &graph.tensors[*output].shape;
        if shape != stated {
            return node.malformed(format!(
                "makes shape {shape:?}, but the file says {stated:?}"
            ));
        }
    }
    Ok(())
}

fn check_sizes(graph: &Graph<BoxedOp>, limits: &Limits) -> Result<()> {
    let most = limits.activation.min(MAX_ACTIVATION);
    let mut activations = graph.tensors.iter().filter(|t| t.constant.is_none());
    match activations.find(|t| Layout::of(&t.shape).len() > most) {
        Some(t) => Err(Error::Limit(format!(
            "activation '{}' has shape {:?}",
            t.name, t.shape
        ))),
        None => Ok(()),
    }
}
