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
/// The best one is held until another one wins its place. The others are held with it: they change
/// when it does, or when a list of others has been better on average for long enough.
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
    /// For the first place.
    best: Challenge,
    /// For the places after it.
    others: Challenge,
    /// When the last frame with a face was.
    seen: Duration,
}

impl MatchStabilizer {
    /// A stabilizer that shows nothing yet.
    pub fn new(options: StabilizerOptions) -> Self {
        Self {
            options,
            shown: Vec::new(),
            best: Challenge::default(),
            others: Challenge::default(),
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
    /// `score` returns the score that a match that is shown has for the frame's face, if that is
    /// known; otherwise it counts as that of the last of `matches`.
    pub fn update(
        &mut self,
        time: Duration,
        matches: &[Match],
        score: impl Fn(&Match) -> Option<f32>,
    ) -> &[Match] {
        let Some(best) = matches.first() else {
            // A detector misses a face now and then; the picture must not blink for that.
            if time.saturating_sub(self.seen) > self.options.keep {
                self.take(&[]);
            }
            return &self.shown;
        };
        self.seen = time;
        let known = Scores { matches, score };
        let is_better = match self.shown.first() {
            Some(shown) if shown.path != best.path => {
                let gain = known.of(shown) - best.score;
                self.best.is_won(time, gain, &self.options)
            }
            Some(_) => {
                self.best = Challenge::default();
                self.others_are_better(time, &known)
            }
            None => true,
        };
        if is_better {
            self.take(matches);
        } else {
            self.refresh(matches);
        }
        &self.shown
    }

    /// Whether the matches after the first, which is the one that is shown, are to be taken.
    fn others_are_better(
        &mut self,
        time: Duration,
        known: &Scores<'_, impl Fn(&Match) -> Option<f32>>,
    ) -> bool {
        let shown = &self.shown[1..];
        let others = &known.matches[1..];
        if shown.len() != others.len() {
            return true;
        }
        let is_shown = |m: &Match| shown.iter().any(|s| s.path == m.path);
        if others.iter().all(is_shown) {
            // In another order at most, which is no reason to move pictures about.
            self.others = Challenge::default();
            return false;
        }
        let count = others.len() as f32;
        let old: f32 = shown.iter().map(|m| known.of(m)).sum();
        let new: f32 = others.iter().map(|m| m.score).sum();
        self.others.is_won(time, (old - new) / count, &self.options)
    }

    fn take(&mut self, matches: &[Match]) {
        self.shown = matches.to_vec();
        self.best = Challenge::default();
        self.others = Challenge::default();
    }

    /// Gives what stays the distances of the newest frame.
    fn refresh(&mut self, matches: &[Match]) {
        for shown in &mut self.shown {
            if let Some(now) = matches.iter().find(|m| m.path == shown.path) {
                shown.clone_from(now);
            }
        }
    }
}

/// The scores of shown matches in a frame.
struct Scores<'a, F> {
    matches: &'a [Match],
    score: F,
}

impl<F: Fn(&Match) -> Option<f32>> Scores<'_, F> {
    fn of(&self, shown: &Match) -> f32 {
        let same = || self.matches.iter().find(|m| m.path == shown.path);
        // What is not among the matches is at least as far as the last of them.
        let lower_bound = || self.matches.last();
        (self.score)(shown)
            .or_else(|| same().map(|m| m.score))
            .or_else(|| lower_bound().map(|m| m.score))
            .unwrap_or(f32::INFINITY)
    }
}

/// Others that have been better than what is shown.
#[derive(Debug, Clone, Default)]
struct Challenge {
    /// Since when.
    since: Option<Duration>,
}

impl Challenge {
    /// Whether others that are better by `gain` are taken: if that is much, or they have been
    /// better for long enough.
    fn is_won(&mut self, time: Duration, gain: f32, options: &StabilizerOptions) -> bool {
        // From the first frame in which another was nearer, whichever that was: a face between two
        // pictures changes its best match often, and would never keep one for long.
        let since = *self.since.get_or_insert(time);
        let held = time.saturating_sub(since) >= options.hold;
        gain > options.margin || held && gain >= options.min_gain
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

    #[test]
    fn the_places_after_the_best_are_held_too() {
        let mut stabilizer = MatchStabilizer::new(StabilizerOptions::default());
        let ids = |shown: &[Match]| shown.iter().map(|m| m.id).collect::<Vec<_>>();
        let mut seen = Vec::new();
        for i in 0..60 {
            // Noise: with every frame others are second and third, hardly better than the last.
            let noisy = [m(1, 0.3), m(2 + i % 5, 0.4), m(10 + i % 3, 0.41)];
            let time = Duration::from_millis(i * 33);
            seen.push(ids(stabilizer.update(time, &noisy, |m| {
                Some(if m.id < 10 { 0.4 } else { 0.41 })
            })));
        }
        seen.dedup();
        assert_eq!(seen, [[1, 2, 10]]);
        // In another order they stay, with their new distances.
        let time = Duration::from_millis(2000);
        let turned = [m(1, 0.25), m(10, 0.35), m(2, 0.36)];
        let shown = stabilizer.update(time, &turned, |_| None);
        assert_eq!(ids(shown), [1, 2, 10]);
        assert_eq!((shown[0].score, shown[1].score), (0.25, 0.36));
        // Much better ones come at once.
        let better = [m(1, 0.25), m(7, 0.26), m(8, 0.27)];
        let shown = stabilizer.update(Duration::from_millis(2033), &better, |_| Some(0.4));
        assert_eq!(ids(shown), [1, 7, 8]);
    }
}
