//! A node while it runs: the packets at its inputs, and when it is ready.

use crate::calculator::{Calculator, InputPolicy, NodeInfo};
use crate::graph::Node;
use crate::packet::{Packet, Timestamp, TimestampBound};
use std::collections::VecDeque;
use std::sync::Arc;

/// The next call of a node.
pub(super) enum Work {
    Process(Inputs),
    Close,
}

/// An input set: the packets of one timestamp, one place for each input.
#[derive(Default)]
pub(super) struct Inputs {
    pub(super) timestamp: Timestamp,
    pub(super) packets: Vec<Option<Packet>>,
    pub(super) bounds: Vec<TimestampBound>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Idle,
    Running,
    /// A source that has no more packets, or a node that is to close.
    Ending,
    Closed,
}

/// The packets at one input.
struct Input {
    /// Packets that wait, by ascending timestamp.
    queue: VecDeque<Packet>,
    /// The input's timestamp bound: later packets are not below it.
    bound: TimestampBound,
    is_back_edge: bool,
}

impl Input {
    /// Whether it is known what this input has at `at`: a packet that waits, or none.
    fn is_settled(&self, at: Timestamp) -> bool {
        !self.queue.is_empty() || self.bound.is_past(at)
    }

    fn is_done(&self) -> bool {
        self.queue.is_empty() && self.bound == TimestampBound::DONE
    }

    /// The lowest timestamp at which this input may still have a packet, waiting or to come.
    fn next(&self) -> TimestampBound {
        self.queue
            .front()
            .map_or(self.bound, |packet| TimestampBound::of(packet.timestamp()))
    }
}

pub(super) struct NodeState {
    pub(super) info: Arc<NodeInfo>,
    /// `None` while the node runs.
    pub(super) calculator: Option<Box<dyn Calculator>>,
    pub(super) status: Status,
    policy: InputPolicy,
    is_source: bool,
    inputs: Vec<Input>,
    /// The timestamp bound of each output.
    pub(super) output_bounds: Vec<TimestampBound>,
    /// The timestamp of the last call.
    last: Timestamp,
    /// Whether a bound has changed since the last call. Only `Immediate` nodes are called for that.
    bound_changed: bool,
    /// The longest queue that an input has had.
    pub(super) longest_queue: usize,
}

impl NodeState {
    pub(super) fn new(node: &Node, info: Arc<NodeInfo>, calculator: Box<dyn Calculator>) -> Self {
        let inputs = node.inputs.iter().map(|edge| Input {
            queue: VecDeque::new(),
            bound: TimestampBound::START,
            is_back_edge: edge.is_back_edge,
        });
        Self {
            info,
            calculator: Some(calculator),
            status: Status::Idle,
            policy: node.contract.policy,
            is_source: node.is_source(),
            inputs: inputs.collect(),
            output_bounds: vec![TimestampBound::START; node.outputs.len()],
            last: Timestamp::default(),
            bound_changed: false,
            longest_queue: 0,
        }
    }

    /// Queues a packet at an input.
    pub(super) fn push(&mut self, input: usize, packet: Packet) {
        let input = &mut self.inputs[input];
        input.bound = packet.timestamp().next();
        // A closed node still has readers' places in the graph; what arrives for it is dropped, or
        // it would pile up until the end of the run.
        if self.status != Status::Closed {
            input.queue.push_back(packet);
            self.longest_queue = self.longest_queue.max(input.queue.len());
        }
    }

    /// Raises the timestamp bound of an input. Returns whether it was lower before.
    pub(super) fn advance(&mut self, input: usize, bound: TimestampBound) -> bool {
        let raised = bound > self.inputs[input].bound;
        if raised {
            self.inputs[input].bound = bound;
            self.bound_changed = true;
        }
        raised
    }

    /// Packets that wait at an input.
    pub(super) fn queue_len(&self, input: usize) -> usize {
        self.inputs[input].queue.len()
    }

