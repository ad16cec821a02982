//! The small pictures of items, which a thread reads.

use super::item::Item;
use super::view::Thumbnail;
use crate::cache;
use crate::window::ui::shapes::texture;
use egui::Context;
use image::RgbImage;
use std::collections::HashMap;
use std::sync::mpsc::Sender;

/// What names a picture: its path and the time in it.
type Name = (String, Option<u64>);

/// The pictures that have been read or wished for.
pub(crate) struct Thumbnails {
    wishes: Sender<Item>,
    pictures: HashMap<Name, Thumbnail>,
}

impl Thumbnails {
    /// Wishes go to the thread that reads.
    pub(crate) fn new(wishes: Sender<Item>) -> Self {
        Self {
            wishes,
            pictures: HashMap::new(),
        }
    }

    /// The picture of an item; if there is none yet, it is wished for.
    pub(crate) fn get(&mut self, item: &Item) -> Thumbnail {
        if let Some(known) = self.pictures.get(&name(item)) {
            return known.clone();
        }
        cache::insert(&mut self.pictures, name(item), Thumbnail::Waited);
        // The thread ends with the window.
        let _ = self.wishes.send(item.clone());
        Thumbnail::Waited
    }

    /// Takes what was read.
    pub(crate) fn take(&mut self, context: &Context, item: &Item, picture: Option<&RgbImage>) {
        let picture = picture.map_or(Thumbnail::Missing, |picture| {
            Thumbnail::Ready(texture(context, &item.path, picture))
        });
        cache::insert(&mut self.pictures, name(item), picture);
    }

    /// Forgets a wish that was given up, so that it can be made again.
    pub(crate) fn forget(&mut self, item: &Item) {
        self.pictures.remove(&name(item));
    }

    pub(crate) fn is_ready(&self, item: &Item) -> bool {
        matches!(self.pictures.get(&name(item)), Some(Thumbnail::Ready(_)))
    }
}

fn name(item: &Item) -> Name {
    (item.path.clone(), item.micros)
}
