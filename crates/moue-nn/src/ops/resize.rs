//! RESIZE_BILINEAR.

use super::op::{Op, Read, single};
use crate::error::Result;
use crate::graph::{Node, Operands};
use crate::kernels::rows::{self, Between};
use crate::layout::Layout;
#[cfg(feature = "gpu")]
use crate::lower::{Gpu, GpuWork, LANES, Shader, Words};
use crate::lower::{Lowering, Routine};
use crate::tflite::Options;

/// Fields of `ResizeBilinearOptions`.
const ALIGN_CORNERS: usize = 2;
const HALF_PIXEL_CENTERS: usize = 3;

/// Largest height and width that a file may ask for. The limit on activations comes later and must
/// not overflow.
const MAX_SIZE: i32 = 1 << 14;

#[derive(Clone, Copy, Debug)]
struct Resize {
    align_corners: bool,
    half_pixel: bool,
}

pub(super) fn read(options: &Options<'_>) -> Read {
    Ok(Box::new(Resize {
        align_corners: options.bool(ALIGN_CORNERS)?,
        half_pixel: options.bool(HALF_PIXEL_CENTERS)?,
    }))
}

impl Op for Resize {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        let [n, _, _, c] = operands.rank4(0)?;
        let sizes = 1..=MAX_SIZE;
        match operands.ints(1)? {
            Some([h, w]) if sizes.contains(h) && sizes.contains(w) => {
                single([n, *h as usize, *w as usize, c])
            }
            _ => operands
                .node
                .unsupported("the new size must be two positive constants"),
        }
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let from = lowering.layout(node.input(0)?);
        let to = lowering.layout(node.output());
        // Each value is a mean of four.
        lowering.budget.spend_elements(to.len().saturating_mul(4))?;
        lowering.push_routine(node, self.routine(from, to))
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let from = lowering.layout(node.input(0)?);
        let to = lowering.layout(node.output());
        lowering.budget.spend_elements(to.len().saturating_mul(4))?;
        // The samples are computed here, so that both targets round them alike.
        let tables = [1, 2].map(|axis| self.table(from.dims[axis], to.dims[axis]));
        let ys = lowering.add_constants(&tables[0])?;
        let xs = lowering.add_constants(&tables[1])?;
        let words = Words::default()
            .sizes([from.dims[1], from.dims[2], to.dims[1], to.dims[2]])
            .sizes([to.row() / LANES, ys, xs, 0]);
        lowering.push_unary(node, GpuWork::new(Shader::Resize, to.len() / LANES, words))
    }
}

/// Where along one axis a result pixel reads: two input pixels and the share of the second.
#[derive(Clone, Copy)]
struct Sample {
    first: usize,
    second: usize,
    share: f32,
}

impl Sample {
    /// The sample at a position along an axis of `length` pixels.
    fn at(position: f32, length: usize) -> Self {
        // Half-pixel positions begin before the first pixel, where TFLite repeats it.
        let low = position.floor().max(0.0);
        Self {
            first: (low as usize).min(length - 1),
            second: (position.ceil().max(0.0) as usize).min(length - 1),
            share: position - low,
        }
    }
}

impl Resize {
    /// The samples as the shader reads them, each in a vector.
    #[cfg(feature = "gpu")]
    fn table(self, input: usize, output: usize) -> Vec<f32> {
        let samples = self.samples(input, output).into_iter();
        samples
            .flat_map(|s| [s.first as f32, s.second as f32, s.share, 0.0])
            .collect()
    }

    /// TFLite's rule for the source position of each of `output` pixels along an axis of `input`
    /// pixels.
    fn samples(self, input: usize, output: usize) -> Vec<Sample> {
        let scale = if self.align_corners && output > 1 {
            (input - 1) as f32 / (output - 1) as f32
        } else {
            input as f32 / output as f32
        };
        (0..output)
            .map(|i| Sample::at(self.position(i, scale), input))
            .collect()
    }

    /// Where pixel `i` of the result lies among the pixels of the input.
    fn position(self, i: usize, scale: f32) -> f32 {
        if self.half_pixel {
            (i as f32 + 0.5) * scale - 0.5
        } else {
            i as f32 * scale
        }
    }

    fn routine(self, from: Layout, to: Layout) -> Routine {
        let ys = self.samples(from.dims[1], to.dims[1]);
        let xs = self.samples(from.dims[2], to.dims[2]).into_iter();
        let place = |column: Sample| Between {
            starts: [column.first, column.second].map(|x| x * from.strides[2]),
            share: column.share,
        };
        let places: Vec<Between> = xs.map(place).collect();
        // Padding is blended too, as it is as long on both sides.
        Box::new(move |input, _, output| {
            let lines = output.chunks_exact_mut(to.strides[1]);
            for (i, line) in lines.take(to.dims[0] * ys.len()).enumerate() {
                let picture = &input[i / ys.len() * from.strides[0]..];
                let row = ys[i % ys.len()];
                let read = [row.first, row.second].map(|y| &picture[y * from.strides[1]..]);
                rows::blend(read, row.share, &places, to.strides[2], line);
            }
        })
    }
}
