//! Places in the plane as a grid without gaps, for screens that show pictures in rows.

/// The cells of a grid, row by row from the top, and which point each one has.
///
/// ```
/// use moue_index::FaceGrid;
/// let grid = FaceGrid::of(&[[9.0, 9.0], [0.0, 0.0], [9.0, 0.0], [0.0, 9.0]]);
/// assert_eq!((grid.columns, grid.cells), (2, vec![1, 2, 3, 0]));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FaceGrid {
    /// Cells of a row; the last row may have fewer.
    pub columns: usize,
    /// For each cell the index of its point.
    pub cells: Vec<usize>,
}

/// A rectangle of cells: its first column and row, and those after its last.
#[derive(Debug, Clone, Copy)]
struct Part {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

impl FaceGrid {
    /// Gives each point a cell of a grid that is about as wide as high, so that near points have near
    /// cells. Points go to the halves of the grid by their order along its longer side, and so on in
    /// each half, as in a k-d tree (Bentley 1975).
    pub fn of(places: &[[f32; 2]]) -> Self {
        let columns = (places.len() as f64).sqrt().ceil() as usize;
        let mut grid = Self {
            columns,
            cells: vec![0; places.len()],
        };
        let mut points: Vec<usize> = (0..places.len()).collect();
        let whole = Part {
            left: 0,
            top: 0,
            right: columns,
            bottom: places.len().div_ceil(columns.max(1)),
        };
        grid.fill(whole, &mut points, places);
        grid
    }

    /// Gives the cells of `part`, which are as many as `points`, to these.
    fn fill(&mut self, part: Part, points: &mut [usize], places: &[[f32; 2]]) {
        if let [point] = points {
            let cells = part.cells(self.columns, self.cells.len());
            for cell in cells {
                self.cells[cell] = *point;
            }
            return;
        }
        if points.is_empty() {
            return;
        }
        let halves = part.halves();
        let axis = usize::from(!part.is_wide());
        // Equal coordinates by index, so that the same points have the same grid.
        points.sort_by(|a, b| places[*a][axis].total_cmp(&places[*b][axis]).then(a.cmp(b)));
        let first = halves[0].cells(self.columns, self.cells.len()).count();
        let split = points.split_at_mut(first);
        self.fill(halves[0], split.0, places);
        self.fill(halves[1], split.1, places);
    }
}

impl Part {
    fn is_wide(self) -> bool {
        self.right - self.left >= self.bottom - self.top
    }

    fn halves(self) -> [Self; 2] {
        if self.is_wide() {
            let middle = self.left.midpoint(self.right);
            let left = Self {
                right: middle,
                ..self
            };
            let right = Self {
                left: middle,
                ..self
            };
            return [left, right];
        }
        let middle = self.top.midpoint(self.bottom);
        let upper = Self {
            bottom: middle,
            ..self
        };
        [
            upper,
            Self {
                top: middle,
                ..self
            },
        ]
    }

    /// The cells that there are; the last row of the grid may end early.
    fn cells(self, columns: usize, count: usize) -> impl Iterator<Item = usize> {
        let rows = self.top..self.bottom;
        let all = rows.flat_map(move |row| (self.left..self.right).map(move |c| row * columns + c));
        all.filter(move |cell| *cell < count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_point_has_one_cell(places in prop::collection::vec(prop::array::uniform2(-5.0f32..5.0), 0..90)) {
            let grid = FaceGrid::of(&places);
            let mut points = grid.cells.clone();
            points.sort_unstable();
            prop_assert!(points.into_iter().eq(0..places.len()));
            let rows = places.len().div_ceil(grid.columns.max(1));
            prop_assert!(grid.columns.abs_diff(rows) <= 1, "{} by {rows}", grid.columns);
        }
    }

    #[test]
    fn a_grid_of_points_stays_as_it_is() {
        let places: Vec<[f32; 2]> = (0..30 * 30)
            .map(|i| [(i % 30) as f32, (i / 30) as f32])
            .collect();
        assert!(FaceGrid::of(&places).cells.into_iter().eq(0..30 * 30));
    }

    #[test]
    fn places_that_are_no_numbers_have_cells_too() {
        let grid = FaceGrid::of(&[[f32::NAN, 0.0], [0.0, f32::INFINITY], [1.0, 1.0]]);
        assert_eq!(grid.cells.len(), 3);
        assert!(FaceGrid::of(&[]).cells.is_empty());
    }
}
