//! Transfers between CPU and GPU, which have nothing to do here.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::types::Image;

/// Writes the image that it reads.
// There is no GPU backend: the image is where it should be already. The calculators exist so that
// graphs written for a GPU run.
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
