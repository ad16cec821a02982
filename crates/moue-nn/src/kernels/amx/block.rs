//! Up to 32 output pixels of a convolution: their products with one or two panels of weights.

use super::patches::{Patches, steps, stride};
use super::tiles::{Product, ROW};
use crate::kernels::block::GROUP;
use crate::kernels::indirection::ConvPart;
use crate::kernels::int8::{Sums, store_tile};
use crate::kernels::jobs::Int8ConvJob;
use crate::kernels::packing::{Panel, TILE};
use crate::kernels::simd::Buffers;
use crate::kernels::x86_int8::Vnni512;
use std::ops::Range;

/// Output pixels of two tiles.
pub(super) const PIXELS: usize = 2 * TILE;

/// Bytes of the sums of a pixel and two panels.
pub(super) const PIXEL_SUMS: usize = 2 * ROW;

/// Pixels that are requantized at a time, so that scales are loaded once for all of them.
const STEP: usize = 8;

/// Up to [`PIXELS`] pixels. Its methods may only be called where the processor has tiles and AVX-512 with
/// VNNI, for pixels and panels of the job.
pub(super) struct PixelBlock<'a> {
    job: &'a Int8ConvJob,
    io: Buffers<u8>,
    copies: Patches<'a>,
    pub(super) pixels: Range<usize>,
}

impl<'a> PixelBlock<'a> {
    /// The first pixels of a part.
    pub(super) fn first(job: &'a Int8ConvJob, io: Buffers<u8>, part: &ConvPart) -> Self {
        let pixels = part.pixels.start..part.pixels.start;
        let copies = Patches::of(job, io.input);
        let none = Self {
            job,
            io,
            copies,
            pixels,
        };
        none.next(part)
    }

    /// The next pixels of a part; none behind its end.
    pub(super) fn next(&self, part: &ConvPart) -> Self {
        let first = self.pixels.end;
        Self {
            pixels: first..part.pixels.end.min(first + PIXELS),
            ..*self
        }
    }

    /// Copies what the pixels read beside each other.
    ///
    /// # Safety
    /// See [`PixelBlock`].
    #[inline(always)]
    pub(super) unsafe fn copy_patches(&self, patches: &mut [u8]) {
        // SAFETY: as for this function.
        unsafe { self.copies.copy(self.pixels.clone(), patches) }
    }

    /// Writes the sums of one or two panels. The patches must be those of the pixels.
    ///
    /// # Safety
    /// See [`PixelBlock`].
    #[inline(always)]
    pub(super) unsafe fn multiply(&self, panels: &[Panel], patches: &[u8], sums: &mut [u8]) {
        let product = self.product(panels, patches, sums);
        // SAFETY: panels were packed for so many steps, and the bias has as many numbers as whole panels
        // have columns.
        unsafe {
            match (self.pixels.len().div_ceil(TILE), panels.len()) {
                (1, 1) => product.run::<1, 1>(),
                (1, _) => product.run::<1, 2>(),
                (_, 1) => product.run::<2, 1>(),
                _ => product.run::<2, 2>(),
            }
        }
    }

    fn product(&self, panels: &[Panel], patches: &[u8], sums: &mut [u8]) -> Product {
        let all: &[[i8; GROUP]] = bytemuck::cast_slice(&self.job.weights);
        let weights = |panel: &Panel| all[panel.weights..].as_ptr().cast();
        let steps = steps(&self.job.indirection);
        Product {
            patches: patches.as_ptr(),
            stride: stride(steps),
            weights: [weights(&panels[0]), weights(&panels[panels.len() - 1])],
            steps,
            bias: self.job.bias[panels[0].column..].as_ptr(),
            sums: sums.as_mut_ptr(),
        }
    }

    /// Requantizes the sums of one or two panels.
    ///
    /// # Safety
    /// See [`PixelBlock`].
    #[inline(always)]
    pub(super) unsafe fn store(&self, panels: &[Panel], sums: &[u8]) {
        for (panel, sums) in panels.iter().zip([sums, &sums[ROW..]]) {
            // SAFETY: as for this function.
            unsafe {
                match panel.width {
                    TILE => self.store_panel::<false>(panel, sums),
                    _ => self.store_panel::<true>(panel, sums),
                }
            }
        }
    }

    /// Requantizes the sums of a panel; `HALF` tells whether it has eight columns.
    ///
    /// # Safety
    /// See [`PixelBlock`].
    #[inline(always)]
    unsafe fn store_panel<const HALF: bool>(&self, panel: &Panel, sums: &[u8]) {
        let count = self.pixels.len();
        let whole = count / STEP * STEP;
        // SAFETY: as for this function.
        unsafe {
            for i in (0..whole).step_by(STEP) {
                self.store_pixels::<STEP, HALF>(panel, i, sums);
            }
            for i in whole..count {
                self.store_pixels::<1, HALF>(panel, i, sums);
            }
        }
    }

    /// Requantizes the sums of `M` pixels from the one with number `i` on.
    ///
    /// # Safety
    /// See [`PixelBlock`].
    #[inline(always)]
    unsafe fn store_pixels<const M: usize, const HALF: bool>(
        &self,
        panel: &Panel,
        i: usize,
        sums: &[u8],
    ) {
        let sums = &sums[i * PIXEL_SUMS..];
        // SAFETY: as for this function; a pixel has the sums of two panels.
        unsafe {
            let mut tile = [[Vnni512::load(sums.as_ptr().cast())]; M];
            for m in 1..M {
                tile[m] = [Vnni512::load(sums[m * PIXEL_SUMS..].as_ptr().cast())];
            }
            store_tile::<_, M, 1, HALF>(self.job, panel, self.io, self.pixels.start + i, tile);
        }
    }
}
