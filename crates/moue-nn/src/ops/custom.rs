//! Operators of the caller's own.

use super::op::{Op, Read, single};
use crate::custom::{OperandInfo, Operator, OperatorFn, Operators, Prepared};
use crate::error::Result;
use crate::graph::{Constant, Node, Operands};
use crate::layout::{Layout, copy};
#[cfg(feature = "gpu")]
use crate::lower::Gpu;
use crate::lower::{Lowering, Routine, Work};
use crate::tflite::{RawOperator, unsupported};
use std::fmt;
use std::sync::Arc;

struct Custom {
    operator: Arc<dyn Operator>,
    /// The bytes that the file has for it.
    options: Vec<u8>,
}

pub(super) fn read(raw: &RawOperator<'_>, operators: &Operators) -> Read {
    match operators.get(raw.custom_name) {
        Some(operator) => Ok(Box::new(Custom {
            operator: Arc::clone(operator),
            options: raw.custom_options.to_vec(),
        })),
        None => unsupported("this runtime does not have it, and the caller has not registered it"),
    }
}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Custom").finish_non_exhaustive()
    }
}

impl Op for Custom {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        // The operator itself is asked when it is lowered, and only once, as that may be dear.
        single(operands.output().shape.clone())
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let sources = sources(node, lowering)?;
        let mut activations = sources.iter().filter_map(Source::activation);
        let inputs = [activations.next(), activations.next()];
        if activations.next().is_some() {
            return node.unsupported("more than two operands are not constant");
        }
        let prepared = self.prepare(lowering.operands(node))?;
        let routine = routine(sources, prepared.run, lowering.layout(node.output()));
        lowering.push(Work::Other(routine), inputs, node.output())
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, _: &mut Lowering<'_, Gpu>) -> Result<()> {
        node.unsupported("operators of the caller's own run on the processor")
    }
}

impl Custom {
    /// Asks the caller's operator, and checks the shape that it returns.
    fn prepare(&self, operands: Operands<'_>) -> Result<Prepared> {
        let node = operands.node;
        let infos = (0..node.inputs.len()).map(|i| info(operands, i));
        let infos: Vec<OperandInfo<'_>> = infos.collect::<Result<_>>()?;
        let prepared = match self.operator.prepare(&infos, &self.options) {
            Ok(prepared) => prepared,
            Err(reason) => return node.malformed(reason),
        };
        let stated = &operands.output().shape;
        if prepared.shape != *stated {
            return node.malformed(format!(
                "makes shape {:?}, but the file says {stated:?}",
                prepared.shape
            ));
        }
        Ok(prepared)
    }
}

/// Where an operand's values come from in a run.
enum Source {
    Constant(Arc<Vec<f32>>),
    /// The first or the second activation of the step, and how it lies in memory.
    Activation {
        tensor: usize,
        second: bool,
        layout: Layout,
    },
}

impl Source {
    fn activation(&self) -> Option<usize> {
        match self {
            Self::Constant(_) => None,
            Self::Activation { tensor, .. } => Some(*tensor),
        }
    }
}

fn sources(node: &Node, lowering: &Lowering<'_>) -> Result<Vec<Source>> {
    let mut sources: Vec<Source> = Vec::new();
    let mut second = false;
    for i in 0..node.inputs.len() {
        let tensor = node.input(i)?;
        sources.push(match &lowering.tensor(tensor).constant {
            Some(constant) => constant_source(node, i, constant)?,
            None => Source::Activation {
                tensor,
                second: std::mem::replace(&mut second, true),
                layout: lowering.layout(tensor),
            },
        });
    }
    Ok(sources)
}

fn constant_source(node: &Node, operand: usize, constant: &Constant) -> Result<Source> {
    match constant {
        Constant::Floats(values) => Ok(Source::Constant(Arc::clone(values))),
        // The caller's code takes floats; what integers mean it could only guess.
        Constant::Ints(_) | Constant::Int8(_) => {
            node.unsupported(format!("operand {operand} is a constant of integers"))
        }
    }
}

fn info<'a>(operands: Operands<'a>, i: usize) -> Result<OperandInfo<'a>> {
    let tensor = operands.tensor(i)?;
    Ok(OperandInfo {
        shape: &tensor.shape,
        constant: tensor.floats().map(|v| v.as_slice()),
    })
}

/// Custom code gets dense values, not the padded rows of the arena.
fn routine(operands: Vec<Source>, run: OperatorFn, to: Layout) -> Routine {
    Box::new(move |a, b, output| {
        let dense = |source: &Source| match source {
            Source::Constant(values) => values.to_vec(),
            Source::Activation { second, layout, .. } => {
                let mut values = vec![0.0; layout.rows() * layout.channels()];
                layout.gather(if *second { b } else { a }, &mut values, copy);
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
