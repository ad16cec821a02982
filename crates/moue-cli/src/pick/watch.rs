//! The thread that reads frames and finds faces in them.

use super::model::Source;
use super::reports::{Outbox, Report};
use super::search::Request;
use crate::args::shared::SourceArgs;
use crate::live_search::{Answer, Faces};
use crate::window::ui::Moment;
use crate::{emotions, inputs, raster, report};
use anyhow::{Context, Result};
use moue::video::FrameSource;
use moue_graph::Executor;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// Pixels of the longer side of what is shown of a frame: as large as the window shows it on a screen
/// of twice the usual density.
const SHOWN_SIDE: u32 = 640;

/// How often a wait looks whether the window is closed.
const STEP: Duration = Duration::from_millis(50);

/// Reads a source until it ends or the window is closed.
pub(crate) struct Watch<'a> {
    pub(crate) outbox: Outbox,
    pub(crate) requests: Sender<Request>,
    pub(crate) is_closed: &'a AtomicBool,
}

impl Watch<'_> {
    /// Runs to the end of the source; what goes wrong is reported.
    pub(crate) fn run(&self, args: &SourceArgs) {
        if let Err(error) = self.play(args) {
            let reason = report::chain(&error);
            self.outbox.send(Report::Source(Source::Failed(reason)));
        }
    }

    fn play(&self, args: &SourceArgs) -> Result<()> {
        let mut source = inputs::open_source(args)?;
        let mut faces = Faces::start(Executor::Threads(1))?;
        let mut told = 0;
        let start = Instant::now();
        while !self.is_closed.load(Ordering::Relaxed)
            && let Some(frame) = next(&mut *source, args)?
        {
            if !source.is_live() {
                self.wait_until(start, frame.time);
            }
            faces.send(frame)?;
            self.tell(&faces, &mut told);
        }
        faces.wait_until_idle();
        self.tell(&faces, &mut told);
        // Only a camera is expected to go on.
        if source.is_live() && !self.is_closed.load(Ordering::Relaxed) {
            anyhow::bail!("{}: it has ended", inputs::source_name(args));
        }
        Ok(())
    }

    /// Waits until a frame of a file has to be shown.
    fn wait_until(&self, start: Instant, time: Duration) {
        while !self.is_closed.load(Ordering::Relaxed) {
            let left = time.saturating_sub(start.elapsed());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(STEP));
        }
    }

    /// Tells of the newest answer, if it is newer than the last one.
    fn tell(&self, faces: &Faces, told: &mut u64) {
        let Some(answer) = faces.answer_after(*told) else {
            return;
        };
        *told = answer.number;
        if let Some(moment) = moment(&answer) {
            self.outbox.send(Report::Moment(moment));
        }
        let expression = answer.expression();
        let source = expression.map_or(Source::NoFace, |_| Source::Face);
        self.outbox.send(Report::Source(source));
        if let Some(expression) = expression {
            // The search has ended only if the window has.
            let _ = self
                .requests
                .send(Request::Face(Box::new(expression), answer.time));
        }
    }
}

fn next(
    source: &mut dyn FrameSource,
    args: &SourceArgs,
) -> Result<Option<moue::video::TimedFrame>> {
    source
        .next_frame()
        .with_context(|| inputs::source_name(args))
}

/// What is shown of an answer.
fn moment(answer: &Answer) -> Option<Moment> {
    let frame = answer.frame.as_deref()?;
    let boxes = answer.faces.iter().map(|face| &face.bounding_box);
    let emotions = answer.expression().map(|face| face.emotions());
    Some(Moment {
        picture: raster::within(&raster::image_of(frame), SHOWN_SIDE),
        faces: boxes.map(|b| [b.xmin, b.ymin, b.width, b.height]).collect(),
        emotion: emotions.map(|all| (all.top().to_string(), emotions::color(all.top()))),
    })
}
