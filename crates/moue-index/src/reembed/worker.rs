//! Workers embed pictures.

use super::options::{Origin, ReembedError, ReembedOptions};
use super::pixels::{Expressions, Pixels};
use crate::panics::panic_message;
use moue::ExpressionEmbedder;
use moue::gallery::Picture;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::SyncSender;

/// What became of a picture.
pub(super) struct Processed {
    pub(super) expressions: Expressions,
    pub(super) origin: Origin,
    /// Why not from the picture.
    pub(super) detail: Option<String>,
    /// Whether that is a panic, so a fault of moue.
    pub(super) panicked: bool,
}

/// Why a picture was not embedded.
struct Failure {
    reason: String,
    panicked: bool,
}

/// A picture, and what became of it or why the gallery failed.
pub(super) type Message<'a> = (&'a Picture, Result<Processed, ReembedError>);

/// One thread's embedder with its inputs.
pub(super) struct Worker<'a> {
    pub(super) pixels: &'a Pixels<'a>,
    pub(super) options: &'a ReembedOptions,
    pub(super) embedder: ExpressionEmbedder,
    pub(super) pictures: &'a [Picture],
    pub(super) next: &'a AtomicUsize,
    pub(super) sender: SyncSender<Message<'a>>,
}

impl Worker<'_> {
    /// Embeds pictures until there are no more, the work is canceled, or nobody receives.
    pub(super) fn run(mut self) {
        // Relaxed suffices: each number is given out once, and the pictures do not change.
        while !self.options.cancel.is_cancelled()
            && let Some(picture) = self.pictures.get(self.next.fetch_add(1, Ordering::Relaxed))
        {
            let processed = self.process(picture);
            if self.sender.send((picture, processed)).is_err() {
                return;
            }
        }
    }

    fn process(&mut self, picture: &Picture) -> Result<Processed, ReembedError> {
        let failure = match self.embed_picture(picture) {
            Ok(expressions) => {
                return Ok(Processed {
                    expressions,
                    origin: Origin::Picture,
                    detail: None,
                    panicked: false,
                });
            }
            Err(failure) => failure,
        };
        let thumbnails = self.pixels.thumbnails(picture)?;
        // All of a picture's faces or none: a part would be a picture with faces that nothing finds.
        let expressions: Option<Expressions> = picture
            .faces
            .iter()
            .zip(&thumbnails)
            .map(|(face, jpeg)| {
                let embedded = self.pixels.embed_thumbnail(&mut self.embedder, face, jpeg);
                Some((face.id, embedded?))
            })
            .collect();
        let origin = match &expressions {
            Some(_) => Origin::Thumbnail,
            None => Origin::Missing,
        };
        Ok(Processed {
            expressions: expressions.unwrap_or_default(),
            origin,
            detail: Some(failure.reason),
            panicked: failure.panicked,
        })
    }

    fn embed_picture(&mut self, picture: &Picture) -> Result<Expressions, Failure> {
        // A panic in one file must not end the other files' work; the networks write all of their memory in each run, so nothing half-done is seen afterwards.
        let embed = || {
            let draw = self.options.draw;
            self.pixels.embed(&mut self.embedder, picture, draw)
        };
        let failure = |reason, panicked| Failure { reason, panicked };
        match catch_unwind(AssertUnwindSafe(embed)) {
            Ok(result) => result.map_err(|reason| failure(reason, false)),
            Err(payload) => Err(failure(panic_message(&*payload), true)),
        }
    }
}
