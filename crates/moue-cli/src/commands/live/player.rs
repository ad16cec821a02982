//! `moue live` for people: plays a source in its own time and draws every answer.

use super::moment::{self, Recent, Saving};
use super::search::{Search, stabilizer};
use crate::args::{LiveArgs, MomentForm};
use crate::inputs::{self, Frames, Next};
use crate::live_search::Answer;
use crate::report::Outcome;
use crate::stores;
use crate::view::{Camera, Key, Scene, Screen, View};
use anyhow::Result;
use moue::Match;
use moue::video::MatchStabilizer;
use moue_graph::Executor;
use std::time::{Duration, Instant};

/// How often keys are looked at while nothing else happens; shorter than a user notices.
const KEY_CHECK: Duration = Duration::from_millis(50);

/// Plays the source until it ends, or somebody closes the screen.
pub(super) fn run(
    args: &LiveArgs,
    screen: impl FnOnce() -> Result<Box<dyn Screen>>,
) -> Result<Outcome> {
    let source = args.source.clone();
    let frames = Frames::open(inputs::source_name(&source), move |options| {
        inputs::open_source_with(&source, options)
    })?;
    let mut player = Player::start(args, screen)?;
    let goes_on = player.play(&frames, args.frames.unwrap_or(u64::MAX))?;
    player.search.wait_until_idle();
    if goes_on && player.redraw()? && is_still(args, &frames) {
        player.hold_still()?;
    }
    player.end()?;
    Ok(Outcome::Found)
}

struct Player {
    search: Search,
    stabilizer: MatchStabilizer,
    view: View,
    /// Number of the answer that was drawn last.
    drawn: u64,
    /// Matches that are shown.
    limit: usize,
    screen: Box<dyn Screen>,
    /// What is on the screen.
    last: Option<(Answer, Vec<Match>)>,
    recent: Recent,
    save_as: MomentForm,
    saving: Option<Saving>,
    status: String,
}

/// Distances that differ by less look the same in a bar. A number that changed with the noise of
/// every frame would draw the eye.
const STEADY: f32 = 0.02;

impl Player {
    fn start(args: &LiveArgs, screen: impl FnOnce() -> Result<Box<dyn Screen>>) -> Result<Self> {
        // A thread of its own, so that a slow answer does not hold up the source: the graph drops the
        // frames that come meanwhile.
        let search = Search::start(args, Executor::Threads(1))?;
        let gallery = stores::open(&args.search.gallery.gallery)?;
        // Last, as errors before it are to be read where the program was started.
        let screen = screen()?;
        Ok(Self {
            search,
            stabilizer: stabilizer(args),
            view: View::of(gallery, screen.tile_side()),
            drawn: 0,
            limit: usize::from(args.limit),
            screen,
            last: None,
            recent: Recent::default(),
            save_as: args.save_as,
            saving: None,
            status: String::new(),
        })
    }

    fn end(self) -> Result<()> {
        // What is printed from here on belongs to the terminal as it was.
        drop(self.screen);
        if let Some(saving) = self.saving {
            crate::output::note(&saving.outcome());
        }
        self.search.finish()
    }

