//! The data types of a graph. They know nothing of files, operators or kernels.

mod attributes;
mod node;
mod tensor;

pub(crate) use attributes::{Border, Clamp, Window};
pub(crate) use node::{Node, Operands};
pub(crate) use tensor::{Constant, MAX_RANK, Quantization, Scale, Tensor};

use crate::error::{Result, format_error};

/// A whole graph, its nodes in an order in which each can run; `O` is the operator of a node.
#[derive(Debug)]
pub(crate) struct Graph<O> {
    pub(crate) tensors: Vec<Tensor>,
    pub(crate) nodes: Vec<(Node, O)>,
    pub(crate) inputs: Vec<usize>,
    pub(crate) outputs: Vec<usize>,
    pub(crate) description: String,
}

impl<O> Graph<O> {
    /// Adds a tensor and returns its index.
    pub(crate) fn add_tensor(&mut self, tensor: Tensor) -> usize {
        self.tensors.push(tensor);
        self.tensors.len() - 1
    }

    /// How often each tensor is read; a result of the graph counts as read once.
    pub(crate) fn uses(&self) -> Vec<usize> {
        let mut uses = vec![0; self.tensors.len()];
        let read = self
            .nodes
            .iter()
            .flat_map(|(node, _)| node.inputs.iter().flatten());
        read.chain(&self.outputs).for_each(|t| uses[*t] += 1);
        uses
    }

    /// Every operand must be a constant, an input, or the result of an earlier node; no tensor is
    /// written twice.
    ///
    /// # Errors
    /// [`Error::Format`](crate::Error::Format) or [`Error::Graph`](crate::Error::Graph) with the
    /// tensor that breaks the rule.
    pub(crate) fn check_order(&self) -> Result<()> {
        let mut known: Vec<bool> = self.tensors.iter().map(|t| t.constant.is_some()).collect();
        // Files list nodes in the order in which they run; another order is damage, as is a circle.
        for &input in &self.inputs {
            if std::mem::replace(&mut known[input], true) {
                return format_error("an input is given twice or is a constant");
            }
        }
        for (node, _) in &self.nodes {
            self.check_node(node, &mut known)?;
        }
        match self.outputs.iter().find(|t| !known[**t]) {
            Some(t) => format_error(format!("output '{}' is never made", self.tensors[*t].name)),
            None if self.outputs.is_empty() => format_error("the graph has no output"),
            None => Ok(()),
        }
    }

    fn check_node(&self, node: &Node, known: &mut [bool]) -> Result<()> {
        if let Some(tensor) = node.inputs.iter().flatten().find(|t| !known[**t]) {
            let name = &self.tensors[*tensor].name;
            return node.malformed(format!("operand '{name}' is used before it is made"));
        }
        for &output in &node.outputs {
            if std::mem::replace(&mut known[output], true) {
                let name = &self.tensors[output].name;
                return node.malformed(format!("writes '{name}' a second time"));
            }
        }
        Ok(())
    }
}
