//! Picks the kernels of an instruction set and runs them, on one thread or on several.

#[cfg(all(
    target_arch = "x86_64",
    target_os = "linux",
    target_pointer_width = "64"
))]
use super::amx;
use super::depthwise_job::DepthwiseJob;
use super::indirection::Indirection;
use super::isa::Isa;
use super::jobs::{ConvJob, Int8ConvJob};
#[cfg(target_arch = "aarch64")]
use super::neon;
#[cfg(target_arch = "aarch64")]
use super::neon_int8;
use super::portable;
use super::simd::{Buffers, PEAK_VECTORS};
#[cfg(target_arch = "x86_64")]
use super::table::Int8Kernels;
use super::table::{ConvKernel, DepthwiseKernel, Kernels};
use super::thread_pool::ThreadPool;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use super::wasm;
use super::winograd::WinogradJob;
#[cfg(target_arch = "x86_64")]
use super::{x86, x86_int8};
use crate::aligned::Aligned;
use std::cell::RefCell;

impl Isa {
    /// Multiplies and adds in registers alone, at least `multiply_adds` times, and returns how many
    /// times it was. The shortest time that this takes is the processor's peak, of which benchmarks
    /// give shares.
    pub fn measure_peak(self, multiply_adds: u64) -> u64 {
        let kernels = Kernels::of(self);
        let each = (kernels.lanes * PEAK_VECTORS) as u64;
        let rounds = multiply_adds.div_ceil(each);
        // SAFETY: the table is only chosen where the processor has the instructions.
        std::hint::black_box(unsafe { (kernels.peak)(rounds as usize) });
        rounds * each
    }
}

/// The best kernels for int8 codes of a processor with AVX-512.
#[cfg(target_arch = "x86_64")]
fn best_int8_avx512() -> Int8Kernels {
    #[cfg(all(target_os = "linux", target_pointer_width = "64"))]
    if *amx::IS_AVAILABLE {
        return amx::AMX;
    }
    x86_int8::best_avx512()
}

/// Buffers that threads share; each writes a part of the output of its own.
struct SharedBuffers<T>(Buffers<T>);

// SAFETY: whoever shares them sees to it that parts are disjoint.
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

    /// A method, so that closures capture the whole, which may be shared, not the pointers in it.
    fn get(&self) -> Buffers<T> {
        self.0
    }
}

/// Runs all parts here, or on the pool if there is one and more than one part.
fn spread(pool: Option<&mut ThreadPool>, parts: usize, task: &(dyn Fn(usize) + Sync)) {
    match pool {
        Some(pool) if parts > 1 => pool.run(parts, task),
        _ => (0..parts).for_each(task),
    }
}

/// How many threads run a step.
fn threads(pool: &Option<&mut ThreadPool>) -> usize {
    pool.as_ref().map_or(1, |pool| pool.threads())
}

impl Kernels {
    /// The table for `isa`, or for the best one that this processor has if it lacks `isa`.
    pub(crate) fn of(isa: Isa) -> Kernels {
        // A table that the processor has no instructions for must not be chosen: kernels would be
        // undefined behavior.
        match isa.min(Isa::best()) {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => Kernels {
                int8: best_int8_avx512(),
                ..x86::AVX512
            },
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => Kernels {
                int8: x86_int8::best_avx2(),
                ..x86::AVX2
            },
            #[cfg(target_arch = "aarch64")]
            Isa::Neon => Kernels {
                int8: neon_int8::best(),
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
        pool: Option<&mut ThreadPool>,
    ) {
        let indirection = &job.indirection;
        indirection.check(input.len(), residual.map(<[f32]>::len), output.len());
        let buffers = SharedBuffers::new(input, residual, output);
        run_conv(self.conv_part, job, indirection, &buffers, pool);
    }

    /// Runs a convolution by Winograd's algorithm on `input`, and on `residual`, which is added.
    pub(crate) fn winograd(
        &self,
        job: &WinogradJob,
        input: &[f32],
        residual: Option<&[f32]>,
        output: &mut [f32],
        pool: Option<&mut ThreadPool>,
    ) {
        job.check(input.len(), residual.map(<[f32]>::len), output.len());
        let buffers = SharedBuffers::new(input, residual, output);
        let parts = job.parts(threads(&pool));
        spread(pool, parts.count, &|i| {
            with_scratch(job.scratch_len(), |scratch| {
                // SAFETY: as in `run_conv`.
                unsafe { (self.winograd_part)(job, buffers.get(), &job.part(parts, i), scratch) }
            })
        });
    }

    /// Runs a convolution of int8 codes.
    pub(crate) fn conv_int8(
        &self,
        job: &Int8ConvJob,
        input: &[u8],
        output: &mut [u8],
        pool: Option<&mut ThreadPool>,
    ) {
        let indirection = &job.indirection;
        indirection.check(input.len(), None, output.len());
        let buffers = SharedBuffers::new(input, None, output);
        run_conv(self.int8.conv_part, job, indirection, &buffers, pool);
    }

    /// Runs a depthwise convolution.
    pub(crate) fn depthwise(
        &self,
        job: &DepthwiseJob,
        input: &[f32],
        output: &mut [f32],
        pool: Option<&mut ThreadPool>,
    ) {
        run_depthwise(self.depthwise_rows, job, input, output, pool);
    }

    /// Runs a depthwise convolution of int8 codes.
    pub(crate) fn depthwise_int8(
        &self,
        job: &DepthwiseJob,
        input: &[u8],
        output: &mut [u8],
        pool: Option<&mut ThreadPool>,
    ) {
        run_depthwise(self.depthwise_int8_rows, job, input, output, pool);
    }
}

/// Calls `body` with scratch memory of this thread, which grows to the longest that was asked for.
fn with_scratch(len: usize, body: impl FnOnce(&mut [f32])) {
    thread_local! {
        static SCRATCH: RefCell<Aligned> = RefCell::new(Aligned::zeros(0));
    }
    SCRATCH.with_borrow_mut(|scratch| {
        if scratch.len() < len {
            *scratch = Aligned::zeros(len);
        }
        body(scratch)
    });
}

/// Runs a convolution on buffers that have passed its check.
fn run_conv<J: Sync, T>(
    kernel: ConvKernel<J, T>,
    job: &J,
    indirection: &Indirection,
    buffers: &SharedBuffers<T>,
    pool: Option<&mut ThreadPool>,
) {
    let parts = indirection.parts(threads(&pool));
    spread(pool, parts.count, &|i| {
        // SAFETY: both callers have just checked the buffers, parts write pixels or channels of
        // their own, and the table is only chosen where the processor has the instructions.
        unsafe { kernel(job, buffers.get(), &indirection.part(parts, i)) }
    });
}

fn run_depthwise<T>(
    kernel: DepthwiseKernel<T>,
    job: &DepthwiseJob,
    input: &[T],
    output: &mut [T],
    pool: Option<&mut ThreadPool>,
) {
    job.check(input, output);
    let buffers = SharedBuffers::new(input, None, output);
    let parts = job.parts(threads(&pool));
    spread(pool, parts, &|i| {
        // SAFETY: as in `run_conv`; parts write rows of their own.
        unsafe { kernel(job, buffers.get(), job.part(parts, i)) }
    });
}
