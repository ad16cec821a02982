//! What is drawn.

use crate::pick::item::Item;
use crate::pick::model::{Model, Source};
use crate::window::ui::Camera;
use crate::window::ui::shapes::Star;
use egui::TextureHandle;

/// The picture of an item, as far as it has been read.
#[derive(Clone)]
pub(crate) enum Thumbnail {
    Waited,
    Ready(TextureHandle),
    /// It cannot be read.
    Missing,
}

/// All that the window shows.
pub(crate) struct View<'a> {
    pub(crate) model: &'a Model,
    pub(crate) camera: Option<&'a Camera>,
    /// Why there is nothing to search.
    pub(crate) trouble: Option<&'a str>,
    pub(crate) star: &'a Star,
    pub(crate) thumbnail: &'a mut dyn FnMut(&Item) -> Thumbnail,
}

impl View<'_> {
    /// Whether there is a picture of a camera, or one may come.
    pub(super) fn has_camera(&self) -> bool {
        self.camera.is_some() || self.is_watching()
    }

    /// Whether the source can be read.
    pub(super) fn is_watching(&self) -> bool {
        !matches!(self.model.source(), Source::Failed(_))
    }
}
