//! Tables of kernels: the functions of one instruction set, and the macros that instantiate them.

use super::depthwise_job::DepthwiseJob;
use super::indirection::ConvPart;
use super::jobs::{ConvJob, Int8ConvJob};
use super::packing::Int8Format;
use super::simd::Buffers;
use super::winograd::WinogradJob;
use std::ops::Range;

/// Computes a part of a convolution.
///
/// # Safety
/// The processor must have the kernel's instructions, the buffers must have passed
/// [`Indirection::check`](super::indirection::Indirection::check), and nobody else may write what
/// the part writes or what it reads.
pub(super) type ConvKernel<J, T> = unsafe fn(&J, Buffers<T>, &ConvPart);

/// Computes rows of a depthwise convolution.
///
/// # Safety
/// As for [`ConvKernel`], with [`DepthwiseJob::check`].
pub(super) type DepthwiseKernel<T> = unsafe fn(&DepthwiseJob, Buffers<T>, Range<usize>);

/// Computes a part of a convolution by Winograd's algorithm, in the given scratch memory.
///
/// # Safety
/// As for [`ConvKernel`], with [`WinogradJob::check`].
pub(super) type WinogradKernel = unsafe fn(&WinogradJob, Buffers<f32>, &ConvPart, &mut [f32]);

/// The kernels of one instruction set.
#[derive(Clone, Copy)]
pub(crate) struct Kernels {
    /// Widths of weight panels in columns, the widest first, the last one
    /// [`BLOCK`](super::BLOCK).
    pub(crate) panels: &'static [usize],
    pub(super) conv_part: ConvKernel<ConvJob, f32>,
    pub(super) winograd_part: WinogradKernel,
    pub(super) depthwise_rows: DepthwiseKernel<f32>,
    pub(super) depthwise_int8_rows: DepthwiseKernel<u8>,
    pub(crate) int8: Int8Kernels,
    /// Floats of the widest vector.
    pub(super) lanes: usize,
    /// Multiplies and adds in registers alone, for so many rounds.
    pub(super) peak: unsafe fn(usize) -> f32,
}

/// The kernels for sums of products of int8 codes. They are apart, as some processors of an
/// instruction set have better ones than others.
#[derive(Clone, Copy)]
pub(crate) struct Int8Kernels {
    pub(crate) format: Int8Format,
    pub(super) conv_part: ConvKernel<Int8ConvJob, u8>,
}

