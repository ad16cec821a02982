//! Copies what output pixels read beside each other (im2col).

use super::tiles::ROW;
use crate::kernels::indirection::{Indirection, OUTSIDE};
use crate::kernels::jobs::Int8ConvJob;
use std::arch::x86_64::*;
use std::ops::Range;

/// Tiles along the depth.
pub(super) fn steps(shape: &Indirection) -> usize {
    (shape.taps * shape.depth).div_ceil(ROW)
}

/// Bytes from one pixel's patch to the next one's: an odd number of cache lines, as lines that lie at a
/// multiple of 4 KB would evict each other.
pub(super) const fn stride(steps: usize) -> usize {
    (steps | 1) * ROW
}

/// A copy of so many cache lines and of the bytes of a mask behind them.
#[derive(Clone, Copy)]
struct Lines {
    whole: usize,
    mask: u64,
}

impl Lines {
    fn of(bytes: usize) -> Self {
        Self {
            whole: bytes / ROW,
            mask: (1 << (bytes % ROW)) - 1,
        }
    }

    /// # Safety
    /// The processor must have AVX-512 BW; both places must have so many bytes.
    #[inline(always)]
    unsafe fn copy(self, from: *const u8, to: *mut u8) {
        // SAFETY: as for this function; a masked move touches no byte that its mask leaves out.
        unsafe {
            let end = self.whole * ROW;
            for at in (0..end).step_by(ROW) {
                _mm512_storeu_si512(to.add(at).cast(), _mm512_loadu_si512(from.add(at).cast()));
            }
            // A store without a byte would delay loads from there all the same.
            if self.mask != 0 {
                let values = _mm512_maskz_loadu_epi8(self.mask, from.add(end).cast());
                _mm512_mask_storeu_epi8(to.add(end).cast(), self.mask, values);
            }
        }
    }
}

/// How the patches of a convolution are copied.
#[derive(Clone, Copy)]
pub(super) struct Patches<'a> {
    shape: &'a Indirection,
    input: *const u8,
    outside: *const u8,
    /// One tap, and three that lie beside each other, as those of a row of 3×3 do inside the picture.
    one: Lines,
    three: Lines,
    stride: usize,
}

impl<'a> Patches<'a> {
    pub(super) fn of(job: &'a Int8ConvJob, input: *const u8) -> Self {
        let shape = &job.indirection;
        Self {
            shape,
            input,
            outside: job.outside.as_ptr(),
            one: Lines::of(shape.depth),
            three: Lines::of(3 * shape.depth),
            stride: stride(steps(shape)),
        }
    }

    /// Copies the patches of some pixels; what lies between them stays as it is.
    ///
    /// # Safety
    /// As for [`conv`](super::conv), for these pixels.
    #[inline(always)]
    pub(super) unsafe fn copy(&self, pixels: Range<usize>, to: &mut [u8]) {
        for (pixel, to) in pixels.zip(to.chunks_exact_mut(self.stride)) {
            // SAFETY: as for this function; a stride has room for the steps that all taps fill.
            unsafe { self.copy_pixel(pixel, to.as_mut_ptr()) }
        }
    }

    /// # Safety
    /// As for [`Patches::copy`].
    #[inline(always)]
    unsafe fn copy_pixel(&self, pixel: usize, mut to: *mut u8) {
        let Indirection { taps, depth, .. } = *self.shape;
        // SAFETY: as for this function; offsets lie inside the input.
        unsafe {
            let Some(offsets) = &self.shape.offsets else {
                return self
                    .one
                    .copy(self.input.add(pixel * self.shape.input_stride), to);
            };
            let mut offsets = &offsets[pixel * taps..][..taps];
            while let [first, ..] = *offsets {
                let taps = if is_row(offsets, depth) {
                    self.three.copy(self.input.add(first as usize), to);
                    3
                } else {
                    self.one.copy(self.row(first), to);
                    1
                };
                to = to.add(taps * depth);
                offsets = &offsets[taps..];
            }
        }
    }

    /// Where the row of a tap is.
    ///
    /// # Safety
    /// The offset must be one of the convolution's.
    #[inline(always)]
    unsafe fn row(&self, offset: u32) -> *const u8 {
        match offset {
            OUTSIDE => self.outside,
            // SAFETY: as for this function.
            inside => unsafe { self.input.add(inside as usize) },
        }
    }
}

/// Whether the first three taps follow each other in memory.
fn is_row(offsets: &[u32], depth: usize) -> bool {
    let follow = |a: u32, b: u32| a != OUTSIDE && b == a + depth as u32;
    matches!(*offsets, [a, b, c, ..] if follow(a, b) && follow(b, c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_taps_are_a_row_where_they_follow_each_other() {
        assert!(is_row(&[40, 48, 56], 8) && is_row(&[0, 8, 16, 99], 8));
        for apart in [
            &[40, 48, 57][..],
            &[40, 49, 57],
            &[40, 48],
            &[],
            &[40, 48, OUTSIDE],
        ] {
            assert!(!is_row(apart, 8), "{apart:?}");
        }
        assert!(!is_row(&[OUTSIDE, 7, 15], 8) && !is_row(&[40, OUTSIDE, 7], 8));
    }
}
