//! What the threads behind the window tell it.

use super::item::Item;
use super::model::Source;
use crate::window::ui::{Moment, Waker};
use image::RgbImage;
use std::sync::mpsc::Sender;

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
    /// The daemon wants the window to close.
    Dismissed,
}

/// The way of reports to the window.
#[derive(Clone)]
pub(crate) struct Outbox {
    sender: Sender<Report>,
    waker: Waker,
}

impl Outbox {
    /// Reports go to `sender`, and `waker` tells the window to look.
    pub(crate) fn new(sender: Sender<Report>, waker: Waker) -> Self {
        Self { sender, waker }
    }

    /// `false` once the window is closed.
    pub(crate) fn send(&self, report: Report) -> bool {
        let is_open = self.sender.send(report).is_ok();
        self.waker.wake();
        is_open
    }
}
