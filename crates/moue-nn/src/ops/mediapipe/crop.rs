//! TransformTensorBilinear: a picture sampled through an affine transform.

use super::affine::{Affine, check_matrix};
use super::flexbuffer::Map;
use crate::error::Result;
use crate::graph::{Node, Operands};
use crate::layout::Layout;
#[cfg(feature = "gpu")]
use crate::lower::{Gpu, GpuWork, Shader, Words};
use crate::lower::{Lowering, Routine, Work};
use crate::ops::op::{Op, Read, single};

/// Longest side that is read as it is; no activation is longer.
const MAX_SIDE: usize = 1 << 16;

#[derive(Debug)]
struct Crop {
    height: usize,
    width: usize,
}

pub(super) fn read(options: &[u8]) -> Read {
    let options = Map::root(options)?;
    Ok(Box::new(Crop {
        height: options.size("output_height", MAX_SIDE)?,
        width: options.size("output_width", MAX_SIDE)?,
    }))
}

impl Op for Crop {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        let [batch, _, _, channels] = operands.rank4(0)?;
        check_matrix(operands, 1)?;
        if batch != 1 {
            return operands.node.unsupported(format!("a batch of {batch}"));
        }
        single([1, self.height, self.width, channels])
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let map = lowering.activation(node, 0)?;
        let matrix = lowering.activation(node, 1)?;
        let to = lowering.layout(node.output());
        // Four corners of each element; `push` counts one.
        lowering.budget.spend_elements(to.len().saturating_mul(3))?;
        let routine = routine(lowering.layout(map), lowering.layout(matrix), to);
        lowering.push(
            Work::Other(routine),
            [Some(map), Some(matrix)],
            node.output(),
        )
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let map = lowering.activation(node, 0)?;
        let matrix = lowering.activation(node, 1)?;
        let from = lowering.layout(map);
        let to = lowering.layout(node.output());
        lowering.budget.spend_elements(to.len().saturating_mul(3))?;
        let words = Words::default()
            .sizes([from.dims[1], from.dims[2], to.row(), to.channels()])
            .sizes([to.dims[2], lowering.layout(matrix).row(), 0, 0]);
        let work = GpuWork::new(Shader::Crop, to.rows() * to.channels(), words);
        lowering.push(work, [Some(map), Some(matrix)], node.output())
    }
}

fn routine(from: Layout, matrix: Layout, to: Layout) -> Routine {
    Box::new(move |input, transform, output| {
        let affine = centered(Affine::of(transform, matrix.row()));
        for y in 0..to.dims[1] {
            for x in 0..to.dims[2] {
                let at = y * to.strides[1] + x * to.strides[2];
                let pixel = &mut output[at..at + to.channels()];
                sample(input, &from, affine.apply(x as f32, y as f32), pixel);
            }
        }
    })
}

/// The transform relates corners of pixels; samples are taken at their centers.
fn centered(affine: Affine) -> Affine {
    let shift = |line: [f32; 3]| {
        let half = 0.5 * line[0] + 0.5 * line[1] - 0.5;
        [line[0], line[1], line[2] + half]
    };
    Affine {
        x: shift(affine.x),
        y: shift(affine.y),
    }
}

/// Bilinear interpolation; zeros outside of the centers of the outermost pixels.
fn sample(input: &[f32], from: &Layout, [x, y]: [f32; 2], pixel: &mut [f32]) {
    let last = [from.dims[2] - 1, from.dims[1] - 1];
    // Positions that are no numbers are outside, too.
    if !(0.0..=last[0] as f32).contains(&x) || !(0.0..=last[1] as f32).contains(&y) {
        return pixel.fill(0.0);
    }
    let left = x as usize;
    let above = y as usize;
    // On the last column or row the neighbor beyond has no weight.
    let right = (left + 1).min(last[0]);
    let below = (above + 1).min(last[1]);
    let across = x - left as f32;
    let down = y - above as f32;
    let at = |y: usize, x: usize| y * from.strides[1] + x * from.strides[2];
    let corners = [
        at(above, left),
        at(above, right),
        at(below, left),
        at(below, right),
    ];
    for (channel, value) in pixel.iter_mut().enumerate() {
        let [a, b, c, d] = corners.map(|corner| input[corner + channel]);
        let upper = (1.0 - across) * a + across * b;
        let lower = (1.0 - across) * c + across * d;
        *value = (1.0 - down) * upper + down * lower;
    }
}
