//! The state that all threads of a run share, and the rules by which it changes.
//!
//! [`Core`] lies behind one lock ([`Shared`](super::scheduler::Shared)). The lock protects this
//! invariant: a node is idle, with its calculator in its place, or running, with its calculator
//! taken out by exactly one thread and counted in `running`; and all queues, timestamp bounds and
//! the queue of ready nodes agree with what the calls that have *returned* wrote. Calls that are
//! still running have changed nothing yet: what they write is kept in their context until
//! [`Core::finish`], so a reader never sees half a call.
//!
//! One lock for the whole graph is enough because it is held only between calls, for microseconds,
//! while a call of a calculator takes up to milliseconds. A lock for each node would need an order
//! in which to take them, and loops have none.

use super::call::CallResult;
use super::error::{RunError, SendError};
use super::node::{Status, Work};
use super::router::Router;
use super::trace::{NodeStats, Trace};
use crate::calculator::{Calculator, Flow, NodeInfo};
use crate::packet::{Packet, PacketType, TimestampBound};
use std::sync::Arc;

/// A calculator that is taken out of its node, and what it has fixed for the run.
pub(super) type TakenCalculator = (Box<dyn Calculator>, Arc<NodeInfo>);

pub(super) struct Core {
    router: Router,
    /// Calls that have not returned.
    pub(super) running: usize,
    /// For each input of the graph its timestamp bound.
    input_bounds: Vec<TimestampBound>,
    failure: Option<RunError>,
    /// Whether the graph ends before its inputs do.
    stopping: bool,
    stats: Vec<NodeStats>,
    trace: Option<Trace>,
}

impl Core {
    pub(super) fn new(router: Router, trace: Option<Trace>) -> Self {
        let nodes = router.graph.nodes.iter();
        let stats = nodes.map(|n| NodeStats::new(n.config.title())).collect();
        Self {
            running: 0,
            input_bounds: vec![TimestampBound::START; router.graph.inputs.len()],
            failure: None,
            stopping: false,
            stats,
            trace,
            router,
        }
    }

    /// Takes a packet for an input of the graph.
    pub(super) fn send(&mut self, input: usize, packet: &Packet) -> Result<(), SendError> {
        let stream = self.router.graph.inputs[input];
        let name = || self.router.graph.streams[stream].name.clone();
        let bound = self.input_bounds[input];
        if bound == TimestampBound::DONE || self.stopping || self.failure.is_some() {
            return Err(SendError::Closed { stream: name() });
        }
        let at = packet.timestamp();
        if bound.is_past(at) {
            return Err(SendError::Timestamp {
                stream: name(),
                last: bound.micros() - 1,
                given: at.micros(),
            });
        }
        self.check_type(stream, packet)?;
        self.input_bounds[input] = at.next();
        self.router.deliver(stream, packet);
        Ok(())
    }

    /// Checks that a packet from outside has the type that every reader expects.
    // Streams between nodes are checked against the writer's contract. The sender has none.
    fn check_type(&self, stream: usize, packet: &Packet) -> Result<(), SendError> {
        for reader in &self.router.graph.streams[stream].readers {
            let node = &self.router.graph.nodes[reader.node];
            let port = &node.config.inputs[reader.input];
            let Some(declared) = node.contract.inputs.of(&port.tag) else {
                continue;
            };
            if !declared.types.is_empty() && !declared.types.contains(&packet.packet_type()) {
                return Err(SendError::Type {
                    stream: port.name.clone(),
                    expected: PacketType::names(&declared.types),
                    actual: packet.packet_type().name(),
                });
            }
        }
        Ok(())
    }

    /// Ends an input of the graph.
    pub(super) fn close_input(&mut self, input: usize) {
        self.input_bounds[input] = TimestampBound::DONE;
        self.router.end_stream(self.router.graph.inputs[input]);
    }

    pub(super) fn close_inputs(&mut self) {
        for input in 0..self.input_bounds.len() {
            self.close_input(input);
        }
    }

    /// Whether as many packets of an input wait as may.
    pub(super) fn input_is_full(&self, input: usize) -> bool {
        let stream = self.router.graph.inputs[input];
        self.router.queue_len(stream) >= self.router.graph.max_queue_size
    }

    /// The next node to run and its work.
    pub(super) fn take(&mut self) -> Option<(usize, Work)> {
        if self.is_ending() {
            return None;
        }
        let mut next = self.router.take_next();
        // With nothing running and nothing else ready, a throttled source waits for packets to be
        // used up that only its own next packets can complete: a limit set too low must not stop
        // the graph. MediaPipe ignores its limit in this case too.
        if next.is_none() && self.running == 0 {
            next = self.router.take_any();
        }
        self.count_running(next)
    }

    /// The next node to run that is no source, and its work.
    pub(super) fn take_non_source(&mut self) -> Option<(usize, Work)> {
        if self.is_ending() {
            return None;
        }
        let next = self.router.take_non_source();
        self.count_running(next)
    }

    fn count_running(&mut self, next: Option<(usize, Work)>) -> Option<(usize, Work)> {
        self.running += usize::from(next.is_some());
        next
    }

