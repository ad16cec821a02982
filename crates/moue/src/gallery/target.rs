//! What a search measures from: the targets, and the point by which pictures are ranked.

use crate::embed::{EXPRESSION_LEN, Expression, squared_distance};
use std::ops::RangeInclusive;

/// A face within this distance may be a copy of the query's picture, in another size or compression:
/// its score is lowered, the more the nearer it is, down to 0 for the picture itself. Chosen by hand. Of
/// 19 photos at half their size and JPEG quality 80, 14 lie within it (median 0.03).
pub(super) const COPY_DISTANCE: f32 = 0.1;

/// The share of a population's mean that a query is centered by. By the whole mean, people who smile
/// a little get laughter, and calm ones the poses that lie farthest from all faces. Chosen on FER+'s
/// validation faces (`docs/matching.md` has the table), where it weighs calm faces against sad ones.
const CENTERING: f32 = 0.25;

/// What float arithmetic may add to a distance, for bounds that must not lose a face.
const ROUNDING: f32 = 1e-3;

/// Several expressions as one point to search around.
///
/// The distance of a face v from targets q is the root of the mean of |q − v|². That mean is
/// |c − v|² plus an offset that does not depend on v, the mean of |q|² less |c|², where c is the
/// mean of the q. So the nearest to c are the nearest to all.
#[derive(Debug, Clone, Copy)]
struct Center {
    point: [f32; EXPRESSION_LEN],
    /// Mean square distance less the squared distance from the point.
    offset: f32,
}

impl Center {
    fn of(targets: &[Expression]) -> Self {
        // One target must not pass through the sums below: its distances stay exact to the bit.
        if let [one] = targets {
            return Self {
                point: one.0,
                offset: 0.0,
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
            point: center.map(|c| c as f32),
            // Rounding may make it negative for targets that are all alike.
            offset: offset.max(0.0) as f32,
        }
    }
}

/// The targets of a search, and how faces are ranked: by their distance, or by the distance from
/// the centered targets, q less a quarter of the mean of a population, brought to unit length.
///
/// A face near that mean is fairly near to everybody and would be in too many answers (a hub).
/// Subtracting the mean from the query lowers the rank of what merely lies near it, and leaves the
/// stored vectors as they are (Suzuki et al., "Centering Similarity Measures to Reduce Hubs", EMNLP
/// 2013).
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    plain: Center,
    centered: Option<Center>,
}

impl Target {
    pub(super) fn of(targets: &[Expression], mean: Option<&[f32; EXPRESSION_LEN]>) -> Self {
        let centered = mean.map(|mean| {
            let shifted: Vec<Expression> = targets.iter().map(|q| centered(q, mean)).collect();
            Center::of(&shifted)
        });
        Self {
            plain: Center::of(targets),
            centered,
        }
    }

    pub(super) fn is_centered(&self) -> bool {
        self.centered.is_some()
    }

    /// The point from which a scan measures.
    pub(super) fn point(&self) -> &[f32; EXPRESSION_LEN] {
        self.centered
            .as_ref()
            .map_or(&self.plain.point, |c| &c.point)
    }

    /// The point from which distances are measured.
    pub(super) fn plain_point(&self) -> &[f32; EXPRESSION_LEN] {
        &self.plain.point
    }

    /// What the scan's squared distances lack to be ranks.
    pub(super) fn shift(&self) -> f32 {
        self.centered.map_or(0.0, |c| c.offset)
    }

    /// The squared distance of a face, given that from the plain point.
    pub(super) fn squared_from_plain(&self, squared: f32) -> f32 {
        squared + self.plain.offset
    }

    /// What a face is ranked by, given its squared distances from both points. It differs from the
    /// squared score by what [`Target::squared_score`] adds.
    pub(super) fn rank(&self, from_point: f32, from_plain: f32) -> f32 {
        let Some(centered) = self.centered else {
            return from_point;
        };
        // A factor and not a rule of its own for copies, so that the order is continuous: at the
        // border a face is ranked as those beyond it are.
        (from_point + centered.offset) * self.copy_factor(from_plain)
    }

    /// The square of what a face says of how low the scores of others can be, given its squared
    /// distance from the point: its score, but the larger the more it looks like a copy. The query's
    /// own picture, whose score is 0, says nothing.
    pub(super) fn squared_reference(&self, from_point: f32, copy_factor: f32) -> f32 {
        let offset = self.centered.unwrap_or(self.plain).offset;
        // Raises by as much as `rank` lowers, and more, so that it has no step either.
        (from_point + offset).max(f32::MIN_POSITIVE) / (copy_factor * copy_factor)
    }

    /// From 0 for the query's own picture to 1 for all that is no copy of it, given the squared
    /// distance from the plain point: the square of the distance as a share of [`COPY_DISTANCE`].
    pub(super) fn copy_factor(&self, from_plain: f32) -> f32 {
        let squared = from_plain + self.plain.offset;
        (squared / (COPY_DISTANCE * COPY_DISTANCE)).clamp(0.0, 1.0)
    }

