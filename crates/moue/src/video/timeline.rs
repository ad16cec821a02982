//! The expressive moments of a clip: peaks of how strong an expression is.

use super::curve::Curve;
use super::moment::{Moment, TimelineOptions};
use super::motion::Motion;
use crate::embed::{EXPRESSION_LEN, Emotion, Expression};
use std::time::Duration;

/// The curve of a clip and its peaks.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// For each face, the smoothed strength of its expression, 0 to 1.
    pub curve: Vec<f32>,
    /// Peaks, in the order of their times.
    pub moments: Vec<Moment>,
}

impl Timeline {
    /// Finds the moments in expressions of one person with their times, in order.
    ///
    /// The strength of an expression is the share of people who would not call it neutral
    /// ([`Expression::emotions`]), or how far it is from the person's own neutral face if that is
    /// more: winks, tongues and crossed eyes have no word that people could vote for.
    ///
    /// A peak is a moment if the face is far enough from its neutral expression also on average
    /// over a syllable's time, the farther the more it moves around the peak: a mouth that speaks
    /// opens and closes, an expression is held.
    ///
    /// ```no_run
    /// # fn show(faces: &[(std::time::Duration, moue::Expression)]) {
    /// use moue::video::{Timeline, TimelineOptions};
    /// for moment in Timeline::of(faces, &TimelineOptions::default()).moments {
    ///     let top = faces[moment.index].1.emotions().top();
    ///     println!("{:?} {top} {:.2}", moment.time, moment.strength);
    /// }
    /// # }
    /// ```
    pub fn of(faces: &[(Duration, Expression)], options: &TimelineOptions) -> Self {
        let neutral = own_neutral(faces);
        let strength = |e: &Expression| strength(e, &neutral);
        let strengths: Vec<_> = faces.iter().map(|(t, e)| (*t, strength(e))).collect();
        Self::with(
            Curve::of(&strengths, options),
            Some(&Motion::of(faces, &neutral)),
        )
    }

    /// Finds the moments in strengths, 0 to 1, with their times, in order: for a measure of the
    /// caller's own.
    ///
    /// ```
    /// use moue::video::{Timeline, TimelineOptions};
    /// use std::time::Duration;
    /// let strengths: Vec<(Duration, f32)> = (0..90)
    ///     .map(|i| (Duration::from_millis(i * 33), if (40..55).contains(&i) { 0.9 } else { 0.1 }))
    ///     .collect();
    /// let timeline = Timeline::of_strengths(&strengths, &TimelineOptions::default());
    /// assert_eq!(timeline.moments.len(), 1);
    /// assert!((42..53).contains(&timeline.moments[0].index));
    /// ```
    pub fn of_strengths(strengths: &[(Duration, f32)], options: &TimelineOptions) -> Self {
        Self::with(Curve::of(strengths, options), None)
    }

    fn with(curve: Curve<'_>, motion: Option<&Motion>) -> Self {
        Self {
            moments: curve.moments(motion),
            curve: curve.smooth,
        }
    }
}

/// How strong an expression is, 0 to 1.
fn strength(expression: &Expression, neutral: &Expression) -> f32 {
    // Perpendicular embeddings have nothing in common; what is farther is no stronger.
    let away = expression.distance(neutral) / std::f32::consts::SQRT_2;
    let voted = 1.0 - expression.emotions().share(Emotion::Neutral);
    voted.max(away).min(1.0)
}

