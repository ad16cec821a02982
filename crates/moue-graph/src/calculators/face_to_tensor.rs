//! The aligned crop of the largest face.

use super::ports::{declare_image_input, declare_tensor_output, image_input, write_tensors};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::types::{Detection, Image, Tensor};
use moue::Face;
use moue::embed::Alignment;
use moue::finder::{FaceChoice, chosen};

/// Writes the largest face as a gray tensor of the shape `[1, size, size, 1]`, its eyes level and
/// always in the same places: the input of moue's expression network.
///
/// A frame without a face, or with one that is too small, has no packet.
#[derive(Default)]
pub(super) struct FaceToTensorCalculator {
    size: usize,
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
            && let Some(face) = detections.and_then(|found| largest_face(found, image))
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

fn largest_face(detections: &[Detection], image: &Image) -> Option<Face> {
    let faces = detections.iter().filter_map(Detection::as_face).collect();
    chosen(faces, FaceChoice::Largest, image).pop()
}
