//! Sources of frames for the input streams of a graph.

use crate::args::RunArgs;
use crate::inputs::{self, Frames, WANTED_CHECK};
use crate::output;
use anyhow::{Context, Result, bail};
use moue::video::TimedFrame;
use moue_graph::{Graph, Packet, Run, SendError, Timestamp};
use std::path::Path;
use std::time::{Duration, Instant};

/// A stream and the source of its frames.
struct Feed {
    stream: String,
    frames: Frames,
    /// The frame to send next; `None` once the source has ended.
    next: Option<TimedFrame>,
}

impl Feed {
    /// Opens `STREAM=SOURCE` and reads the first frame.
    fn open(input: &str, graph: &Graph, pace: Pace<'_>) -> Result<Self> {
        let (stream, name) = input
            .split_once('=')
            .with_context(|| format!("--input {input}: write STREAM=SOURCE"))?;
        check_stream(stream, graph)?;
        let source = name.to_owned();
        let frames = Frames::open(source.clone(), move |options| {
            match source.strip_prefix("camera:") {
                Some(camera) => inputs::open_camera(camera, options),
                None => inputs::open_video_with(Path::new(&source), options),
            }
        })?;
        let next = pace.next_of(&frames)?;
        Ok(Self {
            stream: stream.to_owned(),
            frames,
            next,
        })
    }
}

fn check_stream(stream: &str, graph: &Graph) -> Result<()> {
    let known: Vec<&str> = graph.inputs().collect();
    if !known.contains(&stream) {
        bail!(
            "the graph has no input {stream}; it has {}",
            known.join(", ")
        );
    }
    Ok(())
}

/// When frames are sent: as fast as the graph takes them, or, with a window, when their times have
/// come and until it is closed.
#[derive(Clone, Copy)]
pub(super) struct Pace<'a> {
    pub(super) is_closed: Option<&'a dyn Fn() -> bool>,
}

impl Pace<'_> {
    pub(super) fn has_window_open(&self) -> bool {
        self.is_closed.is_some_and(|is_closed| !is_closed())
    }

    /// The next frame; `None` also if the window is closed before it comes.
    fn next_of(&self, frames: &Frames) -> Result<Option<TimedFrame>> {
        frames.next_while(&|| self.is_wanted())
    }

    /// Waits until the time of a frame of a file has come; returns whether it is still wanted.
    fn wait_for(&self, frames: &Frames, time: Duration, start: Instant) -> bool {
        while self.has_window_open() && !frames.is_live() {
            let left = time.saturating_sub(start.elapsed());
            if left.is_zero() {
                break;
            }
            std::thread::sleep(left.min(WANTED_CHECK));
        }
        self.is_wanted()
    }

    fn is_wanted(&self) -> bool {
        self.is_closed.is_none_or(|is_closed| !is_closed())
    }
}

/// The sources of a run.
pub(super) struct Feeds<'a> {
    feeds: Vec<Feed>,
    pace: Pace<'a>,
}

impl<'a> Feeds<'a> {
    pub(super) fn open(args: &RunArgs, graph: &Graph, pace: Pace<'a>) -> Result<Self> {
        if let ([], Some(stream)) = (&args.input[..], graph.inputs().next()) {
            // No error, as calculators may write packets of their own.
            output::message(&format!(
                "nothing is fed to the graph; --input {stream}=FILE does that"
            ));
        }
        let feeds = args.input.iter();
        let feeds = feeds.map(|input| Feed::open(input, graph, pace));
        Ok(Self {
            feeds: feeds.collect::<Result<_>>()?,
            pace,
        })
    }

    /// Sends frames in the order of their times, until all sources or the graph have ended. Calls
    /// `after` after each.
    pub(super) fn send_all(
        &mut self,
        run: &mut Run,
        mut after: impl FnMut() -> Result<()>,
    ) -> Result<()> {
        let start = Instant::now();
        let pace = self.pace;
        while let Some((feed, frame)) = self.take_earliest() {
            if !pace.wait_for(&feed.frames, frame.time, start) || !send(run, &feed.stream, frame)? {
                return Ok(());
            }
            after()?;
            feed.next = pace.next_of(&feed.frames)?;
            if feed.next.is_none() {
                run.close_input(&feed.stream)?;
            }
        }
        Ok(())
    }

    /// The feed whose next frame is the earliest, and that frame. A graph waits for the slowest
    /// stream, so another order would fill its queues.
    fn take_earliest(&mut self) -> Option<(&mut Feed, TimedFrame)> {
        let feeds = self.feeds.iter_mut().filter(|feed| feed.next.is_some());
        let feed = feeds.min_by_key(|feed| feed.next.as_ref().map(|next| next.time))?;
        let frame = feed.next.take()?;
        Some((feed, frame))
    }
}

/// Returns `false` if the graph has ended, as a calculator may end it.
fn send(run: &mut Run, stream: &str, frame: TimedFrame) -> Result<bool> {
    let time = Timestamp::after(frame.time).context("the source runs for too long")?;
    match run.send(stream, Packet::new(frame.frame).at(time)) {
        Ok(()) => Ok(true),
        Err(SendError::Closed { .. }) if run.has_ended() => Ok(false),
        Err(error) => Err(error.into()),
    }
}
