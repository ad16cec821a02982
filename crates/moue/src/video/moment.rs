//! What counts as a moment of a clip, and what is known of one.

use crate::embed::{Emotion, EmotionFilter, Emotions};
use std::time::Duration;

/// A match has at least this share of the emotion that leads in the moment. Chosen by hand: a
/// drawing of two mixed emotions may stand for either, one of another emotion has a few hundredths.
const MIN_MATCH_SHARE: f32 = 0.2;

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

/// Conditions on a match ([`SearchOptions::emotions`](crate::gallery::SearchOptions::emotions)), so that
/// it does not contradict a moment of these emotions.
///
/// ```
/// use moue::embed::{Emotion, EmotionFilter};
/// # fn show(expression: &moue::Expression) {
/// let conditions = moue::video::agreeing(&expression.emotions());
/// if expression.emotions().top() == Emotion::Anger {
///     assert!(conditions.contains(&EmotionFilter::Above(Emotion::Anger, 0.2)));
/// }
/// # }
/// ```
pub fn agreeing(emotions: &Emotions) -> Vec<EmotionFilter> {
    match emotions.top() {
        // It stands out by its distance from the person's neutral face, which has no word.
        Emotion::Neutral => Vec::new(),
        top => vec![
            EmotionFilter::Above(top, MIN_MATCH_SHARE),
            EmotionFilter::Below(Emotion::Neutral, 0.5),
        ],
    }
}
