//! Keeps one of many boxes around the same thing.

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

    fn at(&self, bounding_box: BoundingBox, key_points: Vec<Point>) -> Self {
        Self {
            bounding_box,
            key_points,
            ..self.clone()
        }
    }
}

/// Non-maximum suppression over the detections of one or more streams.
///
/// The algorithm `DEFAULT` is the greedy one: the detection with the best score suppresses those
/// that overlap it by more than a threshold, and so on with the best one left. `WEIGHTED` takes the
/// mean of the overlapping boxes, weighted by score, as BlazeFace does (Bazarevsky et al. 2019),
/// which makes boxes less jittery from frame to frame.
#[derive(Default)]
pub(super) struct NonMaxSuppressionCalculator {
    num_streams: usize,
    min_overlap: f32,
    min_score: f32,
    max_detections: usize,
    weighted: bool,
    overlap: Overlap,
    return_empty: bool,
}

/// How the overlap of two boxes is measured.
// The names are MediaPipe's. Its `JACCARD` is not the Jaccard index of the literature, which is
// `INTERSECTION_OVER_UNION`: it divides by the box around both, and so is never larger.
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
    /// The overlap, 0 to 1.
    fn of(self, a: &BoundingBox, b: &BoundingBox) -> f32 {
        let divisor = match self {
            Self::Union => return a.iou(b),
            Self::Modified => b.area(),
            Self::Jaccard => {
                enclosing_span([a.xmin, a.width], [b.xmin, b.width])
                    * enclosing_span([a.ymin, a.height], [b.ymin, b.height])
            }
        };
        let shared = shared_span([a.xmin, a.width], [b.xmin, b.width])
            * shared_span([a.ymin, a.height], [b.ymin, b.height]);
        if divisor > 0.0 { shared / divisor } else { 0.0 }
    }
}

/// The length that two intervals, given by start and length, have in common.
fn shared_span([a, a_length]: [f32; 2], [b, b_length]: [f32; 2]) -> f32 {
    ((a + a_length).min(b + b_length) - a.max(b)).max(0.0)
}

/// The length of the interval around both.
fn enclosing_span([a, a_length]: [f32; 2], [b, b_length]: [f32; 2]) -> f32 {
    (a + a_length).max(b + b_length) - a.min(b)
}

impl Calculator for NonMaxSuppressionCalculator {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.inputs.many::<Vec<Detection>>("");
        contract.outputs.one::<Vec<Detection>>("");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let options = cx.options();
        self.num_streams = cx.node().inputs.len();
        let declared = options.get_or("num_detection_streams", 1i64);
        if declared != self.num_streams as i64 {
            let streams = self.num_streams;
            return Err(format!(
                "num_detection_streams is {declared}, and {streams} streams are connected"
            )
            .into());
        }
        // MediaPipe's defaults: nothing overlaps by more than 1, no score is below -1, and a
        // negative number is no limit. So without options every detection is kept.
        self.min_overlap = options.get_or("min_suppression_threshold", 1.0);
        self.min_score = options.get_or("min_score_threshold", -1.0);
        let max_detections = options.get_or("max_num_detections", -1i64);
        self.max_detections = usize::try_from(max_detections).unwrap_or(usize::MAX);
        self.weighted = options.get_enum("algorithm").as_deref() == Some("WEIGHTED");
        self.overlap = match options.get_enum("overlap_type").as_deref() {
            Some("INTERSECTION_OVER_UNION") => Overlap::Union,
            Some("MODIFIED_JACCARD") => Overlap::Modified,
            _ => Overlap::Jaccard,
        };
        self.return_empty = options.get_or("return_empty_detections", false);
        self.check()
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let mut kept = self.suppress(self.candidates(cx));
        kept.truncate(self.max_detections);
        if !kept.is_empty() || self.return_empty {
            cx.output("", Packet::new(kept));
        }
        Ok(Flow::Continue)
    }
}

impl NonMaxSuppressionCalculator {
    fn check(&self) -> Result<(), CalculatorError> {
        // moue's weighted suppression measures by intersection over union; an answer by another
        // measure than the file names would be silently different.
        if self.weighted && self.overlap != Overlap::Union {
            return Err(
                "the algorithm WEIGHTED is there for the overlap INTERSECTION_OVER_UNION only"
                    .into(),
            );
        }
        Ok(())
    }

    /// The detections of all streams whose score reaches the limit.
    fn candidates(&self, cx: &Context<'_>) -> Vec<Detection> {
        let streams = 0..self.num_streams;
        streams
            .filter_map(|i| cx.input_packet("", i)?.get::<Vec<Detection>>())
            .flatten()
            .filter(|detection| detection.score >= self.min_score)
            .cloned()
            .collect()
    }

    fn suppress(&self, candidates: Vec<Detection>) -> Vec<Detection> {
        if self.weighted {
            weighted_suppression(candidates, self.min_overlap)
        } else {
            self.greedy(candidates)
        }
    }

    fn greedy(&self, mut candidates: Vec<Detection>) -> Vec<Detection> {
        candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut kept: Vec<Detection> = Vec::new();
        for candidate in candidates {
            if !kept.iter().any(|k| self.suppresses(k, &candidate)) {
                kept.push(candidate);
            }
        }
        kept
    }

    fn suppresses(&self, kept: &Detection, candidate: &Detection) -> bool {
        let overlap = self.overlap;
        overlap.of(&kept.bounding_box, &candidate.bounding_box) > self.min_overlap
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
            min_overlap: 0.3,
            overlap: Overlap::Union,
            ..NonMaxSuppressionCalculator::default()
        };
        let kept = node.greedy(vec![at(0.1, 0.5), at(0.0, 0.9), at(2.0, 0.4)]);
        assert_eq!(kept, [at(0.0, 0.9), at(2.0, 0.4)]);
    }
}
