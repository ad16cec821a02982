//! Options of a search.

use super::records::Picture;
use super::target::Target;
use super::variety::Variety;
use crate::cancel::CancelToken;
use crate::embed::{EXPRESSION_LEN, EmotionFilter, Expression, squared_distance};

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
    /// Label, caption or the words in the picture contain this; upper and lower case are the same.
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
    [
        Some(&picture.label),
        picture.caption.as_ref(),
        picture.words.as_ref(),
    ]
    .into_iter()
    .flatten()
    .any(|words| words.to_lowercase().contains(&text))
}

/// How many pictures a search returns, which ones, and in which order.
///
/// There are two settings to begin with. [`SearchOptions::varied`] is what people are shown: three
/// pictures that differ, ranked so that no picture is in everybody's answer.
/// [`SearchOptions::nearest`] is the plain list of the nearest, as MediaPipe's tutorial has it.
///
/// ```
/// use moue::gallery::SearchOptions;
/// let shown = SearchOptions { max_distance: Some(0.8), limit: 5, ..SearchOptions::varied() };
/// let pure = SearchOptions { max_distance: Some(0.8), ..SearchOptions::nearest(5) };
/// assert!(shown.variety.is_some() && pure.variety.is_none());
/// assert_eq!(SearchOptions::default().limit, 3);
/// ```
#[derive(Debug, Clone)]
pub struct SearchOptions {
    /// How many pictures at most.
    pub limit: usize,
    /// Pictures at a larger Euclidean distance (0 to 2) are left out.
    pub max_distance: Option<f32>,
    /// Any two of the returned faces are at least this far apart, however far from the targets.
    pub min_separation: Option<f32>,
    /// How answers are made to differ; with [`min_separation`](Self::min_separation) only which of
    /// equal faces is taken.
    pub variety: Option<Variety>,
    /// The mean of a population's expressions, for ranking by the centered query: by the distance
    /// from q less a quarter of the mean, brought to unit length, instead of from q. It makes no
    /// picture an answer for everybody because it is near the mean. Distances that are returned and
    /// compared stay those from q. A face within 0.1 of q may be a copy of its picture: its score is
    /// multiplied by ten times its distance, so that the picture itself has a score of 0.
    ///
    /// It must come from the same weights as the gallery. `None` ranks by distance.
    pub population_mean: Option<[f32; EXPRESSION_LEN]>,
    /// Faces, by id, that are taken before others that are equal up to [`Variety::tie`]: what a
    /// live view shows already.
    pub preferred: Vec<u64>,
    /// A face that is nearer to one of these expressions than to the targets is left out.
    pub negatives: Vec<Expression>,
    /// Which pictures count.
    pub filter: Filter,
    /// Which of their faces count, by emotions; all conditions must hold.
    pub emotions: Vec<EmotionFilter>,
    /// Stops the search early with [`GalleryError::Cancelled`](super::GalleryError::Cancelled);
    /// checked before each chunk of 4,000 faces.
    pub cancel: CancelToken,
}

impl Default for SearchOptions {
    /// [`SearchOptions::varied`].
    fn default() -> Self {
        Self::varied()
    }
}

impl SearchOptions {
    /// What moue's programs show: three pictures, of different expressions as far as the bound of
    /// [`Variety`] allows, ranked by the centered query.
    ///
    /// ```
    /// use moue::Gallery;
    /// use moue::gallery::SearchOptions;
    /// let gallery = Gallery::builtin()?;
    /// let (id, expression) = gallery.expressions()?[40];
    /// let found = gallery.search(&[expression], &SearchOptions::varied())?;
    /// // The picture itself is first, then other expressions.
    /// assert_eq!((found[0].id, found[0].score), (id, 0.0));
    /// assert!(found.is_sorted_by(|a, b| a.score <= b.score));
    /// # Ok::<(), moue::gallery::GalleryError>(())
    /// ```
    pub fn varied() -> Self {
        Self {
            variety: Some(Variety::default()),
            population_mean: crate::weights::population_mean().copied(),
            ..Self::nearest(3)
        }
    }

    /// The `limit` nearest by Euclidean distance, without further conditions.
    ///
    /// ```
    /// use moue::Gallery;
    /// use moue::gallery::SearchOptions;
    /// let gallery = Gallery::builtin()?;
    /// let (_, expression) = gallery.expressions()?[40];
    /// let found = gallery.search(&[expression], &SearchOptions::nearest(5))?;
    /// assert!(found.is_sorted_by(|a, b| a.distance <= b.distance));
    /// assert!(found.iter().all(|m| m.score == m.distance));
    /// # Ok::<(), moue::gallery::GalleryError>(())
    /// ```
    pub fn nearest(limit: usize) -> Self {
        Self {
            limit,
            max_distance: None,
            min_separation: None,
            variety: None,
            population_mean: None,
            preferred: Vec::new(),
            negatives: Vec::new(),
            filter: Filter::default(),
            emotions: Vec::new(),
            cancel: CancelToken::default(),
        }
    }

    /// The score that a face has in a search with these options, whether or not it would be in the
    /// answer; without targets 0.
    ///
    /// ```
    /// use moue::gallery::SearchOptions;
    /// use moue::Expression;
    /// let [mut a, mut b] = [Expression([0.0; 64]); 2];
    /// (a.0[0], b.0[1]) = (1.0, 1.0);
    /// assert_eq!(SearchOptions::nearest(3).score(&[a], &b), a.distance(&b));
    /// ```
    pub fn score(&self, targets: &[Expression], face: &Expression) -> f32 {
        if targets.is_empty() {
            return 0.0;
        }
        let target = Target::of(targets, self.population_mean.as_ref());
        target.score(face)
    }

    /// Whether conditions need the full expressions of faces.
    pub(super) fn judges_expressions(&self) -> bool {
        !self.negatives.is_empty() || !self.emotions.is_empty()
    }

    /// Whether a face at this squared distance from the targets is left out for its expression: it
    /// is nearer to a negative, or has other emotions.
    pub(super) fn excludes(&self, expression: &Expression, squared: f32) -> bool {
        let is_nearer = |n: &Expression| squared_distance(&n.0, &expression.0) < squared;
        self.negatives.iter().any(is_nearer) || !expression.meets(&self.emotions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_hold_together() {
        let picture = Picture {
            id: 0,
            hash: String::new(),
            path: String::new(),
            label: "Success Kid".into(),
            caption: Some("a fist".into()),
            words: Some("FINALLY FRIDAY".into()),
            tags: vec!["kid".into()],
            source: "imgflip".into(),
            added: 50,
            hidden: false,
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
        assert!(matches(Filter {
            text: Some("friday".into()),
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
