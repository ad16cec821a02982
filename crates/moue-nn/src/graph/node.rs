//! Nodes: which tensors an operator reads and writes.

use super::tensor::Tensor;
use crate::error::{Error, Result};

/// The place of one operator in a graph.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// The operator's name in TFLite, for messages.
    pub(crate) name: String,
    /// Position in the file's list of operators, for messages.
    pub(crate) index: usize,
    /// The tensors it reads; `None` for an optional operand that is left out.
    pub(crate) inputs: Vec<Option<usize>>,
    /// The tensors it writes, at least one.
    pub(crate) outputs: Vec<usize>,
}

impl Node {
    pub(crate) fn malformed<T>(&self, reason: impl Into<String>) -> Result<T> {
        Err(Error::Graph {
            node: self.index,
            operator: self.name.clone(),
            reason: reason.into(),
        })
    }

    pub(crate) fn unsupported<T>(&self, reason: impl Into<String>) -> Result<T> {
        Err(Error::Unsupported {
            node: self.index,
            operator: self.name.clone(),
            reason: reason.into(),
        })
    }

    /// The tensor that operand `i` names.
    pub(crate) fn input(&self, i: usize) -> Result<usize> {
        match self.inputs.get(i) {
            Some(Some(tensor)) => Ok(*tensor),
            _ => self.malformed(format!("operand {i} is missing")),
        }
    }

    /// The tensor of the first result, the only one of most operators.
    pub(crate) fn output(&self) -> usize {
        self.outputs[0]
    }
}

/// A node with its tensors, for access to operands in shape inference and lowering.
#[derive(Clone, Copy)]
pub(crate) struct Operands<'a> {
    pub(crate) node: &'a Node,
    tensors: &'a [Tensor],
}

impl<'a> Operands<'a> {
    pub(crate) fn new(node: &'a Node, tensors: &'a [Tensor]) -> Self {
        Self { node, tensors }
    }

    pub(crate) fn tensor(&self, i: usize) -> Result<&'a Tensor> {
        Ok(&self.tensors[self.node.input(i)?])
    }

    pub(crate) fn shape(&self, i: usize) -> Result<&'a [usize]> {
        Ok(&self.tensor(i)?.shape)
    }

    /// The shape of operand `i`: batch, height, width, channels.
    pub(crate) fn rank4(&self, i: usize) -> Result<[usize; 4]> {
        match self.shape(i)? {
            &[n, h, w, c] => Ok([n, h, w, c]),
            other => self
                .node
                .malformed(format!("shape {other:?} where four dimensions are needed")),
        }
    }

    /// The 32-bit integers of operand `i`, if they are constant.
    pub(crate) fn ints(&self, i: usize) -> Result<Option<&'a [i32]>> {
        Ok(self.tensor(i)?.ints().map(|values| values.as_slice()))
    }

    /// The first result as the file states it.
    pub(crate) fn output(&self) -> &'a Tensor {
        &self.tensors[self.node.output()]
    }
}
