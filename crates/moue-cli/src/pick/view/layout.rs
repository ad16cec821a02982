//! Where the parts of the window are.

use egui::{Rect, Vec2, pos2, vec2};

/// Points between parts, and around all of them.
pub(super) const GAP: f32 = 12.0;
const MARGIN: f32 = 14.0;

const BAR_HEIGHT: f32 = 36.0;
const STATUS_HEIGHT: f32 = 18.0;
/// Of the line below a picture.
pub(super) const CAPTION_HEIGHT: f32 = 22.0;

/// Points that the tabs need beside the filter; narrower windows have them below it.
const TABS_WIDTH: f32 = 268.0;
const FIELD_WIDTH: f32 = 170.0;

/// Columns that are tried.
const MOST_COLUMNS: usize = 5;

/// The places of all parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) camera: Rect,
    pub(super) field: Rect,
    pub(super) tabs: Rect,
    pub(super) grid: Rect,
    pub(super) status: Rect,
}

impl Layout {
    /// The places in a window; without a camera its place holds a few words.
    pub(super) fn of(window: Rect, has_camera: bool) -> Self {
        let all = window.shrink(MARGIN);
        let is_wide = all.width() >= FIELD_WIDTH + GAP + TABS_WIDTH;
        let share = if has_camera { 0.34 } else { 0.0 };
        // Below some 600 points the pictures need the place more than the camera.
        let camera_height =
            (all.height() * share - (600.0 - all.height()).max(0.0) * 0.4).clamp(112.0, 360.0);
        let camera = Rect::from_min_size(all.min, vec2(all.width(), camera_height));
        let mut field = below(camera, BAR_HEIGHT);
        let mut tabs = field;
        if is_wide {
            tabs.min.x = field.max.x - TABS_WIDTH;
            field.max.x = tabs.min.x - GAP;
        } else {
            tabs = below(field, BAR_HEIGHT);
        }
        let status = Rect::from_min_max(pos2(all.min.x, all.max.y - STATUS_HEIGHT), all.max);
        let grid = Rect::from_min_max(
            pos2(all.min.x, tabs.max.y + GAP),
            pos2(all.max.x, status.min.y - GAP / 2.0),
        );
        Self {
            camera,
            field,
            tabs,
            grid,
            status,
        }
    }
}

fn below(rect: Rect, height: f32) -> Rect {
    let min = pos2(rect.min.x, rect.max.y + GAP);
    Rect::from_min_size(min, vec2(rect.width(), height))
}

/// Cards in rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Grid {
    pub(super) columns: usize,
    /// Of a card, with its caption.
    pub(super) card: Vec2,
}

impl Grid {
    /// The grid whose pictures are the largest if `count` cards have to be seen at once.
    pub(super) fn of(place: Vec2, count: usize) -> Self {
        // Of equal ones the last is taken: fewer columns leave fewer places empty.
        let grids = (2..=MOST_COLUMNS).rev();
        let grids = grids.map(|columns| Self::with(place, count, columns));
        let side = |grid: &Self| grid.card.x.min(grid.card.y - CAPTION_HEIGHT);
        grids
            .max_by(|a, b| side(a).total_cmp(&side(b)))
            .expect("there are several")
    }

    fn with(place: Vec2, count: usize, columns: usize) -> Self {
        let rows = count.div_ceil(columns) as f32;
        let gaps = vec2(columns as f32 - 1.0, rows - 1.0) * GAP;
        let card = (place - gaps) / vec2(columns as f32, rows);
        let smallest = vec2(48.0, 48.0 + CAPTION_HEIGHT);
        Self {
            columns,
            card: card.max(smallest),
        }
    }

    /// Where the card of this number is, from the corner of the first.
    pub(super) fn place(&self, number: usize) -> Rect {
        let cell = vec2(
            (number % self.columns) as f32,
            (number / self.columns) as f32,
        );
        let corner = cell * (self.card + Vec2::splat(GAP));
        Rect::from_min_size(corner.to_pos2(), self.card)
    }

    /// The height of so many cards.
    pub(super) fn height(&self, count: usize) -> f32 {
        let rows = count.div_ceil(self.columns) as f32;
        (rows * (self.card.y + GAP) - GAP).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_lie_in_the_window_and_do_not_overlap() {
        for size in [vec2(380.0, 480.0), vec2(540.0, 740.0), vec2(1600.0, 1000.0)] {
            let window = Rect::from_min_size(pos2(0.0, 0.0), size);
            let l = Layout::of(window, true);
            let parts = [l.camera, l.field, l.tabs, l.grid, l.status];
            for (number, part) in parts.iter().enumerate() {
                assert!(
                    window.contains_rect(*part) && part.is_positive(),
                    "{size:?} {part:?}"
                );
                let others = &parts[number + 1..];
                assert!(
                    others.iter().all(|other| !other.intersects(*part)),
                    "{size:?}"
                );
            }
        }
    }

    #[test]
    fn nine_cards_fit_and_lie_beside_each_other() {
        for place in [vec2(512.0, 330.0), vec2(900.0, 420.0), vec2(352.0, 400.0)] {
            let grid = Grid::of(place, 9);
            assert!(grid.height(9) <= place.y + 0.5, "{place:?} {grid:?}");
            let places: Vec<Rect> = (0..9).map(|number| grid.place(number)).collect();
            for (number, place) in places.iter().enumerate() {
                assert!(places[number + 1..].iter().all(|p| !p.intersects(*place)));
            }
            let right = places.iter().map(|p| p.max.x).fold(0.0, f32::max);
            assert!(right <= place.x + 0.5);
        }
    }
}
