//! Packs weights into panels: the columns that a micro-kernel computes at once lie together, in the
//! order in which it reads them (as in GotoBLAS and its descendants).

use super::block::{BLOCK, GROUP, padded};
use std::ops::Range;

/// A group of output channels whose weights lie together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Panel {
    /// First output channel.
    pub(crate) column: usize,
    /// Number of output channels, one of the widths of the kernel table.
    pub(crate) width: usize,
    /// Where its weights start: `taps × depth × width`, and what fills them up to whole vectors or tiles.
    pub(crate) weights: usize,
}

impl Panel {
    /// How many columns it is stored with: one of three halves of an AVX-512 vector with two vectors, and
    /// none with less than `narrowest`.
    fn stored_columns(&self, narrowest: usize) -> usize {
        match self.width {
            24 => 32,
            width => width.max(narrowest),
        }
    }

    /// Of row `k` of this panel's weights, where those of its columns below `outputs` lie.
    pub(super) fn row(&self, k: usize, outputs: usize) -> Range<usize> {
        let start = self.weights + k * self.stored_columns(BLOCK);
        start..start + self.width.min(outputs - self.column)
    }
}

/// The output channels of adjacent panels.
pub(super) fn columns(panels: &[Panel]) -> Range<usize> {
    let start = panels.first().map_or(0, |panel| panel.column);
    start
        ..panels
            .last()
            .map_or(start, |panel| panel.column + panel.width)
}

/// How kernels for int8 codes want their weights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Int8Format {
    /// Widths of weight panels in columns, the widest first, the last one [`BLOCK`].
    pub(crate) panels: &'static [usize],
    /// Whether the kernel takes 128 from each byte of the input, as NEON's dot product wants both
    /// sides signed; the bias then gives it back.
    pub(crate) signed: bool,
    /// Whether weights are filled up with zeros to whole tiles.
    pub(crate) in_tiles: bool,
}

impl Int8Format {
    /// How many codes the weights of a convolution are stored with.
    pub(crate) fn stored_len(&self, outputs: usize, taps: usize, depth: usize) -> usize {
        let columns = padded(outputs).next_multiple_of(self.narrowest());
        let groups = taps.saturating_mul(depth.div_ceil(GROUP));
        columns
            .saturating_mul(self.stored_groups(groups))
            .saturating_mul(GROUP)
    }

    /// How many groups of codes along the depth a panel is stored with.
    pub(super) fn stored_groups(&self, groups: usize) -> usize {
        if self.in_tiles {
            groups.div_ceil(TILE).saturating_mul(TILE)
        } else {
            groups
        }
    }

    /// How many columns a panel is stored with at least.
    pub(super) fn narrowest(&self) -> usize {
        if self.in_tiles { TILE } else { BLOCK }
    }
}

/// Rows of a tile of AMX: pixels on one side, groups of four codes on the other; and its columns, which
/// are outputs.
pub(super) const TILE: usize = 16;

/// Elements that a kernel may load for so many columns: half a panel's vector more than there are.
pub(super) fn loaded_columns(outputs: usize) -> usize {
    padded(outputs) + BLOCK
}

/// Cuts so many outputs into panels, each stored as `inner` rows of its columns, and returns how many
/// elements they are in all.
pub(super) fn panels(
    outputs: usize,
    inner: usize,
    widths: &[usize],
    narrowest: usize,
) -> (Vec<Panel>, usize) {
    let mut panels = Vec::new();
    let mut column = 0;
    let mut weights = 0;
    while column < padded(outputs) {
        let left = padded(outputs) - column;
        let width = widths.iter().copied().find(|w| *w <= left).unwrap_or(BLOCK);
        let panel = Panel {
            column,
            width,
            weights,
        };
        column += width;
        weights += inner * panel.stored_columns(narrowest);
        panels.push(panel);
    }
    (panels, weights)
}

/// Packs `outputs × inner` weights into panels, missing columns zero. `of` returns the weight at an inner
/// position and a column.
pub(super) fn pack<T: Default>(
    outputs: usize,
    inner: usize,
    widths: &[usize],
    narrowest: usize,
    of: impl Fn(usize, usize) -> T,
) -> (Vec<Panel>, Vec<T>) {
    let (panels, len) = panels(outputs, inner, widths, narrowest);
    let mut packed = Vec::with_capacity(len);
    for panel in &panels {
        let end = outputs.min(panel.column + panel.width);
        let columns = panel.column..panel.column + panel.stored_columns(narrowest);
        for k in 0..inner {
            let weights = columns.clone();
            packed.extend(weights.map(|c| if c < end { of(k, c) } else { T::default() }));
        }
    }
    (panels, packed)
}
