//! Constant folding: DENSIFY and DEQUANTIZE of a constant are constants.

use crate::budget::Budget;
use crate::error::Result;
use crate::graph::{Constant, Graph, Node};
use crate::ops::{BoxedOp, Densify, Dequantize, Op};
use std::sync::Arc;

/// Folds each DENSIFY and DEQUANTIZE of a constant. Half-precision weights were widened when they
/// were read, and sparse ones filled up with zeros; int8 ones are converted now.
pub(super) fn fold(graph: &mut Graph<BoxedOp>, budget: &mut Budget) -> Result<()> {
    let nodes = std::mem::take(&mut graph.nodes);
    for (node, op) in nodes {
        if node.outputs.len() == 1
            && let Some(constant) = folded(graph, &node, &*op, budget)?
        {
            graph.tensors[node.output()].constant = Some(constant);
        } else {
            graph.nodes.push((node, op));
        }
    }
    Ok(())
}

/// The values of the node's result, if it is to be folded.
fn folded(
    graph: &Graph<BoxedOp>,
    node: &Node,
    op: &dyn Op,
    budget: &mut Budget,
) -> Result<Option<Constant>> {
    if !op.is::<Dequantize>() && !op.is::<Densify>() {
        return Ok(None);
    }
    let source = &graph.tensors[node.input(0)?];
    let result = &graph.tensors[node.output()];
    let constant = match &source.constant {
        None => return Ok(None),
        Some(constant @ Constant::Floats(_)) => constant.clone(),
        // Codes stay codes, whose meaning the result repeats.
        Some(constant) if op.is::<Densify>() && source.quantization == result.quantization => {
            constant.clone()
        }
        Some(Constant::Int8(_)) if op.is::<Dequantize>() => {
            // Before the floats are made: a file may convert one constant any number of times.
            budget.spend_memory(source.elements())?;
            match source.dequantized() {
                Some(values) => Constant::Floats(Arc::new(values)),
                None => return node.malformed("the constant has no scale"),
            }
        }
        Some(_) => return node.unsupported("a constant of integers"),
    };
    // Shapes are only checked in a later pass, from which this node will be gone.
    if source.shape != result.shape {
        return node.malformed("changes the shape");
    }
    Ok(Some(constant))
}
