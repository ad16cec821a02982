//! A convolution laid out for Winograd's algorithm, once when a model is loaded.

use super::transforms::{FourByFour, Transform, TwoByTwo};
use crate::aligned::Aligned;
use crate::graph::Clamp;
use crate::kernels::block::{BLOCK, padded};
use crate::kernels::indirection::{ConvPart, ConvParts, product, useful_parts};
use crate::kernels::jobs::Epilogue;
use crate::kernels::packing::{Panel, loaded_columns, panels};

/// Most tiles that are transformed at a time: what the second-level cache holds of the layers of our
/// networks, and enough for each weight that is loaded to serve many of them.
pub(super) const MOST_TILES: usize = 24;

/// A convolution of 3×3 taps that moves by one pixel. Sizes are rows first, then columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WinogradShape {
    pub(crate) batch: usize,
    pub(crate) input: [usize; 2],
    pub(crate) output: [usize; 2],
    /// Rows above and columns left of the picture that count as zero.
    pub(crate) before: [usize; 2],
    /// Channels of the input.
    pub(crate) depth: usize,
    /// Channels of the output.
    pub(crate) outputs: usize,
}

/// How many output pixels a tile has on each side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Side {
    Two,
    Four,
}

impl Side {
    /// Output pixels on a side.
    pub(super) fn outputs(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Four => 4,
        }
    }

    /// Positions of a transformed tile, each with a matrix product of its own.
    pub(super) fn positions(self) -> usize {
        (self.outputs() + 2).pow(2)
    }
}

impl WinogradShape {
    /// Rows and columns of tiles of a picture.
    pub(super) fn grid(&self, side: Side) -> [usize; 2] {
        self.output.map(|size| size.div_ceil(side.outputs()))
    }

    /// Tiles of the whole batch.
    fn tiles(&self, side: Side) -> usize {
        let [rows, columns] = self.grid(side);
        self.batch * rows * columns
    }

    /// Products of channels at all positions of all tiles.
    fn products(&self, side: Side) -> usize {
        self.tiles(side).saturating_mul(side.positions())
    }

    /// The tiles with which this convolution takes less time than by its definition, if there are such.
    ///
    /// Weights have to be read too, and are four times as many as by the definition for tiles of four,
    /// not quite twice as many for tiles of two. Of the layers of our networks those with four tiles of
    /// four, or with eight of two, take less time, and one with two of four takes more.
    pub(crate) fn side(&self) -> Option<Side> {
        /// With few channels there are few products to save for each number that is transformed.
        const LEAST_CHANNELS: usize = 16;
        /// Bounds the scratch memory.
        const MOST_CHANNELS: usize = 512;
        let channels = LEAST_CHANNELS..=MOST_CHANNELS;
        if !channels.contains(&self.depth) || !channels.contains(&self.outputs) {
            return None;
        }
        // Small pictures have products outside of them.
        let saves = self.products(Side::Four) < self.products(Side::Two);
        if saves && self.tiles(Side::Four) >= 4 {
            Some(Side::Four)
        } else {
            (self.tiles(Side::Two) >= 8).then_some(Side::Two)
        }
    }

    /// How many floats the transformed weights have.
    pub(crate) fn stored_len(&self, side: Side) -> usize {
        side.positions() * self.depth * loaded_columns(self.outputs)
    }
}

/// A convolution of floats whose weights are transformed.
#[derive(Debug)]
pub(crate) struct WinogradJob {
    pub(super) shape: WinogradShape,
    pub(super) side: Side,
    pub(in crate::kernels) panels: Vec<Panel>,
    /// For each position of a tile the weights of all panels.
    pub(super) weights: Aligned,
    /// Floats of the weights of one position.
    pub(super) weights_step: usize,
    pub(super) bias: Vec<f32>,
    pub(crate) epilogue: Epilogue,
    /// A row of zeros for pixels outside.
    pub(super) zeros: Vec<f32>,
}

impl WinogradJob {
    /// Transforms `weights`, given as `outputs × 9 × depth`, and packs them into panels of the given
    /// widths; results are clamped to `clamp`.
    pub(crate) fn new(
        shape: WinogradShape,
        side: Side,
        weights: &[f32],
        bias: &[f32],
        widths: &[usize],
        clamp: Clamp,
    ) -> Self {
        assert_eq!(weights.len(), shape.outputs * 9 * shape.depth);
        let (panels, weights_step) = panels(shape.outputs, shape.depth, widths, BLOCK);
        let mut bias = bias.to_vec();
        bias.resize(loaded_columns(shape.outputs), 0.0);
        let mut job = Self {
            shape,
            side,
            panels,
            weights_step,
            weights: Aligned::zeros(side.positions() * weights_step),
            bias,
            epilogue: Epilogue::new(clamp),
            zeros: vec![0.0; padded(shape.depth)],
        };
        match side {
            Side::Two => job.transform_weights::<TwoByTwo, 2, 4>(weights),
            Side::Four => job.transform_weights::<FourByFour, 4, 6>(weights),
        }
        job
    }

