//! What is searched for.

use super::records::Picture;
use crate::embed::{EXPRESSION_LEN, Expression};

/// Which pictures count; a filter without conditions lets all through. All conditions must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// The picture has all of these tags.
    pub tags: Vec<String>,
    /// Label or caption contain this, in whatever case.
    pub text: Option<String>,
    /// It came this way.
    pub source: Option<String>,
    /// It was added at this second since 1970 or later.
    pub since: Option<u64>,
    /// It was added before this second since 1970.
    pub until: Option<u64>,
}

impl Filter {
    /// Whether it lets every picture through.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether `picture` counts.
    pub fn lets(&self, picture: &Picture) -> bool {
        let text = |wanted: &String| {
            let wanted = wanted.to_lowercase();
            let said = [Some(&picture.label), picture.caption.as_ref()];
            said.into_iter()
                .flatten()
                .any(|s| s.to_lowercase().contains(&wanted))
        };
        self.tags.iter().all(|tag| picture.tags.contains(tag))
            && self.text.as_ref().is_none_or(text)
            && self.source.as_ref().is_none_or(|s| *s == picture.source)
            && self.since.is_none_or(|s| picture.added >= s)
            && self.until.is_none_or(|u| picture.added < u)
    }
}

/// A search for the pictures whose faces are nearest to one or several expressions.
///
/// ```
/// use moue::Expression;
/// use moue::gallery::Query;
/// let mut expression = Expression([0.0; 64]);
/// expression.0[0] = 1.0;
/// let query = Query { max_distance: Some(0.8), ..Query::new(expression, 3) };
/// assert_eq!(query.wanted.len(), 1);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The expressions to be near to. Of several the distance is the root of the mean square.
    pub wanted: Vec<Expression>,
    /// A face that is nearer to one of these than to what is wanted does not count.
    pub negatives: Vec<Expression>,
    /// How many pictures.
    pub top: usize,
    /// Farther ones are left out.
    pub max_distance: Option<f32>,
    /// Each of the found expressions is at least so far from each other.
    pub apart: Option<f32>,
    /// Which pictures count.
    pub filter: Filter,
}

impl Default for Query {
    /// The three nearest to nothing yet.
    fn default() -> Self {
        Self {
            wanted: Vec::new(),
            negatives: Vec::new(),
            top: 3,
            max_distance: None,
            apart: None,
            filter: Filter::default(),
        }
    }
}

impl Query {
    /// The `top` nearest to one expression.
    pub fn new(wanted: Expression, top: usize) -> Self {
        Self {
            wanted: vec![wanted],
            top,
            ..Self::default()
        }
    }

    /// The point whose neighbors are wanted, and what its squared distance lacks of the mean
    /// square distance: the mean of |q − v|² over all q is |c − v|² and the mean of |q|² less |c|²,
    /// c being the q's mean.
    pub(super) fn center(&self) -> ([f32; EXPRESSION_LEN], f32) {
        if let [one] = &self.wanted[..] {
            return (one.0, 0.0);
        }
        let count = self.wanted.len().max(1) as f64;
        let center: [f64; EXPRESSION_LEN] = std::array::from_fn(|i| {
            self.wanted.iter().map(|q| f64::from(q.0[i])).sum::<f64>() / count
        });
        let squares = self
            .wanted
            .iter()
            .flat_map(|q| q.0)
            .map(|v| f64::from(v).powi(2))
            .sum::<f64>()
            / count;
        let lacking = squares - center.iter().map(|c| c * c).sum::<f64>();
        (center.map(|c| c as f32), lacking.max(0.0) as f32)
    }

    /// Whether a face so far away is ruled out by an negatives one.
    pub(super) fn is_unwanted(&self, expression: &Expression, squared: f32) -> bool {
        self.negatives
            .iter()
            .any(|u| crate::embed::squared_distance(&u.0, &expression.0) < squared)
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
        let query = Query {
            wanted: vec![at(0), at(1), at(1)],
            ..Query::new(at(0), 1)
        };
        let mean = (at(0).distance(&at(2)).powi(2) + 2.0 * at(1).distance(&at(2)).powi(2)) / 3.0;
        let (center, lacking) = query.center();
        let squared = |e: Expression| crate::embed::squared_distance(&center, &e.0) + lacking;
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
            looks: None,
            group: 0,
            faces: Vec::new(),
        };
        let lets = |f: Filter| f.lets(&picture);
        assert!(lets(Filter::default()));
        assert!(lets(Filter {
            tags: vec!["kid".into()],
            text: Some("FIST".into()),
            since: Some(50),
            ..Filter::default()
        }));
        assert!(!lets(Filter {
            tags: vec!["kid".into(), "cat".into()],
            ..Filter::default()
        }));
        assert!(!lets(Filter {
            until: Some(50),
            ..Filter::default()
        }));
        assert!(!lets(Filter {
            source: Some("zip".into()),
            ..Filter::default()
        }));
    }
}
