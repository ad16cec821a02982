//! What the window looks like.

mod bar;
mod camera;
mod cards;
mod empty;
mod layout;
mod scene;

pub(crate) use scene::{Thumbnail, View};

use super::model::{Event, NUMBERED};
use crate::window::ui::palette::Palette;
use egui::Ui;
use layout::{Grid, Layout};

/// What a drawn frame came to.
#[derive(Default)]
pub(crate) struct Drawn {
    /// What was clicked and typed.
    pub(crate) events: Vec<Event>,
    /// Pictures in a row.
    pub(crate) columns: usize,
}

/// Draws the window.
pub(crate) fn draw(ui: &mut Ui, view: &mut View<'_>) -> Drawn {
    let colors = Palette::of(ui.ctx().theme());
    let layout = Layout::of(ui.max_rect(), view.has_camera());
    let mut events = Vec::new();
    camera::draw(ui, layout.camera, view, &colors);
    bar::field(ui, layout.field, view.model, &colors, &mut events);
    bar::tabs(ui, layout.tabs, view.model.tab(), &colors, &mut events);
    let grid = Grid::of(layout.grid.size(), NUMBERED);
    if view.model.shown().is_empty() {
        empty::draw(ui, layout.grid, view, &colors);
    } else {
        cards::draw(ui, layout.grid, grid, view, &colors, &mut events);
    }
    bar::status(ui, layout.status, view.model, &colors);
    Drawn {
        events,
        columns: grid.columns,
    }
}
