//! The aligned crop of the largest face.

use super::ports::{declare_image_input, declare_tensor_output, image_input, write_tensors};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::types::{Detection, Tensor};
use moue::embed::Alignment;
use moue::finder::{FaceChoice, chosen};
use moue::{BoundingBox, Face};

/// Writes the largest face as a gray tensor of the shape `[1, size, size, 1]`, its eyes level and
/// always in the same places: the input of moue's expression network. As for a single picture, an
/// uncertain face counts less, but not if it was the one of the frame before.
///
/// A frame without a face, or with one that is too small, has no packet.
#[derive(Default)]
pub(super) struct FaceToTensorCalculator {
    size: usize,
    largest: Largest,
}

impl Calculator for FaceToTensorCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        declare_image_input(contract, node);
        contract.inputs.one::<Vec<Detection>>("DETECTIONS");
        declare_tensor_output(contract, node);
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        // 64 is the side of the expression network's input.
        self.size = usize::try_from(cx.options().get_or("size", 64i64))?;
        // Chosen by hand: below 8 pixels no face is left, above 1024 no camera has that many.
        if (8..=1024).contains(&self.size) {
            Ok(())
        } else {
            Err("size goes from 8 to 1024".into())
        }
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let detections = cx.input::<Vec<Detection>>("DETECTIONS");
        if let Some(image) = image_input(cx)
            && let Some(face) = detections.and_then(|found| self.largest.of(found))
            // A face too small to be aligned is treated as no face: it is no error of the graph.
            && let Ok(alignment) = Alignment::of(image, &face)
        {
            let mut values = vec![0.0; self.size * self.size];
            alignment.sample(image, self.size, &mut values);
            let shape = vec![1, self.size, self.size, 1];
            write_tensors(cx, vec![Tensor { shape, values }]);
        }
        Ok(Flow::Continue)
    }
}

/// Boxes of one face in two frames in a row overlap by more than this (intersection over union): even
/// of somebody who turns away quickly.
const SAME_FACE: f32 = 0.3;

/// The choice of the largest face in frame after frame.
#[derive(Default)]
struct Largest {
    /// The face of the frame before.
    last: Option<BoundingBox>,
}

impl Largest {
    fn of(&mut self, detections: &[Detection]) -> Option<Face> {
        let mut faces: Vec<Face> = detections.iter().filter_map(Detection::as_face).collect();
        // A score that wavers around certainty would else change the person again and again.
        if let Some(last) = self.last {
            let is_last = |face: &&mut Face| face.bounding_box.iou(&last) > SAME_FACE;
            faces.iter_mut().filter(is_last).for_each(|f| f.score = 1.0);
        }
        let face = chosen(faces, FaceChoice::Largest).pop();
        self.last = face.as_ref().map(|face| face.bounding_box);
        face
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(left: f32, side: f32, score: f32) -> Detection {
        let bounding_box = BoundingBox {
            xmin: left,
            ymin: 0.1,
            width: side,
            height: side,
        };
        Detection {
            score,
            bounding_box,
            key_points: vec![[0.5; 2]; 6],
            ..Detection::default()
        }
    }

    #[test]
    fn a_score_that_wavers_does_not_change_the_person() {
        let mut largest = Largest::default();
        let mut side_of_chosen = |score: f32| {
            let faces = [face(0.6, 0.2, 0.99), face(0.1, 0.4, score)];
            let face = largest.of(&faces).unwrap();
            face.bounding_box.width
        };
        // Nobody was before: a face that may be none does not count.
        assert_eq!(side_of_chosen(0.88), 0.2);
        assert_eq!([0.96, 0.88, 0.93, 0.86].map(side_of_chosen), [0.4; 4]);
    }
}
