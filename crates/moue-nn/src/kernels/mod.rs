//! The vector kernels and the table that picks them at run time.
//!
//! Activations lie in memory as rows of channels whose stride is rounded up to [`BLOCK`], so
//! that every kernel handles whole vectors only. The extra lanes hold values nobody reads.
//! All `unsafe` code of the crate is in this folder; the functions in [`Kernels`] are safe and
//! check the bounds that the kernels rely on.

#[cfg(test)]
mod differential;
mod int8;
mod jobs;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "aarch64")]
mod neon_int8;
mod portable;
mod simd;
mod thread_pool;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;
#[cfg(target_arch = "x86_64")]
mod x86;
#[cfg(target_arch = "x86_64")]
mod x86_int8;

pub(crate) use jobs::{
    ConvJob, DepthwiseJob, Epilogue, GROUP, Int8ConvJob, Reading, Requantization,
};
pub(crate) use thread_pool::ThreadPool;

use jobs::{ConvPart, Walk};
use simd::Buffers;
use std::ops::Range;

/// Channels are stored in groups of this many floats.
pub(crate) const BLOCK: usize = 8;

/// Rounds a number of channels up to whole blocks.
pub(crate) fn padded(channels: usize) -> usize {
    channels.next_multiple_of(BLOCK)
}

/// The nearest whole number of one between 0 and 255, the even one of two that are as near. A sum
/// this large leaves no place for a fraction and is rounded, where the baseline of x86-64 has no
/// instruction for that; its last bits are the number.
#[inline(always)]
pub(crate) fn nearest(x: f32) -> u8 {
    const SHIFT: f32 = (1 << 23) as f32;
    (x + SHIFT).to_bits() as u8
}

/// An instruction set that moue has kernels for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Isa {
    /// Plain Rust that the compiler vectorises for the baseline of the target.
    Portable,
    /// WebAssembly with 128-bit vectors: 4 lanes; chosen when the program is built.
    Simd128,
    /// AArch64: 4 lanes.
    Neon,
    /// x86-64 with AVX2 and FMA: 8 lanes.
    Avx2,
    /// x86-64 with AVX-512 F and VL: 16 lanes.
    Avx512,
}

impl Isa {
    /// All instruction sets that this processor can run, the fastest last.
    pub fn available() -> Vec<Isa> {
        let mut found = vec![Isa::Portable];
        if cfg!(all(target_arch = "wasm32", target_feature = "simd128")) {
            found.push(Isa::Simd128);
        }
        if cfg!(target_arch = "aarch64") {
            found.push(Isa::Neon);
        }
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                found.push(Isa::Avx2);
                if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl") {
                    found.push(Isa::Avx512);
                }
            }
        }
        found
    }

    /// The fastest instruction set of this processor.
    pub fn best() -> Isa {
        Self::available().last().copied().unwrap_or(Isa::Portable)
    }

    /// Multiplies and adds in registers alone, about `least` times, and says how many times it was.
    /// The least time that this takes is the processor's peak, of which benchmarks give shares.
    pub fn multiply_add(self, least: u64) -> u64 {
        let kernels = Kernels::of(self);
        let each = (kernels.lanes * simd::PEAK_VECTORS) as u64;
        let rounds = least.div_ceil(each);
        // SAFETY: the table is only chosen where the processor has the instructions.
        std::hint::black_box(unsafe { (kernels.peak)(rounds as usize) });
        rounds * each
    }

    /// A short lower-case name: `portable`, `simd128`, `neon`, `avx2`, `avx512`.
    pub fn name(self) -> &'static str {
        match self {
            Isa::Portable => "portable",
            Isa::Simd128 => "simd128",
            Isa::Neon => "neon",
            Isa::Avx2 => "avx2",
            Isa::Avx512 => "avx512",
        }
    }
}

/// Computes a part of a convolution.
///
/// # Safety
/// The processor must have the kernel's instructions, the buffers must have passed
/// [`jobs::Walk::check`], and nobody else may write what the part writes or what it reads.
type ConvKernel<J, T> = unsafe fn(&J, Buffers<T>, &ConvPart);

/// Computes rows of a depthwise convolution.
///
/// # Safety
/// As for [`ConvKernel`], with [`DepthwiseJob::check`].
type DepthwiseKernel<T> = unsafe fn(&DepthwiseJob, Buffers<T>, Range<usize>);

/// The kernels of one instruction set.
#[derive(Clone, Copy)]
pub(crate) struct Kernels {
    /// Widths of weight panels in columns, the widest first, the last one [`BLOCK`].
    pub(crate) panels: &'static [usize],
    conv_part: ConvKernel<ConvJob, f32>,
    depthwise_rows: DepthwiseKernel<f32>,
    depthwise_byte_rows: DepthwiseKernel<u8>,
    pub(crate) bytes: ByteKernels,
    lanes: usize,
    peak: unsafe fn(usize) -> f32,
}

