//! Convolutions laid out for the kernels, once when a model is loaded.

use super::block::{BLOCK, GROUP};
use super::indirection::{ConvShape, Indirection, InputAddressing};
use super::packing::{Int8Format, loaded_columns, pack};
use super::simd::Simd;
use crate::aligned::Aligned;
use crate::graph::Clamp;

/// What happens to a sum before it is stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Epilogue {
    /// Applied to the sum itself.
    pub(crate) first: Clamp,
    /// Applied after the residual has been added, where there is one.
    pub(crate) second: Clamp,
}

impl Epilogue {
    pub(super) fn new(clamp: Clamp) -> Self {
        Self {
            first: clamp,
            second: Clamp::NONE,
        }
    }

    /// Clamps the result once more, behind the residual if there is one.
    pub(crate) fn append_clamp(&mut self, clamp: Clamp, has_residual: bool) {
        let last = if has_residual {
            &mut self.second
        } else {
            &mut self.first
        };
        *last = last.then(clamp);
    }

    /// Clamps a vector of sums and adds the residual.
    ///
    /// # Safety
    /// The processor must have `V`'s instructions.
    #[inline(always)]
    pub(super) unsafe fn apply<V: Simd>(&self, sum: V, residual: Option<V>) -> V {
        // SAFETY: the caller has the instructions.
        unsafe {
            let value = sum.clamp(V::splat(self.first.low), V::splat(self.first.high));
            let Some(residual) = residual else {
                return value;
            };
            let [low, high] = [V::splat(self.second.low), V::splat(self.second.high)];
            value.add(residual).clamp(low, high)
        }
    }
}

/// A convolution of floats.
#[derive(Debug)]
pub(crate) struct ConvJob {
    pub(super) indirection: Indirection,
    pub(super) weights: Aligned,
    pub(super) bias: Vec<f32>,
    pub(crate) epilogue: Epilogue,
    /// A row of zeros for the taps outside.
    pub(super) zeros: Vec<f32>,
}

impl ConvJob {
    /// Packs `weights`, given as `outputs × taps × depth`, into panels of the given widths; results
    /// are clamped to `clamp`.
    pub(crate) fn new(
        shape: ConvShape,
        addressing: InputAddressing,
        weights: &[f32],
        bias: &[f32],
        widths: &[usize],
        clamp: Clamp,
    ) -> Self {
        let inner = shape.taps * shape.depth;
        assert_eq!(weights.len(), shape.outputs * inner);
        let of = |k: usize, column: usize| weights[column * inner + k];
        let (panels, packed) = pack(shape.outputs, inner, widths, BLOCK, of);
        let mut bias = bias.to_vec();
        bias.resize(loaded_columns(shape.outputs), 0.0);
        Self {
            indirection: Indirection::new(shape, addressing, panels),
            weights: Aligned::from_slice(&packed),
            bias,
            epilogue: Epilogue::new(clamp),
            zeros: vec![0.0; shape.depth],
        }
    }
}

/// From the sum of products of int8 codes to a byte in memory: `sum × scale + zero point`, rounded
/// and clamped.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requantization {
    /// What each channel's sum is multiplied by.
    pub(crate) scales: Vec<f32>,
    /// The bytes that stand for 0 in the input and in the output.
    pub(crate) zero_points: [f32; 2],
    /// Bounds of the resulting byte.
    pub(crate) bounds: Clamp,
}

/// A convolution of int8 codes, which lie in memory as bytes shifted by 128.
#[derive(Debug)]
pub(crate) struct Int8ConvJob {
    pub(super) indirection: Indirection,
    /// In groups of four along the depth: `taps × groups × width × 4`, filled up as [`Int8Format`] says.
    pub(super) weights: Aligned,
    pub(super) bias: Vec<i32>,
    pub(super) requantization: Requantization,
    /// A row of the input's zero point for the taps outside.
    pub(super) outside: Vec<u8>,
    /// Whether products with that row are zero, as they are behind a ReLU: such taps can be left out.
    pub(super) outside_is_zero: bool,
}

impl Int8ConvJob {
    /// As [`ConvJob::new`]; `requantization` has a scale for each output.
    pub(crate) fn new(
        shape: ConvShape,
        addressing: InputAddressing,
        weights: &[i8],
        bias: &[i32],
        mut requantization: Requantization,
        format: Int8Format,
    ) -> Self {
        let ConvShape {
            outputs,
            taps,
            depth,
            ..
        } = shape;
        assert_eq!(weights.len(), outputs * taps * depth);
        // Groups do not reach from tap to tap, as those lie apart in memory.
        let groups = depth.div_ceil(GROUP);
        let of = |k: usize, column: usize| match k / groups {
            tap if tap < taps => {
                let start = (column * taps + tap) * depth;
                group(&weights[start..start + depth], k % groups * GROUP)
            }
            _ => [0; GROUP],
        };
        let inner = format.stored_groups(taps * groups);
        let (panels, packed) = pack(outputs, inner, format.panels, format.narrowest(), of);
        let zero = requantization.zero_points[0] as i32;
        let offset = if format.signed { zero - 128 } else { zero };
        let mut bias = shifted_bias(bias, weights, offset);
        bias.resize(loaded_columns(outputs), 0);
        requantization.scales.resize(loaded_columns(outputs), 0.0);
        let stored = ConvShape {
            depth: groups * GROUP,
            ..shape
        };
        Self {
            indirection: Indirection::new(stored, addressing, panels),
            weights: Aligned::from_bytes(bytemuck::cast_slice(&packed)),
            bias,
            requantization,
            outside: vec![zero as u8; groups * GROUP],
            outside_is_zero: offset == 0,
        }
    }
}

/// Four weights from `first` on, zeros where the row has ended.
fn group(row: &[i8], first: usize) -> [i8; GROUP] {
    std::array::from_fn(|i| row.get(first + i).copied().unwrap_or(0))
}

/// The kernels multiply bytes as they lie in memory, which are `offset` too large each. What that
/// adds to a sum does not depend on the input, so that the bias takes it away beforehand.
fn shifted_bias(bias: &[i32], weights: &[i8], offset: i32) -> Vec<i32> {
    let rows = weights.chunks_exact(weights.len() / bias.len());
    let sum = |row: &[i8]| {
        row.iter()
            .fold(0i32, |sum, w| sum.wrapping_add(i32::from(*w)))
    };
    // Wrapping, as the kernels' sums are: a hostile file gets wrong results, not a panic.
    bias.iter()
        .zip(rows)
        .map(|(b, row)| b.wrapping_sub(offset.wrapping_mul(sum(row))))
        .collect()
}
