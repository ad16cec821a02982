//! Of many boxes of one thing, one is kept.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::types::Detection;
use moue::detect::{Candidate, weighted_suppression};
use moue::{BoundingBox, Point};

impl Candidate for Detection {
    fn score(&self) -> f32 {
        self.score
    }

    fn bounding_box(&self) -> BoundingBox {
        self.bounding_box
    }

    fn key_points(&self) -> &[Point] {
        &self.key_points
    }

    fn moved(&self, bounding_box: BoundingBox, key_points: Vec<Point>) -> Self {
        Self {
            bounding_box,
            key_points,
            ..self.clone()
        }
    }
}

#[derive(Default)]
pub(super) struct NonMaxSuppressionCalculator {
    streams: usize,
    threshold: f32,
    least_score: f32,
    most: usize,
    weighted: bool,
    overlap: Overlap,
    give_empty: bool,
}

/// How the overlap of two boxes is measured.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Overlap {
    /// Intersection over the box that encloses both.
    #[default]
    Jaccard,
    /// Intersection over the second box.
    Modified,
    /// Intersection over union.
    Union,
}

impl Overlap {
    fn of(self, a: &BoundingBox, b: &BoundingBox) -> f32 {
        let span = |a: f32, al: f32, b: f32, bl: f32| ((a + al).min(b + bl) - a.max(b)).max(0.0);
        let cover = |a: f32, al: f32, b: f32, bl: f32| (a + al).max(b + bl) - a.min(b);
        let shared =
            span(a.xmin, a.width, b.xmin, b.width) * span(a.ymin, a.height, b.ymin, b.height);
        let all = match self {
            Self::Union => return a.iou(b),
            Self::Modified => b.area(),
            Self::Jaccard => {
                cover(a.xmin, a.width, b.xmin, b.width) * cover(a.ymin, a.height, b.ymin, b.height)
            }
        };
        if all > 0.0 { shared / all } else { 0.0 }
    }
}

impl Calculator for NonMaxSuppressionCalculator {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.inputs.many::<Vec<Detection>>("");
        contract.outputs.one::<Vec<Detection>>("");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let options = cx.options();
        self.streams = cx.node().inputs.len();
        let wanted = options.get_or("num_detection_streams", 1i64);
        if wanted != self.streams as i64 {
            return Err(format!(
                "num_detection_streams is {wanted}, and {} streams are joined",
                self.streams
            )
            .into());
        }
        self.threshold = options.get_or("min_suppression_threshold", 1.0);
        self.least_score = options.get_or("min_score_threshold", -1.0);
        self.most =
            usize::try_from(options.get_or("max_num_detections", -1i64)).unwrap_or(usize::MAX);
        self.weighted = options.get_enum("algorithm").as_deref() == Some("WEIGHTED");
        self.overlap = match options.get_enum("overlap_type").as_deref() {
            Some("INTERSECTION_OVER_UNION") => Overlap::Union,
            Some("MODIFIED_JACCARD") => Overlap::Modified,
            _ => Overlap::Jaccard,
        };
        if self.weighted && self.overlap != Overlap::Union {
            return Err(
                "the algorithm WEIGHTED is there for the overlap INTERSECTION_OVER_UNION only"
                    .into(),
            );
        }
        self.give_empty = options.get_or("return_empty_detections", false);
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let streams =
            (0..self.streams).filter_map(|i| cx.input_packet("", i)?.get::<Vec<Detection>>());
        let candidates: Vec<Detection> = streams
            .flatten()
            .filter(|d| d.score >= self.least_score)
            .cloned()
            .collect();
        let mut kept = if self.weighted {
            weighted_suppression(candidates, self.threshold)
        } else {
            self.plain(candidates)
        };
        kept.truncate(self.most);
        if !kept.is_empty() || self.give_empty {
            cx.output("", Packet::new(kept));
        }
        Ok(Flow::Continue)
    }
}

impl NonMaxSuppressionCalculator {
    /// The surest box stays as it is; those that overlap it too much go.
    fn plain(&self, mut candidates: Vec<Detection>) -> Vec<Detection> {
        candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut kept: Vec<Detection> = Vec::new();
        for candidate in candidates {
            let near = |k: &Detection| {
                self.overlap.of(&k.bounding_box, &candidate.bounding_box) > self.threshold
            };
            if !kept.iter().any(near) {
                kept.push(candidate);
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps_differ() {
        let a = BoundingBox {
            xmin: 0.0,
            ymin: 0.0,
            width: 2.0,
            height: 1.0,
        };
        let b = BoundingBox {
            xmin: 1.0,
            ymin: 0.0,
            width: 2.0,
            height: 1.0,
        };
        assert_eq!(Overlap::Union.of(&a, &b), 1.0 / 3.0);
        assert_eq!(Overlap::Jaccard.of(&a, &b), 1.0 / 3.0);
        assert_eq!(Overlap::Modified.of(&a, &b), 0.5);
    }

    #[test]
    fn the_surest_stays_as_it_is() {
        let at = |xmin: f32, score: f32| Detection {
            score,
            bounding_box: BoundingBox {
                xmin,
                ymin: 0.0,
                width: 1.0,
                height: 1.0,
            },
            ..Detection::default()
        };
        let node = NonMaxSuppressionCalculator {
            threshold: 0.3,
            overlap: Overlap::Union,
            ..NonMaxSuppressionCalculator::default()
        };
        let kept = node.plain(vec![at(0.1, 0.5), at(0.0, 0.9), at(2.0, 0.4)]);
        assert_eq!(kept, [at(0.0, 0.9), at(2.0, 0.4)]);
    }
}
