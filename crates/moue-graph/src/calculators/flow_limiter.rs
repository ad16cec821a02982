//! Drops packets at the entry of a graph while its end is busy.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow, InputPolicy};
use crate::config::NodeConfig;
use crate::packet::{Packet, Timestamp};
use std::collections::VecDeque;

/// Lets so many frames at a time on their way; others wait, the newest first, or are dropped.
///
/// A frame is back when `FINISHED` brings a packet of its moment or a later one, or can bring none
/// any more.
#[derive(Default)]
pub(super) struct FlowLimiterCalculator {
    most: usize,
    queue: usize,
    timeout: i64,
    flying: VecDeque<Timestamp>,
    waiting: VecDeque<(Timestamp, Vec<Packet>)>,
    ports: usize,
}

impl Calculator for FlowLimiterCalculator {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.inputs.many_any("").any("FINISHED");
        contract.outputs.many_any("").optional::<bool>("ALLOW");
        contract.policy = InputPolicy::Immediate;
        contract.sets_bounds = true;
        contract.same_types = true;
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let at_least = |name: &str, default: i64| {
            usize::try_from(cx.options().get_or(name, default)).unwrap_or(0)
        };
        self.most = at_least("max_in_flight", 1).max(1);
        self.queue = at_least("max_in_queue", 0);
        self.timeout = cx.options().get_or("in_flight_timeout", 0);
        self.ports = cx.node().inputs.iter().filter(|p| p.tag.is_empty()).count();
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        if let Some(packet) = cx.input_packet("FINISHED", 0) {
            let back = packet.timestamp();
            self.flying.retain(|t| *t > back);
        }
        self.flying.retain(|t| !cx.is_past("FINISHED", 0, *t));
        let new: Vec<Option<Packet>> = (0..self.ports)
            .map(|i| cx.input_packet("", i).cloned())
            .collect();
        if let Some(at) = new.iter().flatten().map(Packet::timestamp).next() {
            self.expire(at);
            self.arrive(cx, at, &new);
        }
        self.release(cx);
        Ok(Flow::Continue)
    }
}

impl FlowLimiterCalculator {
    /// Frames that never came back count as finished after the time given in the options.
    fn expire(&mut self, now: Timestamp) {
        if self.timeout > 0 {
            self.flying
                .retain(|t| now.micros() - t.micros() < self.timeout);
        }
    }

    /// Only the first stream decides; packets of the others follow it where they have its moment.
    fn arrive(&mut self, cx: &mut Context<'_>, at: Timestamp, packets: &[Option<Packet>]) {
        if packets[0].is_none() {
            return self.follow(cx, at, packets);
        }
        self.waiting
            .push_back((at, packets.iter().flatten().cloned().collect()));
        let room = self.queue + self.most.saturating_sub(self.flying.len()).min(1);
        while self.waiting.len() > room {
            if let Some((dropped, _)) = self.waiting.pop_front() {
                self.pass(cx, dropped, false);
                cx.count_drop();
            }
        }
    }

    fn follow(&mut self, cx: &mut Context<'_>, at: Timestamp, packets: &[Option<Packet>]) {
        if !self.flying.contains(&at) {
            return;
        }
        for (index, packet) in packets.iter().enumerate() {
            packet
                .iter()
                .for_each(|p| cx.output_packet("", index, (*p).clone()));
        }
    }

    fn release(&mut self, cx: &mut Context<'_>) {
        while self.flying.len() < self.most {
            let Some((at, packets)) = self.waiting.pop_front() else {
                return;
            };
            self.flying.push_back(at);
            for (index, packet) in packets.into_iter().enumerate() {
                cx.output_packet("", index, packet);
            }
            self.pass(cx, at, true);
        }
    }

    /// Says whether the frame of moment `at` went on; nothing of that moment comes later.
    fn pass(&self, cx: &mut Context<'_>, at: Timestamp, allowed: bool) {
        cx.output_packet("ALLOW", 0, Packet::new(allowed).at(at));
        for index in 0..self.ports {
            if !allowed || index == 0 {
                cx.advance("", index, at);
            }
        }
    }
}
