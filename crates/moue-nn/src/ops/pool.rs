//! Max and average pooling.

#[cfg(feature = "gpu")]
use super::gpu::ShaderWindow;
use super::op::{Op, Read, single};
use super::window::{fit, windowed_shape};
use crate::error::Result;
use crate::graph::{Clamp, Node, Operands, Window};
use crate::kernels::rows::{self, Windows};
use crate::layout::Layout;
#[cfg(feature = "gpu")]
use crate::lower::{Gpu, GpuWork, Shader};
use crate::lower::{Lowering, Routine};
use crate::tflite::{OptionResult, Options, WindowFields};
use std::ops::Range;

/// Fields of `Pool2DOptions`.
const WINDOW: WindowFields = WindowFields {
    padding: 0,
    stride_w: 1,
    stride_h: 2,
    dilation: None,
};
const FILTER_WIDTH: usize = 3;
const FILTER_HEIGHT: usize = 4;
const FUSED_ACTIVATION: usize = 5;

/// A pooling window over a picture.
#[derive(Clone, Copy, Debug)]
struct Pool {
    window: Window,
    /// Height and width.
    size: [usize; 2],
    average: bool,
    clamp: Clamp,
}

pub(super) fn read_average(options: &Options<'_>) -> Read {
    Ok(Box::new(Pool::read(options, true)?))
}

pub(super) fn read_max(options: &Options<'_>) -> Read {
    Ok(Box::new(Pool::read(options, false)?))
}

impl Op for Pool {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        let [.., channels] = operands.rank4(0)?;
        single(windowed_shape(operands, &self.window, self.size, channels)?)
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let input = lowering.layout(node.input(0)?);
        let output = lowering.layout(node.output());
        let budget = &mut *lowering.budget;
        budget.spend_other(self.comparisons(input, output))?;
        // What each line and each column covers is kept: two numbers of up to eight bytes.
        budget.spend_memory((output.dims[1] + output.dims[2]).saturating_mul(4))?;
        lowering.push_routine(node, self.routine(input, output))
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let layouts = [node.input(0)?, node.output()].map(|t| lowering.layout(t));
        let [input, output] = layouts;
        let fits = [0, 1].map(|axis| {
            let fit = fit(&self.window, axis, input.dims[axis + 1], self.size[axis]);
            fit.map_or(0, |fit| fit.before)
        });
        lowering
            .budget
            .spend_other(self.comparisons(input, output))?;
        let window = ShaderWindow::of_pool(layouts, self.window, self.size, fits);
        let words = window
            .words()
            .clamp(self.clamp)
            .sizes([usize::from(self.average), 0]);
        let mut work = GpuWork::new(Shader::Pool, output.rows(), words);
        work.grid.lanes = window.output_row();
        lowering.push_unary(node, work)
    }
}

impl Pool {
    fn read(options: &Options<'_>, average: bool) -> OptionResult<Self> {
        Ok(Self {
            window: options.window(WINDOW)?,
            size: [
                options.size(FILTER_HEIGHT, 0)?,
                options.size(FILTER_WIDTH, 0)?,
            ],
            average,
            clamp: options.clamp(FUSED_ACTIVATION)?,
        })
    }

    /// Comparisons or additions of a run, at most.
    fn comparisons(&self, input: Layout, output: Layout) -> u64 {
        // A hostile file may ask for windows much larger than the picture, of which only what lies
        // inside is read.
        let inside = |axis: usize| self.size[axis].min(input.dims[axis + 1]);
        let covered = inside(0).saturating_mul(inside(1));
        (covered as u64).saturating_mul(output.len() as u64)
    }

    /// The input rows or columns that output `at` covers along `axis`.
    fn covered(&self, axis: usize, at: usize, input: usize) -> Range<usize> {
        let before = fit(&self.window, axis, input, self.size[axis]).map_or(0, |fit| fit.before);
        let start = at * self.window.stride[axis];
        let end = (start + self.size[axis]).saturating_sub(before).min(input);
        start.saturating_sub(before)..end
    }

    fn routine(self, input: Layout, output: Layout) -> Routine {
        let pool = self.kernel();
        let [ys, xs] = [0, 1].map(|axis| self.all_covered(axis, input, output));
        Box::new(move |from, _, to| {
            let lines = to.chunks_exact_mut(output.strides[1]);
            for (i, line) in lines.take(output.dims[0] * ys.len()).enumerate() {
                let covered = &ys[i % ys.len()];
                let start = i / ys.len() * input.strides[0] + covered.start * input.strides[1];
                let windows = Windows {
                    input: &from[start..],
                    lines: covered.len(),
                    stride: input.strides[1],
                    columns: &xs,
                    channels: input.row(),
                };
                pool(windows, self.clamp, line);
            }
        })
    }

    fn kernel(&self) -> fn(Windows<'_>, Clamp, &mut [f32]) {
        if self.average {
            rows::average
        } else {
            rows::largest
        }
    }

    /// What all outputs cover along `axis`.
    fn all_covered(&self, axis: usize, input: Layout, output: Layout) -> Vec<Range<usize>> {
        let covered = |at| self.covered(axis, at, input.dims[axis + 1]);
        (0..output.dims[axis + 1]).map(covered).collect()
    }
}
