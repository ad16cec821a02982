//! Transfers of images between processor and card, which have nothing to do here.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::types::Image;

/// Writes the image that it reads.
// Images stay in the memory of the processor, and a network on a card copies what it reads there by
// itself. The calculators exist so that graphs written for a GPU run.
#[derive(Default)]
pub(super) struct GpuTransfer;

impl Calculator for GpuTransfer {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.inputs.one::<Image>("");
        contract.outputs.one::<Image>("");
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        if let Some(packet) = cx.input_packet("", 0).cloned() {
            cx.output_packet("", 0, packet);
        }
        Ok(Flow::Continue)
    }
}
