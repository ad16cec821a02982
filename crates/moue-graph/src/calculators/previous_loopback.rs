//! Gives each packet the result for the one before.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow, InputPolicy};
use crate::config::NodeConfig;
use crate::packet::{Packet, Timestamp};
use std::collections::VecDeque;

/// For each packet of `MAIN` writes the packet that `LOOP`, a back edge, has at the timestamp of
/// the packet of `MAIN` before it.
#[derive(Default)]
pub(super) struct PreviousLoopbackCalculator {
    /// Timestamps of `MAIN` that have no answer yet.
    waiting: VecDeque<Timestamp>,
    /// The timestamp of `MAIN` before the first of them.
    previous: Option<Timestamp>,
    looped: VecDeque<Packet>,
}

impl Calculator for PreviousLoopbackCalculator {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.inputs.any("MAIN").any("LOOP");
        contract.outputs.any("PREV_LOOP");
        // A synchronized input would wait for `LOOP` at the timestamp of `MAIN`, which the graph
        // computes from the answer.
        contract.policy = InputPolicy::Immediate;
        contract.sets_bounds = true;
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        self.waiting
            .extend(cx.input_packet("MAIN", 0).map(Packet::timestamp));
        self.looped.extend(cx.input_packet("LOOP", 0).cloned());
        while let Some(now) = self.waiting.front().copied() {
            if !self.answer(cx, now) {
                break;
            }
            cx.advance("PREV_LOOP", 0, now);
            self.previous = self.waiting.pop_front();
        }
        Ok(Flow::Continue)
    }
}

impl PreviousLoopbackCalculator {
    /// Writes the answer for `now`, if there is one. Returns false while it may still come.
    fn answer(&mut self, cx: &mut Context<'_>, now: Timestamp) -> bool {
        // The first packet of `MAIN` has none before it, and so no answer.
        let Some(previous) = self.previous else {
            return true;
        };
        while self
            .looped
            .pop_front_if(|p| p.timestamp() < previous)
            .is_some()
        {}
        match self.looped.pop_front_if(|p| p.timestamp() == previous) {
            Some(packet) => {
                cx.output_packet("PREV_LOOP", 0, packet.at(now));
                true
            }
            None => cx.is_settled("LOOP", 0, previous),
        }
    }
}
