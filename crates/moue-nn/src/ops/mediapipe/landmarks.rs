//! TransformLandmarks: landmarks through an affine transform.

use super::affine::{Affine, check_matrix};
use crate::error::Result;
use crate::graph::{Node, Operands};
use crate::layout::Layout;
#[cfg(feature = "gpu")]
use crate::lower::{Gpu, GpuWork, Shader, Words};
use crate::lower::{Lowering, Routine, Work};
use crate::ops::op::{Op, Read, single};

#[derive(Debug)]
struct TransformLandmarks;

pub(super) fn read() -> Read {
    Ok(Box::new(TransformLandmarks))
}

impl Op for TransformLandmarks {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        check_matrix(operands, 1)?;
        match operands.shape(0)? {
            // Of three coordinates the last is a depth, which stays.
            &[1, count, coordinates @ 2..=3] => single([1, count, coordinates]),
            other => operands
                .node
                .unsupported(format!("landmarks of shape {other:?}")),
        }
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let landmarks = lowering.activation(node, 0)?;
        let matrix = lowering.activation(node, 1)?;
        let layout = lowering.layout(node.output());
        let routine = routine(layout, lowering.layout(matrix));
        let inputs = [Some(landmarks), Some(matrix)];
        lowering.push(Work::Other(routine), inputs, node.output())
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let landmarks = lowering.activation(node, 0)?;
        let matrix = lowering.activation(node, 1)?;
        let layout = lowering.layout(node.output());
        let words = Words::default()
            .sizes([layout.row(), layout.channels()])
            .sizes([lowering.layout(matrix).row(), 0]);
        let work = GpuWork::new(Shader::Landmarks, layout.rows(), words);
        lowering.push(work, [Some(landmarks), Some(matrix)], node.output())
    }
}

/// Both landmarks lie in the same way.
fn routine(layout: Layout, matrix: Layout) -> Routine {
    Box::new(move |input, transform, output| {
        let affine = Affine::of(transform, matrix.row());
        let coordinates = layout.channels();
        let from = input.chunks_exact(layout.row());
        for (from, to) in from.zip(output.chunks_exact_mut(layout.row())) {
            to[..2].copy_from_slice(&affine.apply(from[0], from[1]));
            to[2..coordinates].copy_from_slice(&from[2..coordinates]);
        }
    })
}
