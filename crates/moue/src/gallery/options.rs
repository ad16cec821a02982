//! Options of a search.

use super::records::Picture;
use crate::cancel::CancelToken;
use crate::embed::{EXPRESSION_LEN, Expression, squared_distance};

/// Which pictures count. All conditions must hold; a filter without conditions matches every
/// picture.
///
/// ```
/// use moue::gallery::Filter;
/// let filter = Filter { tags: vec!["cat".into()], ..Filter::default() };
/// assert!(!filter.is_empty());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// The picture has all of these tags.
    pub tags: Vec<String>,
    /// Label or caption contain this; upper and lower case are the same.
    pub text: Option<String>,
    /// It has this [`Picture::source`].
    pub source: Option<String>,
    /// It was added at this second since 1970 or later.
    pub since: Option<u64>,
    /// It was added before this second since 1970.
    pub until: Option<u64>,
}

impl Filter {
    /// Whether it matches every picture.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether `picture` meets all conditions.
    pub fn matches(&self, picture: &Picture) -> bool {
        self.tags.iter().all(|tag| picture.tags.contains(tag))
            && self.text.as_ref().is_none_or(|t| has_text(picture, t))
            && self.source.as_ref().is_none_or(|s| *s == picture.source)
            && self.since.is_none_or(|s| picture.added >= s)
            && self.until.is_none_or(|u| picture.added < u)
    }
}

fn has_text(picture: &Picture, text: &str) -> bool {
    // `to_lowercase` knows Unicode, so "Ä" finds "ä"; it does not fold accents.
    let text = text.to_lowercase();
    [Some(&picture.label), picture.caption.as_ref()]
        .into_iter()
        .flatten()
        .any(|words| words.to_lowercase().contains(&text))
}

/// How many pictures a search returns and which ones.
///
/// ```
/// use moue::gallery::SearchOptions;
/// let options = SearchOptions { max_distance: Some(0.8), ..SearchOptions::nearest(5) };
/// assert_eq!(options.limit, 5);
/// assert_eq!(SearchOptions::default().limit, 3);
/// ```
#[derive(Debug, Clone)]
pub struct SearchOptions {
    /// How many pictures at most.
    pub limit: usize,
    /// Pictures at a larger Euclidean distance (0 to 2) are left out.
    pub max_distance: Option<f32>,
    /// Any two of the returned faces are at least this far apart.
    pub min_separation: Option<f32>,
    /// A face that is nearer to one of these expressions than to the targets is left out.
    pub negatives: Vec<Expression>,
    /// Which pictures count.
    pub filter: Filter,
    /// Stops the search early with [`GalleryError::Cancelled`](super::GalleryError::Cancelled);
    /// checked before each chunk of 4,000 faces.
    pub cancel: CancelToken,
}

impl Default for SearchOptions {
    /// The three nearest.
    fn default() -> Self {
        Self::nearest(3)
    }
}

impl SearchOptions {
    /// The `limit` nearest, without further conditions.
    pub fn nearest(limit: usize) -> Self {
        Self {
            limit,
            max_distance: None,
            min_separation: None,
            negatives: Vec::new(),
            filter: Filter::default(),
            cancel: CancelToken::default(),
        }
    }

    /// Whether a face at this squared distance from the targets is nearer to a negative.
    pub(super) fn is_nearer_to_negative(&self, expression: &Expression, squared: f32) -> bool {
        self.negatives
            .iter()
            .any(|n| squared_distance(&n.0, &expression.0) < squared)
    }
}

/// Several expressions as one point to search around.
///
/// The distance of a face v from targets q is the root of the mean of |q − v|². That mean is
/// |c − v|² plus an offset that does not depend on v, the mean of |q|² less |c|², where c is the
/// mean of the q. So the nearest to c are the nearest to all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub(super) center: [f32; EXPRESSION_LEN],
    /// Mean square distance less the squared distance from the center.
    pub(super) mean_square_offset: f32,
}

impl Target {
    pub(super) fn of(targets: &[Expression]) -> Self {
        // One target must not pass through the sums below: its distances stay exact to the bit.
        if let [one] = targets {
            return Self {
                center: one.0,
                mean_square_offset: 0.0,
            };
        }
        // In double precision, as the offset is a difference of two numbers near 1.
        let count = targets.len().max(1) as f64;
        let mean_of = |i: usize| targets.iter().map(|q| f64::from(q.0[i])).sum::<f64>() / count;
        let center: [f64; EXPRESSION_LEN] = std::array::from_fn(mean_of);
        let values = targets.iter().flat_map(|q| q.0);
        let mean_square = values.map(|v| f64::from(v).powi(2)).sum::<f64>() / count;
        let offset = mean_square - center.iter().map(|c| c * c).sum::<f64>();
        Self {
            center: center.map(|c| c as f32),
            // Rounding may make it negative for targets that are all alike.
            mean_square_offset: offset.max(0.0) as f32,
        }
    }

    /// The squared distance from the center at which the distance is `max_distance`.
    pub(super) fn squared_limit(&self, max_distance: Option<f32>) -> f32 {
        match max_distance {
            None => f32::MAX,
            // Nothing is at a negative distance; its square would be positive.
            Some(distance) if distance < 0.0 => -1.0,
            Some(distance) => distance * distance - self.mean_square_offset,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_center_gives_the_mean_square_distance() {
        let at = |i: usize| {
            let mut e = Expression([0.0; EXPRESSION_LEN]);
            e.0[i] = 1.0;
            e
        };
        let target = Target::of(&[at(0), at(1), at(1)]);
        let mean = (at(0).distance(&at(2)).powi(2) + 2.0 * at(1).distance(&at(2)).powi(2)) / 3.0;
        let squared =
            |e: Expression| squared_distance(&target.center, &e.0) + target.mean_square_offset;
        assert!((squared(at(2)) - mean).abs() < 1e-6);
        assert!((squared(at(1)) - 2.0 / 3.0).abs() < 1e-6);
    }

    #[test]
    fn conditions_hold_together() {
        let picture = Picture {
            id: 0,
            hash: String::new(),
            path: String::new(),
            label: "Success Kid".into(),
            caption: Some("a fist".into()),
            tags: vec!["kid".into()],
            source: "imgflip".into(),
            added: 50,
            perceptual_hash: None,
            group: 0,
            faces: Vec::new(),
        };
        let matches = |f: Filter| f.matches(&picture);
        assert!(matches(Filter::default()));
        assert!(matches(Filter {
            tags: vec!["kid".into()],
            text: Some("FIST".into()),
            since: Some(50),
            ..Filter::default()
        }));
        assert!(!matches(Filter {
            tags: vec!["kid".into(), "cat".into()],
            ..Filter::default()
        }));
        assert!(!matches(Filter {
            until: Some(50),
            ..Filter::default()
        }));
        assert!(!matches(Filter {
            source: Some("zip".into()),
            ..Filter::default()
        }));
    }
}
