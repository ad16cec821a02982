//! What the threads behind the window tell it.

use super::item::Item;
use super::model::Source;
use image::RgbImage;
use std::sync::Arc;
use std::sync::mpsc::Sender;

/// A moment of the source.
pub(crate) struct Moment {
    pub(crate) picture: RgbImage,
    /// Boxes of faces: left, top, width and height as shares of the picture.
    pub(crate) faces: Vec<[f32; 4]>,
    /// What people would call the expression, with its color.
    pub(crate) emotion: Option<(String, [u8; 3])>,
}

/// Something that a thread has found out.
pub(crate) enum Report {
    Moment(Moment),
    Source(Source),
    /// The gallery has nothing that could match.
    EmptyGallery,
    /// The gallery cannot be searched, with the reason.
    NoGallery(String),
    Found {
        items: Vec<Item>,
        words: String,
    },
    /// The small picture of an item; `None` if there is none.
    Picture(Item, Option<RgbImage>),
    /// The picture of an item was not read, as too many others were wished for.
    GivenUp(Item),
    Copied(Result<Item, String>),
}

/// The way of reports to the window.
#[derive(Clone)]
pub(crate) struct Outbox {
    sender: Sender<Report>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Outbox {
    /// Reports go to `sender`, and `wake` tells the window to look.
    pub(crate) fn new(sender: Sender<Report>, wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            sender,
            wake: Arc::new(wake),
        }
    }

    /// `false` once the window is closed.
    pub(crate) fn send(&self, report: Report) -> bool {
        let is_open = self.sender.send(report).is_ok();
        (self.wake)();
        is_open
    }
}
