//! The state that all threads of a run share, changed only under one lock.

use super::error::{RunError, SendError};
use super::node::{NodeState, Status, Work};
use super::trace::{NodeStats, Trace};
use crate::calculator::Flow;
use crate::graph::Graph;
use crate::packet::{Bound, Packet, PacketType};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

/// Called with every packet of a stream.
pub(super) type Observer = Box<dyn FnMut(&Packet) + Send>;

/// What a call of a calculator came to.
pub(super) struct CallResult {
    pub(super) node: usize,
    pub(super) calculator: Box<dyn crate::Calculator>,
    pub(super) closed: bool,
    pub(super) flow: Result<Flow, RunError>,
    pub(super) written: Vec<(usize, Packet)>,
    pub(super) advanced: Vec<(usize, Bound)>,
    pub(super) drops: usize,
    pub(super) from: Instant,
    pub(super) to: Instant,
    pub(super) packet: i64,
    pub(super) thread: usize,
}

/// Sources come last, then nodes further down first, so that packets leave the graph before new
/// ones enter.
type Key = (bool, std::cmp::Reverse<usize>, usize);

pub(super) struct Core {
    graph: Arc<Graph>,
    nodes: Vec<NodeState>,
    ready: BTreeSet<Key>,
    pub(super) running: usize,
    /// For each stream from outside, the moment from which it takes packets.
    input_bounds: Vec<Bound>,
    observers: Vec<Vec<Observer>>,
    pub(super) failure: Option<RunError>,
    /// The graph is to end before its inputs do.
    pub(super) stopping: bool,
    stats: Vec<NodeStats>,
    pub(super) trace: Option<Trace>,
}

impl Core {
    pub(super) fn new(graph: Arc<Graph>, nodes: Vec<NodeState>) -> Self {
        let stats = graph
            .nodes
            .iter()
            .map(|n| NodeStats {
                name: n.config.title(),
                ..NodeStats::default()
            })
            .collect();
        let mut core = Self {
            ready: BTreeSet::new(),
            running: 0,
            input_bounds: vec![Bound::START; graph.inputs.len()],
            observers: graph.streams.iter().map(|_| Vec::new()).collect(),
            failure: None,
            stopping: false,
            stats,
            trace: None,
            nodes,
            graph,
        };
        (0..core.nodes.len()).for_each(|node| core.settle(node));
        core
    }

    fn key(&self, node: usize) -> Key {
        let planned = &self.graph.nodes[node];
        (planned.is_source(), std::cmp::Reverse(planned.order), node)
    }

    pub(super) fn observe(&mut self, stream: usize, observer: Observer) {
        self.observers[stream].push(observer);
    }

    /// Takes a packet from outside.
    pub(super) fn send(&mut self, input: usize, packet: Packet) -> Result<(), SendError> {
        let place = self.graph.inputs[input];
        let name = || self.graph.streams[place].name.clone();
        let bound = self.input_bounds[input];
        if bound == Bound::DONE || self.stopping || self.failure.is_some() {
            return Err(SendError::Closed { stream: name() });
        }
        let given = packet.timestamp();
        if bound.is_past(given) {
            return Err(SendError::Timestamp {
                stream: name(),
                last: bound.micros() - 1,
                given: given.micros(),
            });
        }
        self.check_input(place, &packet)?;
        self.input_bounds[input] = given.next();
        self.deliver(place, &packet);
        Ok(())
    }

    /// A packet from outside must be what every reader wants.
    fn check_input(&self, stream: usize, packet: &Packet) -> Result<(), SendError> {
        for (node, input) in &self.graph.streams[stream].readers {
            let node = &self.graph.nodes[*node];
            let port = &node.config.inputs[*input];
            let Some(wanted) = node.contract.inputs.of(&port.tag).map(|p| &p.types) else {
                continue;
            };
            if !wanted.is_empty() && !wanted.contains(&packet.packet_type()) {
                let wanted = PacketType::names(wanted);
                return Err(SendError::Type {
                    stream: port.name.clone(),
                    wanted,
                    given: packet.packet_type().name(),
                });
            }
        }
        Ok(())
    }

    pub(super) fn close_input(&mut self, input: usize) {
        self.input_bounds[input] = Bound::DONE;
        let mut work = Vec::new();
        self.advance(self.graph.inputs[input], Bound::DONE, &mut work);
        self.settle_all(work);
    }

