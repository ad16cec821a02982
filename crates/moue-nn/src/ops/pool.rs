//! Max and average pooling.

use super::Routine;
use crate::graph::{Clamp, Window};
use crate::kernels::BLOCK;
use crate::layout::Layout;
use crate::shapes::window_axis;

/// A pooling window over a picture.
pub(crate) struct Pool {
    pub(crate) window: Window,
    pub(crate) size: [usize; 2],
    pub(crate) average: bool,
    pub(crate) clamp: Clamp,
}

impl Pool {
    /// The input rows, as a half-open range, that output `at` covers along `axis`.
    fn covered(&self, axis: usize, at: usize, input: usize) -> (usize, usize) {
        let before =
            window_axis(&self.window, axis, input, self.size[axis]).map_or(0, |(_, before)| before);
        let start = at * self.window.stride[axis];
        (
            start.saturating_sub(before),
            (start + self.size[axis]).saturating_sub(before).min(input),
        )
    }

    pub(crate) fn routine(self, input: Layout, output: Layout) -> Routine {
        Box::new(move |from, _, to| {
            for n in 0..output.dims[0] {
                for y in 0..output.dims[1] {
                    let ys = self.covered(0, y, input.dims[1]);
                    for x in 0..output.dims[2] {
                        let xs = self.covered(1, x, input.dims[2]);
                        let at =
                            n * output.strides[0] + y * output.strides[1] + x * output.strides[2];
                        self.pixel(
                            &from[n * input.strides[0]..],
                            input,
                            ys,
                            xs,
                            &mut to[at..at + output.row()],
                        );
                    }
                }
            }
        })
    }

    /// One result pixel, block after block of its channels.
    fn pixel(
        &self,
        from: &[f32],
        input: Layout,
        ys: (usize, usize),
        xs: (usize, usize),
        to: &mut [f32],
    ) {
        let count = if self.average {
            ((ys.1 - ys.0) * (xs.1 - xs.0)) as f32
        } else {
            1.0
        };
        let start = if self.average { 0.0 } else { f32::NEG_INFINITY };
        for (block, to) in to.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
            let mut sums = [start; BLOCK];
            for y in ys.0..ys.1 {
                for x in xs.0..xs.1 {
                    let at = y * input.strides[1] + x * input.strides[2] + block * BLOCK;
                    let taken = from[at..at + BLOCK].iter().zip(&mut sums);
                    match self.average {
                        true => taken.for_each(|(v, sum)| *sum += v),
                        false => {
                            taken.for_each(|(v, sum)| *sum = if *v > *sum { *v } else { *sum })
                        }
                    }
                }
            }
            *to = sums.map(|sum| self.clamp.apply(sum / count));
        }
    }
}
