//! Calculators that look at when packets come, not at what they carry.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow, InputPolicy};
use crate::config::NodeConfig;
use crate::packet::{Packet, Timestamp};
use crate::registry::Registry;
use std::collections::VecDeque;

pub(super) fn register(registry: &mut Registry) {
    registry.register::<PassThrough>("PassThroughCalculator");
    registry.register::<FlowLimiter>("FlowLimiterCalculator");
    registry.register::<RowFilter>("GateCalculator");
    registry.register::<PreviousLoopback>("PreviousLoopbackCalculator");
}

/// Says that every output carries what the input with the same tag and number does.
fn pass_on(contract: &mut Contract, node: &NodeConfig) {
    // A contract names tags for the life of the program; those of a passing node are whatever the
    // file says.
    for port in &node.inputs {
        let tag: &'static str = if port.tag.is_empty() {
            ""
        } else {
            intern(&port.tag)
        };
        contract.inputs.many_any(tag);
        contract.outputs.many_any(tag);
    }
    contract.same_types = true;
}

/// One copy of each tag for the life of the program.
fn intern(tag: &str) -> &'static str {
    use std::collections::BTreeSet;
    use std::sync::{Mutex, PoisonError};
    static TAGS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut tags = TAGS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = tags.get(tag) {
        return known;
    }
    let kept: &'static str = Box::leak(tag.to_owned().into_boxed_str());
    tags.insert(kept);
    kept
}

/// Writes what it reads.
#[derive(Default)]
struct PassThrough;

impl Calculator for PassThrough {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        pass_on(contract, node);
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        for port in &cx.node().inputs {
            if let Some(packet) = cx.input_packet(&port.tag, port.index).cloned() {
                cx.output_packet(&port.tag, port.index, packet);
            }
        }
        Ok(Flow::Continue)
    }
}

/// Lets so many frames at a time on their way; others wait, the newest first, or are dropped.
///
/// A frame is back when `FINISHED` brings a packet of its moment or a later one, or can bring none
/// any more.
#[derive(Default)]
struct FlowLimiter {
    most: usize,
    queue: usize,
    timeout: i64,
    flying: VecDeque<Timestamp>,
    waiting: VecDeque<(Timestamp, Vec<Packet>)>,
    ports: usize,
}

impl Calculator for FlowLimiter {
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

impl FlowLimiter {
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

/// Passes packets on while it is open: `ALLOW` or `DISALLOW` as stream, side packet or option.
#[derive(Default)]
struct RowFilter {
    open: bool,
}

impl Calculator for RowFilter {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract
            .inputs
            .many_any("")
            .optional_any("ALLOW")
            .optional_any("DISALLOW");
        contract
            .input_sides
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
            .side::<bool>("ALLOW")
            .map(|v| *v)
            .or_else(|| cx.side::<bool>("DISALLOW").map(|v| !*v));
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

/// At each packet of `MAIN`, writes what `LOOP` brought at the moment of the packet of `MAIN`
/// before.
#[derive(Default)]
struct PreviousLoopback {
    /// Moments of `MAIN` that wait for their answer, and the moment before the first of them.
    main: VecDeque<Timestamp>,
    before: Option<Timestamp>,
    looped: VecDeque<Packet>,
}

impl Calculator for PreviousLoopback {
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
