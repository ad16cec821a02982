//! A convolution's window laid over its input: which input rows each output pixel reads.

use super::super::window::fit;
use crate::bordered_input::BorderedInput;
use crate::error::Result;
use crate::graph::{Border, Node, Window};
use crate::kernels::{InputAddressing, Side, WinogradShape, padded};
use crate::lower::{Lowering, Target};

/// Sizes of both sides of a window, rows first, and the padding before the input.
pub(in crate::ops) struct Geometry {
    pub(in crate::ops) batch: usize,
    pub(in crate::ops) input: [usize; 2],
    pub(in crate::ops) channels: usize,
    pub(in crate::ops) output: [usize; 2],
    pub(in crate::ops) before: [usize; 2],
    pub(in crate::ops) kernel: [usize; 2],
    pub(in crate::ops) window: Window,
}

/// How a convolution reads its input: the addressing, and how many runs of how many elements each
/// output pixel reads.
pub(in crate::ops) struct Taps {
    pub(in crate::ops) addressing: InputAddressing,
    pub(in crate::ops) count: usize,
    pub(in crate::ops) depth: usize,
}

impl Geometry {
    /// The window of `node` over its first operand, which a PAD has extended by `border`.
    pub(in crate::ops) fn new<T: Target>(
        node: &Node,
        window: Window,
        border: Border,
        lowering: &Lowering<'_, T>,
    ) -> Result<Self> {
        let operands = lowering.operands(node);
        let [batch, h, w, channels] = operands.rank4(0)?;
        let [_, kh, kw, _] = operands.rank4(1)?;
        let extended = |axis: usize, size: usize| size + border[axis][0] + border[axis][1];
        let axis = |axis: usize, size: usize, kernel: usize| match fit(
            &window,
            axis,
            extended(axis, size),
            kernel,
        ) {
            Some(fit) => Ok(fit),
            None => node.malformed("the window does not fit"),
        };
        let rows = axis(0, h, kh)?;
        let columns = axis(1, w, kw)?;
        Ok(Self {
            batch,
            input: [h, w],
            channels,
            output: [rows.output, columns.output],
            before: [rows.before + border[0][0], columns.before + border[1][0]],
            kernel: [kh, kw],
            window,
        })
    }

    /// Output pixels of the whole batch.
    pub(in crate::ops) fn pixels(&self) -> usize {
        self.batch * self.output[0] * self.output[1]
    }

    /// Multiply-adds of so many weights at every output pixel.
    pub(in crate::ops) fn multiply_adds(&self, weights: usize) -> u64 {
        (self.pixels() as u64).saturating_mul(weights as u64)
    }

    pub(in crate::ops) fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// Whether output pixel i reads exactly input pixel i.
    fn is_pointwise(&self) -> bool {
        self.kernel == [1, 1]
            && self.window.stride == [1, 1]
            && self.before == [0, 0]
            && self.input == self.output
    }

    /// The sizes of a convolution that Winograd's algorithm takes less time for, with its tiles.
    pub(in crate::ops) fn winograd(&self, outputs: usize) -> Option<(WinogradShape, Side)> {
        let shape = WinogradShape {
            batch: self.batch,
            input: self.input,
            output: self.output,
            before: self.before,
            depth: self.channels,
            outputs,
        };
        let is_fit =
            self.kernel == [3, 3] && self.window.stride == [1, 1] && self.window.dilation == [1, 1];
        shape.side().filter(|_| is_fit).map(|side| (shape, side))
    }

    /// Calls `body` with batch, row and column of every output pixel, in the order in which they
    /// lie in memory.
    fn for_each_pixel(&self, mut body: impl FnMut(usize, usize, usize)) {
        for n in 0..self.batch {
            for y in 0..self.output[0] {
                for x in 0..self.output[1] {
                    body(n, y, x);
                }
            }
        }
    }

    /// The input row or column that `tap` of output `at` reads along `axis`, if it lies inside.
    fn source(&self, axis: usize, at: usize, tap: usize) -> Option<usize> {
        let from = at * self.window.stride[axis] + tap * self.window.dilation[axis];
        from.checked_sub(self.before[axis])
            .filter(|p| *p < self.input[axis])
    }

    /// The rows of the indirection buffer: for each output pixel and tap the input pixel it reads.
    fn rows(&self) -> Vec<Option<u32>> {
        let mut rows = Vec::with_capacity(self.pixels() * self.taps());
        self.for_each_pixel(|n, y, x| {
            for ky in 0..self.kernel[0] {
                let line = self
                    .source(0, y, ky)
                    .map(|sy| (n * self.input[0] + sy) * self.input[1]);
                let pixel = |kx| Some((line? + self.source(1, x, kx)?) as u32);
                rows.extend((0..self.kernel[1]).map(pixel));
            }
        });
        rows
    }

    /// The input with all that the windows reach beyond it, as a border of zeros.
    pub(in crate::ops) fn bordered(&self) -> BorderedInput {
        let reach = |axis: usize| {
            let taps = (self.kernel[axis] - 1) * self.window.dilation[axis] + 1;
            ((self.output[axis] - 1) * self.window.stride[axis] + taps)
                .max(self.before[axis] + self.input[axis])
        };
        BorderedInput {
            batch: self.batch,
            input: self.input,
            before: self.before,
            size: [reach(0), reach(1)],
            channels: self.channels,
        }
    }

    /// For each output pixel and line of taps the pixel of the bordered input where the line
    /// starts. No tap is outside.
    fn bordered_rows(&self, bordered: &BorderedInput) -> Vec<Option<u32>> {
        let [stride_y, stride_x] = self.window.stride;
        let mut rows = Vec::with_capacity(self.pixels() * self.kernel[0]);
        self.for_each_pixel(|n, y, x| {
            let line = |ky: usize| {
                let row = n * bordered.size[0] + y * stride_y + ky * self.window.dilation[0];
                Some((row * bordered.size[1] + x * stride_x) as u32)
            };
            rows.extend((0..self.kernel[0]).map(line));
        });
        rows
    }

    /// How the windows read the input, which lies inside a border or does not.
    pub(in crate::ops) fn addressing(
        &self,
        is_bordered: bool,
        lowering: &mut Lowering<'_>,
    ) -> Result<Taps> {
        if is_bordered {
            return self.bordered_addressing(lowering);
        }
        let mut rows = None;
        if !self.is_pointwise() {
            spend_rows(self, self.taps(), lowering)?;
            rows = Some(self.rows());
        }
        let stride = padded(self.channels);
        Ok(Taps {
            addressing: InputAddressing { stride, rows },
            count: self.taps(),
            depth: self.channels,
        })
    }

    /// The taps of one line are one run of elements there.
    fn bordered_addressing(&self, lowering: &mut Lowering<'_>) -> Result<Taps> {
        let lines = self.kernel[0];
        spend_rows(self, lines, lowering)?;
        Ok(Taps {
            addressing: InputAddressing {
                stride: self.channels,
                rows: Some(self.bordered_rows(&self.bordered())),
            },
            count: lines,
            depth: self.kernel[1] * self.channels,
        })
    }
}

/// Counts an indirection buffer of so many taps for each pixel. An entry has four bytes, and eight
/// more while the buffer is made.
fn spend_rows(geometry: &Geometry, taps: usize, lowering: &mut Lowering<'_>) -> Result<()> {
    let entries = geometry.pixels().saturating_mul(taps);
    lowering.budget.spend_memory(entries.saturating_mul(3))
}
