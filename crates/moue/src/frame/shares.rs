//! Which pixels of a source the cells along an axis are made of.

use std::ops::Range;

/// A share of one source pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Share {
    pub(super) source: usize,
    pub(super) weight: f32,
}

/// The shares of each cell, which are of neighboring pixels.
pub(super) struct Shares {
    /// Of all cells, one after the other: a list for each would be hundreds of allocations.
    all: Vec<Share>,
    /// Where the shares of each cell end.
    ends: Vec<usize>,
}

impl Shares {
    /// Shares of `count` cells; `push` appends those of a cell.
    pub(super) fn new(count: usize, push: impl Fn(usize, &mut Vec<Share>)) -> Self {
        let mut all = Vec::new();
        let ends = (0..count).map(|cell| {
            push(cell, &mut all);
            all.len()
        });
        let ends = ends.collect();
        Self { all, ends }
    }

    /// Area averaging of `from` pixels to `to` cells, as OpenCV does it (`INTER_AREA`).
    pub(super) fn of_area(from: usize, to: usize) -> Self {
        // The reciprocal of the reciprocal, as OpenCV computes it: `from / to` rounds otherwise.
        let scale = 1.0 / (to as f64 / from as f64);
        Self::new(to, |i, shares| {
            push_area(i as f64 * scale, scale, from, shares);
        })
    }

    /// Number of cells.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn cell(&self, i: usize) -> &[Share] {
        let start = i.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.all[start..self.ends[i]]
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = &[Share]> {
        (0..self.len()).map(|i| self.cell(i))
    }

    /// Shares of the cell that has most.
    pub(super) fn most(&self) -> usize {
        self.cells().map(<[Share]>::len).max().unwrap_or(0)
    }

    /// From the first to the last pixel that any cell has a share of.
    pub(super) fn touched(&self) -> Range<usize> {
        let sources = || self.all.iter().map(|share| share.source);
        let end = sources().max().map_or(0, |last| last + 1);
        sources().min().unwrap_or(0)..end
    }
}

/// Appends the source pixels that one cell covers, which starts at `start` and is `scale` wide.
fn push_area(start: f64, scale: f64, from: usize, shares: &mut Vec<Share>) {
    /// OpenCV leaves out slivers thinner than this, which are rounding errors.
    const SLIVER: f64 = 1e-3;
    let end = start + scale;
    let width = scale.min(from as f64 - start);
    let last = (end.floor() as usize).min(from - 1);
    let first = (start.ceil() as usize).min(last);
    let share = |source, covered: f64| Share {
        source,
        weight: (covered / width) as f32,
    };
    if first as f64 - start > SLIVER {
        shares.push(share(first - 1, first as f64 - start));
    }
    shares.extend((first..last).map(|source| share(source, 1.0)));
    if end - last as f64 > SLIVER {
        shares.push(share(last, (end - last as f64).min(1.0).min(width)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_a_cell_sum_to_one() {
        for (from, to) in [(900, 128), (675, 96), (129, 128), (7, 3), (5, 5)] {
            for shares in Shares::of_area(from, to).cells() {
                let sum: f32 = shares.iter().map(|s| s.weight).sum();
                assert!((sum - 1.0).abs() < 2e-3, "{from} to {to}: {sum}");
            }
        }
    }

    #[test]
    fn cells_have_neighboring_pixels() {
        let shares = Shares::of_area(7, 3);
        let sources = |cell| shares.cell(cell).iter().map(|share| share.source);
        assert_eq!(sources(0).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(sources(1).collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!(
            (shares.len(), shares.most(), shares.touched()),
            (3, 3, 0..7)
        );
    }
}
