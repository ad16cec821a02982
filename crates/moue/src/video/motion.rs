//! How a face moves: what tells an expression from speech.

use super::smoothing::{Timed, smoothed};
use crate::embed::{EXPRESSION_LEN, Emotion, Expression};
use std::f32::consts::SQRT_2;
use std::time::Duration;

/// The mouth of somebody who speaks opens and closes 2 to 6 times a second (Chandrasekaran et al.
/// 2009, "The natural statistics of audiovisual speech"). Over this time a syllable and its
/// neighbors average to a face that is near to the person's neutral one, while a smile or a wink
/// lasts.
const SYLLABLE: Duration = Duration::from_millis(300);
/// Noise of single frames is averaged away over this time, syllables are not.
const NOISE: Duration = Duration::from_millis(100);
/// The time before and after a frame from which is seen whether somebody speaks: two syllables or
/// more.
const AROUND: Duration = Duration::from_millis(750);
/// The time before and after a frame in which a still face hardly changes.
const INSTANT: Duration = Duration::from_millis(80);

// Chosen with older weights on the 52 peaks of 15 clips, which were looked at: of 9 that were speech or
// hardly an expression these rules left out 7, of the 43 others one. The least departure was 0.535 then.
// With those that ship and 0.5 the clips have 42 moments, as then, nearly all at the same places.
/// How far from the neutral face, averaged over a syllable, an expression is at least, where
/// perpendicular embeddings are 1 apart.
const MIN_DEPARTURE: f32 = 0.5;
/// How far a face goes in a second before it may be speech, in distances of embeddings. Faces that
/// hold an expression go less than 3, people who speak 3 to 6.
const CALM: f32 = 3.0;
/// How much farther from the neutral face it must be for each unit of way beyond that.
const DEPARTURE_PER_WAY: f32 = 0.115;
/// From here on a face is no neutral one, whatever people would call it: winks and tongues.
const FAR: f32 = 0.75;
/// The largest share of people who would call an expression neutral.
const MAX_NEUTRAL: f32 = 0.5;

/// What is known of each frame's surroundings.
pub(super) struct Motion {
    /// Distance of the mean over a syllable from the neutral face; 1 for perpendicular embeddings.
    departures: Vec<f32>,
    /// Distance that the embedding goes in a second.
    ways: Vec<f32>,
    /// Distance of neighboring frames from this one.
    unrest: Vec<f32>,
    /// Whether a frame by itself looks neutral.
    is_neutral: Vec<bool>,
}

impl Motion {
    /// The motion of a face in a clip, whose neutral expression is known.
    pub(super) fn of(faces: &[(Duration, Expression)], neutral: &Expression) -> Self {
        let values: Vec<Timed<EXPRESSION_LEN>> = faces.iter().map(|(t, e)| (*t, e.0)).collect();
        let away = |mean: &[f32; EXPRESSION_LEN]| Expression(*mean).distance(neutral) / SQRT_2;
        let calm = smoothed(&values, NOISE);
        let steps: Vec<Timed<EXPRESSION_LEN>> = values.iter().map(|v| v.0).zip(calm).collect();
        Self {
            departures: smoothed(&values, SYLLABLE).iter().map(away).collect(),
            ways: ways(&steps),
            unrest: (0..values.len()).map(|i| unrest(&values, i)).collect(),
            is_neutral: faces.iter().map(|(_, e)| is_neutral(e, neutral)).collect(),
        }
    }

    /// Whether a frame is part of an expression: neither of speech nor neutral.
    pub(super) fn is_expression(&self, frame: usize) -> bool {
        let beyond = (self.ways[frame] - CALM).max(0.0);
        let required = MIN_DEPARTURE + DEPARTURE_PER_WAY * beyond;
        self.departures[frame] >= required && !self.is_neutral[frame]
    }

    /// How much the face changes at a frame. In a blurred one, or half-way to another expression,
    /// that is much.
    pub(super) fn unrest(&self, frame: usize) -> f32 {
        self.unrest[frame]
    }
}

fn is_neutral(expression: &Expression, neutral: &Expression) -> bool {
    let share = expression.emotions().share(Emotion::Neutral);
    share > MAX_NEUTRAL && expression.distance(neutral) / SQRT_2 < FAR
}

/// The frames from `reach` before a frame to `reach` after it.
fn around<const N: usize>(
    values: &[Timed<N>],
    frame: usize,
    reach: Duration,
) -> std::ops::Range<usize> {
    let at = values[frame].0;
    let start = values.partition_point(|(t, _)| *t < at.saturating_sub(reach));
    let end = values.partition_point(|(t, _)| *t <= at + reach);
    start..end
}

/// For each frame, the length of the way of the embeddings around it, for a second.
fn ways(values: &[Timed<EXPRESSION_LEN>]) -> Vec<f32> {
    // The way from the first frame to each: differences of it are those of parts of the clip.
    let mut lengths = vec![0.0];
    for pair in values.windows(2) {
        // Means of unit vectors are shorter than 1 where the face moves.
        let [a, b] = [pair[0].1, pair[1].1].map(unit);
        lengths.push(lengths[lengths.len() - 1] + f64::from(a.distance(&b)));
    }
    let way = |frame| {
        let range = around(values, frame, AROUND);
        let [first, last] = [range.start, range.end - 1];
        let seconds = values[last].0.saturating_sub(values[first].0).as_secs_f64();
        let length: f64 = lengths[last] - lengths[first];
        if seconds > 0.0 {
            (length / seconds) as f32
        } else {
            0.0
        }
    };
    (0..values.len()).map(way).collect()
}

fn unit(values: [f32; EXPRESSION_LEN]) -> Expression {
    let length = values.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-6);
    Expression(values.map(|v| v / length))
}

/// The mean distance of a frame's neighbors from it.
fn unrest(values: &[Timed<EXPRESSION_LEN>], frame: usize) -> f32 {
    let range = around(values, frame, INSTANT);
    let count = range.len() as f32;
    let here = Expression(values[frame].1);
    let distances = values[range]
        .iter()
        .map(|(_, v)| Expression(*v).distance(&here));
    distances.sum::<f32>() / count
}
