//! What counts as a moment of a clip, and what is known of one.

use crate::embed::{Emotion, EmotionFilter, Emotions};
use crate::gallery::Match;
use std::collections::VecDeque;
use std::time::Duration;

/// A match has at least this share of the emotion that leads in the moment. Chosen by hand: a
/// drawing of two mixed emotions may stand for either, one of another emotion has a few hundredths.
const MIN_MATCH_SHARE: f32 = 0.2;

/// A picture is not shown again for this many moments, if there is another one: with three matches
/// for a moment there is.
const SHOWN_LATELY: usize = 2;

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
/// let gallery = moue::Gallery::builtin()?;
/// let angry = gallery.entries()?.into_iter().find(|e| e.path == "builtin:gus-furious").unwrap();
/// let expression = gallery.expression(angry.id)?.unwrap();
/// let conditions = moue::video::agreeing(&expression.emotions());
/// assert!(conditions.contains(&EmotionFilter::Above(Emotion::Anger, 0.2)));
/// # Ok::<(), moue::gallery::GalleryError>(())
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

/// Brings to the front of each moment's matches the best one whose label the two moments before do
/// not show, so that a clip does not give the same answer over and over. Where all of them have just
/// been shown, the best stays. `moments` are the matches of all moments, in the order of their times.
///
/// ```
/// use moue::gallery::SearchOptions;
/// let gallery = moue::Gallery::builtin()?;
/// let (_, expression) = gallery.expressions()?[0];
/// let matches = gallery.search(&[expression], &SearchOptions::varied())?;
/// let mut moments = vec![matches.clone(), matches];
/// moue::video::without_repeats(&mut moments);
/// assert_ne!(moments[0][0].label, moments[1][0].label);
/// # Ok::<(), moue::gallery::GalleryError>(())
/// ```
pub fn without_repeats<'a>(moments: impl IntoIterator<Item = &'a mut Vec<Match>>) {
    let mut lately: VecDeque<String> = VecDeque::new();
    for matches in moments {
        let is_new = |m: &Match| !lately.contains(&m.label);
        if let Some(place) = matches.iter().position(is_new) {
            matches[..=place].rotate_right(1);
        }
        lately.extend(matches.first().map(|shown| shown.label.clone()));
        if lately.len() > SHOWN_LATELY {
            lately.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::BoundingBox;

    fn matches(labels: &str) -> Vec<Match> {
        let of = |label: char| Match {
            id: 0,
            label: label.into(),
            path: String::new(),
            distance: 0.5,
            similarity: 0.5,
            score: 0.5,
            bounding_box: BoundingBox::centered([0.5, 0.5], [0.5, 0.5]),
            tags: Vec::new(),
            caption: None,
            emoji: None,
            time: None,
        };
        labels.chars().map(of).collect()
    }

    fn shown(moments: &[&str]) -> String {
        let mut moments: Vec<_> = moments.iter().map(|labels| matches(labels)).collect();
        without_repeats(&mut moments);
        let labels = moments.iter().filter_map(|matches| matches.first());
        labels.map(|shown| shown.label.as_str()).collect()
    }

    #[test]
    fn a_picture_is_not_shown_again_at_once() {
        assert_eq!(shown(&["abc"; 5]), "abcab");
        // Nothing else to show.
        assert_eq!(shown(&["a"; 3]), "aaa");
        assert_eq!(shown(&["ab", "ab", "ab"]), "aba");
        // The best one, where it was not shown lately; moments without a match are none.
        assert_eq!(shown(&["abc", "dab", "eab", "abc", ""]), "adea");
    }

    #[test]
    fn the_others_keep_their_order() {
        let mut moments = vec![matches("abc"), matches("abc"), matches("abc")];
        without_repeats(&mut moments);
        let labels = |i: usize| {
            moments[i]
                .iter()
                .map(|m| m.label.as_str())
                .collect::<String>()
        };
        assert_eq!([labels(0), labels(1), labels(2)], ["abc", "bac", "cab"]);
    }
}
