//! A tensor as a plain vector.

use super::ports::{takes_tensors, tensors};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;

/// The first tensor as plain numbers.
#[derive(Default)]
pub(super) struct TensorsToFloatsCalculator {
    sigmoid: bool,
}

impl Calculator for TensorsToFloatsCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        takes_tensors(contract, node);
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
        let Some(tensor) = tensors(cx).and_then(|t| t.first()) else {
            return Ok(Flow::Continue);
        };
        let activate = |v: &f32| {
            if self.sigmoid {
                1.0 / (1.0 + (-v).exp())
            } else {
                *v
            }
        };
        let values: Vec<f32> = tensor.values.iter().map(activate).collect();
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
