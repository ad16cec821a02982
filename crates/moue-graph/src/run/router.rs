//! Packets and timestamp bounds on their way from writers to readers.

use super::node::{NodeState, Status, Work};
use crate::graph::Graph;
use crate::packet::{Packet, TimestampBound};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Called with every packet of a stream.
pub(super) type Observer = Box<dyn FnMut(&Packet) + Send>;

/// The place of a ready node in the queue; the lowest one runs first.
///
/// Nodes nearer to the graph's outputs come first and sources last, as in MediaPipe's scheduler:
/// packets leave the graph before new ones enter it, so that queues stay short and the answer to
/// the oldest frame comes soonest. The index makes the order total, and calls on one thread
/// repeatable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Priority {
    is_source: bool,
    order: Reverse<usize>,
    node: usize,
}

/// The nodes of a run and the queue of those that are ready.
///
/// After each method `ready` holds the nodes that are idle and have something to do, and every
/// input knows the highest bound that its writer has promised.
pub(super) struct Router {
    pub(super) graph: Arc<Graph>,
    pub(super) nodes: Vec<NodeState>,
    ready: BTreeSet<Priority>,
    /// For each stream those who watch it.
    observers: Vec<Vec<Observer>>,
}

impl Router {
    pub(super) fn new(graph: Arc<Graph>, nodes: Vec<NodeState>) -> Self {
        let mut router = Self {
            ready: BTreeSet::new(),
            observers: graph.streams.iter().map(|_| Vec::new()).collect(),
            nodes,
            graph,
        };
        // Sources are ready from the start, and so are nodes whose inputs have all ended.
        router.update((0..router.nodes.len()).collect());
        router
    }

    pub(super) fn observe(&mut self, stream: usize, observer: Observer) {
        self.observers[stream].push(observer);
    }

    /// Delivers a packet to the observers and readers of a stream.
    pub(super) fn deliver(&mut self, stream: usize, packet: &Packet) {
        for observer in &mut self.observers[stream] {
            observer(packet);
        }
        let mut changed = Vec::new();
        for reader in &self.graph.streams[stream].readers {
            self.nodes[reader.node].push(reader.input, packet.clone());
            changed.push(reader.node);
        }
        self.update(changed);
    }

    /// Ends a stream: no packet will follow.
    pub(super) fn end_stream(&mut self, stream: usize) {
        let mut changed = Vec::new();
        self.advance_readers(stream, TimestampBound::DONE, &mut changed);
        self.update(changed);
    }

    /// Writes a packet to an output of a node.
    ///
    /// # Errors
    /// The reason, if the packet is below the output's timestamp bound or has the wrong type.
    pub(super) fn write(
        &mut self,
        node: usize,
        output: usize,
        packet: &Packet,
    ) -> Result<(), String> {
        let stream = self.graph.nodes[node].outputs[output];
        let bound = self.nodes[node].output_bounds[output];
        let at = packet.timestamp();
        // Readers may have been called for this timestamp already, without the packet.
        if bound.is_past(at) {
            return Err(format!(
                "a packet at {} µs comes after the stream was at {} µs",
                at.micros(),
                bound.micros() - 1
            ));
        }
        let types = &self.graph.streams[stream].types;
        if types
            .as_ref()
            .is_some_and(|t| !t.contains(&packet.packet_type()))
        {
            let name = packet.packet_type().name();
            return Err(format!("it wrote {name}, which its contract does not name"));
        }
        self.nodes[node].output_bounds[output] = at.next();
        self.deliver(stream, packet);
        Ok(())
    }

    /// Raises timestamp bounds of outputs that a calculator has set itself.
    pub(super) fn advance_outputs(&mut self, node: usize, bounds: &[(usize, TimestampBound)]) {
        let mut changed = Vec::new();
        for (output, bound) in bounds {
            self.advance_output(node, *output, *bound, &mut changed);
        }
        self.update(changed);
    }

    /// Closes a node after its last call, and with it its outputs.
    pub(super) fn close(&mut self, node: usize) {
        self.nodes[node].status = Status::Closed;
        self.nodes[node].clear();
        let mut changed = Vec::new();
        self.advance_all_outputs(node, TimestampBound::DONE, &mut changed);
        self.update(changed);
    }

    fn advance_all_outputs(
        &mut self,
        node: usize,
        bound: TimestampBound,
        changed: &mut Vec<usize>,
    ) {
        for output in 0..self.nodes[node].output_bounds.len() {
            self.advance_output(node, output, bound, changed);
        }
    }

    fn advance_output(
        &mut self,
        node: usize,
        output: usize,
        bound: TimestampBound,
        changed: &mut Vec<usize>,
    ) {
        // Bounds only rise. Together with the finite number of nodes this ends the propagation
        // in `update`, also around a loop.
        if bound > self.nodes[node].output_bounds[output] {
            self.nodes[node].output_bounds[output] = bound;
            self.advance_readers(self.graph.nodes[node].outputs[output], bound, changed);
        }
    }

