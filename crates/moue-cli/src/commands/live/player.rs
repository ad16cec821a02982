//! `moue live` for people: plays a source in its own time and draws every answer.

use super::search::{Search, stabilizer};
use crate::args::LiveArgs;
use crate::inputs;
use crate::report::Outcome;
use crate::view::{Camera, View};
use anyhow::Result;
use moue::Match;
use moue::video::{FrameSource, MatchStabilizer};
use moue_graph::{Executor, Image};
use std::time::Instant;

/// Plays the source until it ends, or `display` returns that it has been closed.
pub(super) fn run(args: &LiveArgs, display: impl FnMut(Image) -> Result<bool>) -> Result<Outcome> {
    let mut source = inputs::open_source(&args.source)?;
    let mut player = Player {
        // A thread of its own, so that a slow answer does not hold up the source: the graph drops
        // the frames that come meanwhile.
        search: Search::start(args, Executor::Threads(1))?,
        stabilizer: stabilizer(args),
        view: View::of(inputs::open_gallery(&args.gallery.gallery)?),
        drawn: 0,
        limit: usize::from(args.limit),
        display,
    };
    player.play(&mut *source, args.frames.unwrap_or(u64::MAX))?;
    player.search.wait_until_idle();
    player.redraw()?;
    hold_still(args, &*source);
    player.search.finish()?;
    Ok(Outcome::Found)
}

struct Player<D> {
    search: Search,
    stabilizer: MatchStabilizer,
    view: View,
    /// Number of the answer that was drawn last.
    drawn: u64,
    /// Matches that are shown.
    limit: usize,
    display: D,
}

impl<D: FnMut(Image) -> Result<bool>> Player<D> {
    fn play(&mut self, source: &mut dyn FrameSource, max_frames: u64) -> Result<()> {
        let start = Instant::now();
        for _ in 0..max_frames {
            let Some(frame) = source.next_frame()? else {
                break;
            };
            if !source.is_live() {
                std::thread::sleep(frame.time.saturating_sub(start.elapsed()));
            }
            self.search.send(frame)?;
            if !self.redraw()? {
                break;
            }
        }
        Ok(())
    }

    /// Draws the newest answer if it has not been drawn; returns whether to go on.
    fn redraw(&mut self) -> Result<bool> {
        let answer = self.search.answer_after(self.drawn);
        if let Some(answer) = &answer {
            self.drawn = answer.number;
        }
        #[cfg(feature = "window")]
        if crate::window::is_closed() {
            return Ok(false);
        }
        let Some(answer) = answer else {
            return Ok(true);
        };
        let Some(frame) = &answer.frame else {
            return Ok(true);
        };
        let matches = self.search.matches(&answer, self.stabilizer.shown())?;
        let score = |shown: &Match| self.search.score(&answer, shown);
        let shown = self.stabilizer.update(answer.time, &matches, score);
        let emotions = answer.expression().map(|e| e.emotions());
        let camera = Camera {
            frame,
            faces: &answer.faces,
            emotions: emotions.as_ref(),
        };
        let image = self.view.draw(&camera, shown, self.limit);
        (self.display)(image)
    }
}

/// Leaves a single picture in the window until a key is pressed; a video ends by itself.
#[cfg(feature = "window")]
fn hold_still(args: &LiveArgs, source: &dyn FrameSource) {
    let video = args.source.video.as_ref();
    let is_still = video.is_some_and(|path| !moue::video::is_video(path));
    if is_still && !source.is_live() && !args.terminal && crate::window::is_possible() {
        crate::window::wait_until_closed();
    }
}

/// A terminal keeps the last picture by itself.
#[cfg(not(feature = "window"))]
fn hold_still(_: &LiveArgs, _: &dyn FrameSource) {}
