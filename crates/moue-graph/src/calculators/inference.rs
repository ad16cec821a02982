//! Runs a network.

use super::ports::{give_tensors, gives_tensors, takes_tensors, tensors};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::types::Tensor;
use moue_nn::{Model, Session};

/// Runs a `.tflite` file.
#[derive(Default)]
pub(super) struct InferenceCalculator {
    session: Option<Session>,
    path: String,
}

impl Calculator for InferenceCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        takes_tensors(contract, node);
        gives_tensors(contract, node);
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        self.path = cx
            .options()
            .get("model_path")
            .ok_or("model_path is missing in its options")?;
        let bytes = cx.resources().read(&self.path)?;
        let model = Model::load(&bytes).map_err(|e| format!("{}: {e}", self.path))?;
        self.session = Some(model.session());
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let (Some(given), Some(session)) = (tensors(cx), &mut self.session) else {
            return Ok(Flow::Continue);
        };
        let wanted = session.model().inputs();
        let fits = |(given, wanted): (&Tensor, &moue_nn::TensorInfo)| given.shape == wanted.shape;
        if given.len() != wanted.len() || !given.iter().zip(&wanted).all(fits) {
            let shapes = |s: Vec<&Vec<usize>>| {
                s.iter()
                    .map(|v| format!("{v:?}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            return Err(format!(
                "{} takes {}, and was given {}",
                self.path,
                shapes(wanted.iter().map(|t| &t.shape).collect()),
                shapes(given.iter().map(|t| &t.shape).collect())
            )
            .into());
        }
        let inputs: Vec<&[f32]> = given.iter().map(|t| t.values.as_slice()).collect();
        session.run(&inputs)?;
        let outputs = session.model().outputs();
        let tensor = |(i, info): (usize, moue_nn::TensorInfo)| Tensor {
            shape: info.shape,
            values: session.output(i).to_vec(),
        };
        give_tensors(cx, outputs.into_iter().enumerate().map(tensor).collect());
        Ok(Flow::Continue)
    }
}
