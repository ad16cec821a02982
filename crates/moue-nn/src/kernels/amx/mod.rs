//! The int8 convolution in the tiles of AMX. A tile's rows lie at one distance in memory, so what output
//! pixels read is copied beside each other first (im2col), for two tiles of pixels at a time.

mod block;
mod patches;
mod tiles;

use super::indirection::{ConvPart, Indirection};
use super::int8::int8_panel;
use super::jobs::Int8ConvJob;
use super::packing::{Int8Format, TILE};
use super::simd::Buffers;
use super::table::Int8Kernels;
use super::x86_int8::Vnni512;
use crate::aligned::Aligned;
use block::{PIXEL_SUMS, PIXELS, PixelBlock};
use patches::{steps, stride};
use std::cell::RefCell;
pub(super) use tiles::IS_AVAILABLE;
use tiles::Tiles;

pub(super) const AMX: Int8Kernels = Int8Kernels {
    format: Int8Format {
        panels: &[TILE, TILE / 2],
        signed: false,
        in_tiles: true,
    },
    conv_part: conv,
};

/// Most tiles along the depth, which bound the scratch memory: those of 3×3 taps of 256 channels.
const MOST_STEPS: usize = 36;

/// Bytes that are copied for a block of pixels.
const PATCHES: usize = PIXELS * stride(MOST_STEPS);

/// Bytes of a block's sums.
const SUMS: usize = PIXELS * PIXEL_SUMS;

thread_local! {
    /// Sums and patches of a block of pixels.
    static SCRATCH: RefCell<Aligned> = RefCell::new(Aligned::zeros((SUMS + PATCHES) / size_of::<f32>()));
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
    let panels = &shape.panels[part.panels.clone()];
    let columns: usize = panels.iter().map(|panel| panel.width).sum();
    steps(shape) <= MOST_STEPS
        && shape.depth * columns >= LEAST_PRODUCTS
        && part.pixels.len() >= LEAST_PIXELS
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
    let [sums, patches]: [&mut [u8]; 2] = memory.split_at_mut(SUMS).into();
    let mut pairs = job.indirection.panels[part.panels.clone()].chunks(2);
    let Some(last) = pairs.next_back() else {
        return;
    };
    let mut block = PixelBlock::first(job, io, part);
    // SAFETY: as for this function; pixels and panels are the job's.
    unsafe {
        let _tiles = Tiles::configure();
        block.copy_patches(patches);
        while !block.pixels.is_empty() {
            for pair in pairs.clone() {
                block.multiply(pair, patches, sums);
                block.store(pair, sums);
            }
            block.multiply(last, patches, sums);
            // Before the last sums are stored: a load must wait for stores to the same place.
            let next = block.next(part);
            next.copy_patches(patches);
            block.store(last, sums);
            block = next;
        }
    }
}
