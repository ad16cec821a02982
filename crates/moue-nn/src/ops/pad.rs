//! PAD with zeros.

#[cfg(feature = "gpu")]
use super::gpu::ShaderView;
use super::op::{Int8Support, Op, Read, single};
use super::quantize::scale_of;
use crate::error::Result;
use crate::graph::{MAX_RANK, Node, Operands};
use crate::layout::Layout;
#[cfg(feature = "gpu")]
use crate::lower::Gpu;
use crate::lower::{Lowering, Routine};
use crate::tflite::Options;
use bytemuck::{Pod, cast_slice, cast_slice_mut};

/// Largest padding of one side. No activation is that long, so that sums cannot overflow.
const MAX_PADDING: i32 = 1 << 16;

#[derive(Debug)]
pub(crate) struct Pad;

pub(super) fn read(_: &Options<'_>) -> Read {
    Ok(Box::new(Pad))
}

impl Op for Pad {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        let paddings = Pad::paddings(operands)?;
        let sizes = operands.shape(0)?.iter().zip(paddings);
        single(
            sizes
                .map(|(size, [before, after])| before + size + after)
                .collect::<Vec<_>>(),
        )
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let input = lowering.activation(node, 0)?;
        let before = Pad::before(lowering.operands(node))?;
        let from = lowering.layout(input);
        let to = lowering.layout(node.output());
        let routine = if lowering.tensor(input).is_int8() {
            let zero = scale_of(node, input, lowering)?.zero_byte();
            routine(from, before, to, zero)
        } else {
            routine(from, before, to, 0f32)
        };
        lowering.push_routine(node, routine)
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let from = lowering.layout(lowering.activation(node, 0)?);
        let to = lowering.layout(node.output());
        let view = ShaderView {
            sizes: to.dims,
            before: Pad::before(lowering.operands(node))?,
            ..ShaderView::whole(from, to)
        };
        lowering.push_unary(node, view.work())
    }

    fn int8(&self) -> Int8Support {
        Int8Support::Moves
    }
}

impl Pad {
    /// Padding before each dimension of a layout.
    fn before(operands: Operands<'_>) -> Result<[usize; MAX_RANK]> {
        // Layouts have all dimensions; missing ones come first and are not padded.
        let mut before = [0; MAX_RANK];
        let paddings = Pad::paddings(operands)?;
        let stated = before.iter_mut().rev().zip(paddings.iter().rev());
        stated.for_each(|(before, padding)| *before = padding[0]);
        Ok(before)
    }

    /// Padding before and after each dimension.
    pub(crate) fn paddings(operands: Operands<'_>) -> Result<Vec<[usize; 2]>> {
        let rank = operands.shape(0)?.len();
        let Some(values) = operands.ints(1)? else {
            return operands.node.unsupported("paddings must be constant");
        };
        if values.len() != 2 * rank || values.iter().any(|v| !(0..=MAX_PADDING).contains(v)) {
            return operands.node.malformed(format!("paddings {values:?}"));
        }
        let pairs = values.as_chunks().0.iter();
        Ok(pairs
            .map(|pair: &[i32; 2]| pair.map(|v| v as usize))
            .collect())
    }
}

/// Copies `from` into a tensor of `zero`, starting at position `before` along each dimension.
fn routine<T: Pod + Sync + Send>(
    from: Layout,
    before: [usize; MAX_RANK],
    to: Layout,
    zero: T,
) -> Routine {
    let start: usize = before.iter().zip(to.strides).map(|(b, s)| b * s).sum();
    Box::new(move |input, _, output| {
        let input = cast_slice(input);
        let output = cast_slice_mut(output);
        output[..to.len()].fill(zero);
        from.for_each_row(to.strides, |at, out_at| {
            let channels = from.channels();
            output[start + out_at..][..channels].copy_from_slice(&input[at..at + channels]);
        });
    })
}
