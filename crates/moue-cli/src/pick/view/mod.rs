//! What the window looks like.

mod bar;
mod camera;
mod cards;
mod empty;
mod layout;
mod shapes;

pub(crate) use camera::Camera;
pub(crate) use shapes::{Star, texture};

use super::item::Item;
use super::model::{Event, Model, NUMBERED, Source};
use crate::window::ui::palette::Palette;
use egui::{TextureHandle, Ui};
use layout::{Grid, Layout};

/// The picture of an item, as far as it has been read.
#[derive(Clone)]
pub(crate) enum Thumbnail {
    Waited,
    Ready(TextureHandle),
    /// It cannot be read.
    Missing,
}

/// What is drawn.
pub(crate) struct View<'a> {
    pub(crate) model: &'a Model,
    pub(crate) camera: Option<&'a Camera>,
    /// Why there is nothing to search.
    pub(crate) trouble: Option<&'a str>,
    pub(crate) star: &'a Star,
    pub(crate) thumbnail: &'a mut dyn FnMut(&Item) -> Thumbnail,
}

/// What a drawn frame came to.
#[derive(Default)]
pub(crate) struct Drawn {
    /// What was clicked and typed.
    pub(crate) events: Vec<Event>,
    /// Pictures in a row.
    pub(crate) columns: usize,
}

impl View<'_> {
    /// Whether there is a picture of a camera, or one may come.
    fn has_camera(&self) -> bool {
        self.camera.is_some() || !matches!(self.model.source(), Source::Failed(_))
    }

    pub(crate) fn draw(&mut self, ui: &mut Ui) -> Drawn {
        let colors = Palette::of(ui.ctx().theme());
        let layout = Layout::of(ui.max_rect(), self.has_camera());
        let mut events = Vec::new();
        camera::draw(ui, layout.camera, self, &colors);
        bar::field(ui, layout.field, self.model, &colors, &mut events);
        bar::tabs(ui, layout.tabs, self.model.tab(), &colors, &mut events);
        let grid = Grid::of(layout.grid.size(), NUMBERED);
        if self.model.shown().is_empty() {
            empty::draw(ui, layout.grid, self, &colors);
        } else {
            cards::draw(ui, layout.grid, grid, self, &colors, &mut events);
        }
        bar::status(ui, layout.status, self.model, &colors);
        Drawn {
            events,
            columns: grid.columns,
        }
    }
}
