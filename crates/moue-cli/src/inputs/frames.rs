//! The frames of a source, read on a thread of their own: a source may wait for its next frame for as
//! long as it likes, and a window is closed or keys are heeded meanwhile.

use anyhow::{Context, Result, anyhow};
use moue::video::{FrameSource, TimedFrame};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// How often a waiting reader asks whether the frame is still wanted; shorter than a user notices.
const WANTED_CHECK: Duration = Duration::from_millis(50);

/// The frames of a source. Where this is dropped while the source waits, its thread is left behind:
/// it ends with its next frame, or with the program.
pub(crate) struct Frames {
    read: Receiver<Result<Option<TimedFrame>>>,
    is_live: bool,
}

/// What a source has by now.
pub(crate) enum Next {
    Frame(TimedFrame),
    Ended,
    /// Nothing came in the time that was waited.
    NotYet,
}

impl Frames {
    /// Reads what `open` opens; errors of reading name the source.
    pub(crate) fn open(
        name: String,
        open: impl FnOnce() -> Result<Box<dyn FrameSource>> + Send + 'static,
    ) -> Result<Self> {
        // The reader is at most one frame ahead, so that a camera's are not old when they are shown.
        let (frames, read) = sync_channel(0);
        let (opened, is_live) = sync_channel(1);
        std::thread::spawn(move || {
            // Opened here, as not every source may change threads.
            let mut source = match open() {
                Ok(source) => source,
                Err(error) => return drop(opened.send(Err(error))),
            };
            let _ = opened.send(Ok(source.is_live()));
            read_all(&mut *source, &name, &frames);
        });
        let is_live = is_live.recv().unwrap_or_else(|_| Err(panicked()))?;
        Ok(Self { read, is_live })
    }

    /// Whether frames come by themselves, in real time.
    pub(crate) fn is_live(&self) -> bool {
        self.is_live
    }

    /// Waits for the next frame for as long as it is wanted; `None` at the end, or if it is not.
    pub(crate) fn next_while(&self, is_wanted: &dyn Fn() -> bool) -> Result<Option<TimedFrame>> {
        while is_wanted() {
            match self.next(WANTED_CHECK)? {
                Next::Frame(frame) => return Ok(Some(frame)),
                Next::Ended => return Ok(None),
                Next::NotYet => {}
            }
        }
        Ok(None)
    }

    /// Waits so long for the next frame.
    pub(crate) fn next(&self, wait: Duration) -> Result<Next> {
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
