//! The expressive moments of a clip: peaks of how far a face is from its own usual expression.

use crate::embed::{EXPRESSION_LEN, Expression};
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
    /// Least prominence of a peak: its distance above the higher of its two valleys.
    pub min_prominence: f32,
}

impl Default for TimelineOptions {
    fn default() -> Self {
        Self {
            // All chosen by hand on the test clips. As many moments as fit on a page:
            limit: 12,
            // Shorter than a smile takes to form, longer than noise from frame to frame.
            smoothing: Duration::from_millis(200),
            // Two peaks of one laugh are one moment.
            min_separation: Duration::from_millis(800),
            min_prominence: 0.12,
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
    /// How far its expression is from the usual one.
    pub strength: f32,
    /// Topographic prominence: its distance above the higher of its two valleys.
    pub prominence: f32,
}

/// The curve of a clip and its peaks.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// For each face, the smoothed distance from the usual expression.
    pub curve: Vec<f32>,
    /// Peaks, in the order of their times.
    pub moments: Vec<Moment>,
}

impl Timeline {
    /// Finds the moments in expressions with their times, in order.
    ///
    /// The usual expression is the middle of all: in each of the 64 numbers the median, at unit
    /// length.
    ///
    /// ```
    /// use moue::Expression;
    /// use moue::video::{Timeline, TimelineOptions};
    /// use std::time::Duration;
    /// let at = |smile: f32| { let mut e = [0.0; 64]; (e[0], e[1]) = (smile.cos(), smile.sin()); Expression(e) };
    /// let faces: Vec<(Duration, Expression)> =
    ///     (0..90).map(|i| (Duration::from_millis(i * 33), at(if (40..50).contains(&i) { 1.0 } else { 0.0 }))).collect();
    /// let timeline = Timeline::of(&faces, &TimelineOptions::default());
    /// assert_eq!(timeline.moments.len(), 1);
    /// assert!((42..48).contains(&timeline.moments[0].index));
    /// ```
    pub fn of(faces: &[(Duration, Expression)], options: &TimelineOptions) -> Self {
        let usual = usual(faces);
        let distances: Vec<f32> = faces.iter().map(|(_, e)| e.distance(&usual)).collect();
        let curve = smoothed(faces, &distances, options.smoothing);
        let moments = peaks(faces, &curve, options);
        Self { curve, moments }
    }
}

/// The median of each of the 64 numbers, at unit length: a few strong expressions hardly move it,
/// as they would a mean.
fn usual(faces: &[(Duration, Expression)]) -> Expression {
    let mut middle = [0.0; EXPRESSION_LEN];
    for (i, value) in middle.iter_mut().enumerate() {
        let mut all: Vec<f32> = faces.iter().map(|(_, e)| e.0[i]).collect();
        all.sort_by(f32::total_cmp);
        *value = all.get(all.len() / 2).copied().unwrap_or(0.0);
    }
    let length = middle.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-6);
    Expression(middle.map(|v| v / length))
}

/// A mean weighted by a Gaussian over time, cut off at four standard deviations.
fn smoothed(faces: &[(Duration, Expression)], values: &[f32], smoothing: Duration) -> Vec<f32> {
    let width = smoothing.as_micros().max(1) as f64 / 2.0;
    let near = |i: usize| {
        let at = faces[i].0;
        let start = faces.partition_point(|(t, _)| *t < at.saturating_sub(2 * smoothing));
        let end = faces.partition_point(|(t, _)| *t <= at + 2 * smoothing);
        let away = |j: usize| faces[j].0.abs_diff(at).as_micros() as f64;
        let weight = |j: usize| (-0.5 * (away(j) / width).powi(2)).exp();
        let total: f64 = (start..end).map(weight).sum();
        ((start..end)
            .map(|j| weight(j) * f64::from(values[j]))
            .sum::<f64>()
            / total) as f32
    };
    (0..values.len()).map(near).collect()
}

/// Highest first, each apart from those before it, then in the order of time.
fn peaks(
    faces: &[(Duration, Expression)],
    curve: &[f32],
    options: &TimelineOptions,
) -> Vec<Moment> {
    let mut found: Vec<Moment> = (0..curve.len())
        .filter(|i| is_peak(curve, *i))
        .map(|index| Moment {
            index,
            time: faces[index].0,
            strength: curve[index],
            prominence: prominence(curve, index),
        })
        .filter(|m| m.prominence >= options.min_prominence)
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

/// Higher than what comes before and no lower than what comes after; the ends count too.
fn is_peak(curve: &[f32], i: usize) -> bool {
    let before = i.checked_sub(1).map(|b| curve[b]);
    before.is_none_or(|b| b < curve[i]) && curve.get(i + 1).is_none_or(|a| *a <= curve[i])
}

/// How far one must go down before it goes up to something higher, on the side where that is less.
fn prominence(curve: &[f32], peak: usize) -> f32 {
    let lowest = |side: &mut dyn Iterator<Item = &f32>| {
        let lower = side.take_while(|v| **v <= curve[peak]);
        lower.fold(curve[peak], |a, b| a.min(*b))
    };
    let left = lowest(&mut curve[..peak].iter().rev());
    let right = lowest(&mut curve[peak + 1..].iter());
    // An end of the clip is no valley: what lies beyond is unknown.
    let valley = match (peak == 0, peak + 1 == curve.len()) {
        (true, _) => right,
        (_, true) => left,
        _ => left.max(right),
    };
    curve[peak] - valley
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clip(strengths: &[f32]) -> Vec<(Duration, Expression)> {
        let expression = |s: &f32| {
            let mut e = [0.0; EXPRESSION_LEN];
            (e[0], e[1]) = (s.cos(), s.sin());
            Expression(e)
        };
        strengths
            .iter()
            .enumerate()
            .map(|(i, s)| (Duration::from_millis(i as u64 * 40), expression(s)))
            .collect()
    }

    #[test]
    fn peaks_are_found_in_order_and_apart() {
        let mut strengths = vec![0.0; 200];
        for (center, height) in [(30, 0.9), (36, 0.8), (90, 0.3), (150, 1.2)] {
            (center - 3..center + 3).for_each(|i| strengths[i] = height);
        }
        let timeline = Timeline::of(&clip(&strengths), &TimelineOptions::default());
        let at: Vec<usize> = timeline.moments.iter().map(|m| m.index).collect();
        assert_eq!(at.len(), 3, "{at:?}: the two that touch are one");
        assert!(
            at[0].abs_diff(30) < 6 && at[1].abs_diff(90) < 4 && at[2].abs_diff(150) < 4,
            "{at:?}"
        );
        let two = Timeline::of(
            &clip(&strengths),
            &TimelineOptions {
                limit: 2,
                ..TimelineOptions::default()
            },
        );
        assert_eq!(two.moments.len(), 2);
        assert!(
            two.moments.iter().all(|m| m.strength > 0.4),
            "the strongest are kept"
        );
    }

    #[test]
    fn a_still_face_has_no_moments() {
        assert!(
            Timeline::of(&clip(&[0.4; 50]), &TimelineOptions::default())
                .moments
                .is_empty()
        );
        assert!(
            Timeline::of(&[], &TimelineOptions::default())
                .moments
                .is_empty()
        );
    }
}