    /// # Panics
    /// Unless buffers of these lengths are as long as what is read and written. The kernels rely on
    /// it.
    pub(in crate::kernels) fn check(&self, input: usize, residual: Option<usize>, output: usize) {
        let WinogradShape { batch, depth, .. } = self.shape;
        let picture = |[h, w]: [usize; 2], channels| product([batch, h, w, padded(channels)]);
        let written = picture(self.shape.output, self.shape.outputs);
        assert!(input as u128 >= picture(self.shape.input, depth));
        assert!(output as u128 >= written && residual.is_none_or(|r| r as u128 >= written));
    }

    /// Floats of scratch memory that a part needs.
    pub(in crate::kernels) fn scratch_len(&self) -> usize {
        MOST_TILES * self.side.positions() * (self.input_stride() + self.sums_stride())
    }

    /// Floats from one tile to the next of the transformed input.
    pub(super) fn input_stride(&self) -> usize {
        padded(self.shape.depth)
    }

    /// Floats from one tile to the next of the sums of products.
    pub(super) fn sums_stride(&self) -> usize {
        padded(self.shape.outputs)
    }

    /// Cuts the tiles into parts for so many threads, or the output channels where tiles are few, as each
    /// part reads all weights of its channels. Parts of channels transform the same input, each for itself, so
    /// there is only one for each thread.
    pub(in crate::kernels) fn parts(&self, threads: usize) -> ConvParts {
        /// Tiles of a part, with which reading weights takes less time than multiplying.
        const TILES: usize = 16;
        /// The same where channels cannot be shared out evenly: so many that their sums keep the
        /// multiply-add units busy.
        const LEAST_TILES: usize = 4;
        let WinogradShape { depth, outputs, .. } = self.shape;
        let products = self.shape.products(self.side);
        let useful = useful_parts(product([products, depth, outputs]), threads);
        let tiles = self.shape.tiles(self.side);
        let is_even = self.panels.len().is_multiple_of(threads);
        let least = if is_even { TILES } else { LEAST_TILES };
        let by_pixels = useful == 1 || tiles >= threads * least;
        let count = if by_pixels {
            useful.min((tiles / TILES).max(threads))
        } else {
            threads.min(self.panels.len())
        };
        ConvParts { count, by_pixels }
    }

    pub(in crate::kernels) fn part(&self, parts: ConvParts, i: usize) -> ConvPart {
        parts.part(self.shape.tiles(self.side), self.panels.len(), i)
    }
}

impl WinogradJob {
    /// Transforms weights and packs them, along rows of outputs, where vectors do it.
    fn transform_weights<T: Transform<M, R>, const M: usize, const R: usize>(
        &mut self,
        weights: &[f32],
    ) {
        let WinogradShape { depth, outputs, .. } = self.shape;
        let mut taps = vec![0.0; 9 * outputs];
        let mut lines = vec![0.0; 3 * outputs];
        for k in 0..depth {
            for (i, weight) in taps.iter_mut().enumerate() {
                *weight = weights[(i % outputs * 9 + i / outputs) * depth + k];
            }
            for (i, factors) in T::WEIGHTS.into_iter().enumerate() {
                combine(factors, &taps, &mut lines, 0);
                self.transform_row::<T, M, R>(i * R, k, &lines);
            }
        }
    }

    /// Transforms weights of channel `k` along rows, for the positions from `first` on.
    fn transform_row<T: Transform<M, R>, const M: usize, const R: usize>(
        &mut self,
        first: usize,
        k: usize,
        lines: &[f32],
    ) {
        for (j, factors) in T::WEIGHTS.into_iter().enumerate() {
            let position = &mut self.weights[(first + j) * self.weights_step..];
            for panel in &self.panels {
                let row = &mut position[panel.row(k, self.shape.outputs)];
                combine(factors, lines, row, panel.column);
            }
        }
    }
}

/// Sums three parts of `values`, each with its factor and from `first` on.
fn combine(factors: [f32; 3], values: &[f32], out: &mut [f32], first: usize) {
    let part = values.len() / 3;
    let [a, b, c] = [0, 1, 2].map(|i| &values[i * part + first..][..out.len()]);
    for (i, out) in out.iter_mut().enumerate() {
        *out = factors[0] * a[i] + factors[1] * b[i] + factors[2] * c[i];
    }
}
