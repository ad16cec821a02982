//! Floats that start at a cache line, so that no vector load straddles two.

use bytemuck::{Pod, Zeroable};
use std::ops::{Deref, DerefMut};

/// Floats of a cache line of 64 bytes, which is also the widest vector, that of AVX-512.
const LINE: usize = 16;

/// One cache line.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
struct Line([f32; LINE]);

/// A buffer of floats; its length is rounded up to whole cache lines of zeros.
#[derive(Clone)]
pub(crate) struct Aligned(Vec<Line>);

impl Aligned {
    pub(crate) fn zeros(len: usize) -> Self {
        Self(vec![Line::zeroed(); len.div_ceil(LINE)])
    }

    pub(crate) fn from_slice(values: &[f32]) -> Self {
        let mut aligned = Self::zeros(values.len());
        aligned[..values.len()].copy_from_slice(values);
        aligned
    }

    /// The memory of `bytes`, filled up with zeros.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let mut aligned = Self::zeros(bytes.len().div_ceil(size_of::<f32>()));
        bytemuck::cast_slice_mut(&mut aligned)[..bytes.len()].copy_from_slice(bytes);
        aligned
    }
}

impl Deref for Aligned {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        bytemuck::cast_slice(&self.0)
    }
}

impl DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f32] {
        bytemuck::cast_slice_mut(&mut self.0)
    }
}

impl std::fmt::Debug for Aligned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} aligned floats", self.len())
    }
}
