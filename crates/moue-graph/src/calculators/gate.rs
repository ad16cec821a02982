//! Passes packets while it is open.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;

/// Passes packets while it is open. `ALLOW` or `DISALLOW` opens or closes it: as a stream at any
/// timestamp, as a side packet or an option from the start.
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
        let allow = cx.side_packet::<bool>("ALLOW").map(|v| *v);
        let disallow = cx.side_packet::<bool>("DISALLOW").map(|v| *v);
        // Closed by default, as in MediaPipe.
        let from_options = cx
            .options()
            .get("initial_gate_state")
            .unwrap_or_else(|| cx.options().get_or("allow", false));
        self.open = allow
            .or(disallow.map(|closed| !closed))
            .unwrap_or(from_options);
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let open = self.next_state(cx);
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

impl GateCalculator {
    /// Whether the gate is open from this timestamp on. It keeps its state without a packet.
    fn next_state(&self, cx: &Context<'_>) -> bool {
        let allow = signal(cx, "ALLOW");
        let disallow = signal(cx, "DISALLOW");
        allow
            .or(disallow.map(|closed| !closed))
            .unwrap_or(self.open)
    }
}

/// The value of a control stream at this timestamp; a packet of another type than `bool` counts as
/// true.
fn signal(cx: &Context<'_>, tag: &str) -> Option<bool> {
    match cx.input_packet(tag, 0) {
        Some(packet) => Some(packet.get::<bool>().copied().unwrap_or(true)),
        // With this option a timestamp without a packet opens the gate, at either control stream:
        // it means true at `ALLOW` and false at `DISALLOW`.
        None if cx.options().get_or("empty_packets_as_allow", false) && cx.has_input(tag) => {
            Some(tag == "ALLOW")
        }
        None => None,
    }
}
