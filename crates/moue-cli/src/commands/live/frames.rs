//! The frames of a source, read on a thread of their own: a source may wait for its next frame for as
//! long as it likes, and the screen heeds keys and is closed meanwhile.

use crate::args::shared::SourceArgs;
use crate::inputs;
use anyhow::{Context, Result, anyhow};
use moue::video::{FrameSource, TimedFrame};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// The frames of a source. Where this is dropped while the source waits, its thread is left behind:
/// it ends with its next frame, or with the program.
pub(super) struct Frames {
    read: Receiver<Result<Option<TimedFrame>>>,
    is_live: bool,
}

/// What a source has by now.
pub(super) enum Next {
    Frame(TimedFrame),
    Ended,
    /// Nothing came in the time that was waited.
    NotYet,
}

impl Frames {
    /// Opens the source that the options name.
    pub(super) fn open(args: &SourceArgs) -> Result<Self> {
        // The reader is at most one frame ahead, so that a camera's are not old when they are shown.
        let (frames, read) = sync_channel(0);
        let (opened, is_live) = sync_channel(1);
        let args = args.clone();
        std::thread::spawn(move || {
            // Opened here, as not every source may change threads.
            let mut source = match inputs::open_source(&args) {
                Ok(source) => source,
                Err(error) => return drop(opened.send(Err(error))),
            };
            let _ = opened.send(Ok(source.is_live()));
            read_all(&mut *source, &inputs::source_name(&args), &frames);
        });
        let is_live = is_live.recv().unwrap_or_else(|_| Err(panicked()))?;
        Ok(Self { read, is_live })
    }

    /// Whether frames come by themselves, in real time.
    pub(super) fn is_live(&self) -> bool {
        self.is_live
    }

    /// Waits so long for the next frame.
    pub(super) fn next(&self, wait: Duration) -> Result<Next> {
        match self.read.recv_timeout(wait) {
            Ok(frame) => Ok(frame?.map_or(Next::Ended, Next::Frame)),
            Err(RecvTimeoutError::Timeout) => Ok(Next::NotYet),
            Err(RecvTimeoutError::Disconnected) => Err(panicked()),
        }
    }
}

/// Sends all frames, and the end or an error after them, until nobody wants more.
fn read_all(
    source: &mut dyn FrameSource,
    name: &str,
    frames: &SyncSender<Result<Option<TimedFrame>>>,
) {
    loop {
        let next = source.next_frame().with_context(|| name.to_owned());
        let is_last = !matches!(next, Ok(Some(_)));
        if frames.send(next).is_err() || is_last {
            return;
        }
    }
}

fn panicked() -> anyhow::Error {
    anyhow!("the thread that reads frames panicked")
}