    /// Takes the calculator of a node that is to run out of it.
    pub(super) fn take_calculator(&mut self, node: usize) -> TakenCalculator {
        let state = &mut self.router.nodes[node];
        // `NodeState::take` has set the status to running, and gives no second work until
        // `finish` has put the calculator back.
        let calculator = state.calculator.take();
        let calculator = calculator.expect("a node has one call at a time");
        (calculator, state.info.clone())
    }

    /// Puts a calculator back and delivers what it wrote.
    pub(super) fn finish(&mut self, result: CallResult) {
        let node = result.node;
        self.running -= 1;
        self.record(&result);
        let state = &mut self.router.nodes[node];
        state.calculator = Some(result.calculator);
        // Idle before delivery, because in a loop the packets may come back to this very node.
        state.status = Status::Idle;
        if let Err(error) = self.commit(node, &result.written, &result.advanced) {
            self.fail(error);
        }
        match result.flow {
            Err(error) => self.fail(error),
            Ok(Flow::Stop) if !result.closed => self.stop_from(node),
            Ok(_) => {}
        }
        if result.closed {
            self.router.close(node);
        } else {
            self.router.update(vec![node]);
        }
    }

    /// A source that stops has ended; any other calculator ends the graph.
    fn stop_from(&mut self, node: usize) {
        if self.router.graph.nodes[node].is_source() {
            self.router.nodes[node].status = Status::Ending;
        } else {
            self.stopping = true;
        }
    }

    /// Delivers packets in the order in which they were written, then bounds.
    // Bounds last: a calculator may announce the timestamp of a packet that it wrote in this call.
    fn commit(
        &mut self,
        node: usize,
        written: &[(usize, Packet)],
        advanced: &[(usize, TimestampBound)],
    ) -> Result<(), RunError> {
        for (output, packet) in written {
            self.router
                .write(node, *output, packet)
                .map_err(|reason| self.output_error(node, *output, reason))?;
        }
        self.router.advance_outputs(node, advanced);
        Ok(())
    }

    fn output_error(&self, node: usize, output: usize, reason: String) -> RunError {
        let node = &self.router.graph.nodes[node];
        RunError::Output {
            node: node.config.title(),
            stream: node.config.outputs[output].name.clone(),
            reason,
        }
    }

    fn record(&mut self, result: &CallResult) {
        let stats = &mut self.stats[result.node];
        stats.calls += 1;
        stats.time += result.end - result.start;
        stats.drops += result.drops;
        let state = &self.router.nodes[result.node];
        stats.longest_queue = state.longest_queue;
        if let Some(trace) = &mut self.trace {
            trace.record(stats, result, state.max_queue_len());
        }
    }

    /// Ends the run with an error, unless an earlier one has ended it.
    // What follows a failure is mostly its consequence; the first error names the cause.
    pub(super) fn fail(&mut self, error: RunError) {
        self.failure.get_or_insert(error);
    }

    /// Ends the run without an error.
    pub(super) fn stop(&mut self) {
        self.stopping = true;
    }

    fn is_ending(&self) -> bool {
        self.stopping || self.failure.is_some()
    }

    /// Whether nothing runs and nothing could.
    pub(super) fn is_idle(&self) -> bool {
        self.running == 0 && (!self.router.has_ready() || self.is_ending())
    }

    pub(super) fn is_over(&self) -> bool {
        let mut nodes = self.router.nodes.iter();
        self.is_ending() || nodes.all(|n| n.status == Status::Closed)
    }

    /// When the graph is idle and all its inputs have ended, but not all nodes: closes a loop, or
    /// reports the node that waits in vain.
    // This is what excludes a deadlock. No thread waits while it holds the lock or a calculator, so
    // threads cannot wait for one another; packets can wait for packets that never come, and that
    // shows here, as an idle graph with open nodes.
    pub(super) fn unblock(&mut self) {
        if self.router.unblock() {
            return;
        }
        match self.router.find_blocked() {
            Some((node, input)) => {
                let config = &self.router.graph.nodes[node].config;
                let error = RunError::Deadlock {
                    node: config.title(),
                    stream: config.inputs[input].name.clone(),
                };
                self.fail(error);
            }
            None => self.stop(),
        }
    }

    /// Calculators that were not closed, of a run that has ended early.
    pub(super) fn take_open(&mut self) -> Vec<TakenCalculator> {
        let mut open = Vec::new();
        for node in &mut self.router.nodes {
            if node.status != Status::Closed
                && let Some(calculator) = node.calculator.take()
            {
                open.push((calculator, node.info.clone()));
            }
            node.status = Status::Closed;
        }
        open
    }

    /// The figures of the run, or the error that ended it.
    pub(super) fn outcome(&mut self) -> Result<Vec<NodeStats>, RunError> {
        match self.failure.take() {
            Some(error) => Err(error),
            None => Ok(self.stats.clone()),
        }
    }

    pub(super) fn take_trace(&mut self) -> Option<Trace> {
        self.trace.take()
    }
}
