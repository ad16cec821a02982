//! The thread that reads the pictures of items, reduced to what a window shows.

use super::item::Item;
use super::reports::{Outbox, Report};
use super::search::SharedGallery;
use crate::{matched, raster};
use image::RgbImage;
use moue::Match;
use std::sync::mpsc::Receiver;

/// Pixels along the longer side of what is shown: a card on a screen of twice the usual density.
const SIDE: u32 = 320;

/// Pictures that wait to be read: two windows full. Older wishes are of faces that have passed.
const WAITING: usize = 64;

/// Reads pictures until the window is closed, those first that were wished for last.
pub(crate) fn run(wishes: &Receiver<Item>, outbox: &Outbox, gallery: &SharedGallery) {
    let mut waiting: Vec<Item> = Vec::new();
    while let Ok(item) = wishes.recv() {
        waiting.push(item);
        while let Some(item) = waiting.pop() {
            show(item, outbox, gallery);
            waiting.extend(wishes.try_iter());
            let forgotten = waiting.len().saturating_sub(WAITING);
            for item in waiting.drain(..forgotten) {
                outbox.send(Report::GivenUp(item));
            }
        }
    }
}

/// Reports the picture of an item; of a moment of a video, which takes long to be read, the stored
/// picture of the face before.
fn show(item: Item, outbox: &Outbox, gallery: &SharedGallery) {
    let found = item.to_match();
    if found.time.is_some()
        && let Some(face) = thumbnail(&found, &item, gallery)
    {
        outbox.send(Report::Picture(item.clone(), Some(face)));
    }
    let picture = picture(&found, &item, gallery);
    outbox.send(Report::Picture(item, picture));
}

fn thumbnail(found: &Match, item: &Item, gallery: &SharedGallery) -> Option<RgbImage> {
    matched::thumbnail(gallery.of(item)?, found).ok().flatten()
}

fn picture(found: &Match, item: &Item, gallery: &SharedGallery) -> Option<RgbImage> {
    let large = match gallery.of(item) {
        Some(gallery) => matched::image(gallery, found).ok().map(|shown| shown.image),
        None => matched::original(found).ok(),
    };
    large.map(|large| raster::within(&large, SIDE))
}
