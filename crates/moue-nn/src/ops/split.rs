//! SPLIT into parts of equal size along a constant axis.

use super::axes::axis_of;
#[cfg(feature = "gpu")]
use super::gpu::ShaderView;
use super::op::{Int8Support, Op, Read};
use crate::error::Result;
use crate::graph::{MAX_RANK, Node, Operands};
use crate::layout::Layout;
#[cfg(feature = "gpu")]
use crate::lower::Gpu;
use crate::lower::{Lowering, Routine, Target, Work};
use crate::tflite::Options;
use bytemuck::{Pod, cast_slice, cast_slice_mut};

/// Field of `SplitOptions`.
const NUM_SPLITS: usize = 0;

/// Operands: the axis comes before the tensor.
const AXIS: usize = 0;
const INPUT: usize = 1;

#[derive(Debug)]
struct Split {
    parts: i32,
}

pub(super) fn read(options: &Options<'_>) -> Read {
    Ok(Box::new(Split {
        parts: options.i32(NUM_SPLITS)?,
    }))
}

impl Op for Split {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        let node = operands.node;
        let axis = split_axis(operands)?;
        let mut part = operands.shape(INPUT)?.to_vec();
        let size = part[axis];
        let parts = usize::try_from(self.parts).unwrap_or(0);
        if parts == 0 || !size.is_multiple_of(parts) {
            let parts = self.parts;
            return node.malformed(format!("axis {axis} of {size} has no {parts} equal parts"));
        }
        // Before the list of shapes is made, as an axis, and with it the number of parts, may be
        // millions long.
        let stated = node.outputs.len();
        if parts != stated {
            return node.malformed(format!("{stated} outputs where {parts} are made"));
        }
        part[axis] = size / parts;
        Ok(vec![part; parts])
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let is_int8 = lowering.tensor(lowering.activation(node, INPUT)?).is_int8();
        push_parts(node, lowering, |from, at, to| {
            Work::Other(if is_int8 {
                copy_part::<u8>(from, at, to)
            } else {
                copy_part::<f32>(from, at, to)
            })
        })
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        push_parts(node, lowering, |from, at, to| {
            let view = ShaderView {
                sizes: to.dims,
                inside: to.dims,
                from: at,
                ..ShaderView::whole(from, to)
            };
            view.work()
        })
    }

    fn int8(&self) -> Int8Support {
        Int8Support::Moves
    }
}

/// The constant axis, counted from the front.
fn split_axis(operands: Operands<'_>) -> Result<usize> {
    match operands.ints(AXIS)? {
        Some(&[axis]) => axis_of(operands.node, axis, operands.shape(INPUT)?.len()),
        _ => operands.node.unsupported("the axis must be one constant"),
    }
}

/// Adds a step for each part; `work` makes it of the layout of the whole, of the element at which the part
/// begins there, and of its own layout.
fn push_parts<T: Target>(
    node: &Node,
    lowering: &mut Lowering<'_, T>,
    work: impl Fn(Layout, usize, Layout) -> T::Work,
) -> Result<()> {
    let input = lowering.activation(node, INPUT)?;
    let rank = lowering.tensor(input).shape.len();
    // Layouts have all dimensions; missing ones come first.
    let axis = split_axis(lowering.operands(node))? + MAX_RANK - rank;
    let from = lowering.layout(input);
    let mut start = 0;
    for &output in &node.outputs {
        let to = lowering.layout(output);
        lowering.push_part(
            work(from, start * from.strides[axis], to),
            Some(input),
            output,
        )?;
        start += to.dims[axis];
    }
    Ok(())
}

/// Copies the part of `from` that begins at element `start` and has the shape of `to`.
fn copy_part<T: Pod>(from: Layout, start: usize, to: Layout) -> Routine {
    Box::new(move |input, _, output| {
        let input = cast_slice::<_, T>(input);
        let output = cast_slice_mut::<_, T>(output);
        to.for_each_row(from.strides, |to_at, from_at| {
            let row = &input[start + from_at..][..to.channels()];
            output[to_at..][..to.channels()].copy_from_slice(row);
        });
    })
}