/// A kernel table whose functions run with `$features` switched on.
macro_rules! kernel_table {
    ($name:ident, $module:ident, [$($features:literal)?], int8 $int8:expr, wide $wide:ty, narrow $narrow:ty, tiles { $($width:literal => $vector:ty, $m:literal, $n:literal $(, half $half:literal)?;)+ }) => {
        mod $module {
            use super::*;
            use $crate::kernels::{depthwise_job::DepthwiseJob, indirection::ConvPart, jobs::ConvJob};
            use $crate::kernels::{depthwise::depthwise, gemm::conv_panel, simd::Buffers};
            use $crate::kernels::{packing::{Panel, columns}, winograd::{self, TileBlock, WinogradJob}};

            /// # Safety
            /// As for [`conv_panel`], for every panel and pixel of `part`.
            $(#[target_feature(enable = $features)])?
            pub(super) unsafe fn conv(job: &ConvJob, io: Buffers<f32>, part: &ConvPart) {
                for panel in &job.indirection.panels[part.panels.clone()] {
                    // SAFETY: the caller has checked the buffers; the features are those of the
                    // vector types.
                    unsafe {
                        match panel.width {
                            $($width => conv_panel::<$vector, $m, $n, { false $(|| $half)? }>(job, panel, io, part.pixels.clone()),)+
                            width => unreachable!("panel of {width} columns"),
                        }
                    }
                }
            }

            /// # Safety
            /// As for [`product_panel`](winograd::product_panel), for each of `panels`.
            // Inlined, the inner loop computes anew where the block starts.
            #[inline(never)]
            $(#[target_feature(enable = $features)])?
            unsafe fn products(job: &WinogradJob, block: &TileBlock, position: usize, panels: &[Panel]) {
                for panel in panels {
                    // SAFETY: as for this function; the features are those of the vector types.
                    unsafe {
                        match panel.width {
                            $($width => winograd::product_panel::<$vector, $m, $n, { false $(|| $half)? }>(job, block, position, panel),)+
                            width => unreachable!("panel of {width} columns"),
                        }
                    }
                }
            }

            /// # Safety
            /// As for [`WinogradKernel`]($crate::kernels::table::WinogradKernel).
            $(#[target_feature(enable = $features)])?
            pub(super) unsafe fn winograd(job: &WinogradJob, io: Buffers<f32>, part: &ConvPart, scratch: &mut [f32]) {
                let panels = &job.panels[part.panels.clone()];
                for block in job.blocks(part.pixels.clone(), scratch) {
                    // SAFETY: as in `conv`; blocks lie inside the part and the scratch memory.
                    unsafe {
                        winograd::transform_input::<$wide, $narrow>(job, io.input, &block);
                        for position in job.positions() {
                            products(job, &block, position, panels);
                        }
                        winograd::transform_output::<$wide, $narrow>(job, io, &block, columns(panels));
                    }
                }
            }

            /// # Safety
            /// As for [`depthwise`].
            $(#[target_feature(enable = $features)])?
            pub(super) unsafe fn depthwise_rows(job: &DepthwiseJob, io: Buffers<f32>, rows: std::ops::Range<usize>) {
                // SAFETY: as in `conv`.
                unsafe { depthwise::<f32, $wide, $narrow>(job, io.input, io.output, rows) }
            }

            /// # Safety
            /// As for [`depthwise`].
            $(#[target_feature(enable = $features)])?
            pub(super) unsafe fn depthwise_int8_rows(job: &DepthwiseJob, io: Buffers<u8>, rows: std::ops::Range<usize>) {
                // SAFETY: as in `conv`.
                unsafe { depthwise::<u8, $wide, $narrow>(job, io.input, io.output, rows) }
            }

            /// # Safety
            /// The processor must have the features.
            $(#[target_feature(enable = $features)])?
            pub(super) unsafe fn peak(rounds: usize) -> f32 {
                // SAFETY: the features are those of the vector type.
                unsafe { $crate::kernels::simd::peak::<$wide>(rounds) }
            }
        }

        pub(crate) const $name: $crate::kernels::table::Kernels = $crate::kernels::table::Kernels {
            panels: &[$($width),+],
            conv_part: $module::conv,
            winograd_part: $module::winograd,
            depthwise_rows: $module::depthwise_rows,
            depthwise_int8_rows: $module::depthwise_int8_rows,
            int8: $int8,
            lanes: <$wide as $crate::kernels::simd::Simd>::LANES,
            peak: $module::peak,
        };
    };
}
pub(super) use kernel_table;

/// A table of kernels for int8 codes whose functions run with `$features` switched on.
macro_rules! int8_table {
    ($name:ident, $module:ident, [$($features:literal)?], signed $signed:literal, tiles { $($width:literal => $sums:ty, $m:literal, $n:literal $(, half $half:literal)?;)+ }) => {
        mod $module {
            use super::*;
            use $crate::kernels::int8::int8_panel;
            use $crate::kernels::{indirection::ConvPart, jobs::Int8ConvJob};
            use $crate::kernels::simd::Buffers;

            /// # Safety
            /// As for [`int8_panel`], for every panel and pixel of `part`.
            $(#[target_feature(enable = $features)])?
            pub(super) unsafe fn conv(job: &Int8ConvJob, io: Buffers<u8>, part: &ConvPart) {
                for panel in &job.indirection.panels[part.panels.clone()] {
                    // SAFETY: the caller has checked the buffers; the features are those of the
                    // vector types.
                    unsafe {
                        match panel.width {
                            $($width => int8_panel::<$sums, $m, $n, { false $(|| $half)? }>(job, panel, io, part.pixels.clone()),)+
                            width => unreachable!("panel of {width} columns"),
                        }
                    }
                }
            }
        }

        pub(super) const $name: $crate::kernels::table::Int8Kernels = $crate::kernels::table::Int8Kernels {
            format: $crate::kernels::packing::Int8Format { panels: &[$($width),+], signed: $signed, in_tiles: false },
            conv_part: $module::conv,
        };
    };
}
pub(super) use int8_table;
