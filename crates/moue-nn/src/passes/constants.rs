//! Constant folding: DEQUANTIZE of a constant is a constant.

use crate::error::Result;
use crate::graph::{Constant, Graph, Node};
use crate::ops::{BoxedOp, Dequantize};
use std::sync::Arc;

/// Folds each DEQUANTIZE of a constant. Half-precision weights were widened when they were read,
/// int8 ones are now.
pub(super) fn fold_dequantize(graph: &mut Graph<BoxedOp>) -> Result<()> {
    let nodes = std::mem::take(&mut graph.nodes);
    for (node, op) in nodes {
        if op.is::<Dequantize>()
            && node.outputs.len() == 1
            && let Some(constant) = folded(graph, &node)?
        {
            graph.tensors[node.output()].constant = Some(constant);
        } else {
            graph.nodes.push((node, op));
        }
    }
    Ok(())
}

/// The real values of a DEQUANTIZE's operand, if it is constant.
fn folded(graph: &Graph<BoxedOp>, node: &Node) -> Result<Option<Constant>> {
    let source = &graph.tensors[node.input(0)?];
    let constant = match &source.constant {
        Some(constant @ Constant::Floats(_)) => constant.clone(),
        Some(Constant::Int8(_)) => match source.dequantized() {
            Some(values) => Constant::Floats(Arc::new(values)),
            None => return node.malformed("the constant has no scale"),
        },
        Some(Constant::Ints(_)) => return node.unsupported("a constant of 32-bit integers"),
        None => return Ok(None),
    };
    // Shapes are only checked in a later pass, from which this node will be gone.
    if source.shape != graph.tensors[node.output()].shape {
        return node.malformed("changes the shape");
    }
    Ok(Some(constant))
}
