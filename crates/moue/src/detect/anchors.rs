//! The grid of positions from which a detector's network measures its boxes.

use crate::geometry::Point;

/// Square grid of anchors of one fixed size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnchorGrid {
    /// Cells along a side.
    pub cells: usize,
    /// Anchors at the center of each cell.
    pub per_cell: usize,
}

/// The anchors' centers, 0..1 of the network's input, row by row, grid after grid.
pub(super) fn centers(grids: &[AnchorGrid]) -> Vec<Point> {
    let grid = |g: &AnchorGrid| {
        let g = *g;
        let at = move |i: usize| (i as f32 + 0.5) / g.cells as f32;
        (0..g.cells * g.cells * g.per_cell).map(move |i| {
            let cell = i / g.per_cell;
            [at(cell % g.cells), at(cell / g.cells)]
        })
    };
    grids.iter().flat_map(grid).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blazeface_has_896_anchors() {
        let centers = centers(&super::super::DetectorOptions::blazeface_short_range().grids);
        assert_eq!(centers.len(), 896);
        assert_eq!(centers[0], [0.03125, 0.03125]);
        assert_eq!(centers[3], [0.09375, 0.03125]);
        assert_eq!(centers[512], [0.0625, 0.0625]);
        assert_eq!(centers[895], [0.9375, 0.9375]);
    }
}