    pub(super) fn close_inputs(&mut self) {
        (0..self.input_bounds.len()).for_each(|input| self.close_input(input));
    }

    /// Packets that wait where the stream from outside is read.
    pub(super) fn waiting(&self, input: usize) -> usize {
        let readers = &self.graph.streams[self.graph.inputs[input]].readers;
        readers
            .iter()
            .map(|(node, port)| self.nodes[*node].waiting(*port))
            .max()
            .unwrap_or(0)
    }

    fn deliver(&mut self, stream: usize, packet: &Packet) {
        self.observers[stream]
            .iter_mut()
            .for_each(|observer| observer(packet));
        let graph = self.graph.clone();
        let mut work = Vec::new();
        for (node, input) in &graph.streams[stream].readers {
            self.nodes[*node].push(*input, packet.clone());
            work.push(*node);
        }
        self.settle_all(work);
    }

    /// Tells the readers of a stream how far it is.
    fn advance(&mut self, stream: usize, bound: Bound, work: &mut Vec<usize>) {
        for (node, input) in &self.graph.streams[stream].readers {
            if self.nodes[*node].advance(*input, bound) {
                work.push(*node);
            }
        }
    }

    fn settle(&mut self, node: usize) {
        self.settle_all(vec![node]);
    }

    /// Makes nodes ready, or passes on how far they are, until nothing changes.
    fn settle_all(&mut self, mut work: Vec<usize>) {
        while let Some(place) = work.pop() {
            let node = &self.nodes[place];
            if matches!(node.status, Status::Running | Status::Closed) {
                continue;
            }
            if node.is_ready() {
                let key = self.key(place);
                self.ready.insert(key);
            } else if !self.graph.nodes[place].contract.sets_bounds {
                let bound = node.progress();
                self.advance_outputs(place, bound, &mut work);
            }
        }
    }

    fn advance_outputs(&mut self, place: usize, bound: Bound, work: &mut Vec<usize>) {
        (0..self.nodes[place].out_bounds.len())
            .for_each(|port| self.advance_output(place, port, bound, work));
    }

    fn advance_output(&mut self, place: usize, port: usize, bound: Bound, work: &mut Vec<usize>) {
        if bound > self.nodes[place].out_bounds[port] {
            self.nodes[place].out_bounds[port] = bound;
            self.advance(self.graph.nodes[place].outputs[port], bound, work);
        }
    }

    /// The next node to run and what it is to do. Sources wait while what they wrote is not used
    /// up, unless `force`d.
    pub(super) fn take(&mut self, force: bool) -> Option<(usize, Work)> {
        if self.stopping || self.failure.is_some() {
            return None;
        }
        let free = |key: &&Key| force || !key.0 || !self.is_throttled(key.2);
        let key = *self.ready.iter().find(free)?;
        self.ready.remove(&key);
        let work = self.nodes[key.2].take()?;
        self.running += 1;
        Some((key.2, work))
    }

    /// The next node to run that is no source.
    pub(super) fn take_unless_source(&mut self) -> Option<(usize, Work)> {
        if self.ready.first()?.0 {
            None
        } else {
            self.take(false)
        }
    }

    fn is_throttled(&self, source: usize) -> bool {
        let readers = self.graph.nodes[source]
            .outputs
            .iter()
            .flat_map(|s| &self.graph.streams[*s].readers);
        readers
            .into_iter()
            .any(|(node, input)| self.nodes[*node].waiting(*input) >= self.graph.max_queue_size)
    }

    /// The calculator that [`Core::take`] named, and what it has fixed.
    pub(super) fn lend(
        &mut self,
        node: usize,
    ) -> (Box<dyn crate::Calculator>, Arc<crate::calculator::NodeInfo>) {
        let state = &mut self.nodes[node];
        (
            state.calculator.take().expect("a node runs once at a time"),
            state.info.clone(),
        )
    }

    /// Takes back a calculator, delivers what it wrote.
    pub(super) fn finish(&mut self, done: CallResult) {
        let place = done.node;
        self.running -= 1;
        self.record(&done);
        self.nodes[place].calculator = Some(done.calculator);
        self.nodes[place].status = Status::Idle;
        if let Err(error) = self.commit(place, done.written, &done.advanced) {
            self.failure.get_or_insert(error);
        }
        match done.flow {
            Err(error) => drop(self.failure.get_or_insert(error)),
            Ok(Flow::Stop) if !done.closed && self.graph.nodes[place].is_source() => {
                self.nodes[place].status = Status::Ending;
            }
            Ok(Flow::Stop) if !done.closed => self.stopping = true,
            Ok(_) => {}
        }
        if done.closed {
            let mut work = Vec::new();
            self.nodes[place].status = Status::Closed;
            self.nodes[place].clear();
            self.advance_outputs(place, Bound::DONE, &mut work);
            self.settle_all(work);
        } else {
            self.settle(place);
        }
    }

