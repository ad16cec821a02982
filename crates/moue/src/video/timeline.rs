//! The expressive moments of a clip: peaks of how far a face is from its own usual expression.

use crate::embed::{EXPRESSION_LEN, Expression};

/// What counts as a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimelineOptions {
    /// At most so many moments, the strongest.
    pub most: usize,
    /// The curve is averaged over about so many microseconds.
    pub smooth_micros: i64,
    /// Moments are at least so many microseconds apart.
    pub apart_micros: i64,
    /// A peak stands out from the lower side of its valleys by at least this distance.
    pub prominence: f32,
}

impl Default for TimelineOptions {
    fn default() -> Self {
        Self {
            most: 12,
            smooth_micros: 200_000,
            apart_micros: 800_000,
            prominence: 0.12,
        }
    }
}

/// A peak of the curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Which of the faces.
    pub index: usize,
    /// How far its expression is from the usual one.
    pub strength: f32,
    /// How much it stands out.
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
    /// Looks for moments in expressions with their times in microseconds, in order.
    ///
    /// The usual expression is the middle of all: in each of the 64 numbers the median, at unit
    /// length.
    ///
    /// ```
    /// use moue::Expression;
    /// use moue::video::{Timeline, TimelineOptions};
    /// let at = |smile: f32| { let mut e = [0.0; 64]; (e[0], e[1]) = (smile.cos(), smile.sin()); Expression(e) };
    /// let faces: Vec<(i64, Expression)> =
    ///     (0..90).map(|i| (i * 33_333, at(if (40..50).contains(&i) { 1.0 } else { 0.0 }))).collect();
    /// let timeline = Timeline::of(&faces, &TimelineOptions::default());
    /// assert_eq!(timeline.moments.len(), 1);
    /// assert!((42..48).contains(&timeline.moments[0].index));
    /// ```
    pub fn of(faces: &[(i64, Expression)], options: &TimelineOptions) -> Self {
        let usual = usual(faces);
        let distances: Vec<f32> = faces.iter().map(|(_, e)| e.distance(&usual)).collect();
        let curve = smoothed(faces, &distances, options.smooth_micros);
        let moments = peaks(faces, &curve, options);
        Self { curve, moments }
    }
}

fn usual(faces: &[(i64, Expression)]) -> Expression {
    let mut middle = [0.0; EXPRESSION_LEN];
    for (i, value) in middle.iter_mut().enumerate() {
        let mut all: Vec<f32> = faces.iter().map(|(_, e)| e.0[i]).collect();
        all.sort_by(f32::total_cmp);
        *value = all.get(all.len() / 2).copied().unwrap_or(0.0);
    }
    let length = middle.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-6);
    Expression(middle.map(|v| v / length))
}

/// A mean weighted by a bell curve over time.
fn smoothed(faces: &[(i64, Expression)], values: &[f32], micros: i64) -> Vec<f32> {
    let width = micros.max(1) as f64 / 2.0;
    let near = |i: usize| {
        let at = faces[i].0;
        let start = faces.partition_point(|(t, _)| *t < at - 2 * micros);
        let end = faces.partition_point(|(t, _)| *t <= at + 2 * micros);
        let weight = |j: usize| (-0.5 * ((faces[j].0 - at) as f64 / width).powi(2)).exp();
        let total: f64 = (start..end).map(weight).sum();
        ((start..end)
            .map(|j| weight(j) * f64::from(values[j]))
            .sum::<f64>()
            / total) as f32
    };
    (0..values.len()).map(near).collect()
}

/// Highest first, each apart from those before it, then in the order of time.
fn peaks(faces: &[(i64, Expression)], curve: &[f32], options: &TimelineOptions) -> Vec<Moment> {
    let mut found: Vec<Moment> = (0..curve.len())
        .filter(|i| is_peak(curve, *i))
        .map(|index| Moment {
            index,
            strength: curve[index],
            prominence: prominence(curve, index),
        })
        .filter(|m| m.prominence >= options.prominence)
        .collect();
    found.sort_by(|a, b| b.strength.total_cmp(&a.strength));
    let mut kept: Vec<Moment> = Vec::new();
    for moment in found {
        let apart =
            |k: &Moment| (faces[k.index].0 - faces[moment.index].0).abs() >= options.apart_micros;
        if kept.len() < options.most && kept.iter().all(apart) {
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

    fn clip(strengths: &[f32]) -> Vec<(i64, Expression)> {
        let expression = |s: &f32| {
            let mut e = [0.0; EXPRESSION_LEN];
            (e[0], e[1]) = (s.cos(), s.sin());
            Expression(e)
        };
        strengths
            .iter()
            .enumerate()
            .map(|(i, s)| (i as i64 * 40_000, expression(s)))
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
                most: 2,
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
