//! Operators of the caller's own, by the names that files give them.

use crate::error::{Error, Result};
use crate::graph::{Constant, Graph, Node};
use crate::layout::{Layout, copy};
use crate::ops::Routine;
use std::collections::HashMap;
use std::sync::Arc;

/// What an operator is told of an operand when a model is loaded.
#[derive(Debug, Clone, Copy)]
pub struct OperandInfo<'a> {
    /// Sizes: batch, height, width, channels where there are four.
    pub shape: &'a [usize],
    /// The values, if the file fixes them.
    pub constant: Option<&'a [f32]>,
}

/// The code of an operator: the dense values of all operands in, constant ones included, and the
/// dense result out.
pub type OperatorFn = Box<dyn Fn(&[&[f32]], &mut [f32]) + Send + Sync>;

/// An operator in its place in a graph.
pub struct Prepared {
    /// The shape of the result; it must be the one that the file states.
    pub shape: Vec<usize>,
    /// Computes the result. It is run by every session, possibly at the same time.
    pub run: OperatorFn,
}

/// An operator of the caller's own; closures with this signature are operators too.
pub trait Operator: Send + Sync {
    /// Checks the operands and the options, the bytes that the file has for the operator, and says
    /// what it makes of them.
    ///
    /// # Errors
    /// A text that says what is wrong; the model is then refused with it.
    fn prepare(
        &self,
        operands: &[OperandInfo<'_>],
        options: &[u8],
    ) -> std::result::Result<Prepared, String>;
}

impl<F> Operator for F
where
    F: Fn(&[OperandInfo<'_>], &[u8]) -> std::result::Result<Prepared, String> + Send + Sync,
{
    fn prepare(
        &self,
        operands: &[OperandInfo<'_>],
        options: &[u8],
    ) -> std::result::Result<Prepared, String> {
        self(operands, options)
    }
}

/// Operators by name, for [`Model::load_extended`](crate::Model::load_extended). They may have one
/// result and up to two operands that are not constant.
///
/// ```
/// use moue_nn::{OperandInfo, Operators, Prepared};
/// let double = |operands: &[OperandInfo<'_>], _: &[u8]| {
///     let shape = operands.first().ok_or("an operand is missing")?.shape.to_vec();
///     let run = |values: &[&[f32]], out: &mut [f32]| out.iter_mut().zip(values[0]).for_each(|(o, v)| *o = 2.0 * v);
///     Ok(Prepared { shape, run: Box::new(run) })
/// };
/// let operators = Operators::default().with("Double", double);
/// ```
#[derive(Clone, Default)]
pub struct Operators(HashMap<String, Arc<dyn Operator>>);

impl Operators {
    /// The same with one more; a later one of the same name replaces it.
    pub fn with(mut self, name: impl Into<String>, operator: impl Operator + 'static) -> Self {
        self.0.insert(name.into(), Arc::new(operator));
        self
    }

    /// The step of a custom node, and its operands that are not constant.
    pub(crate) fn lower(
        &self,
        graph: &Graph,
        node: &Node,
        name: &str,
        options: &[u8],
    ) -> Result<(Routine, [Option<usize>; 2])> {
        let Some(operator) = self.0.get(name) else {
            return node.unsupported(
                "this runtime does not have it, and the caller has not registered it",
            );
        };
        let (mut operands, mut activations) = (Vec::new(), Vec::new());
        for i in 0..node.inputs.len() {
            let tensor = node.input(i)?;
            operands.push(match &graph.tensors[tensor].constant {
                Some(Constant::Floats(values)) => Source::Constant(Arc::clone(values)),
                Some(Constant::Ints(_) | Constant::Bytes(_)) => {
                    return node.unsupported(format!("operand {i} is a constant of integers"));
                }
                None => {
                    activations.push(tensor);
                    Source::Activation(
                        activations.len() - 1,
                        Layout::of(&graph.tensors[tensor].shape),
                    )
                }
            });
        }
        if activations.len() > 2 {
            return node.unsupported("more than two operands are not constant");
        }
        let infos: Vec<OperandInfo<'_>> = (0..operands.len())
            .map(|i| info(graph, node, i))
            .collect::<Result<_>>()?;
        let prepared = match operator.prepare(&infos, options) {
            Ok(prepared) => prepared,
            Err(reason) => {
                return Err(Error::Graph {
                    node: node.index,
                    operator: node.name.clone(),
                    reason,
                });
            }
        };
        let stated = &graph.tensors[node.output].shape;
        if prepared.shape != *stated {
            return node.malformed(format!(
                "makes shape {:?}, but the file says {stated:?}",
                prepared.shape
            ));
        }
        let inputs = [activations.first().copied(), activations.get(1).copied()];
        Ok((routine(operands, prepared.run, Layout::of(stated)), inputs))
    }
}

impl std::fmt::Debug for Operators {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Where an operand's values come from in a run.
enum Source {
    Constant(Arc<Vec<f32>>),
    /// The first or second activation, and how it lies in memory.
    Activation(usize, Layout),
}

fn info<'a>(graph: &'a Graph, node: &Node, i: usize) -> Result<OperandInfo<'a>> {
    let tensor = node.input(i)?;
    Ok(OperandInfo {
        shape: &graph.tensors[tensor].shape,
        constant: graph.floats(tensor).map(|v| v.as_slice()),
    })
}

/// Custom code sees dense values, not the padded rows of the arena.
fn routine(operands: Vec<Source>, run: OperatorFn, to: Layout) -> Routine {
    Box::new(move |a, b, output| {
        let dense = |source: &Source| match source {
            Source::Constant(values) => values.to_vec(),
            Source::Activation(number, layout) => {
                let mut values = vec![0.0; layout.rows() * layout.channels()];
                layout.gather(if *number == 0 { a } else { b }, &mut values, copy);
                values
            }
        };
        let values: Vec<Vec<f32>> = operands.iter().map(dense).collect();
        let values: Vec<&[f32]> = values.iter().map(Vec::as_slice).collect();
        let mut result = vec![0.0; to.rows() * to.channels()];
        run(&values, &mut result);
        to.spread(&result, output, copy);
    })
}
