//! Lowering: what operators push their steps to, and how steps are fused.
//!
//! *Operator fusion*: a clamp becomes the end of the convolution before it, and so does an addition
//! whose other operand is at hand by then (a residual connection). Neither costs a pass over memory
//! of its own then.

mod cpu;
#[cfg(feature = "gpu")]
mod gpu;
mod step;
mod target;

pub(crate) use cpu::Cpu;
#[cfg(feature = "gpu")]
pub(crate) use gpu::{Epilogue, Gpu, GpuWork, Grid, LANES, Shader, Words, quantization};
pub(crate) use step::{PendingStep, Routine, Work};
pub(crate) use target::{Fuse, Target};

use crate::bordered_input::BorderedInput;
use crate::budget::Budget;
use crate::error::Result;
use crate::graph::{Clamp, Graph, Node, Operands, Tensor};
use crate::layout::{Layout, copy};
use std::collections::HashMap;

/// Tensors that share the storage of others.
pub(crate) type Aliases = HashMap<usize, usize>;

/// All nodes lowered.
pub(crate) struct Lowered<T: Target = Cpu> {
    pub(crate) steps: Vec<PendingStep<T::Work>>,
    pub(crate) aliases: Aliases,
    /// What the target has gathered beside the steps.
    pub(crate) target: T,
}

/// Steps under construction. Operators push to it, one after the other.
pub(crate) struct Lowering<'a, T: Target = Cpu> {
    tensors: &'a [Tensor],
    inputs: &'a [usize],
    outputs: &'a [usize],
    /// What runs the steps.
    pub(crate) target: T,
    pub(crate) budget: &'a mut Budget,
    /// `None` where a step was moved behind a later one.
    steps: Vec<Option<PendingStep<T::Work>>>,
    /// The step that writes a tensor, where there is exactly one.
    producers: HashMap<usize, usize>,
    aliases: Aliases,
    /// How often each tensor is read, graph outputs counted.
    uses: Vec<usize>,
}

impl<'a, T: Target> Lowering<'a, T> {
    pub(crate) fn new<O>(graph: &'a Graph<O>, budget: &'a mut Budget, target: T) -> Self {
        Self {
            tensors: &graph.tensors,
            inputs: &graph.inputs,
            outputs: &graph.outputs,
            target,
            budget,
            steps: Vec::new(),
            producers: HashMap::new(),
            aliases: HashMap::new(),
            uses: graph.uses(),
        }
    }

    pub(crate) fn finish(self) -> Lowered<T> {
        Lowered {
            steps: self.steps.into_iter().flatten().collect(),
            aliases: self.aliases,
            target: self.target,
        }
    }

