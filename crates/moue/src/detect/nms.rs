//! Weighted non-maximum suppression: merging the many boxes of one face, as the BlazeFace paper
//! (Bazarevsky et al. 2019) proposes.

use super::face::Face;
use crate::geometry::{BoundingBox, Point};

/// A detection with a score, a box and points, of which several may be the same object.
pub trait Candidate: Clone {
    /// How certain it is, 0 to 1.
    fn score(&self) -> f32;
    /// Where it is.
    fn bounding_box(&self) -> BoundingBox;
    /// Points of it.
    fn key_points(&self) -> &[Point];
    /// The same object at another place; `key_points` has as many points as
    /// [`Candidate::key_points`].
    fn at(&self, bounding_box: BoundingBox, key_points: Vec<Point>) -> Self;
}

impl Candidate for Face {
    fn score(&self) -> f32 {
        self.score
    }

    fn bounding_box(&self) -> BoundingBox {
        self.bounding_box
    }

    fn key_points(&self) -> &[Point] {
        self.key_points.as_ref().map_or(&[], |points| points)
    }

    fn at(&self, bounding_box: BoundingBox, key_points: Vec<Point>) -> Self {
        let key_points = key_points.try_into().ok().or(self.key_points);
        Self {
            bounding_box,
            score: self.score,
            key_points,
        }
    }
}

/// Weighted non-maximum suppression: the most certain box is replaced by the mean, weighted by
/// score, of all boxes that overlap it by more than `threshold`, which are then removed. The most
/// certain first.
pub fn weighted_suppression<C: Candidate>(mut candidates: Vec<C>, threshold: f32) -> Vec<C> {
    candidates.sort_by(|a, b| b.score().total_cmp(&a.score()));
    let mut kept = Vec::new();
    while let Some(best) = candidates.first().cloned() {
        let before = candidates.len();
        let near: Vec<C> = candidates
            .extract_if(.., |c| {
                c.bounding_box().iou(&best.bounding_box()) > threshold
            })
            .collect();
        if candidates.len() == before {
            // A box that does not even overlap itself is broken; without it the rest can go on.
            candidates.remove(0);
            continue;
        }
        kept.push(mean(&best, &near));
    }
    kept
}

fn mean<C: Candidate>(best: &C, near: &[C]) -> C {
    let total: f32 = near.iter().map(C::score).sum();
    let average =
        |value: &dyn Fn(&C) -> f32| near.iter().map(|f| value(f) * f.score()).sum::<f32>() / total;
    let xmin = average(&|f| f.bounding_box().xmin);
    let ymin = average(&|f| f.bounding_box().ymin);
    let bounding_box = BoundingBox {
        xmin,
        ymin,
        width: average(&|f| f.bounding_box().xmin + f.bounding_box().width) - xmin,
        height: average(&|f| f.bounding_box().ymin + f.bounding_box().height) - ymin,
    };
    // Boxes of one network have equally many points.
    let coordinate = |c: &C, i: usize, axis: usize| c.key_points().get(i).map_or(0.0, |p| p[axis]);
    let point =
        |i: usize| -> Point { std::array::from_fn(|axis| average(&|c| coordinate(c, i, axis))) };
    best.at(
        bounding_box,
        (0..best.key_points().len()).map(point).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(xmin: f32, score: f32) -> Face {
        let bounding_box = BoundingBox {
            xmin,
            ymin: 0.1,
            width: 0.2,
            height: 0.2,
        };
        Face {
            bounding_box,
            score,
            key_points: Some([[xmin, 0.1]; 6]),
        }
    }

    #[test]
    fn neighbors_are_averaged_by_score() {
        let faces =
            weighted_suppression(vec![face(0.10, 0.8), face(0.14, 0.4), face(0.6, 0.9)], 0.3);
        assert_eq!(faces.len(), 2);
        assert_eq!((faces[0].score, faces[0].bounding_box.xmin), (0.9, 0.6));
        let expected = (0.10 * 0.8 + 0.14 * 0.4) / 1.2;
        assert!((faces[1].bounding_box.xmin - expected).abs() < 1e-6);
        assert!((faces[1].key_points.unwrap()[3][0] - expected).abs() < 1e-6);
        assert_eq!(faces[1].score, 0.8, "the score is the best one's");
    }

    #[test]
    fn broken_boxes_do_not_stop_it() {
        let mut broken = face(0.5, 0.95);
        broken.bounding_box.width = f32::NAN;
        assert_eq!(
            weighted_suppression(vec![broken, face(0.1, 0.5)], 0.3).len(),
            1
        );
    }
}
