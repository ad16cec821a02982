//! The pictures of matches at the size in which a live view shows them.

use crate::cache;
use crate::matched;
use crate::stores::Store;
use image::RgbImage;
use moue::detect::Letterbox;
use moue::frame::PixelFormat;
use moue::{Frame, Match};
use moue_graph::{Canvas, Image};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// The color behind pictures and bars.
pub(super) const PANEL: [u8; 3] = [36, 39, 50];

/// Pixels along a side of a match's picture.
pub(super) const TILE: usize = 144;

/// The reduced pictures of matches, as they come up again and again, and reading one takes longer
/// than a frame lasts.
pub(super) struct Tiles {
    /// Where the pictures of matches are from; without it they are blank.
    gallery: Option<Arc<Store>>,
    /// By the face's id, as a video has several.
    tiles: HashMap<u64, Arc<Image>>,
    /// Pixels along a side of each.
    side: usize,
    /// The thread that reads frames of videos, once there is one.
    reader: Option<Reader>,
}

/// A thread that reads frames of videos one after the other; it ends when this is dropped.
struct Reader {
    requests: Sender<Match>,
    read: Receiver<(u64, Arc<Image>)>,
}

impl Default for Tiles {
    fn default() -> Self {
        Self {
            gallery: None,
            tiles: HashMap::new(),
            side: TILE,
            reader: None,
        }
    }
}

impl Tiles {
    pub(super) fn of(gallery: Arc<Store>, side: usize) -> Self {
        Self {
            gallery: Some(gallery),
            side,
            ..Self::default()
        }
    }

    /// The picture of a match, fitted into a square. A frame of a video takes up to seconds to be
    /// read, for which the camera must not stand still: until then it is the face's thumbnail.
    pub(super) fn get(&mut self, found: &Match) -> &Arc<Image> {
        let read = self.reader.iter().flat_map(|reader| reader.read.try_iter());
        for (id, tile) in read {
            cache::insert(&mut self.tiles, id, tile);
        }
        if !self.tiles.contains_key(&found.id) {
            let tile = self.load(found);
            let tile = tile.unwrap_or_else(|| blank(self.side));
            cache::insert(&mut self.tiles, found.id, Arc::new(tile));
        }
        &self.tiles[&found.id]
    }

    /// The picture of a match, fitted into a square of so many pixels; blank if it cannot be read.
    pub(super) fn load_now(&self, found: &Match, side: usize) -> Image {
        let image = self.gallery.as_deref().map(|g| matched::image(g, found));
        let image = image.and_then(|image| fitted(&image.ok()?.image, side));
        image.unwrap_or_else(|| blank(side))
    }

    /// What is shown of a match at first; `None` if there is nothing.
    fn load(&mut self, found: &Match) -> Option<Image> {
        if found.time.is_none() {
            return Some(self.load_now(found, self.side));
        }
        let side = self.side;
        let thumbnail = matched::thumbnail(self.gallery.as_deref()?, found);
        let reader = self.reader.get_or_insert_with(|| Reader::start(side));
        // It ends only with a panic; then thumbnails are what is shown.
        let _ = reader.requests.send(found.clone());
        fitted(&thumbnail.ok()??, side)
    }
}

impl Reader {
    fn start(side: usize) -> Self {
        let (requests, received) = channel::<Match>();
        let (sender, read) = channel();
        std::thread::spawn(move || {
            for found in received {
                let original = matched::original(&found).ok();
                if let Some(tile) = original.and_then(|original| fitted(&original, side))
                    && sender.send((found.id, Arc::new(tile))).is_err()
                {
                    return;
                }
            }
        });
        Self { requests, read }
    }
}

fn blank(side: usize) -> Image {
    Canvas::new(side, side, PANEL).into_image()
}

fn fitted(image: &RgbImage, side: usize) -> Option<Image> {
    let [width, height] = [image.width(), image.height()].map(|side| side as usize);
    let frame = Frame::from_raw(image.as_raw(), width, height, width * 3, PixelFormat::Rgb);
    Some(Letterbox::fit(&frame.ok()?, side).into_frame())
}
