//! The memory that the frames of an animation take.

use crate::frame::{DecodeError, DecodeLimit, DecodeOptions};

/// Refuses a canvas so large that its frames would take too much memory; returns its pixels. Frames come
/// as RGBA: the canvas, what is behind a frame, the frame, their result; and as RGB.
pub(super) fn check_canvas(
    [width, height]: [u32; 2],
    options: &DecodeOptions,
) -> Result<u64, DecodeError> {
    let pixels = u64::from(width) * u64::from(height);
    DecodeLimit::Memory.check((4 * 4 + 3) * pixels, options.max_memory)?;
    Ok(pixels)
}