/// What a person looks like at rest: the mean of the expressions, weighted by the square of their
/// share of neutral. The square leaves a few calm frames among many smiles the greater weight, and
/// somebody who smiles all the time still has a usual face.
fn own_neutral(faces: &[(Duration, Expression)]) -> Expression {
    let mut sum = [0.0; EXPRESSION_LEN];
    for (_, expression) in faces {
        let weight = expression.emotions().share(Emotion::Neutral).powi(2);
        for (sum, value) in sum.iter_mut().zip(expression.0) {
            *sum += weight * value;
        }
    }
    let length = sum.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-6);
    Expression(sum.map(|v| v / length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clip(strengths: &[f32]) -> Vec<(Duration, f32)> {
        let time = |i: usize| Duration::from_millis(i as u64 * 40);
        strengths
            .iter()
            .enumerate()
            .map(|(i, s)| (time(i), *s))
            .collect()
    }

    fn indices(strengths: &[f32], options: &TimelineOptions) -> Vec<usize> {
        let timeline = Timeline::of_strengths(&clip(strengths), options);
        timeline.moments.iter().map(|m| m.index).collect()
    }

    #[test]
    fn peaks_are_found_in_order_and_apart() {
        let mut strengths = vec![0.1; 200];
        for (center, height) in [(30, 0.95), (38, 0.9), (90, 0.8), (150, 1.0)] {
            (center - 6..center + 6).for_each(|i| strengths[i] = height);
        }
        let at = indices(&strengths, &TimelineOptions::default());
        assert_eq!(at.len(), 3, "{at:?}: the two that touch are one");
        assert!(
            at[0].abs_diff(30) < 7 && at[1].abs_diff(90) < 7 && at[2].abs_diff(150) < 7,
            "{at:?}"
        );
        let options = TimelineOptions {
            limit: 2,
            ..TimelineOptions::default()
        };
        let two = indices(&strengths, &options);
        assert!(
            two.len() == 2 && !two.contains(&at[1]),
            "the strongest are kept: {two:?}"
        );
    }

    #[test]
    fn a_still_face_has_no_moments() {
        for strength in [0.1, 0.4, 0.99] {
            assert!(indices(&[strength; 50], &TimelineOptions::default()).is_empty());
        }
        assert!(indices(&[], &TimelineOptions::default()).is_empty());
    }

    #[test]
    fn speech_is_no_expression() {
        // A mouth that opens five times a second for 80 ms.
        let speech: Vec<f32> = (0..200)
            .map(|i| if i % 5 < 2 { 0.9 } else { 0.1 })
            .collect();
        assert!(indices(&speech, &TimelineOptions::default()).is_empty());
    }

    #[test]
    fn the_ends_of_a_clip_are_no_peaks() {
        let margin = 5;
        // An expression that begins shortly before the end, and one that is over at once.
        let mut cut = vec![0.1; 100];
        cut[..4].fill(0.9);
        cut[97..].fill(0.9);
        assert!(indices(&cut, &TimelineOptions::default()).is_empty());
        // A laugh that grows until the clip ends is a moment, but not by its last frames.
        let mut laugh = vec![0.1; 100];
        (60..100).for_each(|i| laugh[i] = 0.8 + 0.005 * (i - 60) as f32);
        let at = indices(&laugh, &TimelineOptions::default());
        assert!(
            at.len() == 1 && (70..100 - margin).contains(&at[0]),
            "{at:?}"
        );
    }

    #[test]
    fn the_frame_is_the_strongest_of_its_peak() {
        let mut strengths = vec![0.1; 100];
        strengths[40..60].fill(0.8);
        strengths[54] = 0.95;
        assert_eq!(indices(&strengths, &TimelineOptions::default()), [54]);
    }

    #[test]
    fn a_face_that_votes_do_not_see_is_found_by_its_distance() {
        // Both are called neutral; they are perpendicular, so the rarer one is a grimace.
        let [rest, grimace, _] = axes();
        let face = |i: usize| if (50..70).contains(&i) { grimace } else { rest };
        let faces: Vec<_> = (0..200)
            .map(|i| (Duration::from_millis(i as u64 * 40), face(i)))
            .collect();
        let moments = Timeline::of(&faces, &TimelineOptions::default()).moments;
        assert_eq!(moments.len(), 1);
        assert!((50..70).contains(&moments[0].index));
    }

    /// The two axes that votes call neutral most, and the one that they call so least.
    fn axes() -> [Expression; 3] {
        let at = |i: usize| {
            let mut e = [0.0; EXPRESSION_LEN];
            e[i] = 1.0;
            Expression(e)
        };
        let neutral = |i: &usize| at(*i).emotions().share(Emotion::Neutral);
        let mut axes: Vec<usize> = (0..EXPRESSION_LEN).collect();
        axes.sort_by(|a, b| neutral(b).total_cmp(&neutral(a)));
        [axes[0], axes[1], axes[EXPRESSION_LEN - 1]].map(at)
    }

    /// The way from one expression to another, from 0 to 1.
    fn between(a: &Expression, b: &Expression, part: f32) -> Expression {
        let mixed: [f32; EXPRESSION_LEN] =
            std::array::from_fn(|i| (1.0 - part) * a.0[i] + part * b.0[i]);
        let length = mixed.iter().map(|v| v * v).sum::<f32>().sqrt();
        Expression(mixed.map(|v| v / length))
    }

    const NONE: [f32; 0] = [];

    /// Moments of a face whose place between rest and an expression is given at each time.
    fn moments_of(seconds: f32, place: impl Fn(f32) -> f32) -> Vec<f32> {
        let [rest, _, strong] = axes();
        let times = (0..(seconds * 30.0) as u64).map(|i| Duration::from_micros(i * 33_333));
        let faces: Vec<_> = times
            .map(|t| (t, between(&rest, &strong, place(t.as_secs_f32()))))
            .collect();
        let found = Timeline::of(&faces, &TimelineOptions::default()).moments;
        found.iter().map(|m| m.time.as_secs_f32()).collect()
    }

    #[test]
    fn a_mouth_that_opens_and_closes_is_speech_at_any_rate() {
        for hertz in [2.0, 2.5, 3.0, 4.0, 5.0, 6.0] {
            let mouth = |t: f32| 0.5 - 0.5 * (t * hertz * std::f32::consts::TAU).cos();
            // Somebody who speaks from the third second on, after a pause.
            let speech = |t: f32| if t > 2.0 { 0.8 * mouth(t) } else { 0.0 };
            assert_eq!(moments_of(8.0, speech), NONE, "{hertz} Hz");
            // A smile that is held meanwhile is found.
            let smile = |t: f32| {
                if (4.0..5.0).contains(&t) {
                    1.0
                } else {
                    speech(t)
                }
            };
            let found = moments_of(8.0, smile);
            assert!(
                found.len() == 1 && (4.0..5.0).contains(&found[0]),
                "{hertz} Hz: {found:?}"
            );
        }
    }

    #[test]
    fn a_short_grimace_of_a_calm_face_is_an_expression() {
        // A wink takes some 400 ms.
        let found = moments_of(6.0, |t| if (3.0..3.4).contains(&t) { 1.0 } else { 0.0 });
        assert!(
            found.len() == 1 && (3.0..3.4).contains(&found[0]),
            "{found:?}"
        );
    }

    #[test]
    fn what_the_end_cuts_off_must_be_held() {
        // The beginning of something, and a smile that lasts until the end.
        let rise = |t: f32| ((t - 5.7) / 0.3).clamp(0.0, 1.0);
        assert_eq!(moments_of(6.0, rise), NONE);
        assert_eq!(moments_of(6.0, |t| 1.0 - rise(t + 5.7)), NONE);
        let held = moments_of(6.0, |t| ((t - 4.8) / 0.3).clamp(0.0, 1.0));
        assert!(held.len() == 1 && (5.0..5.8).contains(&held[0]), "{held:?}");
    }

    #[test]
    fn of_frames_as_strong_the_stillest_is_taken() {
        // Half of the smile trembles.
        let tremble = |t: f32| if (t * 30.0) as i32 % 2 == 0 { 1.0 } else { 0.9 };
        let found = moments_of(6.0, |t| match t {
            t if (3.0..3.4).contains(&t) => tremble(t),
            t if (3.4..3.8).contains(&t) => 0.98,
            _ => 0.0,
        });
        assert!(
            found.len() == 1 && (3.4..3.8).contains(&found[0]),
            "{found:?}"
        );
    }

    #[test]
    fn nearly_neutral_faces_are_no_moments() {
        assert_eq!(
            moments_of(6.0, |t| if (3.0..4.0).contains(&t) { 0.3 } else { 0.0 }),
            NONE
        );
    }
}
