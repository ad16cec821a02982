//! Keeping the shown match still while the face is: hysteresis in score and time.

use crate::Match;
use std::time::Duration;

/// When the shown match may change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StabilizerOptions {
    /// A new match is taken at once if its [score](Match::score) is better than that of the shown
    /// one by this much.
    pub margin: f32,
    /// A new match that is nearer by [`min_gain`](Self::min_gain) is taken once others have been
    /// nearer for this long.
    pub hold: Duration,
    /// A new match whose score is better by less than this counts as equal and is never taken.
    pub min_gain: f32,
    /// Without a face the match stays for this long.
    pub keep: Duration,
}

/// Chosen by hand on the test clips: a smile changes the match within two frames, talking does not.
impl Default for StabilizerOptions {
    fn default() -> Self {
        Self {
            margin: 0.08,
            hold: Duration::from_millis(400),
            min_gain: 0.01,
            keep: Duration::from_millis(700),
        }
    }
}

/// The matches that are shown, from frame to frame.
///
/// ```
/// use moue::Match;
/// use moue::video::{MatchStabilizer, StabilizerOptions};
/// use std::time::Duration;
/// let m = |id, score| Match { id, path: id.to_string(), score, ..Match::default() };
/// let mut stabilizer = MatchStabilizer::new(StabilizerOptions::default());
/// let ms = Duration::from_millis;
/// assert_eq!(stabilizer.update(ms(0), &[m(1, 0.30), m(2, 0.32)], |_| None)[0].id, 1);
/// // Hardly nearer: no change yet. Much nearer: at once.
/// assert_eq!(stabilizer.update(ms(33), &[m(2, 0.30)], |_| Some(0.31))[0].id, 1);
/// assert_eq!(stabilizer.update(ms(66), &[m(2, 0.20)], |_| Some(0.31))[0].id, 2);
/// ```
#[derive(Debug, Clone)]
pub struct MatchStabilizer {
    options: StabilizerOptions,
    shown: Vec<Match>,
    /// Since when something else has been nearer.
    challenged: Option<Duration>,
    /// When the last frame with a face was.
    seen: Duration,
}

impl MatchStabilizer {
    /// A stabilizer that shows nothing yet.
    pub fn new(options: StabilizerOptions) -> Self {
        Self {
            options,
            shown: Vec::new(),
            challenged: None,
            seen: Duration::ZERO,
        }
    }

    /// The matches that are shown.
    pub fn shown(&self) -> &[Match] {
        &self.shown
    }

    /// Takes the matches of a frame, best first, and returns those to show. No matches mean that
    /// there was no face.
    ///
    /// `score` returns the score that the match that is shown has for the frame's face, if that is
    /// known; otherwise it counts as that of the last of `matches`.
    pub fn update(
        &mut self,
        time: Duration,
        matches: &[Match],
        score: impl FnOnce(&Match) -> Option<f32>,
    ) -> &[Match] {
        let Some(best) = matches.first() else {
            // A detector misses a face now and then; the picture must not blink for that.
            if time.saturating_sub(self.seen) > self.options.keep {
                self.shown.clear();
                self.challenged = None;
            }
            return &self.shown;
        };
        self.seen = time;
        match self.shown.first() {
            Some(shown) if shown.path != best.path => {
                let same = matches
                    .iter()
                    .find(|m| m.path == shown.path)
                    .map(|m| m.score);
                // What is not among the matches is at least as far as the last of them.
                let lower_bound = matches.last().map(|m| m.score);
                let score = score(shown)
                    .or(same)
                    .or(lower_bound)
                    .unwrap_or(f32::INFINITY);
                self.challenge(time, score, matches);
            }
            _ => self.take(matches),
        }
        &self.shown
    }

    /// Takes other matches if they are much better, or have been better for long enough.
    fn challenge(&mut self, time: Duration, score: f32, matches: &[Match]) {
        // From the first frame in which another was nearer, whichever that was: a face between two
        // pictures changes its best match often, and would never keep one for long.
        let since = *self.challenged.get_or_insert(time);
        let gain = score - matches[0].score;
        let held = time.saturating_sub(since) >= self.options.hold;
        if gain > self.options.margin || held && gain >= self.options.min_gain {
            self.take(matches);
        }
    }

    fn take(&mut self, matches: &[Match]) {
        self.shown = matches.to_vec();
        self.challenged = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn m(id: u64, score: f32) -> Match {
        Match {
            id,
            path: id.to_string(),
            score,
            ..Match::default()
        }
    }

    #[test]
    fn small_changes_wait_and_gaps_are_bridged() {
        let mut stabilizer = MatchStabilizer::new(StabilizerOptions::default());
        stabilizer.update(Duration::ZERO, &[m(1, 0.3), m(2, 0.3)], |_| None);
        for i in 1..=12 {
            assert_eq!(
                stabilizer.update(
                    Duration::from_millis(i * 33),
                    &[m(2, 0.28), m(1, 0.3)],
                    |_| None
                )[0]
                .id,
                1,
                "frame {i}"
            );
        }
        assert_eq!(
            stabilizer.update(Duration::from_millis(500), &[m(2, 0.28), m(1, 0.3)], |_| {
                None
            })[0]
                .id,
            2,
            "after the hold"
        );
        assert_eq!(
            stabilizer.update(Duration::from_millis(900), &[], |_| None)[0].id,
            2,
            "a short gap"
        );
        assert!(
            stabilizer
                .update(Duration::from_millis(1300), &[], |_| None)
                .is_empty(),
            "a long one"
        );
    }

    #[test]
    fn what_is_hardly_nearer_never_comes() {
        let mut stabilizer = MatchStabilizer::new(StabilizerOptions::default());
        stabilizer.update(Duration::ZERO, &[m(1, 0.3)], |_| None);
        for i in 1..=60 {
            assert_eq!(
                stabilizer.update(Duration::from_millis(i * 33), &[m(2, 0.295)], |_| Some(0.3))[0]
                    .id,
                1,
                "frame {i}"
            );
        }
    }

    #[test]
    fn flicker_between_two_does_not_add_up() {
        let mut stabilizer = MatchStabilizer::new(StabilizerOptions::default());
        let mut changes = 0;
        let mut last = 0;
        for i in 0..300 {
            let order = if i % 2 == 0 {
                [m(1, 0.30), m(2, 0.31)]
            } else {
                [m(2, 0.30), m(1, 0.31)]
            };
            let now = stabilizer.update(Duration::from_millis(i * 33), &order, |_| None)[0].id;
            changes += usize::from(now != last);
            last = now;
        }
        assert_eq!(changes, 1, "only the first one");
    }
}
