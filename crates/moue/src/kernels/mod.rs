//! The inner loops over pixels, compiled for the processor's vectors.
//!
//! What a loop computes does not depend on the instruction set: each value is made of the same
//! numbers in the same order, so that a picture leads to the same bits on every processor. They know
//! slices of numbers and nothing of pictures.

mod columns;
mod gray;
mod narrow;
#[cfg(target_arch = "x86_64")]
mod narrow_avx2;
mod raster;
mod rows;
mod sample;
#[cfg(target_arch = "x86_64")]
mod sample_avx2;
mod turn;

pub(crate) use columns::{Columns, add_rows, weigh_rows};
pub(crate) use gray::{brightness, mean_brightness};
pub(crate) use narrow::narrow;
pub(crate) use raster::{Raster, Samples};
pub(crate) use rows::{add_blocks, add_bytes, normalize, round_means, rounded};
pub(crate) use sample::sample;
pub(crate) use turn::{Turn, padding};

/// Defines a function that is compiled twice, the second time for processors with AVX2, where vectors
/// are twice as wide and bytes become floats in one step.
macro_rules! also_for_avx2 {
    ($(#[$doc:meta])* fn $name:ident($($arg:ident: $type:ty),* $(,)?) $body:block) => {
        $(#[$doc])*
        pub(crate) fn $name($($arg: $type),*) {
            #[inline(always)]
            fn body($($arg: $type),*) $body
            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("avx2") {
                #[target_feature(enable = "avx2")]
                fn wide($($arg: $type),*) {
                    body($($arg),*);
                }
                // SAFETY: the processor has AVX2, which is all that `wide` asks for.
                return unsafe { wide($($arg),*) };
            }
            body($($arg),*);
        }
    };
}
use also_for_avx2;
