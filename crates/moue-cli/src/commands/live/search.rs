//! What `moue live` searches: the faces of its frames, and the pictures that match them.

#[cfg(feature = "server")]
use super::overlay::Overlay;
use crate::args::LiveArgs;
use crate::live_search::{Answer, Faces, Lookup};
use anyhow::Result;
use moue::Match;
use moue::video::{MatchStabilizer, StabilizerOptions, TimedFrame};
use moue_graph::Executor;
use std::time::Duration;

/// The running graph, and the gallery that is searched for its answers.
pub(super) struct Search {
    faces: Faces,
    lookup: Lookup,
    #[cfg(feature = "server")]
    overlay: Option<Overlay>,
}

impl Search {
    pub(super) fn start(args: &LiveArgs, executor: Executor) -> Result<Self> {
        #[cfg(not(feature = "server"))]
        anyhow::ensure!(
            args.overlay.is_none(),
            "this moue was built without the overlay; \
             cargo install --locked --path crates/moue-cli --features server builds it in"
        );
        Ok(Self {
            lookup: Lookup::open(&args.search, usize::from(args.limit))?,
            faces: Faces::start(executor)?,
            #[cfg(feature = "server")]
            overlay: overlay(args)?,
        })
    }

    /// Tells the overlay what a view shows.
    pub(super) fn show(&mut self, shown: &[Match]) {
        #[cfg(feature = "server")]
        if let Some(overlay) = &mut self.overlay {
            overlay.show(shown.first());
        }
        #[cfg(not(feature = "server"))]
        let _ = shown;
    }

    /// The matches of an answer.
    pub(super) fn matches(&mut self, answer: &Answer, shown: &[Match]) -> Result<Vec<Match>> {
        match answer.expression() {
            Some(expression) => self.lookup.matches(&expression, shown),
            None => Ok(Vec::new()),
        }
    }

    pub(super) fn send(&mut self, frame: TimedFrame) -> Result<()> {
        self.faces.send(frame)
    }

    /// Forgets the answer, so that a frame that the graph drops has none.
    pub(super) fn clear(&self) {
        self.faces.clear();
    }

    /// A copy of the newest answer.
    pub(super) fn answer(&self) -> Answer {
        self.faces.answer()
    }

    /// A copy of the newest answer if its number is larger than `number`.
    pub(super) fn answer_after(&self, number: u64) -> Option<Answer> {
        self.faces.answer_after(number)
    }

    /// The score that a shown picture has for the face of an answer.
    pub(super) fn score(&self, answer: &Answer, shown: &Match) -> Option<f32> {
        self.lookup.score(&answer.expression()?, shown)
    }

    pub(super) fn wait_until_idle(&mut self) {
        self.faces.wait_until_idle();
    }

    pub(super) fn finish(self) -> Result<()> {
        self.faces.finish()
    }
}

#[cfg(feature = "server")]
fn overlay(args: &LiveArgs) -> Result<Option<Overlay>> {
    let start = |address| Overlay::start(address, &args.search.gallery.gallery);
    args.overlay.map(start).transpose()
}

/// Keeps a shown match until another one is clearly better.
pub(super) fn stabilizer(args: &LiveArgs) -> MatchStabilizer {
    MatchStabilizer::new(StabilizerOptions {
        margin: args.margin,
        hold: Duration::from_millis(args.hold),
        ..StabilizerOptions::default()
    })
}
