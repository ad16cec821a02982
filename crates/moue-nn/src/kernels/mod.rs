//! The vector kernels and the tables that pick them at run time.
//!
//! Activations lie in memory as rows of channels whose stride is rounded up to [`BLOCK`], so that
//! every kernel handles whole vectors only. The extra lanes hold values nobody reads.
//!
//! All `unsafe` code of the crate is in this folder. The functions of [`Kernels`] are safe: they
//! check the bounds that the kernels rely on.
//!
//! From below: `block` and `indirection` define how memory is laid out, `packing`, `jobs` and
//! `depthwise_job` lay weights out; `simd` is the vector type, over which `gemm`, `int8`,
//! `winograd` and `depthwise` are written once; `table` instantiates them for the instruction sets in `portable`,
//! `x86`, `neon` and `wasm`, and `amx` has a convolution of its own; `dispatch` picks a table and runs
//! it. `rows` has the loops of other operators.

#![allow(
    unsafe_code,
    reason = "kernels read and write through pointers, with vector instructions, on several threads"
)]

#[cfg(all(
    target_arch = "x86_64",
    target_os = "linux",
    target_pointer_width = "64"
))]
mod amx;
mod block;
mod depthwise;
mod depthwise_job;
#[cfg(test)]
mod differential;
mod dispatch;
mod gemm;
mod indirection;
mod int8;
mod isa;
mod jobs;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "aarch64")]
mod neon_int8;
mod packing;
mod portable;
pub(crate) mod rows;
mod simd;
mod table;
mod thread_pool;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;
mod winograd;
#[cfg(target_arch = "x86_64")]
mod x86;
#[cfg(target_arch = "x86_64")]
mod x86_int8;

pub(crate) use block::{BLOCK, GROUP, padded};
pub(crate) use depthwise_job::DepthwiseJob;
pub(crate) use indirection::{ConvShape, InputAddressing};
pub use isa::Isa;
pub(crate) use jobs::{ConvJob, Int8ConvJob, Requantization};
pub(crate) use packing::Int8Format;
pub(crate) use table::Kernels;
pub(crate) use thread_pool::ThreadPool;
pub(crate) use winograd::{Side, WinogradJob, WinogradShape};
