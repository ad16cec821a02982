//! DEPTH_TO_SPACE: groups of channels become blocks of pixels.

use super::op::{Int8Support, Op, Read, single};
use crate::error::Result;
use crate::graph::{Node, Operands};
use crate::layout::Layout;
#[cfg(feature = "gpu")]
use crate::lower::{Gpu, GpuWork, Shader, Words};
use crate::lower::{Lowering, Routine};
use crate::tflite::Options;
use bytemuck::{Pod, cast_slice, cast_slice_mut};

/// Field of `DepthToSpaceOptions`.
const BLOCK_SIZE: usize = 0;

#[derive(Debug)]
struct DepthToSpace {
    /// Side of the block of pixels that one pixel becomes.
    block: usize,
}

pub(super) fn read(options: &Options<'_>) -> Read {
    Ok(Box::new(DepthToSpace {
        block: options.size(BLOCK_SIZE, 0)?,
    }))
}

impl Op for DepthToSpace {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        let [n, h, w, c] = operands.rank4(0)?;
        let block = self.block;
        let sides = [h.checked_mul(block), w.checked_mul(block)];
        match (sides, block.checked_mul(block)) {
            ([Some(h), Some(w)], Some(pixels)) if pixels > 0 && c.is_multiple_of(pixels) => {
                single([n, h, w, c / pixels])
            }
            _ => operands
                .node
                .malformed(format!("blocks of {block}×{block} from {c} channels")),
        }
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let input = lowering.activation(node, 0)?;
        let from = lowering.layout(input);
        let to = lowering.layout(node.output());
        let routine = if lowering.tensor(input).is_int8() {
            routine::<u8>(from, to, self.block)
        } else {
            routine::<f32>(from, to, self.block)
        };
        lowering.push_routine(node, routine)
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let from = lowering.layout(lowering.activation(node, 0)?);
        let to = lowering.layout(node.output());
        let words = Words::default().sizes(to.dims[1..].iter().copied()).sizes([
            self.block,
            from.row(),
            to.row(),
            0,
            0,
        ]);
        let values = to.rows() * to.channels();
        lowering.push_unary(node, GpuWork::new(Shader::DepthToSpace, values, words))
    }

    fn int8(&self) -> Int8Support {
        Int8Support::Moves
    }
}

/// Copies to each pixel of the result its channels of the pixel whose block it lies in.
fn routine<T: Pod>(from: Layout, to: Layout, block: usize) -> Routine {
    let channels = to.channels();
    Box::new(move |input, _, output| {
        let input = cast_slice::<_, T>(input);
        let output = cast_slice_mut::<_, T>(output);
        for n in 0..to.dims[0] {
            for y in 0..to.dims[1] {
                for x in 0..to.dims[2] {
                    let group = (y % block * block + x % block) * channels;
                    let pixel = n * from.strides[0]
                        + y / block * from.strides[1]
                        + x / block * from.strides[2];
                    let at = n * to.strides[0] + y * to.strides[1] + x * to.strides[2];
                    output[at..at + channels].copy_from_slice(&input[pixel + group..][..channels]);
                }
            }
        }
    })
}
