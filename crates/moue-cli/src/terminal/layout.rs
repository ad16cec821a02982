//! Where everything is on the page.

use super::cells::{Cells, wrapped};
use super::palette::{Color, Palette};
use crate::emotions;
use crate::view::{self, Scene, View};
use moue::Match;

const TEXT: Color = [232, 233, 240];
const QUIET: Color = [140, 145, 162];
const ACCENT: Color = [255, 196, 61];

/// Columns from which the matches are beside the camera instead of below it.
const WIDE: usize = 60;
/// Cells between the camera and the matches.
const GAP: usize = 2;

/// A rectangle of cells.
#[derive(Clone, Copy)]
struct Area {
    at: [usize; 2],
    size: [usize; 2],
}

/// Draws a scene.
pub(super) fn draw(cells: &mut Cells, view: &mut View, scene: &Scene<'_>, palette: Palette) {
    let [columns, rows] = cells.size();
    let body = rows - 1;
    let camera = camera_size(columns, body);
    let picture = view::camera(&scene.camera);
    cells.picture([0, 0], camera, &picture, palette);
    if let Some(all) = scene.camera.emotions {
        let words = emotions::leading(all);
        let row = camera[1].saturating_sub(2);
        cells.text([1, row], camera[0] - 1, &words, emotions::color(all.top()));
    }
    let matches = if columns >= WIDE {
        Area {
            at: [camera[0] + GAP, 0],
            size: [columns - camera[0] - GAP, body],
        }
    } else {
        Area {
            at: [0, camera[1]],
            size: [columns, body - camera[1]],
        }
    };
    if scene.shown.is_empty() {
        cells.text(matches.at, matches.size[0], scene.placeholder(), QUIET);
    }
    // As many as there is place for: each needs a row for its label and one for its bar.
    let count = scene.limit.min(matches.size[1] / 2).max(1);
    let height = matches.size[1] / count;
    for (rank, found) in scene.shown.iter().take(count).enumerate() {
        let area = Area {
            at: [matches.at[0], matches.at[1] + rank * height],
            size: [matches.size[0], height],
        };
        draw_match(cells, view, area, found, rank == 0, palette);
    }
    cells.text([0, rows - 1], columns, scene.status_line(), QUIET);
}

/// Columns and rows of the camera: 4 by 3, a cell being twice as high as wide.
fn camera_size(columns: usize, rows: usize) -> [usize; 2] {
    let [most_columns, most_rows] = if columns >= WIDE {
        [columns * 55 / 100, rows]
    } else {
        [columns, rows / 2]
    };
    let wide = most_columns.min(most_rows * 8 / 3);
    [wide, (wide * 3 / 8).clamp(1, most_rows.max(1))]
}

/// A match: its picture, and beside it the label and a bar that is the longer the nearer it is.
fn draw_match(
    cells: &mut Cells,
    view: &mut View,
    area: Area,
    found: &Match,
    is_best: bool,
    palette: Palette,
) {
    let [columns, rows] = area.size;
    // A row stays free below each picture, and two fifths of the width are enough for it, as a
    // cell is half as wide as high.
    let side = rows.saturating_sub(1).min(columns / 5);
    cells.picture(area.at, [side * 2, side], view.tile(found), palette);
    let left = if side == 0 { 0 } else { side * 2 + 1 };
    let width = columns.saturating_sub(left);
    let at = [area.at[0] + left, area.at[1]];
    let lines = wrapped(view::caption(found), width, side.saturating_sub(1).max(1));
    for (number, line) in lines.iter().enumerate() {
        let color = if is_best { TEXT } else { QUIET };
        cells.text([at[0], at[1] + number], width, line, color);
    }
    let color = if is_best { ACCENT } else { QUIET };
    cells.text(
        [at[0], at[1] + lines.len()],
        width,
        &bar(found.distance, width),
        color,
    );
}

/// A bar and the distance as a number.
fn bar(distance: f32, width: usize) -> String {
    let full = width.saturating_sub(6).min(24);
    let filled = (view::nearness(distance) * full as f32).round() as usize;
    format!(
        "{}{} {distance:.2}",
        "█".repeat(filled),
        "░".repeat(full - filled)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_camera_keeps_its_shape() {
        assert_eq!(camera_size(80, 23), [44, 16]);
        assert_eq!(camera_size(40, 23), [29, 10]);
        assert_eq!(camera_size(200, 23), [61, 22]);
    }

    #[test]
    fn bars_end_at_expressions_that_have_nothing_in_common() {
        assert_eq!(bar(0.0, 14), "████████ 0.00");
        assert_eq!(bar(2.0, 14), "░░░░░░░░ 2.00");
    }
}
