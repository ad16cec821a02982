//! Keeping the shown match still while the face is.

use crate::Match;

/// When the shown match may change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StabilizerOptions {
    /// A new match is taken at once if it is nearer than the shown one by this much.
    pub margin: f32,
    /// A new match that is nearer by [`least`](Self::least) is taken once others have been nearer
    /// for this many microseconds.
    pub hold_micros: i64,
    /// A new match that is nearer by less is as good as the shown one and never taken.
    pub least: f32,
    /// Without a face the match stays for this many microseconds.
    pub keep_micros: i64,
}

/// Chosen by looking at the clips: a smile changes the match within two frames, talking does not.
impl Default for StabilizerOptions {
    fn default() -> Self {
        Self {
            margin: 0.08,
            hold_micros: 400_000,
            least: 0.01,
            keep_micros: 700_000,
        }
    }
}

/// The matches that are shown, from frame to frame.
///
/// ```
/// use moue::Match;
/// use moue::video::{StabilizerOptions, MatchStabilizer};
/// let m = |id, distance| Match { id, path: id.to_string(), distance, ..Match::default() };
/// let mut steady = MatchStabilizer::new(StabilizerOptions::default());
/// assert_eq!(steady.update(0, &[m(1, 0.30), m(2, 0.32)], |_| None)[0].id, 1);
/// assert_eq!(steady.update(33_000, &[m(2, 0.30)], |_| Some(0.31))[0].id, 1, "hardly nearer: no change yet");
/// assert_eq!(steady.update(66_000, &[m(2, 0.20)], |_| Some(0.31))[0].id, 2, "much nearer: at once");
/// ```
#[derive(Debug, Clone)]
pub struct MatchStabilizer {
    rules: StabilizerOptions,
    shown: Vec<Match>,
    /// Since when something else has been nearer.
    challenged: Option<i64>,
    seen: i64,
}

impl MatchStabilizer {
    /// Nothing is shown yet.
    pub fn new(rules: StabilizerOptions) -> Self {
        Self {
            rules,
            shown: Vec::new(),
            challenged: None,
            seen: 0,
        }
    }

    /// Takes the matches of a frame, nearest first, and says which to show. Empty means that there
    /// was no face.
    ///
    /// `distance` says how far the frame's face is from the match that is shown, if that is known;
    /// otherwise it counts as far as the last of `matches`.
    pub fn update(
        &mut self,
        micros: i64,
        matches: &[Match],
        distance: impl FnOnce(&Match) -> Option<f32>,
    ) -> &[Match] {
        let Some(best) = matches.first() else {
            if micros - self.seen > self.rules.keep_micros {
                self.shown.clear();
                self.challenged = None;
            }
            return &self.shown;
        };
        self.seen = micros;
        match self.shown.first() {
            Some(shown) if shown.path != best.path => {
                let same = matches
                    .iter()
                    .find(|m| m.path == shown.path)
                    .map(|m| m.distance);
                let least = matches.last().map(|m| m.distance);
                let distance = distance(shown).or(same).or(least).unwrap_or(f32::INFINITY);
                self.challenge(micros, distance, matches);
            }
            _ => self.take(matches),
        }
        &self.shown
    }

    fn challenge(&mut self, micros: i64, distance: f32, matches: &[Match]) {
        let since = *self.challenged.get_or_insert(micros);
        let gain = distance - matches[0].distance;
        let held = micros - since >= self.rules.hold_micros;
        if gain > self.rules.margin || held && gain >= self.rules.least {
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

    fn m(id: u64, distance: f32) -> Match {
        Match {
            id,
            path: id.to_string(),
            distance,
            ..Match::default()
        }
    }

    #[test]
    fn small_changes_wait_and_gaps_are_bridged() {
        let mut steady = MatchStabilizer::new(StabilizerOptions::default());
        steady.update(0, &[m(1, 0.3), m(2, 0.3)], |_| None);
        for i in 1..=12 {
            assert_eq!(
                steady.update(i * 33_000, &[m(2, 0.28), m(1, 0.3)], |_| None)[0].id,
                1,
                "frame {i}"
            );
        }
        assert_eq!(
            steady.update(500_000, &[m(2, 0.28), m(1, 0.3)], |_| None)[0].id,
            2,
            "after the hold"
        );
        assert_eq!(
            steady.update(900_000, &[], |_| None)[0].id,
            2,
            "a short gap"
        );
        assert!(
            steady.update(1_300_000, &[], |_| None).is_empty(),
            "a long one"
        );
    }

    #[test]
    fn what_is_hardly_nearer_never_comes() {
        let mut steady = MatchStabilizer::new(StabilizerOptions::default());
        steady.update(0, &[m(1, 0.3)], |_| None);
        for i in 1..=60 {
            assert_eq!(
                steady.update(i * 33_000, &[m(2, 0.295)], |_| Some(0.3))[0].id,
                1,
                "frame {i}"
            );
        }
    }

    #[test]
    fn flicker_between_two_does_not_add_up() {
        let mut steady = MatchStabilizer::new(StabilizerOptions::default());
        let mut changes = 0;
        let mut last = 0;
        for i in 0..300 {
            let order = if i % 2 == 0 {
                [m(1, 0.30), m(2, 0.31)]
            } else {
                [m(2, 0.30), m(1, 0.31)]
            };
            let now = steady.update(i * 33_000, &order, |_| None)[0].id;
            changes += usize::from(now != last);
            last = now;
        }
        assert_eq!(changes, 1, "only the first one");
    }
}