    fn record(&mut self, done: &CallResult) {
        let stats = &mut self.stats[done.node];
        stats.calls += 1;
        stats.time += done.to - done.from;
        stats.drops += done.drops;
        stats.longest_queue = self.nodes[done.node].longest;
        if let Some(trace) = &mut self.trace {
            let queue = (0..self.graph.nodes[done.node].inputs.len())
                .map(|i| self.nodes[done.node].waiting(i))
                .max();
            trace.call(&stats.name, done.thread, done.packet, done.from, done.to);
            trace.counters(&stats.name, queue.unwrap_or(0), stats.drops, done.to);
        }
    }

    /// Delivers packets in the order in which they were written, then bounds.
    fn commit(
        &mut self,
        place: usize,
        written: Vec<(usize, Packet)>,
        advanced: &[(usize, Bound)],
    ) -> Result<(), RunError> {
        let graph = self.graph.clone();
        let node = &graph.nodes[place];
        for (port, packet) in written {
            let stream = node.outputs[port];
            let bad = |reason| RunError::Output {
                node: node.config.title(),
                stream: graph.streams[stream].name.clone(),
                reason,
            };
            let at = packet.timestamp();
            if self.nodes[place].out_bounds[port].is_past(at) {
                let least = self.nodes[place].out_bounds[port].micros();
                return Err(bad(format!(
                    "a packet at {} µs comes after the stream was at {} µs",
                    at.micros(),
                    least - 1
                )));
            }
            if graph.streams[stream]
                .types
                .as_ref()
                .is_some_and(|types| !types.contains(&packet.packet_type()))
            {
                return Err(bad(format!(
                    "it wrote {}, which its contract does not name",
                    packet.packet_type().name()
                )));
            }
            self.nodes[place].out_bounds[port] = at.next();
            self.deliver(stream, &packet);
        }
        let mut work = Vec::new();
        for (port, bound) in advanced {
            self.advance_output(place, *port, *bound, &mut work);
        }
        self.settle_all(work);
        Ok(())
    }

    /// Whether nothing runs and nothing could.
    pub(super) fn is_at_rest(&self) -> bool {
        self.running == 0 && (self.ready.is_empty() || self.stopping || self.failure.is_some())
    }

    pub(super) fn is_over(&self) -> bool {
        self.failure.is_some()
            || self.stopping
            || self.nodes.iter().all(|n| n.status == Status::Closed)
    }

    /// At rest after all inputs have ended: lets the uppermost node close that waits only for
    /// itself, or names who waits in vain.
    pub(super) fn unblock(&mut self) {
        let mut open: Vec<usize> = (0..self.nodes.len())
            .filter(|n| self.nodes[*n].status != Status::Closed)
            .collect();
        open.sort_by_key(|n| self.graph.nodes[*n].order);
        let free =
            |n: &&usize| self.graph.nodes[**n].has_back_edge() && self.nodes[**n].forward_is_over();
        if let Some(node) = open.iter().find(free).copied() {
            self.nodes[node].status = Status::Ending;
            self.settle(node);
        } else if let Some((node, input)) = open
            .iter()
            .find_map(|n| Some((*n, self.nodes[*n].waits_for()?)))
        {
            let config = &self.graph.nodes[node].config;
            let stream = config.inputs[input].name.clone();
            self.failure.get_or_insert(RunError::Deadlock {
                node: config.title(),
                stream,
            });
        } else {
            self.stopping = true;
        }
    }

    /// Calculators that were not closed yet, for a run that ends early.
    pub(super) fn take_open(
        &mut self,
    ) -> Vec<(Box<dyn crate::Calculator>, Arc<crate::calculator::NodeInfo>)> {
        let open = self.nodes.iter_mut().filter(|n| n.status != Status::Closed);
        open.filter_map(|n| {
            n.status = Status::Closed;
            Some((n.calculator.take()?, n.info.clone()))
        })
        .collect()
    }

    pub(super) fn stats(&self) -> Vec<NodeStats> {
        self.stats.clone()
    }
}
