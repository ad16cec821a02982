//! Means and sums over dimensions, and operators that work along the channels.

use super::Routine;
use crate::graph::Clamp;
use crate::layout::Layout;

/// Sums over the dimensions where `out_strides` is 0, divided by `count`.
///
/// `out_strides` says, for each dimension of the input, how far apart neighbors lie in the result.
pub(crate) fn reduce(
    input: Layout,
    out_strides: [usize; 4],
    out_len: usize,
    count: f32,
) -> Routine {
    Box::new(move |from, _, to| {
        let to = &mut to[..out_len];
        to.fill(0.0);
        input.for_each_row(out_strides, |at, out_at| {
            let row = &from[at..at + input.channels()];
            match out_strides[3] {
                0 => to[out_at] += row.iter().sum::<f32>(),
                step => to[out_at..]
                    .iter_mut()
                    .step_by(step)
                    .zip(row)
                    .for_each(|(t, v)| *t += v),
            }
        });
        to.iter_mut().for_each(|t| *t /= count);
    })
}

/// Every row of channels divided by its Euclidean length.
pub(crate) fn l2_normalize(layout: Layout, clamp: Clamp) -> Routine {
    /// TFLite's floor for the length's square root, so that a row of zeros stays one.
    const EPSILON: f32 = 1e-6;
    Box::new(move |from, _, to| {
        for (row, to) in from
            .chunks_exact(layout.row())
            .zip(to.chunks_exact_mut(layout.row()))
        {
            let row = &row[..layout.channels()];
            let length = row.iter().map(|v| v * v).sum::<f32>().sqrt().max(EPSILON);
            to.iter_mut()
                .zip(row)
                .for_each(|(t, v)| *t = clamp.apply(v / length));
        }
    })
}

/// Every row of channels as shares of `exp(beta × value)`.
pub(crate) fn softmax(layout: Layout, beta: f32) -> Routine {
    Box::new(move |from, _, to| {
        for (row, to) in from
            .chunks_exact(layout.row())
            .zip(to.chunks_exact_mut(layout.row()))
        {
            let (row, to) = (&row[..layout.channels()], &mut to[..layout.channels()]);
            let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            to.iter_mut()
                .zip(row)
                .for_each(|(t, v)| *t = ((v - top) * beta).exp());
            let sum: f32 = to.iter().sum();
            to.iter_mut().for_each(|t| *t /= sum);
        }
    })
}
