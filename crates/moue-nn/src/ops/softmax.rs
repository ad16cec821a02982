//! SOFTMAX over the channels.

use super::op::{Op, Read, single};
use crate::error::Result;
use crate::graph::{Node, Operands};
use crate::layout::Layout;
#[cfg(feature = "gpu")]
use crate::lower::{Gpu, GpuWork, Shader, Words};
use crate::lower::{Lowering, Routine};
use crate::tflite::Options;

/// Field of `SoftmaxOptions`.
const BETA: usize = 0;

#[derive(Debug)]
struct Softmax {
    beta: f32,
}

pub(super) fn read(options: &Options<'_>) -> Read {
    Ok(Box::new(Softmax {
        beta: options.f32(BETA)?,
    }))
}

impl Op for Softmax {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        single(operands.shape(0)?)
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let layout = lowering.layout(node.output());
        lowering.budget.spend_transcendental(layout.len())?;
        lowering.push_routine(node, routine(layout, self.beta))
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let layout = lowering.layout(node.output());
        lowering.budget.spend_transcendental(layout.len())?;
        let words = Words::default()
            .sizes([0, layout.channels(), layout.row()])
            .floats([self.beta, 0.0, 0.0])
            .sizes([0, 0]);
        lowering.push_unary(node, GpuWork::new(Shader::Rows, layout.rows(), words))
    }
}

/// Every row of channels as shares of `exp(beta × value)`.
fn routine(layout: Layout, beta: f32) -> Routine {
    let channels = layout.channels();
    Box::new(move |from, _, to| {
        let rows = from.chunks_exact(layout.row());
        for (row, to) in rows.zip(to.chunks_exact_mut(layout.row())) {
            let row = &row[..channels];
            let to = &mut to[..channels];
            // Without the largest value taken off, `exp` would overflow.
            let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            to.iter_mut()
                .zip(row)
                .for_each(|(t, v)| *t = ((v - largest) * beta).exp());
            let sum: f32 = to.iter().sum();
            to.iter_mut().for_each(|t| *t /= sum);
        }
    })
}
