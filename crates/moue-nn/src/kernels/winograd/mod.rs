//! Convolutions of 3×3 taps by Winograd's minimal filtering (Lavin and Gray, "Fast Algorithms for
//! Convolutional Neural Networks", arXiv 1509.09308). Tiles of the input and the weights are
//! transformed, multiplied position by position, summed over the channels, and transformed back. The sums
//! are a matrix product for each position, with 2.25 or 4 times fewer multiplications than by the
//! definition. Results differ from it by rounding alone; a number that is not finite spreads to all
//! pixels of its tile.

mod input;
mod job;
mod output;
mod products;
mod transforms;

pub(super) use input::transform_input;
pub(crate) use job::{Side, WinogradJob, WinogradShape};
pub(super) use output::transform_output;
pub(super) use products::product_panel;

use super::simd::even_tiles;
use job::MOST_TILES;
use std::ops::Range;

/// Tiles that are transformed at a time, with where they lie in the scratch memory.
#[derive(Clone)]
pub(super) struct TileBlock {
    /// Counted through the batch.
    pub(super) tiles: Range<usize>,
    /// `positions × tiles × channels` of the transformed input.
    pub(super) input: *mut f32,
    /// `positions × tiles × channels` of the sums.
    pub(super) sums: *mut f32,
}

impl WinogradJob {
    /// The blocks of some tiles, one after the other in the same scratch memory.
    ///
    /// # Panics
    /// If the scratch memory is shorter than [`WinogradJob::scratch_len`].
    pub(super) fn blocks(
        &self,
        tiles: Range<usize>,
        scratch: &mut [f32],
    ) -> impl Iterator<Item = TileBlock> {
        assert!(scratch.len() >= self.scratch_len());
        let input = scratch.as_mut_ptr();
        let sums = input.wrapping_add(MOST_TILES * self.side.positions() * self.input_stride());
        even_tiles(tiles, MOST_TILES).map(move |tiles| TileBlock { tiles, input, sums })
    }

    /// Positions of a tile, each with weights of its own.
    pub(super) fn positions(&self) -> Range<usize> {
        0..self.side.positions()
    }

    /// Batch, first output row and first output column of a tile.
    fn corner(&self, tile: usize) -> [usize; 3] {
        let [rows, columns] = self.shape.grid(self.side);
        let side = self.side.outputs();
        [
            tile / (rows * columns),
            tile / columns % rows * side,
            tile % columns * side,
        ]
    }
}
