//! RESHAPE and SQUEEZE: the same values under another shape, the one that the file states.

use super::op::{Int8Support, Op, Read, single};
use crate::error::Result;
use crate::graph::{Node, Operands};
use crate::layout::Layout;
#[cfg(feature = "gpu")]
use crate::lower::{Gpu, GpuWork, Shader, Words};
use crate::lower::{Lowering, Routine};
use crate::tflite::Options;
use bytemuck::{Pod, cast_slice, cast_slice_mut};

#[derive(Debug)]
pub(crate) struct Reshape;

pub(super) fn read(_: &Options<'_>) -> Read {
    Ok(Box::new(Reshape))
}

impl Op for Reshape {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        let from = operands.tensor(0)?;
        let to = operands.output();
        if from.elements() != to.elements() {
            return operands
                .node
                .malformed(format!("{:?} cannot become {:?}", from.shape, to.shape));
        }
        single(to.shape.clone())
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let input = lowering.activation(node, 0)?;
        let from = lowering.layout(input);
        let to = lowering.layout(node.output());
        // Rows of the same length lie in memory as they did.
        if from.channels() == to.channels() {
            lowering.alias(node.output(), input);
            return Ok(());
        }
        // Rows of another length are repacked, as their padding lies elsewhere.
        let routine = if lowering.tensor(input).is_int8() {
            repack::<u8>(from, to)
        } else {
            repack::<f32>(from, to)
        };
        lowering.push_routine(node, routine)
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let input = lowering.activation(node, 0)?;
        let from = lowering.layout(input);
        let to = lowering.layout(node.output());
        // Rows without padding follow each other, however long they are.
        let is_dense = |layout: &Layout| layout.channels() == layout.row();
        if from.channels() == to.channels() || (is_dense(&from) && is_dense(&to)) {
            lowering.alias(node.output(), input);
            return Ok(());
        }
        let words = Words::default()
            .sizes([from.channels(), from.row()])
            .sizes([to.channels(), to.row()]);
        let values = to.rows() * to.channels();
        lowering.push_unary(node, GpuWork::new(Shader::Repack, values, words))
    }

    fn int8(&self) -> Int8Support {
        Int8Support::Moves
    }
}

/// Copies all values, of type `T`, in order between layouts with other row lengths.
fn repack<T: Pod>(from: Layout, to: Layout) -> Routine {
    Box::new(move |input, _, output| {
        let input = cast_slice::<_, T>(input);
        let output = cast_slice_mut::<_, T>(output);
        let rows = input.chunks_exact(from.row()).take(from.rows());
        let mut values = rows.flat_map(|row| &row[..from.channels()]);
        for row in output.chunks_exact_mut(to.row()).take(to.rows()) {
            row[..to.channels()]
                .iter_mut()
                .zip(&mut values)
                .for_each(|(o, v)| *o = *v);
        }
    })
}
