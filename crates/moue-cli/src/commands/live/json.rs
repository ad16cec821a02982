//! `moue live --json`: every frame of a file; of a camera, those for which there is time.

use super::search::{Search, stabilizer};
use crate::args::LiveArgs;
use crate::inputs;
use crate::output::{message, print_json};
use crate::report::Outcome;
use anyhow::{Context, Result};
use moue::Match;
use moue::embed::Emotions;
use moue::video::{MatchStabilizer, TimedFrame};
use moue_graph::{Detection, Executor};
use serde::Serialize;

/// What is printed for a frame.
#[derive(Serialize)]
struct FrameLine<'a> {
    schema: &'static str,
    /// Microseconds from the start.
    timestamp: i64,
    width: usize,
    height: usize,
    faces: Vec<Detection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    embedding: Option<Vec<f32>>,
    /// The pictures that match this frame.
    matches: &'a [Match],
    /// What people would call the expression of the face.
    #[serde(skip_serializing_if = "Option::is_none")]
    emotions: Option<Emotions>,
    /// Those that a window would show, which change less often.
    shown: &'a [Match],
}

pub(super) fn run(args: &LiveArgs) -> Result<Outcome> {
    let mut source = inputs::open_source(&args.source)?;
    // On this thread each frame is answered before the next is read, so that none is dropped.
    let mut search = Search::start(args, Executor::Inline)?;
    let mut stabilizer = stabilizer(args);
    let mut outcome = Outcome::Missing;
    let limit = limit(args);
    let name = || inputs::source_name(&args.source);
    let mut left = limit;
    while left > 0
        && let Some(frame) = source.next_frame().with_context(name)?
    {
        left -= 1;
        if print_frame(args, &mut search, &mut stabilizer, frame)? {
            outcome = Outcome::Found;
        }
    }
    // A camera or a pipe is not asked: its next frame may take any time.
    if left == 0
        && let Some(video) = &args.source.video
        && source.next_frame()?.is_some()
    {
        message(&inputs::cut_short(video, limit));
    }
    search.finish()?;
    Ok(outcome)
}

/// A file cannot make the program run for ever; a camera and a pipe may.
fn limit(args: &LiveArgs) -> u64 {
    let default = match args.source.video {
        Some(_) => inputs::MAX_VIDEO_FRAMES,
        None => u64::MAX,
    };
    args.frames.unwrap_or(default)
}

/// Returns whether there was a match.
fn print_frame(
    args: &LiveArgs,
    search: &mut Search,
    stabilizer: &mut MatchStabilizer,
    frame: TimedFrame,
) -> Result<bool> {
    let time = frame.time;
    let width = frame.frame.width();
    let height = frame.frame.height();
    search.clear();
    search.send(frame)?;
    let answer = search.answer();
    let matches = search.matches(&answer, stabilizer.shown())?;
    let shown = stabilizer.update(time, &matches, |shown| search.score(&answer, shown));
    search.show(shown);
    print_json(&FrameLine {
        schema: "moue.live/1",
        timestamp: time.as_micros() as i64,
        width,
        height,
        emotions: answer.expression().map(|e| e.emotions()),
        faces: answer.faces,
        embedding: answer.embedding.filter(|_| args.log_embeddings),
        matches: &matches,
        shown,
    })?;
    Ok(!matches.is_empty())
}
