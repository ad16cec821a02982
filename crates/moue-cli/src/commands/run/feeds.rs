//! Sources of frames for the input streams of a graph.

use crate::args::RunArgs;
use crate::{inputs, output};
use anyhow::{Context, Result, bail};
use moue::video::{FrameSource, TimedFrame};
use moue_graph::{Graph, Packet, Run, SendError, Timestamp};
use std::path::Path;
use std::time::Instant;

/// A stream and the source of its frames.
struct Feed {
    stream: String,
    source: Box<dyn FrameSource>,
    /// The frame to send next; `None` once the source has ended.
    next: Option<TimedFrame>,
}

impl Feed {
    /// Opens `STREAM=SOURCE` and reads the first frame.
    fn open(input: &str, graph: &Graph) -> Result<Self> {
        let (stream, name) = input
            .split_once('=')
            .with_context(|| format!("--input {input}: write STREAM=SOURCE"))?;
        check_stream(stream, graph)?;
        let mut source = match name.strip_prefix("camera:") {
            Some(camera) => inputs::open_camera(camera)?,
            None => inputs::open_video(Path::new(name))?,
        };
        let next = source.next_frame().with_context(|| name.to_owned())?;
        Ok(Self {
            stream: stream.to_owned(),
            source,
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

/// The sources of a run.
pub(super) struct Feeds(Vec<Feed>);

impl Feeds {
    pub(super) fn open(args: &RunArgs, graph: &Graph) -> Result<Self> {
        if let ([], Some(stream)) = (&args.input[..], graph.inputs().next()) {
            // No error, as calculators may write packets of their own.
            output::message(&format!(
                "nothing is fed to the graph; --input {stream}=FILE does that"
            ));
        }
        let feeds = args.input.iter().map(|input| Feed::open(input, graph));
        Ok(Self(feeds.collect::<Result<_>>()?))
    }

    /// Sends frames in the order of their times, until all sources or the graph have ended. Calls
    /// `after` after each. With `paced`, each frame of a file is sent when its time has come.
    pub(super) fn send_all(
        &mut self,
        run: &mut Run,
        paced: bool,
        mut after: impl FnMut() -> Result<()>,
    ) -> Result<()> {
        let start = Instant::now();
        while let Some((feed, frame)) = self.take_earliest() {
            if paced && !feed.source.is_live() {
                std::thread::sleep(frame.time.saturating_sub(start.elapsed()));
            }
            if !send(run, &feed.stream, frame)? {
                return Ok(());
            }
            after()?;
            feed.next = feed.source.next_frame()?;
            if feed.next.is_none() {
                run.close_input(&feed.stream)?;
            }
        }
        Ok(())
    }

    /// The feed whose next frame is the earliest, and that frame. A graph waits for the slowest
    /// stream, so another order would fill its queues.
    fn take_earliest(&mut self) -> Option<(&mut Feed, TimedFrame)> {
        let feeds = self.0.iter_mut().filter(|feed| feed.next.is_some());
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