/// The kernels for sums of products of 8-bit numbers; some processors of an instruction set have
/// better ones than others.
#[derive(Clone, Copy)]
pub(crate) struct ByteKernels {
    /// As [`Kernels::panels`].
    pub(crate) panels: &'static [usize],
    /// Whether the kernel takes 128 from each number of the input, which the bias then gives back.
    signed: bool,
    conv_part: ConvKernel<Int8ConvJob, u8>,
}

/// Buffers that the members of a team share; each writes a part of the output of its own.
struct SharedBuffers<T>(Buffers<T>);

// SAFETY: whoever shares them sees to it that parts lie apart.
unsafe impl<T> Sync for SharedBuffers<T> {}

impl<T> SharedBuffers<T> {
    fn new(input: &[T], residual: Option<&[T]>, output: &mut [T]) -> Self {
        let residual = residual.map_or(std::ptr::null(), <[T]>::as_ptr);
        Self(Buffers {
            input: input.as_ptr(),
            residual,
            output: output.as_mut_ptr(),
        })
    }
}

/// Runs all parts here, or on the team if there is one and more than one part.
fn spread(team: Option<&mut ThreadPool>, parts: usize, task: &(dyn Fn(usize) + Sync)) {
    match team {
        Some(team) if parts > 1 => team.run(parts, task),
        _ => (0..parts).for_each(task),
    }
}

/// How many threads work for whoever has this team.
fn members(team: &Option<&mut ThreadPool>) -> usize {
    team.as_ref().map_or(1, |t| t.members())
}

impl Kernels {
    /// The table for `isa`, or for the best one that this processor has if it lacks `isa`.
    pub(crate) fn of(isa: Isa) -> Kernels {
        match isa.min(Isa::best()) {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => Kernels {
                bytes: x86_int8::best_avx512(),
                ..x86::AVX512
            },
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => Kernels {
                bytes: x86_int8::best_avx2(),
                ..x86::AVX2
            },
            #[cfg(target_arch = "aarch64")]
            Isa::Neon => Kernels {
                bytes: neon_int8::best(),
                ..neon::NEON
            },
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Isa::Simd128 => wasm::SIMD128,
            _ => portable::PORTABLE,
        }
    }

    /// Runs a convolution on `input`, and on `residual`, which is added.
    pub(crate) fn conv(
        &self,
        job: &ConvJob,
        input: &[f32],
        residual: Option<&[f32]>,
        output: &mut [f32],
        team: Option<&mut ThreadPool>,
    ) {
        run_conv(
            self.conv_part,
            (job, &job.walk),
            input,
            residual,
            output,
            team,
        );
    }

    /// Runs a convolution of 8-bit numbers.
    pub(crate) fn conv_bytes(
        &self,
        job: &Int8ConvJob,
        input: &[u8],
        output: &mut [u8],
        team: Option<&mut ThreadPool>,
    ) {
        run_conv(
            self.bytes.conv_part,
            (job, &job.walk),
            input,
            None,
            output,
            team,
        );
    }

    /// Runs a depthwise convolution.
    pub(crate) fn depthwise(
        &self,
        job: &DepthwiseJob,
        input: &[f32],
        output: &mut [f32],
        team: Option<&mut ThreadPool>,
    ) {
        run_depthwise(self.depthwise_rows, job, input, output, team);
    }

    /// Runs a depthwise convolution of 8-bit numbers.
    pub(crate) fn depthwise_bytes(
        &self,
        job: &DepthwiseJob,
        input: &[u8],
        output: &mut [u8],
        team: Option<&mut ThreadPool>,
    ) {
        run_depthwise(self.depthwise_byte_rows, job, input, output, team);
    }
}

fn run_conv<J: Sync, T>(
    kernel: ConvKernel<J, T>,
    (job, walk): (&J, &Walk),
    input: &[T],
    residual: Option<&[T]>,
    output: &mut [T],
    team: Option<&mut ThreadPool>,
) {
    walk.check(input.len(), residual.map(<[T]>::len), output.len());
    let buffers = SharedBuffers::new(input, residual, output);
    let parts = walk.parts(members(&team));
    spread(team, parts.count, &|i| {
        let buffers = &buffers;
        // SAFETY: the buffers were just checked, parts write pixels or channels of their own, and
        // the table is only chosen where the processor has the instructions.
        unsafe { kernel(job, buffers.0, &walk.part(parts, i)) }
    });
}

fn run_depthwise<T>(
    kernel: DepthwiseKernel<T>,
    job: &DepthwiseJob,
    input: &[T],
    output: &mut [T],
    team: Option<&mut ThreadPool>,
) {
    job.check(input, output);
    let buffers = SharedBuffers::new(input, None, output);
    let parts = job.parts(members(&team));
    spread(team, parts, &|i| {
        let buffers = &buffers;
        // SAFETY: as in `run_conv`; parts write rows of their own.
        unsafe { kernel(job, buffers.0, job.part(parts, i)) }
    });
}
