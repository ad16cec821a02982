//! The aligned crop of the largest face.

use super::ports::{give_tensors, gives_tensors, picture, takes_picture};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::types::{Detection, Tensor};
use moue::embed::Alignment;
use moue::finder::FaceChoice;

/// The largest face of a picture, gray, upright, its eyes always in the same places: what moue's
/// expression network takes. Without a face, or if it is too small, there is no packet.
#[derive(Default)]
pub(super) struct FaceToTensorCalculator {
    size: usize,
}

impl Calculator for FaceToTensorCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        takes_picture(contract, node);
        contract.inputs.one::<Vec<Detection>>("DETECTIONS");
        gives_tensors(contract, node);
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        self.size = usize::try_from(cx.options().get_or("size", 64i64))?;
        if (8..=1024).contains(&self.size) {
            Ok(())
        } else {
            Err("size goes from 8 to 1024".into())
        }
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let (Some(image), Some(found)) = (picture(cx), cx.input::<Vec<Detection>>("DETECTIONS"))
        else {
            return Ok(Flow::Continue);
        };
        let faces = found.iter().filter_map(Detection::as_face).collect();
        let Some(face) = moue::finder::chosen(faces, FaceChoice::Largest, image).pop() else {
            return Ok(Flow::Continue);
        };
        if let Ok(alignment) = Alignment::of(image, &face) {
            let mut values = vec![0.0; self.size * self.size];
            alignment.sample(image, self.size, &mut values);
            give_tensors(
                cx,
                vec![Tensor {
                    shape: vec![1, self.size, self.size, 1],
                    values,
                }],
            );
        }
        Ok(Flow::Continue)
    }
}
