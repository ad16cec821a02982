//! CONCATENATION along one axis.

use super::axes::axis_of;
#[cfg(feature = "gpu")]
use super::gpu::ShaderView;
use super::op::{Op, Read, single};
use crate::error::Result;
use crate::graph::{Clamp, MAX_RANK, Node, Operands};
use crate::kernels::rows;
use crate::layout::Layout;
#[cfg(feature = "gpu")]
use crate::lower::Gpu;
use crate::lower::{Lowering, Routine, Work};
use crate::tflite::Options;

/// Fields of `ConcatenationOptions`.
const AXIS: usize = 0;
const FUSED_ACTIVATION: usize = 1;

#[derive(Debug)]
struct Concat {
    axis: i32,
    clamp: Clamp,
}

pub(super) fn read(options: &Options<'_>) -> Read {
    Ok(Box::new(Concat {
        axis: options.i32(AXIS)?,
        clamp: options.clamp(FUSED_ACTIVATION)?,
    }))
}

impl Op for Concat {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        let node = operands.node;
        let mut result = operands.shape(0)?.to_vec();
        let axis = axis_of(node, self.axis, result.len())?;
        for i in 1..node.inputs.len() {
            let shape = operands.shape(i)?;
            let fits = shape.len() == result.len()
                && (0..shape.len()).all(|d| d == axis || shape[d] == result[d]);
            if !fits {
                return node.malformed(format!(
                    "operand {i} of shape {shape:?} does not fit {result:?}"
                ));
            }
            result[axis] = result[axis].saturating_add(shape[axis]);
        }
        single(result)
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let rank = lowering.tensor(node.output()).shape.len();
        // Layouts have all dimensions; missing ones come first.
        let axis = axis_of(node, self.axis, rank)? + MAX_RANK - rank;
        let to = lowering.layout(node.output());
        let mut start = 0;
        for i in 0..node.inputs.len() {
            let tensor = node.input(i)?;
            let constant = match lowering.tensor(tensor).constant {
                Some(_) => Some(lowering.stored_constant(node, i)?),
                None => None,
            };
            let input = constant.is_none().then_some(tensor);
            let from = lowering.layout(tensor);
            let place = Place {
                from,
                to,
                axis,
                start: start * to.strides[axis],
                clamp: self.clamp,
            };
            let routine = place.routine(constant);
            lowering.push_part(Work::Other(routine), input, node.output())?;
            start += from.dims[axis];
        }
        Ok(())
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let to = lowering.layout(node.output());
        let rank = lowering.tensor(node.output()).shape.len();
        let axis = axis_of(node, self.axis, rank)? + MAX_RANK - rank;
        let mut start = 0;
        for i in 0..node.inputs.len() {
            let tensor = node.input(i)?;
            let from = lowering.layout(tensor);
            let is_constant = lowering.tensor(tensor).constant.is_some();
            let constant = is_constant.then(|| lowering.add_operand(node, i));
            let constant = constant.transpose()?;
            let view = ShaderView {
                to: start * to.strides[axis],
                constant,
                clamp: self.clamp,
                ..ShaderView::whole(from, to)
            };
            let input = constant.is_none().then_some(tensor);
            lowering.push_part(view.work(), input, node.output())?;
            start += from.dims[axis];
        }
        Ok(())
    }
}

/// Where one operand lies in the result.
struct Place {
    from: Layout,
    to: Layout,
    axis: usize,
    /// Where it starts.
    start: usize,
    clamp: Clamp,
}

impl Place {
    /// Copies the operand, or the `constant` in its place.
    fn routine(self, constant: Option<Vec<f32>>) -> Routine {
        let is_of_channels = self.axis == MAX_RANK - 1;
        Box::new(move |input, _, output| {
            let input = constant.as_deref().unwrap_or(input);
            if is_of_channels {
                self.copy_rows(input, output);
            } else {
                self.copy_blocks(input, output);
            }
        })
    }

    fn copy_rows(&self, input: &[f32], output: &mut [f32]) {
        self.from.for_each_row(self.to.strides, |at, out_at| {
            let row = &input[at..at + self.from.channels()];
            let to = output[self.start + out_at..].iter_mut();
            to.zip(row).for_each(|(o, v)| *o = self.clamp.apply(*v));
        });
    }

    /// Rows lie in the result as in the operand, as many at a time as it has along the axis.
    fn copy_blocks(&self, input: &[f32], output: &mut [f32]) {
        let of = |layout: &Layout| (layout.dims[self.axis] * layout.strides[self.axis]).max(1);
        let block = of(&self.from);
        let blocks = input[..self.from.len()].chunks_exact(block);
        for (from, to) in blocks.zip(output[self.start..].chunks_mut(of(&self.to))) {
            let to = &mut to[..block];
            if self.clamp == Clamp::NONE {
                to.copy_from_slice(from);
            } else {
                rows::copy_clamped(from, to, self.clamp);
            }
        }
    }
}
