//! Keys that are pressed in the terminal.

use super::mode::end_at_once;
use crate::report::Outcome;
use crate::view::Key;
use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// How long the program may take to end by itself after `q`. A source that waits for a frame, such
/// as a pipe that somebody else fills, cannot be interrupted.
const GRACE_PERIOD: Duration = Duration::from_secs(2);

/// Keys that mean something. They are read on a thread of their own, which ends with the program.
pub(super) struct Keys(Receiver<Key>);

impl Keys {
    /// Begins to read.
    pub(super) fn read() -> Self {
        let (sender, keys) = channel();
        std::thread::spawn(move || read_all(&sender));
        Self(keys)
    }

    /// The next key, if one was pressed.
    pub(super) fn next(&self) -> Option<Key> {
        self.0.try_recv().ok()
    }
}

fn read_all(sender: &Sender<Key>) {
    // An error means that there is no keyboard, such as in a job of a scheduler.
    while let Ok(event) = event::read() {
        let Event::Key(key) = event else { continue };
        // In raw mode the terminal sends no signal.
        if is_interrupt(key) {
            end_at_once(Outcome::INTERRUPTED.into());
        }
        let Some(key) = meaning(key) else { continue };
        if sender.send(key).is_err() {
            return;
        }
        if key == Key::Quit {
            std::thread::sleep(GRACE_PERIOD);
            end_at_once(0);
        }
    }
}

fn is_interrupt(key: KeyEvent) -> bool {
    key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL)
}

/// What a key means. Keys that only change others, or the volume, mean nothing.
fn meaning(key: KeyEvent) -> Option<Key> {
    match key.code {
        _ if key.kind == KeyEventKind::Release => None,
        KeyCode::Char('q') | KeyCode::Esc => Some(Key::Quit),
        KeyCode::Char('s') => Some(Key::Save),
        KeyCode::Char('c') => Some(Key::Copy),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_some_keys_mean_something() {
        let of = |code| meaning(KeyEvent::new(code, KeyModifiers::NONE));
        assert_eq!(of(KeyCode::Esc), Some(Key::Quit));
        assert_eq!(of(KeyCode::Char('q')), Some(Key::Quit));
        assert_eq!(of(KeyCode::Char('s')), Some(Key::Save));
        assert_eq!(of(KeyCode::Char(' ')), None);
        assert_eq!(of(KeyCode::F(3)), None);
        let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert!(is_interrupt(interrupt));
    }
}