    /// Returns whether the source ended by itself.
    fn play(&mut self, frames: &Frames, mut left: u64) -> Result<bool> {
        let start = Instant::now();
        while left > 0 {
            match frames.next(KEY_CHECK)? {
                Next::Frame(frame) => {
                    if !frames.is_live() && !self.wait_until(start, frame.time)? {
                        return Ok(false);
                    }
                    self.search.send(frame)?;
                    left -= 1;
                }
                Next::Ended => break,
                Next::NotYet => {}
            }
            if !self.heed_keys()? || !self.redraw()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Waits until a frame of a file has to be shown; returns whether to go on.
    fn wait_until(&mut self, start: Instant, time: Duration) -> Result<bool> {
        loop {
            let left = time.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Ok(true);
            }
            std::thread::sleep(left.min(KEY_CHECK));
            // The frame before may be answered by now, or the window closed.
            if !self.heed_keys()? || !self.redraw()? {
                return Ok(false);
            }
        }
    }

    /// Draws the newest answer if it has not been drawn; returns whether to go on.
    fn redraw(&mut self) -> Result<bool> {
        #[cfg(feature = "window")]
        if crate::window::is_closed() {
            return Ok(false);
        }
        let Some(answer) = self.search.answer_after(self.drawn) else {
            return Ok(true);
        };
        self.drawn = answer.number;
        let matches = self.search.matches(&answer, self.stabilizer.shown())?;
        let score = |shown: &Match| self.search.score(&answer, shown);
        let mut shown = self
            .stabilizer
            .update(answer.time, &matches, score)
            .to_vec();
        self.keep_distances(&mut shown);
        self.search.show(&shown);
        if let Some(frame) = &answer.frame {
            self.recent.record(answer.time, frame, shown.first());
        }
        self.last = Some((answer, shown));
        self.draw()
    }

    /// Shows the distances of the last answer where they have hardly changed.
    fn keep_distances(&self, shown: &mut [Match]) {
        let last = self
            .last
            .as_ref()
            .map_or(&[][..], |(_, last)| last.as_slice());
        for now in shown {
            let before = last.iter().find(|m| m.id == now.id).map(|m| m.distance);
            let is_near = |before: &f32| (before - now.distance).abs() < STEADY;
            now.distance = before.filter(is_near).unwrap_or(now.distance);
        }
    }

    /// Draws what was drawn last, with the status of now.
    fn draw(&mut self) -> Result<bool> {
        self.with_scene(None, |screen, view, scene| screen.show(view, scene))
            .unwrap_or(Ok(true))
    }

    /// What `then` makes of the moment on the screen, with another status if one is given; `None`
    /// where nothing was drawn yet.
    fn with_scene<T>(
        &mut self,
        status: Option<&str>,
        then: impl FnOnce(&mut dyn Screen, &mut View, &Scene<'_>) -> T,
    ) -> Option<T> {
        let (answer, shown) = self.last.as_ref()?;
        let emotions = answer.expression().map(|expression| expression.emotions());
        let scene = Scene {
            camera: Camera {
                frame: answer.frame.as_ref()?,
                faces: &answer.faces,
                emotions: emotions.as_ref(),
            },
            shown,
            limit: self.limit,
            status: status.unwrap_or(&self.status),
        };
        Some(then(&mut *self.screen, &mut self.view, &scene))
    }

    /// Does what the pressed keys mean; returns whether to go on.
    fn heed_keys(&mut self) -> Result<bool> {
        if let Some(saving) = self.saving.take_if(|saving| saving.is_finished()) {
            self.status = saving.outcome();
            self.draw()?;
        }
        while let Some(key) = self.screen.key() {
            match key {
                Key::Quit => return Ok(false),
                Key::Save => self.save()?,
                Key::Copy => self.copy()?,
            }
        }
        Ok(true)
    }

    /// Writes the moment. A failure is shown and ends nothing.
    fn save(&mut self) -> Result<()> {
        if self.last.is_none() || self.saving.is_some() {
            return Ok(());
        }
        if self.save_as == MomentForm::Gif {
            self.saving = Some(self.recent.save(&self.view));
            self.status = "saving …".into();
        } else if let Some(picture) = self.with_scene(Some("moue"), |_, view, s| view.draw(s)) {
            self.status = moment::save_picture(&picture);
        }
        self.draw().map(|_| ())
    }

    /// Puts the best match into the clipboard, likewise.
    fn copy(&mut self) -> Result<()> {
        let Some(best) = self.last.as_ref().and_then(|(_, shown)| shown.first()) else {
            return Ok(());
        };
        self.status = match moment::copy(best) {
            Ok(()) => format!("copied {}", crate::view::caption(best)),
            Err(error) => crate::report::chain(&error),
        };
        self.draw().map(|_| ())
    }

    /// Leaves a single picture on the screen until somebody closes it.
    fn hold_still(&mut self) -> Result<()> {
        if !self.screen.has_keys() {
            return Ok(());
        }
        while self.heed_keys()? {
            #[cfg(feature = "window")]
            if crate::window::is_closed() {
                break;
            }
            std::thread::sleep(KEY_CHECK);
        }
        Ok(())
    }
}

/// Whether the source is a single picture or an animation; a video ends by itself.
fn is_still(args: &LiveArgs, frames: &Frames) -> bool {
    let video = args.source.video.as_ref();
    video.is_some_and(|path| !moue::video::is_video(path)) && !frames.is_live()
}
