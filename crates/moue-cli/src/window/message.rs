//! What passes between the window and other threads.

use crate::view::Key;
use moue_graph::Image;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Which keys close the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closing {
    /// Any, as in MediaPipe's examples.
    OnAnyKey,
    /// `q` and Esc; others may mean something else.
    OnQuit,
}

/// What other threads send to the window.
pub(super) enum Message {
    Show(Image),
    /// A moment of `moue live`, for a window that draws it itself.
    #[cfg(feature = "pick")]
    Live(Box<super::stage::LiveMoment>),
    Title(String),
    Close,
}

/// What it guards is valid after every change.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keys that were pressed in the window and not heeded yet.
static KEYS: Mutex<VecDeque<Key>> = Mutex::new(VecDeque::new());

/// A pressed key, as far as it may mean something.
pub(super) enum Pressed {
    Escape,
    Letter(char),
    Other,
}

/// Does what a pressed key means; `true` if it closes the window.
pub(super) fn closes(key: Pressed, closing: Closing) -> bool {
    match (closing, key) {
        (Closing::OnAnyKey, _) | (_, Pressed::Escape | Pressed::Letter('q')) => return true,
        (_, Pressed::Letter('s')) => press(Key::Save),
        (_, Pressed::Letter('c')) => press(Key::Copy),
        _ => {}
    }
    false
}

/// Reports a key to the thread behind the window.
fn press(key: Key) {
    locked(&KEYS).push_back(key);
}

/// The next key that was pressed and not heeded yet.
pub(super) fn next_key() -> Option<Key> {
    locked(&KEYS).pop_front()
}