    pub(crate) fn operands<'n>(&self, node: &'n Node) -> Operands<'n>
    where
        'a: 'n,
    {
        Operands::new(node, self.tensors)
    }

    pub(crate) fn tensor(&self, tensor: usize) -> &'a Tensor {
        &self.tensors[tensor]
    }

    pub(crate) fn layout(&self, tensor: usize) -> Layout {
        Layout::of(&self.tensors[tensor].shape)
    }

    /// Operand `i`, which must not be constant.
    pub(crate) fn activation(&self, node: &Node, i: usize) -> Result<usize> {
        let tensor = node.input(i)?;
        match self.tensors[tensor].constant {
            Some(_) => node.unsupported(format!("operand {i} is constant")),
            None => Ok(tensor),
        }
    }

    /// The floats of the constant operand `i`, padded as activations are.
    pub(crate) fn stored_constant(&mut self, node: &Node, i: usize) -> Result<Vec<f32>> {
        let tensor = node.input(i)?;
        let Some(values) = self.tensors[tensor].floats() else {
            return node.unsupported(format!("operand {i} must be a constant of floats"));
        };
        // Counted before it is allocated, as a hostile file may state a constant of one channel, of
        // which padding makes eight.
        let layout = self.layout(tensor);
        self.budget.spend_memory(layout.len())?;
        let mut stored = vec![0.0; layout.len()];
        layout.spread(values, &mut stored, copy);
        Ok(stored)
    }

    /// Adds a step. A node with several results pushes at least one for each.
    ///
    /// # Errors
    /// [`Error::Limit`](crate::Error::Limit): every element that a step touches takes time.
    pub(crate) fn push(
        &mut self,
        work: T::Work,
        inputs: [Option<usize>; 2],
        output: usize,
    ) -> Result<()> {
        let touched = inputs.iter().flatten().chain([&output]);
        let elements = touched.map(|t| self.layout(*t).len()).sum();
        self.budget.spend_elements(elements)?;
        self.place(work, inputs, output);
        Ok(())
    }

    fn place(&mut self, work: T::Work, inputs: [Option<usize>; 2], output: usize) {
        self.producers.insert(output, self.steps.len());
        self.steps.push(Some(PendingStep {
            work,
            inputs,
            output,
        }));
    }

    /// Adds a step from the first operand to the first result, as most operators are.
    pub(crate) fn push_unary(&mut self, node: &Node, work: T::Work) -> Result<()> {
        let input = self.activation(node, 0)?;
        self.push(work, [Some(input), None], node.output())
    }

    /// Adds one of several steps that write `output` together or read `input` together; none of
    /// them is fused with others.
    ///
    /// # Errors
    /// As for [`Lowering::push`].
    pub(crate) fn push_part(
        &mut self,
        work: T::Work,
        input: Option<usize>,
        output: usize,
    ) -> Result<()> {
        // The smaller of the two is what a part copies.
        let sides = input.into_iter().chain([output]);
        let part = sides.map(|t| self.layout(t).len()).min().unwrap_or(0);
        self.budget.spend_elements(part.saturating_mul(2))?;
        self.place(work, [input, None], output);
        self.producers.remove(&output);
        Ok(())
    }

    /// Makes `output` share the storage of `input`, at no cost in a run.
    pub(crate) fn alias(&mut self, output: usize, input: usize) {
        // Never through another alias, or a chain of them would be walked for each of its links.
        let stored = self.aliases.get(&input).copied().unwrap_or(input);
        self.aliases.insert(output, stored);
    }

    /// Whether `tensor` is an input of the graph with one reader, so that nobody else minds how it
    /// lies in memory.
    pub(crate) fn is_private_input(&self, tensor: usize) -> bool {
        self.uses[tensor] == 1 && self.inputs.contains(&tensor) && !self.outputs.contains(&tensor)
    }

    /// The step that writes `tensor`, if it alone writes it and one reader alone reads it.
    fn private_producer(&self, tensor: usize) -> Option<usize> {
        // Another reader needs the tensor as it was before the fusion.
        if self.uses[tensor] != 1 {
            return None;
        }
        self.producers.get(&tensor).copied()
    }

    /// Makes `clamp` the end of the convolution that writes `input`, which then writes `output`.
    /// Returns whether that was possible.
    pub(crate) fn fuse_clamp(&mut self, input: usize, clamp: Clamp, output: usize) -> bool {
        let Some(producer) = self.private_producer(input) else {
            return false;
        };
        let Some(step) = &mut self.steps[producer] else {
            return false;
        };
        if !step.work.append_clamp(clamp, step.inputs[1].is_some()) {
            return false;
        }
        step.output = output;
        self.producers.insert(output, producer);
        true
    }

    /// Adds `residual` at the end of the convolution that writes `sum`, and clamps the result to
    /// `clamp` as `output`. Returns whether that was possible.
    pub(crate) fn fuse_residual(
        &mut self,
        sum: usize,
        residual: usize,
        clamp: Clamp,
        output: usize,
    ) -> bool {
        let other = self.tensor(residual);
        if sum == residual || other.constant.is_some() || self.tensor(sum).shape != other.shape {
            return false;
        }
        let Some(producer) = self.private_producer(sum) else {
            return false;
        };
        let step = self.steps[producer].as_mut();
        let Some(step) = step.filter(|step| step.inputs[1].is_none()) else {
            return false;
        };
        if !step.work.clamp_residual(clamp) {
            return false;
        }
        // The convolution moves behind all steps so far, as the residual may be younger than it.
        if let Some(step) = self.steps[producer].take() {
            self.place(step.work, [step.inputs[0], Some(residual)], output);
        }
        true
    }
}

impl Lowering<'_> {
    /// Adds a routine from the first operand to the first result.
    pub(crate) fn push_routine(&mut self, node: &Node, routine: Routine) -> Result<()> {
        self.push_unary(node, Work::Other(routine))
    }

    /// Stores an input of the graph inside a border; its one reader must address it so.
    pub(crate) fn store_bordered(&mut self, input: usize, bordered: BorderedInput) {
        self.target.bordered.insert(input, bordered);
    }
}
