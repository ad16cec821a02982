//! How other threads reach the window.

use super::backend::Proxy;
use super::message::{Message, next_key};
use crate::view::{Key, Scene, Screen, View};
use anyhow::{Context, Result};
use moue_graph::Image;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// The one window of the program. It is static because calculators are made by their type and
/// cannot be given anything.
static WINDOW: OnceLock<Proxy> = OnceLock::new();

/// Set once the window has been closed, and never reset. Relaxed suffices: it guards no other data.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// The window as a screen of `moue live`.
pub(crate) struct WindowScreen;

impl Screen for WindowScreen {
    fn show(&mut self, view: &mut View, scene: &Scene<'_>) -> Result<bool> {
        #[cfg(feature = "pick")]
        let message = Message::Live(Box::new(super::stage::LiveMoment::new(view, scene)));
        #[cfg(not(feature = "pick"))]
        let message = Message::Show(view.draw(scene));
        Ok(send(message) == Some(true) && !is_closed())
    }

    fn key(&mut self) -> Option<Key> {
        next_key()
    }

    fn has_keys(&self) -> bool {
        true
    }

    #[cfg(feature = "pick")]
    fn tile_side(&self) -> usize {
        super::stage::TILE
    }
}

/// Makes the window reachable. A program has one window in its life.
pub(super) fn open(proxy: Proxy) -> Result<()> {
    WINDOW.set(proxy).ok().context("there is a window already")
}

pub(super) fn set_closed() {
    CLOSED.store(true, Ordering::Relaxed);
}

/// Sends to the window; `None` if there is none, `Some(false)` if it has ended.
pub(super) fn send(message: Message) -> Option<bool> {
    let window = WINDOW.get()?;
    Some(window.send(message))
}

/// Shows a picture in the window; `false` once it has been closed.
pub(super) fn show(image: Image) -> bool {
    send(Message::Show(image)) == Some(true) && !is_closed()
}

/// Whether the window has been closed.
pub(crate) fn is_closed() -> bool {
    CLOSED.load(Ordering::Relaxed)
}
