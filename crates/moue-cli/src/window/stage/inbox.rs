//! Messages on their way to the window.

use crate::window::message::Message;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Messages that the window has not taken yet. Of pictures only the newest is kept: a window that is hidden
/// is not drawn, and would never take the others.
#[derive(Default)]
pub(super) struct Inbox {
    picture: Mutex<Option<Message>>,
    titles: Mutex<VecDeque<String>>,
    is_closing: Mutex<bool>,
}

impl Inbox {
    pub(super) fn put(&self, message: Message) {
        match message {
            Message::Title(title) => locked(&self.titles).push_back(title),
            Message::Close => *locked(&self.is_closing) = true,
            picture => *locked(&self.picture) = Some(picture),
        }
    }

    /// The newest picture, unless it was taken.
    pub(super) fn take_picture(&self) -> Option<Message> {
        locked(&self.picture).take()
    }

    /// The next title that was not taken.
    pub(super) fn take_title(&self) -> Option<String> {
        locked(&self.titles).pop_front()
    }

    /// Whether the window is to close.
    pub(super) fn is_closing(&self) -> bool {
        *locked(&self.is_closing)
    }
}

/// What it guards is valid after every change.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use moue_graph::Image;

    #[test]
    fn of_pictures_the_newest_is_kept() {
        let inbox = Inbox::default();
        for width in 1..5 {
            let picture = Image::from_pixels(vec![0; width * 3], width, 1);
            inbox.put(Message::Show(picture.unwrap()));
        }
        let Some(Message::Show(picture)) = inbox.take_picture() else {
            panic!("there is a picture");
        };
        assert_eq!(picture.width(), 4);
        assert!(inbox.take_picture().is_none() && !inbox.is_closing());
        inbox.put(Message::Title("a".into()));
        inbox.put(Message::Close);
        assert_eq!(inbox.take_title().as_deref(), Some("a"));
        assert!(inbox.is_closing() && inbox.take_title().is_none());
    }
}