    fn advance_readers(&mut self, stream: usize, bound: TimestampBound, changed: &mut Vec<usize>) {
        for reader in &self.graph.streams[stream].readers {
            if self.nodes[reader.node].advance(reader.input, bound) {
                changed.push(reader.node);
            }
        }
    }

    /// Queues the nodes that have become ready, and propagates bounds through those that have not.
    ///
    /// A node that writes nothing still raises the bounds of its outputs: otherwise a node that
    /// joins its stream with another one would wait for ever for a packet that was left out. Here
    /// this is the rule, as if every calculator declared a timestamp offset of 0 in MediaPipe;
    /// those with `sets_bounds` decide for themselves.
    pub(super) fn update(&mut self, mut changed: Vec<usize>) {
        while let Some(node) = changed.pop() {
            let state = &self.nodes[node];
            // A running node may still write at the timestamp of its call, so its bounds must wait;
            // it is updated when the call has returned.
            if matches!(state.status, Status::Running | Status::Closed) {
                continue;
            }
            if state.is_ready() {
                let priority = self.priority(node);
                self.ready.insert(priority);
            } else if !self.graph.nodes[node].contract.sets_bounds {
                let bound = state.propagated_bound();
                self.advance_all_outputs(node, bound, &mut changed);
            }
        }
    }

    fn priority(&self, node: usize) -> Priority {
        let planned = &self.graph.nodes[node];
        Priority {
            is_source: planned.is_source(),
            order: Reverse(planned.order),
            node,
        }
    }

    pub(super) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// The next ready node that is no source, and its work.
    pub(super) fn take_non_source(&mut self) -> Option<(usize, Work)> {
        let first = self.ready.first().filter(|p| !p.is_source).copied()?;
        self.take(first)
    }

    /// The next ready node and its work. Sources whose packets are not used up are left out.
    pub(super) fn take_next(&mut self) -> Option<(usize, Work)> {
        let mut ready = self.ready.iter();
        let next = ready.find(|p| !p.is_source || !self.is_throttled(p.node));
        self.take(*next?)
    }

    /// The next ready node and its work, throttled or not.
    pub(super) fn take_any(&mut self) -> Option<(usize, Work)> {
        let first = *self.ready.first()?;
        self.take(first)
    }

    fn take(&mut self, next: Priority) -> Option<(usize, Work)> {
        self.ready.remove(&next);
        let work = self.nodes[next.node].take()?;
        Some((next.node, work))
    }

    /// Whether a reader of a source has as many packets as may wait: backpressure.
    fn is_throttled(&self, source: usize) -> bool {
        let outputs = &self.graph.nodes[source].outputs;
        outputs
            .iter()
            .any(|stream| self.queue_len(*stream) >= self.graph.max_queue_size)
    }

    /// The longest queue among the readers of a stream.
    pub(super) fn queue_len(&self, stream: usize) -> usize {
        let readers = &self.graph.streams[stream].readers;
        readers
            .iter()
            .map(|reader| self.nodes[reader.node].queue_len(reader.input))
            .max()
            .unwrap_or(0)
    }

    /// When nothing is ready and all inputs of the graph have ended: makes the first node, in
    /// topological order, close that waits only for its own back edges. Returns whether there was
    /// one.
    ///
    /// A loop would otherwise never end: each of its nodes closes when its input has ended, and
    /// that ends when the node before it in the loop closes. The node with the back edge is the one
    /// that can go first, since nothing but the loop's own packets can reach it any more, and the
    /// graph being idle shows that there are none.
    pub(super) fn unblock(&mut self) -> bool {
        let next = self.open_nodes().into_iter().find(|n| {
            self.graph.nodes[*n].has_back_edge() && self.nodes[*n].forward_inputs_are_done()
        });
        if let Some(node) = next {
            self.nodes[node].status = Status::Ending;
            self.update(vec![node]);
        }
        next.is_some()
    }

    /// A node and the index of its input for which it waits in vain.
    pub(super) fn find_blocked(&self) -> Option<(usize, usize)> {
        let mut open = self.open_nodes().into_iter();
        open.find_map(|n| Some((n, self.nodes[n].blocking_input()?)))
    }

    /// Nodes that are not closed, in topological order.
    fn open_nodes(&self) -> Vec<usize> {
        let nodes = 0..self.nodes.len();
        let mut open: Vec<usize> = nodes
            .filter(|n| self.nodes[*n].status != Status::Closed)
            .collect();
        open.sort_by_key(|n| self.graph.nodes[*n].order);
        open
    }
}
