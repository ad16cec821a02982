//! How other threads reach the window.

use crate::view::{Key, Scene, Screen, View};
use anyhow::{Context, Result};
use moue_graph::Image;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;
use winit::event_loop::EventLoopProxy;

/// How often a waiting thread checks whether the window was closed; shorter than a user notices.
const CLOSED_CHECK: Duration = Duration::from_millis(50);

/// What other threads send to the window.
pub(super) enum Message {
    Show(Image),
    Title(String),
    Close,
}

/// The one window of the program. It is static because calculators are made by their type and
/// cannot be given anything.
static WINDOW: OnceLock<EventLoopProxy<Message>> = OnceLock::new();

/// Set once the window has been closed, and never reset. Relaxed suffices: it guards no other data.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// Keys that were pressed in the window and not heeded yet.
static KEYS: Mutex<VecDeque<Key>> = Mutex::new(VecDeque::new());

/// Reports a key to the thread behind the window.
pub(super) fn press(key: Key) {
    // A queue is valid after every change.
    KEYS.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push_back(key);
}

/// The window as a screen of `moue live`.
pub(crate) struct WindowScreen;

impl Screen for WindowScreen {
    fn show(&mut self, view: &mut View, scene: &Scene<'_>) -> Result<bool> {
        Ok(show(view.draw(scene)))
    }

    fn key(&mut self) -> Option<Key> {
        KEYS.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    }

    fn has_keys(&self) -> bool {
        true
    }
}

/// Makes the window reachable. A program has one window in its life.
pub(super) fn open(proxy: EventLoopProxy<Message>) -> Result<()> {
    WINDOW.set(proxy).ok().context("there is a window already")
}

pub(super) fn set_closed() {
    CLOSED.store(true, Ordering::Relaxed);
}

/// Sends to the window; `None` if there is none, `Some(false)` if it has ended.
pub(super) fn send(message: Message) -> Option<bool> {
    let window = WINDOW.get()?;
    Some(window.send_event(message).is_ok())
}

/// Shows a picture in the window; `false` once it has been closed.
pub(super) fn show(image: Image) -> bool {
    send(Message::Show(image)) == Some(true) && !is_closed()
}

/// Whether the window has been closed.
pub(crate) fn is_closed() -> bool {
    CLOSED.load(Ordering::Relaxed)
}

/// Leaves the last picture in the window until somebody closes it.
pub(crate) fn wait_until_closed() {
    while !is_closed() {
        std::thread::sleep(CLOSED_CHECK);
    }
}
