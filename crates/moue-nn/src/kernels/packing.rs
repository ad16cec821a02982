//! Packs weights into panels: the columns that a micro-kernel computes at once lie together, in the
//! order in which it reads them (as in GotoBLAS and its descendants).

use super::block::{BLOCK, GROUP, padded};

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

/// Cuts `outputs × inner` weights into panels, each stored as `inner × width`, missing columns zero; a
/// panel is stored with at least `narrowest` columns. `of` returns the weight at an inner position and a
/// column.
pub(super) fn pack<T: Default>(
    outputs: usize,
    inner: usize,
    widths: &[usize],
    narrowest: usize,
    of: impl Fn(usize, usize) -> T,
) -> (Vec<Panel>, Vec<T>) {
    let mut panels = Vec::new();
    let mut packed = Vec::with_capacity(loaded_columns(outputs) * inner);
    let mut column = 0;
    while column < padded(outputs) {
        let left = padded(outputs) - column;
        let width = widths.iter().copied().find(|w| *w <= left).unwrap_or(BLOCK);
        panels.push(Panel {
            column,
            width,
            weights: packed.len(),
        });
        // A panel of three halves of an AVX-512 vector is stored as two vectors.
        let stored = if width == 24 {
            32
        } else {
            width.max(narrowest)
        };
        let end = outputs.min(column + width);
        for k in 0..inner {
            packed.extend(
                (column..column + stored).map(|c| if c < end { of(k, c) } else { T::default() }),
            );
        }
        column += width;
    }
    (panels, packed)
}
