//! MEAN and SUM over dimensions.

use super::axes::marked_axes;
use super::op::{Op, Read, single};
use crate::error::Result;
use crate::graph::{MAX_RANK, Node, Operands};
use crate::layout::Layout;
#[cfg(feature = "gpu")]
use crate::lower::{Gpu, GpuWork, Shader, Words};
use crate::lower::{Lowering, Routine};
use crate::tflite::Options;

/// Field of `ReducerOptions`.
const KEEP_DIMS: usize = 0;

#[derive(Debug)]
struct Reduce {
    mean: bool,
    /// Whether reduced dimensions stay as 1.
    keep_dims: bool,
}

pub(super) fn read_mean(options: &Options<'_>) -> Read {
    Ok(Box::new(Reduce {
        mean: true,
        keep_dims: options.bool(KEEP_DIMS)?,
    }))
}

pub(super) fn read_sum(options: &Options<'_>) -> Read {
    Ok(Box::new(Reduce {
        mean: false,
        keep_dims: options.bool(KEEP_DIMS)?,
    }))
}

impl Op for Reduce {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        let reduced = marked_axes(operands)?;
        let mut shape = Vec::new();
        for (size, reduced) in operands.shape(0)?.iter().zip(reduced) {
            if !reduced {
                shape.push(*size);
            } else if self.keep_dims {
                shape.push(1);
            }
        }
        single(shape)
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let reduced = marked_axes(lowering.operands(node))?;
        let input = lowering.layout(node.input(0)?);
        let output = lowering.layout(node.output());
        let strides = result_strides(&reduced, output, self.keep_dims);
        let sizes = &input.dims[MAX_RANK - reduced.len()..];
        let summed = reduced.iter().zip(sizes).filter(|(reduced, _)| **reduced);
        let count: usize = summed.map(|(_, size)| *size).product();
        let divisor = if self.mean { count as f32 } else { 1.0 };
        lowering.push_routine(node, routine(input, strides, output.len(), divisor))
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let reduced = marked_axes(lowering.operands(node))?;
        let input = lowering.layout(node.input(0)?);
        let output = lowering.layout(node.output());
        let strides = result_strides(&reduced, output, self.keep_dims);
        // A thread has a position along the kept dimensions, and walks the others.
        let mut kept = input.dims;
        let mut summed = [1; MAX_RANK];
        for (axis, _) in (MAX_RANK - reduced.len()..).zip(reduced).filter(|r| r.1) {
            summed[axis] = std::mem::replace(&mut kept[axis], 1);
        }
        let count: usize = summed.iter().product();
        let divisor = if self.mean { count as f32 } else { 1.0 };
        let words = Words::default()
            .sizes([kept, summed, input.strides, strides].concat())
            .floats([divisor, 0.0, 0.0, 0.0]);
        let values = kept.iter().product();
        lowering.push_unary(node, GpuWork::new(Shader::Reduce, values, words))
    }
}

/// How far apart neighbors along each dimension of the input lie in the result: 0 where they are
/// summed.
fn result_strides(reduced: &[bool], output: Layout, keep_dims: bool) -> [usize; MAX_RANK] {
    let missing = MAX_RANK - reduced.len();
    let kept = reduced.iter().filter(|r| !**r).count();
    let mut strides = [0; MAX_RANK];
    let places = (missing..).zip(reduced).filter(|(_, r)| !**r);
    // Without reduced dimensions the kept ones follow each other, the last being the channels.
    for (next, (place, _)) in (MAX_RANK - kept..).zip(places) {
        strides[place] = output.strides[if keep_dims { place } else { next }];
    }
    strides
}

fn routine(input: Layout, strides: [usize; MAX_RANK], out_len: usize, divisor: f32) -> Routine {
    Box::new(move |from, _, to| {
        let to = &mut to[..out_len];
        to.fill(0.0);
        input.for_each_row(strides, |at, out_at| {
            let row = &from[at..at + input.channels()];
            match strides[3] {
                0 => to[out_at] += row.iter().sum::<f32>(),
                step => to[out_at..]
                    .iter_mut()
                    .step_by(step)
                    .zip(row)
                    .for_each(|(t, v)| *t += v),
            }
        });
        to.iter_mut().for_each(|t| *t /= divisor);
    })
}
