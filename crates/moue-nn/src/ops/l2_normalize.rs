//! L2_NORMALIZATION over the channels.

use super::op::{Op, Read, single};
use crate::error::Result;
use crate::graph::{Clamp, Node, Operands};
use crate::layout::Layout;
#[cfg(feature = "gpu")]
use crate::lower::{Gpu, GpuWork, Shader, Words};
use crate::lower::{Lowering, Routine};
use crate::tflite::Options;

/// Field of `L2NormOptions`.
const FUSED_ACTIVATION: usize = 0;

/// TFLite's lower bound of the length, so that a row of zeros stays one.
const EPSILON: f32 = 1e-6;

#[derive(Debug)]
struct L2Normalize {
    clamp: Clamp,
}

pub(super) fn read(options: &Options<'_>) -> Read {
    Ok(Box::new(L2Normalize {
        clamp: options.clamp(FUSED_ACTIVATION)?,
    }))
}

impl Op for L2Normalize {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        single(operands.shape(0)?)
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let layout = lowering.layout(node.output());
        lowering.push_routine(node, routine(layout, self.clamp))
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let layout = lowering.layout(node.output());
        let words = Words::default()
            .sizes([1, layout.channels(), layout.row(), 0])
            .clamp(self.clamp)
            .sizes([0, 0]);
        lowering.push_unary(node, GpuWork::new(Shader::Rows, layout.rows(), words))
    }
}

/// Every row of channels divided by its Euclidean length.
fn routine(layout: Layout, clamp: Clamp) -> Routine {
    Box::new(move |from, _, to| {
        let rows = from.chunks_exact(layout.row());
        for (row, to) in rows.zip(to.chunks_exact_mut(layout.row())) {
            let row = &row[..layout.channels()];
            let length = row.iter().map(|v| v * v).sum::<f32>().sqrt().max(EPSILON);
            to.iter_mut()
                .zip(row)
                .for_each(|(t, v)| *t = clamp.apply(v / length));
        }
    })
}
