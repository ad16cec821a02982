//! Passes packets on while it is open.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;

/// Passes packets on while it is open: `ALLOW` or `DISALLOW` as stream, side packet or option.
#[derive(Default)]
pub(super) struct GateCalculator {
    open: bool,
}

impl Calculator for GateCalculator {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract
            .inputs
            .many_any("")
            .optional_any("ALLOW")
            .optional_any("DISALLOW");
        contract
            .input_side_packets
            .optional::<bool>("ALLOW")
            .optional::<bool>("DISALLOW");
        contract
            .outputs
            .many_any("")
            .optional::<bool>("STATE_CHANGE");
        contract.same_types = true;
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let side = cx
            .side_packet::<bool>("ALLOW")
            .map(|v| *v)
            .or_else(|| cx.side_packet::<bool>("DISALLOW").map(|v| !*v));
        let initial = cx
            .options()
            .get("initial_gate_state")
            .unwrap_or_else(|| cx.options().get_or("allow", false));
        self.open = side.unwrap_or(initial);
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let says = |tag: &str| {
            cx.input_packet(tag, 0)
                .map(|p| p.get::<bool>().copied().unwrap_or(true))
        };
        let empty_allows = cx.options().get_or("empty_packets_as_allow", false);
        let silent = |tag: &str| (empty_allows && cx.has_input(tag)).then_some(tag == "ALLOW");
        let allowed = says("ALLOW").or_else(|| silent("ALLOW"));
        let open = allowed.or_else(|| says("DISALLOW").or_else(|| silent("DISALLOW")).map(|v| !v));
        let open = open.unwrap_or(self.open);
        if open != self.open {
            cx.output("STATE_CHANGE", Packet::new(open));
        }
        self.open = open;
        for port in cx.node().inputs.iter().filter(|p| p.tag.is_empty() && open) {
            if let Some(packet) = cx.input_packet("", port.index).cloned() {
                cx.output_packet("", port.index, packet);
            }
        }
        Ok(Flow::Continue)
    }
}
