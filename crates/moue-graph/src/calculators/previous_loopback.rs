//! Brings the result for the frame before to each frame.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow, InputPolicy};
use crate::config::NodeConfig;
use crate::packet::{Packet, Timestamp};
use std::collections::VecDeque;

/// At each packet of `MAIN`, writes what `LOOP` brought at the moment of the packet of `MAIN`
/// before.
#[derive(Default)]
pub(super) struct PreviousLoopbackCalculator {
    /// Moments of `MAIN` that wait for their answer, and the moment before the first of them.
    main: VecDeque<Timestamp>,
    before: Option<Timestamp>,
    looped: VecDeque<Packet>,
}

impl Calculator for PreviousLoopbackCalculator {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.inputs.any("MAIN").any("LOOP");
        contract.outputs.any("PREV_LOOP");
        contract.policy = InputPolicy::Immediate;
        contract.sets_bounds = true;
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        self.main
            .extend(cx.input_packet("MAIN", 0).map(Packet::timestamp));
        self.looped.extend(cx.input_packet("LOOP", 0).cloned());
        while let Some(now) = self.main.front().copied() {
            if let Some(before) = self.before {
                while self.looped.front().is_some_and(|p| p.timestamp() < before) {
                    self.looped.pop_front();
                }
                match self.looped.pop_front_if(|p| p.timestamp() == before) {
                    Some(packet) => cx.output_packet("PREV_LOOP", 0, packet.at(now)),
                    None if !cx.is_past("LOOP", 0, before) => break,
                    None => {}
                }
            }
            cx.advance("PREV_LOOP", 0, now);
            self.before = self.main.pop_front();
        }
        Ok(Flow::Continue)
    }
}
