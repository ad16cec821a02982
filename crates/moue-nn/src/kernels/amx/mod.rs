//! The int8 convolution in the tiles of AMX. A tile's rows lie at one distance in memory, so what output
//! pixels read is copied beside each other first (im2col), for two tiles of pixels at a time.

mod patches;
mod tiles;

use super::block::GROUP;
use super::indirection::{ConvPart, Indirection};
use super::int8::{Sums, int8_panel, store_tile};
use super::jobs::Int8ConvJob;
use super::packing::{Int8Format, Panel, TILE};
use super::simd::Buffers;
use super::table::Int8Kernels;
use super::x86_int8::Vnni512;
use crate::aligned::Aligned;
use patches::Patches;
use std::cell::RefCell;
use std::ops::Range;
pub(super) use tiles::IS_AVAILABLE;
use tiles::{Product, ROW, Tiles};

pub(super) const AMX: Int8Kernels = Int8Kernels {
    format: Int8Format {
        panels: &[TILE, TILE / 2],
        signed: false,
        in_tiles: true,
    },
    conv_part: conv,
};

/// Output pixels of two tiles.
const PIXELS: usize = 2 * TILE;

/// Most tiles along the depth, which bound the scratch memory: those of 3×3 taps of 256 channels.
const MOST_STEPS: usize = 36;

/// Bytes that are copied for two tiles of pixels.
const PATCHES: usize = PIXELS * (MOST_STEPS | 1) * ROW;

/// Bytes of the sums of two tiles of pixels and two panels.
const SUMS: usize = 4 * TILE * ROW;

thread_local! {
    /// Sums, and patches of two blocks of pixels: a load must wait for stores to the same place, so the
    /// next block is copied before this one's sums are stored.
    static SCRATCH: RefCell<Aligned> = RefCell::new(Aligned::zeros((SUMS + 2 * PATCHES) / size_of::<f32>()));
}

/// # Safety
/// As for [`ConvKernel`](super::table::ConvKernel); [`IS_AVAILABLE`] must be true.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,avx2,fma")]
unsafe fn conv(job: &Int8ConvJob, io: Buffers<u8>, part: &ConvPart) {
    // SAFETY: as for this function.
    unsafe {
        if is_worth_copying(&job.indirection, part) {
            SCRATCH.with_borrow_mut(|scratch| conv_in_tiles(job, io, part, scratch));
        } else {
            conv_by_dot_products(job, io, part);
        }
    }
}

/// Whether copies take less time than tiles save.
fn is_worth_copying(shape: &Indirection, part: &ConvPart) -> bool {
    /// Where a tap has fewer products for each pixel, dot products from the place were faster: the first
    /// layers of our networks, which have 192.
    const LEAST_PRODUCTS: usize = 256;
    /// Half a tile.
    const LEAST_PIXELS: usize = 8;
    steps(shape) <= MOST_STEPS
        && shape.depth * shape.output_stride >= LEAST_PRODUCTS
        && part.pixels.len() >= LEAST_PIXELS
}

/// Tiles along the depth.
fn steps(shape: &Indirection) -> usize {
    (shape.taps * shape.depth).div_ceil(ROW)
}

/// # Safety
/// As for [`conv`].
#[inline(always)]
unsafe fn conv_by_dot_products(job: &Int8ConvJob, io: Buffers<u8>, part: &ConvPart) {
    for panel in &job.indirection.panels[part.panels.clone()] {
        let pixels = part.pixels.clone();
        // SAFETY: as for this function.
        unsafe {
            match panel.width {
                TILE => int8_panel::<Vnni512, 12, 1, false>(job, panel, io, pixels),
                _ => int8_panel::<Vnni512, 12, 1, true>(job, panel, io, pixels),
            }
        }
    }
}

