//! Max and average pooling.

use super::Routine;
use crate::graph::{Clamp, Window};
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
        let before = window_axis(&self.window, axis, input, self.size[axis]).map_or(0, |(_, before)| before);
        let start = at * self.window.stride[axis];
        (start.saturating_sub(before), (start + self.size[axis]).saturating_sub(before).min(input))
    }

    pub(crate) fn routine(self, input: Layout, output: Layout) -> Routine {
        Box::new(move |from, _, to| {
            for n in 0..output.dims[0] {
                for y in 0..output.dims[1] {
                    let ys = self.covered(0, y, input.dims[1]);
                    for x in 0..output.dims[2] {
                        let xs = self.covered(1, x, input.dims[2]);
                        let at = n * output.strides[0] + y * output.strides[1] + x * output.strides[2];
                        self.pixel(&from[n * input.strides[0]..], input, ys, xs, &mut to[at..at + output.row()]);
                    }
                }
            }
        })
    }

    fn pixel(&self, from: &[f32], input: Layout, ys: (usize, usize), xs: (usize, usize), to: &mut [f32]) {
        to.fill(if self.average { 0.0 } else { f32::NEG_INFINITY });
        for y in ys.0..ys.1 {
            for x in xs.0..xs.1 {
                let row = &from[y * input.strides[1] + x * input.strides[2]..][..to.len()];
                if self.average {
                    to.iter_mut().zip(row).for_each(|(t, v)| *t += v);
                } else {
                    to.iter_mut().zip(row).for_each(|(t, v)| *t = if *v > *t { *v } else { *t });
                }
            }
        }
        let count = if self.average { ((ys.1 - ys.0) * (xs.1 - xs.0)) as f32 } else { 1.0 };
        to.iter_mut().for_each(|t| *t = self.clamp.apply(*t / count));
    }
}
