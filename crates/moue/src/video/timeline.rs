//! The expressive moments of a clip: peaks of how strong an expression is.

use crate::embed::{EXPRESSION_LEN, Emotion, Expression};
use std::time::Duration;

/// What counts as a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimelineOptions {
    /// At most this many moments, the strongest.
    pub limit: usize,
    /// The curve is averaged over about this time: two standard deviations of the bell curve.
    pub smoothing: Duration,
    /// Two moments are at least this far apart.
    pub min_separation: Duration,
    /// Least strength of a peak, 0 to 1.
    pub min_strength: f32,
    /// Least prominence of a peak: its height above the higher of its two valleys.
    pub min_prominence: f32,
    /// Frames within this time of the clip's start or end are no moments: an expression that is
    /// cut off there would be shown half-made.
    pub margin: Duration,
}

impl Default for TimelineOptions {
    fn default() -> Self {
        Self {
            // All chosen by hand on 15 test clips. As many moments as fit on a page:
            limit: 12,
            // Syllables last some 200 ms: averaged away, a mouth that speaks is no expression, while
            // a smile, which lasts longer, stays.
            smoothing: Duration::from_millis(300),
            // Two peaks of one laugh are one moment.
            min_separation: Duration::from_millis(800),
            // Neutral is clearly not the majority's choice; at 0.5 a hint of a smile is a moment.
            min_strength: 0.55,
            min_prominence: 0.15,
            margin: Duration::from_millis(200),
        }
    }
}

/// A peak of the curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Which of the faces.
    pub index: usize,
    /// When that face is seen, from the start of the clip.
    pub time: Duration,
    /// How strong its expression is, 0 to 1.
    pub strength: f32,
    /// Topographic prominence: its height above the higher of its two valleys.
    pub prominence: f32,
}

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
        Self::of_strengths(&strengths, options)
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
        let curve = smoothed(strengths, options.smoothing);
        let moments = moments(strengths, &curve, options);
        Self { curve, moments }
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

/// A mean weighted by a Gaussian over time, cut off at four standard deviations.
fn smoothed(strengths: &[(Duration, f32)], smoothing: Duration) -> Vec<f32> {
    let width = smoothing.as_micros().max(1) as f64 / 2.0;
    let near = |at: Duration| {
        let start = strengths.partition_point(|(t, _)| *t < at.saturating_sub(2 * smoothing));
        let end = strengths.partition_point(|(t, _)| *t <= at + 2 * smoothing);
        let mut total = 0.0;
        let mut sum = 0.0;
        for (time, value) in &strengths[start..end] {
            let away = time.abs_diff(at).as_micros() as f64 / width;
            let weight = (-0.5 * away * away).exp();
            total += weight;
            sum += weight * f64::from(*value);
        }
        (sum / total) as f32
    };
    strengths.iter().map(|(at, _)| near(*at)).collect()
}

/// Highest first, each apart from those before it, then in the order of time.
fn moments(strengths: &[(Duration, f32)], curve: &[f32], options: &TimelineOptions) -> Vec<Moment> {
    let mut found: Vec<Moment> = (0..curve.len())
        .filter(|i| curve[*i] >= options.min_strength && is_peak(curve, *i))
        .filter_map(|peak| moment(strengths, curve, peak, options))
        .collect();
    found.sort_by(|a, b| b.strength.total_cmp(&a.strength));
    let mut kept: Vec<Moment> = Vec::new();
    for moment in found {
        let apart = |k: &Moment| k.time.abs_diff(moment.time) >= options.min_separation;
        if kept.len() < options.limit && kept.iter().all(apart) {
            kept.push(moment);
        }
    }
    kept.sort_by_key(|m| m.index);
    kept
}

/// The moment of a peak that stands out enough.
fn moment(
    strengths: &[(Duration, f32)],
    curve: &[f32],
    peak: usize,
    options: &TimelineOptions,
) -> Option<Moment> {
    let prominence = prominence(curve, peak);
    if prominence < options.min_prominence {
        return None;
    }
    let index = strongest_frame(strengths, curve, peak, options)?;
    Some(Moment {
        index,
        time: strengths[index].0,
        strength: curve[index],
        prominence,
    })
}

/// Higher than what comes before and no lower than what comes after; the ends count too.
fn is_peak(curve: &[f32], i: usize) -> bool {
    let before = i.checked_sub(1).map(|b| curve[b]);
    before.is_none_or(|b| b < curve[i]) && curve.get(i + 1).is_none_or(|a| *a <= curve[i])
}

/// How far one must go down before it goes up to something higher, on the side where that is less.
fn prominence(curve: &[f32], peak: usize) -> f32 {
    let height = curve[peak];
    let is_higher = |v: &f32| *v > height;
    let before = &curve[..peak];
    let after = &curve[peak + 1..];
    let start = before.iter().rposition(is_higher);
    let end = after.iter().position(is_higher);
    let lowest = |side: &[f32]| side.iter().copied().fold(height, f32::min);
    let left = lowest(&before[start.map_or(0, |s| s + 1)..]);
    let right = lowest(&after[..end.unwrap_or(after.len())]);
    // A side that ends with the clip is no valley: what lies beyond is unknown. The highest peak
    // has two such sides, of which the deeper one counts.
    let valley = match (start, end) {
        (None, None) => left.min(right),
        (None, Some(_)) => right,
        (Some(_), None) => left,
        (Some(_), Some(_)) => left.max(right),
    };
    height - valley
}

/// A part of a peak's height from which a frame belongs to the same expression, and the farthest
/// time from the peak at which it is taken; chosen by hand.
const PLATEAU: f32 = 0.9;
const REACH: Duration = Duration::from_millis(400);

/// The frame of a peak that shows it best: the strongest one, before smoothing, of its plateau.
/// `None` if all of that is too near to the clip's start or end.
fn strongest_frame(
    strengths: &[(Duration, f32)],
    curve: &[f32],
    peak: usize,
    options: &TimelineOptions,
) -> Option<usize> {
    let first = strengths.first()?.0 + options.margin;
    let last = strengths.last()?.0.checked_sub(options.margin)?;
    let time = |i: &usize| strengths[*i].0;
    let belongs =
        |i: &usize| curve[*i] >= PLATEAU * curve[peak] && time(i).abs_diff(time(&peak)) <= REACH;
    let before = (0..peak).rev().take_while(belongs);
    let after = (peak..curve.len()).take_while(belongs);
    let inside = |i: &usize| (first..=last).contains(&time(i));
    before
        .chain(after)
        .filter(inside)
        .max_by(|a, b| strengths[*a].1.total_cmp(&strengths[*b].1))
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
        let at = |i: usize| {
            let mut e = [0.0; EXPRESSION_LEN];
            e[i] = 1.0;
            Expression(e)
        };
        let neutral = |i: &usize| at(*i).emotions().share(Emotion::Neutral);
        let mut axes: Vec<usize> = (0..EXPRESSION_LEN).collect();
        axes.sort_by(|a, b| neutral(b).total_cmp(&neutral(a)));
        // The two axes that votes call neutral most: perpendicular, so the rarer one is a grimace.
        let rest = at(axes[0]);
        let grimace = at(axes[1]);
        let face = |i: usize| if (50..70).contains(&i) { grimace } else { rest };
        let faces: Vec<_> = (0..200)
            .map(|i| (Duration::from_millis(i as u64 * 40), face(i)))
            .collect();
        let moments = Timeline::of(&faces, &TimelineOptions::default()).moments;
        assert_eq!(moments.len(), 1);
        assert!((50..70).contains(&moments[0].index));
    }
}
