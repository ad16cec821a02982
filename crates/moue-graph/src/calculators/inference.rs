//! Runs a network.

use super::ports::{declare_tensor_input, declare_tensor_output, tensor_input, write_tensors};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::types::Tensor;
use moue::network::{Loaded, Runner};
use moue_nn::TensorInfo;

/// Runs the `.tflite` file that the option `model_path` names, where the networks of the process run.
#[derive(Default)]
pub(super) struct InferenceCalculator {
    runner: Option<Runner>,
    model_path: String,
}

impl Calculator for InferenceCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        declare_tensor_input(contract, node);
        declare_tensor_output(contract, node);
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        self.model_path = cx
            .options()
            .get("model_path")
            .ok_or("model_path is missing in its options")?;
        let bytes = cx.resources().read(&self.model_path)?;
        let runner = Loaded::load(&bytes).and_then(|loaded| loaded.runner());
        self.runner = Some(runner.map_err(|e| format!("{}: {e}", self.model_path))?);
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let (Some(tensors), Some(runner)) = (tensor_input(cx), &mut self.runner) else {
            return Ok(Flow::Continue);
        };
        let expected = runner.inputs();
        if !shapes_fit(tensors, &expected) {
            let expected = shapes(expected.iter().map(|info| &info.shape));
            let actual = shapes(tensors.iter().map(|tensor| &tensor.shape));
            let path = &self.model_path;
            return Err(format!("{path} takes {expected}, and was given {actual}").into());
        }
        let inputs: Vec<&[f32]> = tensors.iter().map(|t| t.values.as_slice()).collect();
        runner.run(&inputs)?;
        let outputs = runner.outputs().into_iter().enumerate();
        let written = outputs.map(|(i, info)| Tensor {
            shape: info.shape,
            values: runner.output(i).to_vec(),
        });
        write_tensors(cx, written.collect());
        Ok(Flow::Continue)
    }
}

fn shapes_fit(tensors: &[Tensor], expected: &[TensorInfo]) -> bool {
    let mut pairs = tensors.iter().zip(expected);
    tensors.len() == expected.len() && pairs.all(|(tensor, info)| tensor.shape == info.shape)
}

fn shapes<'a>(shapes: impl Iterator<Item = &'a Vec<usize>>) -> String {
    let shapes: Vec<String> = shapes.map(|shape| format!("{shape:?}")).collect();
    shapes.join(", ")
}
