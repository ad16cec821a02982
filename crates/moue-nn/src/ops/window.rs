//! Where sliding windows lie over their input.

use crate::error::Result;
use crate::graph::{Operands, Window};

/// Most elements that a window reaches over, so that sums of positions fit into 32 bits.
const MAX_REACH: usize = 1 << 30;

/// A window along one axis.
pub(super) struct Fit {
    /// Size of the result.
    pub(super) output: usize,
    /// Padding before the first element of the input.
    pub(super) before: usize,
}

/// Lays a window of `kernel` taps over `input` elements along `axis`; `None` if it does not fit.
pub(super) fn fit(window: &Window, axis: usize, input: usize, kernel: usize) -> Option<Fit> {
    let stride = window.stride[axis];
    let gaps = kernel.checked_sub(1)?.checked_mul(window.dilation[axis])?;
    let reach = Some(gaps + 1).filter(|_| gaps < MAX_REACH)?;
    if !window.same {
        return Some(Fit {
            output: input.checked_sub(reach)? / stride + 1,
            before: 0,
        });
    }
    let output = input.div_ceil(stride);
    let needed = (output - 1) * stride + reach;
    // TFLite puts the odd row of padding behind the input.
    Some(Fit {
        output,
        before: needed.saturating_sub(input) / 2,
    })
}

/// The shape of a window of `kernel` taps over the first operand, with `channels` results for each
/// position.
pub(super) fn windowed_shape(
    operands: Operands<'_>,
    window: &Window,
    kernel: [usize; 2],
    channels: usize,
) -> Result<Vec<usize>> {
    let [n, h, w, _] = operands.rank4(0)?;
    match (fit(window, 0, h, kernel[0]), fit(window, 1, w, kernel[1])) {
        (Some(rows), Some(columns)) => Ok(vec![n, rows.output, columns.output, channels]),
        _ => operands
            .node
            .malformed(format!("a window of {kernel:?} does not fit into {h}×{w}")),
    }
}