    /// Packets that wait at the input that has most of them.
    pub(super) fn max_queue_len(&self) -> usize {
        let lengths = self.inputs.iter().map(|input| input.queue.len());
        lengths.max().unwrap_or(0)
    }

    /// Whether [`NodeState::take`] has something to do.
    pub(super) fn is_ready(&self) -> bool {
        match self.status {
            Status::Running | Status::Closed => false,
            Status::Ending => true,
            Status::Idle => {
                self.is_source
                    || self.next_timestamp().is_some()
                    || self.is_called_for_bounds()
                    || self.is_done()
            }
        }
    }

    fn is_called_for_bounds(&self) -> bool {
        self.policy == InputPolicy::Immediate && self.bound_changed
    }

    /// The lowest timestamp among the packets that wait.
    fn lowest_waiting(&self) -> Option<Timestamp> {
        let fronts = self.inputs.iter().filter_map(|input| input.queue.front());
        fronts.map(Packet::timestamp).min()
    }

    /// The timestamp of the next input set, if the node can process it by its input policy.
    fn next_timestamp(&self) -> Option<Timestamp> {
        let at = self.lowest_waiting()?;
        match self.policy {
            // Every input set is processed in ascending order and completely, whatever the order in
            // which packets arrive: this is what makes the results of a graph deterministic.
            InputPolicy::Synchronized => {
                let settled = self.inputs.iter().all(|input| input.is_settled(at));
                settled.then_some(at)
            }
            InputPolicy::Immediate => Some(at),
        }
    }

    /// Whether no input will have a packet again. A node with a back edge never knows this by
    /// itself, as it waits for a stream that ends only after its own: see
    /// [`Router::unblock`](super::router::Router::unblock).
    fn is_done(&self) -> bool {
        !self.is_source && self.inputs.iter().all(|i| !i.is_back_edge && i.is_done())
    }

    /// Whether only back edges may still have packets.
    pub(super) fn forward_inputs_are_done(&self) -> bool {
        self.inputs.iter().all(|i| i.is_back_edge || i.is_done())
    }

    /// The input for which waiting packets wait, if there is one.
    pub(super) fn blocking_input(&self) -> Option<usize> {
        let at = self.lowest_waiting()?;
        self.inputs.iter().position(|input| !input.is_settled(at))
    }

    /// The next call, if the node is ready; it counts as running from now on.
    pub(super) fn take(&mut self) -> Option<Work> {
        if !self.is_ready() {
            return None;
        }
        let ending = self.status == Status::Ending;
        self.status = Status::Running;
        let at = self.next_timestamp();
        let has_call = at.is_some() || self.is_source || self.is_called_for_bounds();
        if ending || !has_call {
            return Some(Work::Close);
        }
        self.bound_changed = false;
        Some(Work::Process(self.take_inputs(at)))
    }

    /// Takes the packets at `at` from the queues; without a timestamp there are none.
    fn take_inputs(&mut self, at: Option<Timestamp>) -> Inputs {
        self.last = at.unwrap_or(self.last);
        let take = |input: &mut Input| input.queue.pop_front_if(|p| at == Some(p.timestamp()));
        Inputs {
            timestamp: self.last,
            packets: self.inputs.iter_mut().map(take).collect(),
            bounds: self.inputs.iter().map(|input| input.bound).collect(),
        }
    }

    /// The timestamp bound that outputs get from the inputs.
    // The lowest timestamp at which the node may still be called. Nothing that it writes from now
    // on can be earlier, so this much can be promised to its readers without asking the calculator.
    pub(super) fn propagated_bound(&self) -> TimestampBound {
        let bounds = self.inputs.iter().map(Input::next);
        bounds.min().unwrap_or(TimestampBound::START)
    }

    /// Drops the packets that wait.
    pub(super) fn clear(&mut self) {
        for input in &mut self.inputs {
            input.queue.clear();
        }
    }
}
