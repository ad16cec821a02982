//! Drops packets at the entry of a graph while its end is busy.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow, InputPolicy};
use crate::config::NodeConfig;
use crate::packet::{Packet, Timestamp};
use std::collections::VecDeque;

/// Limits how many frames are in the graph at a time. Of the others, the newest wait in a queue and
/// the rest are dropped.
///
/// A frame has left the graph when `FINISHED`, a back edge from the graph's end, has a packet of
/// its timestamp or a later one, or is settled there.
#[derive(Default)]
pub(super) struct FlowLimiterCalculator {
    max_in_flight: usize,
    max_in_queue: usize,
    /// Microseconds; 0 for none.
    in_flight_timeout: i64,
    in_flight: VecDeque<Timestamp>,
    waiting: VecDeque<(Timestamp, Vec<Packet>)>,
    /// Streams that are limited, the untagged ones.
    streams: usize,
}

impl Calculator for FlowLimiterCalculator {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.inputs.many_any("").any("FINISHED");
        contract.outputs.many_any("").optional::<bool>("ALLOW");
        // A synchronized input would wait until a frame's timestamp is settled at `FINISHED` before
        // the frame is let in, which is what `FINISHED` itself waits for.
        contract.policy = InputPolicy::Immediate;
        // A frame may be let in later than the call in which it arrived.
        contract.sets_bounds = true;
        contract.same_types = true;
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let options = cx.options();
        let count =
            |name: &str, default: i64| usize::try_from(options.get_or(name, default)).unwrap_or(0);
        // MediaPipe's defaults: one frame in the graph and none waiting, for the lowest latency.
        // With no frame in flight nothing would ever run, so 0 counts as 1.
        self.max_in_flight = count("max_in_flight", 1).max(1);
        self.max_in_queue = count("max_in_queue", 0);
        self.in_flight_timeout = options.get_or("in_flight_timeout", 0);
        self.streams = cx.node().inputs.iter().filter(|p| p.tag.is_empty()).count();
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        if let Some(packet) = cx.input_packet("FINISHED", 0) {
            let finished = packet.timestamp();
            self.in_flight.retain(|t| *t > finished);
        }
        // A frame for which the graph writes nothing, such as one without a face, ends here: the
        // bound of `FINISHED` passes it.
        self.in_flight.retain(|t| !cx.is_settled("FINISHED", 0, *t));
        let arrived: Vec<Option<Packet>> = (0..self.streams)
            .map(|i| cx.input_packet("", i).cloned())
            .collect();
        if let Some(at) = arrived.iter().flatten().map(Packet::timestamp).next() {
            self.expire(at);
            self.arrive(cx, at, &arrived);
        }
        self.release(cx);
        Ok(Flow::Continue)
    }
}

impl FlowLimiterCalculator {
    /// Frames that are in flight for longer than the timeout count as finished.
    fn expire(&mut self, now: Timestamp) {
        if self.in_flight_timeout > 0 {
            self.in_flight
                .retain(|t| now.micros() - t.micros() < self.in_flight_timeout);
        }
    }

    /// Queues a frame and drops the oldest ones that do not fit.
    fn arrive(&mut self, cx: &mut Context<'_>, at: Timestamp, packets: &[Option<Packet>]) {
        // Only the first stream decides; packets of the others follow it.
        if packets[0].is_none() {
            return self.follow(cx, at, packets);
        }
        let frame = packets.iter().flatten().cloned().collect();
        self.waiting.push_back((at, frame));
        // One more than the queue holds if it is let in at once.
        let room = self.max_in_queue + usize::from(self.in_flight.len() < self.max_in_flight);
        while self.waiting.len() > room {
            // The oldest is dropped: the answer to a newer frame is worth more.
            if let Some((dropped, _)) = self.waiting.pop_front() {
                self.announce(cx, dropped, false);
                cx.count_drop();
            }
        }
    }

    /// Writes packets that arrive after the first stream's, if their frame was let in.
    fn follow(&mut self, cx: &mut Context<'_>, at: Timestamp, packets: &[Option<Packet>]) {
        if !self.in_flight.contains(&at) {
            return;
        }
        for (index, packet) in packets.iter().enumerate() {
            if let Some(packet) = packet {
                cx.output_packet("", index, packet.clone());
            }
        }
    }

    /// Passes waiting frames on while there is room.
    fn release(&mut self, cx: &mut Context<'_>) {
        while self.in_flight.len() < self.max_in_flight {
            let Some((at, packets)) = self.waiting.pop_front() else {
                return;
            };
            self.in_flight.push_back(at);
            for (index, packet) in packets.into_iter().enumerate() {
                cx.output_packet("", index, packet);
            }
            self.announce(cx, at, true);
        }
    }

    /// Writes whether the frame at `at` was let in, and raises the outputs' bounds past it.
    fn announce(&self, cx: &mut Context<'_>, at: Timestamp, allowed: bool) {
        cx.output_packet("ALLOW", 0, Packet::new(allowed).at(at));
        for index in 0..self.streams {
            // Of a frame that was let in, packets of the other streams may still arrive.
            if !allowed || index == 0 {
                cx.advance("", index, at);
            }
        }
    }
}
