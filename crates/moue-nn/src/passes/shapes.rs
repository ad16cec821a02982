//! Checks the shapes that a file states against those that its operators make.

use crate::error::{Error, Result};
use crate::graph::{Graph, Node, Operands};
use crate::layout::Layout;
use crate::limits::Limits;
use crate::ops::BoxedOp;

/// Each node's results must have the shapes that its operator makes.
pub(super) fn check_shapes(graph: &Graph<BoxedOp>) -> Result<()> {
    for (node, op) in &graph.nodes {
        let shapes = op.output_shapes(Operands::new(node, &graph.tensors))?;
        check_outputs(graph, node, &shapes)?;
    }
    Ok(())
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

/// No activation may be larger than the limits say.
pub(super) fn check_sizes(graph: &Graph<BoxedOp>, limits: &Limits) -> Result<()> {
    let fits = |len: Option<usize>| len.is_some_and(|len| len <= limits.activation);
    let mut activations = graph.tensors.iter().filter(|t| t.constant.is_none());
    match activations.find(|t| !fits(Layout::checked_len(&t.shape))) {
        Some(t) => Err(Error::Limit(format!(
            "activation '{}' has shape {:?}",
            t.name, t.shape
        ))),
        None => Ok(()),
    }
}