/// # Safety
/// As for [`conv`]; the scratch must be that of [`SCRATCH`].
#[inline(always)]
unsafe fn conv_in_tiles(
    job: &Int8ConvJob,
    io: Buffers<u8>,
    part: &ConvPart,
    scratch: &mut Aligned,
) {
    let memory: &mut [u8] = bytemuck::cast_slice_mut(scratch);
    let (sums, patches) = memory.split_at_mut(SUMS);
    let copies = Patches::of(job, io.input);
    let block = |i: usize| {
        let first = part.pixels.start + i * PIXELS;
        first..part.pixels.end.min(first + PIXELS)
    };
    let blocks = part.pixels.len().div_ceil(PIXELS);
    let panels = &job.indirection.panels[part.panels.clone()];
    // SAFETY: as for this function; pixels and panels are the job's.
    unsafe {
        let _tiles = Tiles::configure();
        copies.copy(block(0), patches);
        for i in 0..blocks {
            let pairs = panels.chunks(2);
            let last = pairs.len() - 1;
            for (pair, panels) in pairs.enumerate() {
                multiply(job, panels, block(i).len(), patches, sums);
                // Loads wait for stores to the same place: there are other stores between this and the
                // next product.
                if pair == last && i + 1 < blocks {
                    copies.copy(block(i + 1), patches);
                }
                store(job, panels, io, block(i), sums);
            }
        }
    }
}

/// Writes the sums of up to 32 pixels and one or two panels.
///
/// # Safety
/// As for [`conv`]; the patches must be those of the pixels.
#[inline(always)]
unsafe fn multiply(
    job: &Int8ConvJob,
    panels: &[Panel],
    pixels: usize,
    patches: &[u8],
    sums: &mut [u8],
) {
    let all: &[[i8; GROUP]] = bytemuck::cast_slice(&job.weights);
    let weights = |panel: &Panel| all[panel.weights..].as_ptr().cast();
    let steps = steps(&job.indirection);
    let product = Product {
        patches: patches.as_ptr(),
        stride: patches::stride(steps),
        weights: [weights(&panels[0]), weights(&panels[panels.len() - 1])],
        steps,
        bias: job.bias[panels[0].column..].as_ptr(),
        sums: sums.as_mut_ptr(),
    };
    // SAFETY: panels were packed for so many steps; the bias has as many numbers as whole panels have columns.
    unsafe {
        match (pixels.div_ceil(TILE), panels.len()) {
            (1, 1) => product.run::<1, 1>(),
            (1, _) => product.run::<1, 2>(),
            (_, 1) => product.run::<2, 1>(),
            _ => product.run::<2, 2>(),
        }
    }
}

/// Requantizes the sums of up to 32 pixels and one or two panels.
///
/// # Safety
/// As for [`conv`], for pixels and panels of the job.
#[inline(always)]
unsafe fn store(
    job: &Int8ConvJob,
    panels: &[Panel],
    io: Buffers<u8>,
    pixels: Range<usize>,
    sums: &[u8],
) {
    for (panel, sums) in panels.iter().zip([0, 1].map(|n| &sums[n * ROW..])) {
        // SAFETY: as for this function.
        unsafe {
            match panel.width {
                TILE => store_panel::<false>(job, panel, io, pixels.clone(), sums),
                _ => store_panel::<true>(job, panel, io, pixels.clone(), sums),
            }
        }
    }
}

/// Requantizes the sums of one panel, eight pixels at a time.
///
/// # Safety
/// As for [`store`]; `HALF` tells whether the panel has eight columns.
#[inline(always)]
unsafe fn store_panel<const HALF: bool>(
    job: &Int8ConvJob,
    panel: &Panel,
    io: Buffers<u8>,
    pixels: Range<usize>,
    sums: &[u8],
) {
    const STEP: usize = 8;
    let start = pixels.start;
    let whole = pixels.len() / STEP * STEP;
    // SAFETY: as for this function; a pixel has a row of two panels' sums.
    unsafe {
        for i in (0..whole).step_by(STEP) {
            let mut tile = [[Vnni512::load(sums[2 * ROW * i..].as_ptr().cast())]; STEP];
            for m in 1..STEP {
                tile[m] = [Vnni512::load(sums[2 * ROW * (i + m)..].as_ptr().cast())];
            }
            store_tile::<_, STEP, 1, HALF>(job, panel, io, start + i, tile);
        }
        for i in whole..pixels.len() {
            let tile = [[Vnni512::load(sums[2 * ROW * i..].as_ptr().cast())]];
            store_tile::<_, 1, 1, HALF>(job, panel, io, start + i, tile);
        }
    }
}
