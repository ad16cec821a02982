//! Vectors of unit length.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;

/// The length below which a vector counts as zero.
// Chosen by hand: embeddings have lengths around 1, and so close to zero rounding errors would
// decide the direction.
const MIN_LENGTH: f32 = 1e-6;

/// Divides each vector by its Euclidean length. A vector without a length has no direction either
/// and is left out.
#[derive(Default)]
pub(super) struct VectorNormalizationCalculator;

impl Calculator for VectorNormalizationCalculator {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.inputs.one::<Vec<f32>>("FLOATS");
        contract.outputs.one::<Vec<f32>>("FLOATS");
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some(vector) = cx.input::<Vec<f32>>("FLOATS") else {
            return Ok(Flow::Continue);
        };
        let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
        if length.is_finite() && length > MIN_LENGTH {
            let unit: Vec<f32> = vector.iter().map(|v| v / length).collect();
            cx.output("FLOATS", Packet::new(unit));
        }
        Ok(Flow::Continue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calculators::testing::run_node;
    use crate::packet::Timestamp;

    #[test]
    fn vectors_get_unit_length_and_zero_vectors_are_left_out() {
        let node = NodeConfig::new("VectorNormalizationCalculator")
            .input("FLOATS:in")
            .output("FLOATS:out");
        let zero = Packet::new(vec![0.0f32; 2]);
        let at = Timestamp::new(1).unwrap();
        let vector = Packet::new(vec![3.0f32, 4.0]).at(at);
        let written = run_node(node, &[("in", zero), ("in", vector)]).unwrap();
        assert_eq!(written.len(), 1);
        assert_eq!(written[0].get::<Vec<f32>>(), Some(&vec![0.6, 0.8]));
    }
}
