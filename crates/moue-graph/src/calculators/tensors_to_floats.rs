//! A tensor as a plain vector.

use super::ports::{declare_tensor_input, tensor_input};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;

/// Writes the first tensor as a vector, or as a number if it has only one.
#[derive(Default)]
pub(super) struct TensorsToFloatsCalculator {
    sigmoid: bool,
}

impl Calculator for TensorsToFloatsCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        declare_tensor_input(contract, node);
        contract
            .outputs
            .optional::<Vec<f32>>("FLOATS")
            .optional::<f32>("FLOAT");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        self.sigmoid = cx.options().get_enum("activation").as_deref() == Some("SIGMOID");
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some(tensor) = tensor_input(cx).and_then(|t| t.first()) else {
            return Ok(Flow::Continue);
        };
        let mut values = tensor.values.clone();
        if self.sigmoid {
            values.iter_mut().for_each(|v| *v = sigmoid(*v));
        }
        if cx.has_output("FLOAT") {
            let [value] = values[..] else {
                return Err(format!("FLOAT is for one number, not {}", values.len()).into());
            };
            cx.output("FLOAT", Packet::new(value));
        }
        cx.output("FLOATS", Packet::new(values));
        Ok(Flow::Continue)
    }
}

/// The logistic function, 1 / (1 + e⁻ˣ).
pub(super) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calculators::testing::run_node;
    use crate::types::Tensor;

    fn tensor(values: Vec<f32>) -> Packet {
        let shape = vec![1, values.len()];
        Packet::new(vec![Tensor { shape, values }])
    }

    #[test]
    fn the_sigmoid_is_applied_if_asked_for() {
        let node = NodeConfig::new("TensorsToFloatsCalculator")
            .input("TENSORS:in")
            .output("FLOATS:out");
        let plain = run_node(node.clone(), &[("in", tensor(vec![0.0, 2.0]))]).unwrap();
        assert_eq!(plain[0].get::<Vec<f32>>(), Some(&vec![0.0, 2.0]));

        let node = node
            .options(
                "mediapipe.TensorsToFloatsCalculatorOptions",
                "activation: SIGMOID",
            )
            .unwrap();
        let activated = run_node(node, &[("in", tensor(vec![0.0]))]).unwrap();
        assert_eq!(activated[0].get::<Vec<f32>>(), Some(&vec![0.5]));
    }

    #[test]
    fn a_single_float_needs_a_single_value() {
        let node = NodeConfig::new("TensorsToFloatsCalculator")
            .input("TENSORS:in")
            .output("FLOAT:out");
        let error = run_node(node, &[("in", tensor(vec![1.0, 2.0]))]).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("FLOAT is for one number, not 2")
        );
    }
}
