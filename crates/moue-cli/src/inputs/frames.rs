//! The frames of a source, read on a thread of their own: a source may wait for its next frame for as
//! long as it likes, and a window is closed or keys are heeded meanwhile.

use anyhow::{Context, Result, anyhow};
use moue::cancel::CancelToken;
use moue::frame::DecodeOptions;
use moue::video::{FrameSource, TimedFrame};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// How often what waits asks whether it is still wanted; shorter than a user notices.
pub(crate) const WANTED_CHECK: Duration = Duration::from_millis(50);

/// For so long the end of the thread is waited for. Standard input and the system's cameras cannot be
/// canceled; other sources end at once, and with them the programs that they run.
const LAST_WAIT: Duration = Duration::from_millis(500);

/// The frames of a source.
pub(crate) struct Frames {
    read: Receiver<Result<Option<TimedFrame>>>,
    is_live: bool,
    cancel: CancelToken,
    /// Disconnected once the thread has ended, and with it the source.
    ended: Receiver<()>,
}

/// What a source has by now.
pub(crate) enum Next {
    Frame(TimedFrame),
    Ended,
    /// Nothing came in the time that was waited.
    NotYet,
}

impl Frames {
    /// Reads what `open` opens, by options that cancel it; errors of reading name the source.
    pub(crate) fn open(
        name: String,
        open: impl FnOnce(&DecodeOptions) -> Result<Box<dyn FrameSource>> + Send + 'static,
    ) -> Result<Self> {
        // The reader is at most one frame ahead, so that a camera's are not old when they are shown.
        let (frames, read) = sync_channel(0);
        let (opened, is_live) = sync_channel(1);
        let (running, ended) = sync_channel(0);
        let cancel = CancelToken::new();
        let options = DecodeOptions {
            cancel: cancel.clone(),
            ..DecodeOptions::default()
        };
        std::thread::spawn(move || {
            // Dropped last, after the source.
            let _running: SyncSender<()> = running;
            // Opened here, as not every source may change threads.
            let mut source = match open(&options) {
                Ok(source) => source,
                Err(error) => return drop(opened.send(Err(error))),
            };
            let _ = opened.send(Ok(source.is_live()));
            read_all(&mut *source, &name, &frames);
        });
        let is_live = is_live.recv().unwrap_or_else(|_| Err(panicked()))?;
        Ok(Self {
            read,
            is_live,
            cancel,
            ended,
        })
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

impl Drop for Frames {
    fn drop(&mut self) {
        self.cancel.cancel();
        // A thread that offers a frame learns that nobody takes it.
        self.read = sync_channel(0).1;
        let _ = self.ended.recv_timeout(LAST_WAIT);
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
