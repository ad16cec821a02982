//! The anchors of a single-shot detector (SSD, Liu et al. 2016): the grid of positions relative to
//! which the network predicts its boxes.

use crate::geometry::Point;

/// Square grid of anchors of one fixed size, as MediaPipe's `SsdAnchorsCalculator` makes them with
/// `fixed_anchor_size`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnchorGrid {
    /// Cells along a side.
    pub cells: usize,
    /// Anchors at the center of each cell.
    pub per_cell: usize,
}

impl AnchorGrid {
    /// How many anchors there are.
    fn len(self) -> usize {
        self.cells * self.cells * self.per_cell
    }

    /// The center of one of them, 0..1 of the network's input.
    fn center(self, index: usize) -> Point {
        let cell = index / self.per_cell;
        [cell % self.cells, cell / self.cells].map(|i| (i as f32 + 0.5) / self.cells as f32)
    }
}

/// The anchors' centers, 0..1 of the network's input, row by row, grid after grid.
pub(super) fn centers(grids: &[AnchorGrid]) -> Vec<Point> {
    grids
        .iter()
        .flat_map(|grid| (0..grid.len()).map(|i| grid.center(i)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blazeface_has_896_anchors() {
        let grids = [(16, 2), (8, 6)].map(|(cells, per_cell)| AnchorGrid { cells, per_cell });
        let centers = centers(&grids);
        assert_eq!(centers.len(), 896);
        assert_eq!(centers[0], [0.03125, 0.03125]);
        assert_eq!(centers[3], [0.09375, 0.03125]);
        assert_eq!(centers[512], [0.0625, 0.0625]);
        assert_eq!(centers[895], [0.9375, 0.9375]);
    }
}