    /// The square of the score of a face with this rank.
    pub(super) fn squared_score(&self, rank: f32) -> f32 {
        match self.centered {
            // Ranks of the plain search are without the offset, so that those of a single target
            // and of several are computed alike.
            None => (rank + self.plain.offset).max(0.0),
            Some(_) => rank,
        }
    }

    /// The rank of a face with this square of the score.
    pub(super) fn rank_of(&self, squared_score: f32) -> f32 {
        match self.centered {
            None => squared_score - self.plain.offset,
            Some(_) => squared_score,
        }
    }

    /// The score of a face.
    pub(super) fn score(&self, expression: &Expression) -> f32 {
        let from_plain = squared_distance(&self.plain.point, &expression.0);
        let from_point = squared_distance(self.point(), &expression.0);
        self.squared_score(self.rank(from_point, from_plain)).sqrt()
    }

    /// The squared distance from the plain point at which the distance is `max_distance`.
    pub(super) fn squared_limit(&self, max_distance: Option<f32>) -> f32 {
        match max_distance {
            None => f32::MAX,
            // Nothing is at a negative distance; its square would be positive.
            Some(distance) if distance < 0.0 => -1.0,
            Some(distance) => distance * distance - self.plain.offset,
        }
    }

    /// The largest rank that a face within `max_distance` can have; negative if there is none.
    pub(super) fn rank_limit(&self, max_distance: Option<f32>) -> f32 {
        let limit = self.squared_limit(max_distance);
        match self.centered {
            Some(_) if (0.0..f32::MAX).contains(&limit) => {
                let farthest = self.between() + limit.sqrt() + ROUNDING;
                farthest * farthest + self.shift()
            }
            _ => limit,
        }
    }

    /// The squared distances from the point at which a copy of the query may be, by the triangle
    /// inequality, when they are known up to `error`. Empty where copies need no rank of their own.
    pub(super) fn copies(&self, error: f32) -> RangeInclusive<f32> {
        let within = COPY_DISTANCE * COPY_DISTANCE - self.plain.offset;
        if !self.is_centered() || within < 0.0 {
            return f32::INFINITY..=f32::NEG_INFINITY;
        }
        let radius = within.sqrt() + error + ROUNDING;
        let nearest = (self.between() - radius).max(0.0);
        // Differences of nearly equal numbers may come out below 0.
        let nearest = if nearest > 0.0 {
            nearest * nearest
        } else {
            -1.0
        };
        nearest..=(self.between() + radius).powi(2)
    }

    /// How far the two points are from each other.
    fn between(&self) -> f32 {
        squared_distance(self.point(), &self.plain.point).sqrt()
    }
}

/// `query` less a share of `mean`, of unit length.
fn centered(query: &Expression, mean: &[f32; EXPRESSION_LEN]) -> Expression {
    let difference: [f32; EXPRESSION_LEN] =
        std::array::from_fn(|i| query.0[i] - CENTERING * mean[i]);
    let length = difference.iter().map(|d| d * d).sum::<f32>().sqrt();
    // Without a direction of its own the query stays as it is. No face is near this: the mean of
    // many unit vectors lies well inside of the sphere.
    if length.is_finite() && length > 1e-3 {
        Expression(difference.map(|d| d / length))
    } else {
        *query
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(i: usize) -> Expression {
        let mut e = Expression([0.0; EXPRESSION_LEN]);
        e.0[i] = 1.0;
        e
    }

    fn halfway(i: usize, j: usize) -> Expression {
        let mut e = at(i);
        e.0[j] = 1.0;
        Expression(e.0.map(|v| v * std::f32::consts::FRAC_1_SQRT_2))
    }

    #[test]
    fn the_center_gives_the_mean_square_distance() {
        let target = Target::of(&[at(0), at(1), at(1)], None);
        let mean = (at(0).distance(&at(2)).powi(2) + 2.0 * at(1).distance(&at(2)).powi(2)) / 3.0;
        let squared = |face: &Expression| {
            let from_plain = squared_distance(target.plain_point(), &face.0);
            target.squared_from_plain(from_plain)
        };
        assert!((squared(&at(2)) - mean).abs() < 1e-6);
        assert!((squared(&at(1)) - 2.0 / 3.0).abs() < 1e-6);
    }

    #[test]
    fn centering_prefers_what_differs_from_the_mean_as_the_query_does() {
        // A hub at the mean's direction, and a face on the query's other side, equally far.
        let mean = at(0).0.map(|v| v * 0.5 / CENTERING);
        let query = halfway(0, 1);
        let rank = |target: &Target, face: &Expression| {
            let plain = squared_distance(target.plain_point(), &face.0);
            target.rank(squared_distance(target.point(), &face.0), plain)
        };
        let plain = Target::of(&[query], None);
        let centered = Target::of(&[query], Some(&mean));
        assert!((rank(&plain, &at(0)) - rank(&plain, &at(1))).abs() < 1e-6);
        assert!(rank(&centered, &at(1)) + 0.3 < rank(&centered, &at(0)));
        // Nearer to the shifted query than the query is; yet the query's own picture is first.
        assert_eq!(rank(&centered, &query), 0.0);
        let copies = centered.copies(0.0);
        assert!(copies.contains(&squared_distance(centered.point(), &query.0)));
        assert!(!plain.copies(0.0).contains(&0.0));
    }
}
