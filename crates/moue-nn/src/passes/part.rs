//! A part of a graph: what follows one of its tensors.

use crate::error::{Result, format_error};
use crate::graph::Graph;
use crate::ops::BoxedOp;

/// The part that follows the tensor `start`, for another batch.
pub(crate) struct Part<'a> {
    pub(crate) start: &'a str,
    pub(crate) batch: usize,
}

impl Part<'_> {
    /// Makes the tensor the only input, drops the nodes that do not follow it, and gives those that do
    /// the batch. The check of shapes that comes after this finds where an operator fixes another.
    pub(super) fn keep(&self, graph: &mut Graph<BoxedOp>) -> Result<()> {
        let is_start = |name: &str| name == self.start;
        let found = graph.tensors.iter().position(|t| is_start(&t.name));
        let Some(start) = found.filter(|t| graph.tensors[*t].constant.is_none()) else {
            return format_error(format!("it has no activation '{}'", self.start));
        };
        let stated = graph.tensors[start].shape.first().copied();
        let mut follows = vec![false; graph.tensors.len()];
        follows[start] = true;
        graph.nodes.retain(|(node, _)| {
            let is_kept = node.inputs.iter().flatten().any(|t| follows[*t]);
            if is_kept {
                node.outputs.iter().for_each(|t| follows[*t] = true);
            }
            is_kept
        });
        for (tensor, _) in graph.tensors.iter_mut().zip(follows).filter(|t| t.1) {
            if let Some(batch) = tensor.shape.first_mut().filter(|b| Some(**b) == stated) {
                *batch = self.batch;
            }
        }
        graph.inputs = vec![start];
        // What it reads from before the tensor is not made any more.
        graph.check_order()
    }
}
