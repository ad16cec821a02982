//! A node while it runs: what waits at its inputs, and when it can go on.

use crate::calculator::{Calculator, InputPolicy, NodeInfo};
use crate::graph::Node;
use crate::packet::{Bound, Packet, Timestamp};
use std::collections::VecDeque;
use std::sync::Arc;

/// What there is to do for a node.
pub(super) enum Work {
    Process(Inputs),
    Close,
}

/// What a call of a calculator gets.
pub(super) struct Inputs {
    pub(super) timestamp: Timestamp,
    pub(super) packets: Vec<Option<Packet>>,
    pub(super) bounds: Vec<Bound>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Idle,
    Running,
    /// A source that has no more packets, or a node that is to close.
    Ending,
    Closed,
}

pub(super) struct NodeState {
    pub(super) info: Arc<NodeInfo>,
    pub(super) calculator: Option<Box<dyn Calculator>>,
    pub(super) status: Status,
    policy: InputPolicy,
    source: bool,
    back: Vec<bool>,
    queues: Vec<VecDeque<Packet>>,
    bounds: Vec<Bound>,
    pub(super) out_bounds: Vec<Bound>,
    last: Timestamp,
    /// A bound has changed since an immediate node was called.
    changed: bool,
    /// The longest queue there was.
    pub(super) longest: usize,
}

impl NodeState {
    pub(super) fn new(node: &Node, info: Arc<NodeInfo>, calculator: Box<dyn Calculator>) -> Self {
        let inputs = node.inputs.len();
        Self {
            info,
            calculator: Some(calculator),
            status: Status::Idle,
            policy: node.contract.policy,
            source: node.is_source(),
            back: node.inputs.iter().map(|(_, back)| *back).collect(),
            queues: vec![VecDeque::new(); inputs],
            bounds: vec![Bound::START; inputs],
            out_bounds: vec![Bound::START; node.outputs.len()],
            last: Timestamp::default(),
            changed: false,
            longest: 0,
        }
    }

    pub(super) fn push(&mut self, input: usize, packet: Packet) {
        self.bounds[input] = packet.timestamp().next();
        if self.status != Status::Closed {
            self.queues[input].push_back(packet);
            self.longest = self.longest.max(self.queues[input].len());
        }
    }

    /// Returns whether that is news.
    pub(super) fn advance(&mut self, input: usize, bound: Bound) -> bool {
        let news = bound > self.bounds[input];
        if news {
            self.bounds[input] = bound;
            self.changed = true;
        }
        news
    }

    pub(super) fn waiting(&self, input: usize) -> usize {
        self.queues[input].len()
    }

    /// Whether [`NodeState::take`] has something to do.
    pub(super) fn is_ready(&self) -> bool {
        match self.status {
            Status::Running | Status::Closed => false,
            Status::Ending => true,
            Status::Idle => {
                self.source
                    || self.next_moment().is_some()
                    || self.is_called_for_bounds()
                    || self.is_over()
            }
        }
    }

    fn is_called_for_bounds(&self) -> bool {
        self.policy == InputPolicy::Immediate && self.changed
    }

    /// The moment of the next packets, if they are complete.
    fn next_moment(&self) -> Option<Timestamp> {
        let at = self
            .queues
            .iter()
            .filter_map(|q| q.front())
            .map(Packet::timestamp)
            .min()?;
        let complete =
            |(queue, bound): (&VecDeque<Packet>, &Bound)| !queue.is_empty() || bound.is_past(at);
        let immediate = self.policy == InputPolicy::Immediate;
        (immediate || self.queues.iter().zip(&self.bounds).all(complete)).then_some(at)
    }

    /// Whether no input can bring anything any more. Nodes with back edges wait until the graph is
    /// at rest.
    fn is_over(&self) -> bool {
        !self.source && !self.back.contains(&true) && self.forward_is_over()
    }

    /// Whether nothing can come but from further down.
    pub(super) fn forward_is_over(&self) -> bool {
        let mut inputs = self.back.iter().zip(&self.queues).zip(&self.bounds);
        inputs.all(|((back, queue), bound)| *back || (queue.is_empty() && *bound == Bound::DONE))
    }

    /// The input on which the node waits although packets are there.
    pub(super) fn waits_for(&self) -> Option<usize> {
        let at = self
            .queues
            .iter()
            .filter_map(|q| q.front())
            .map(Packet::timestamp)
            .min()?;
        self.queues
            .iter()
            .zip(&self.bounds)
            .position(|(q, b)| q.is_empty() && !b.is_past(at))
    }

    /// What to do next; the node is running from now on.
    pub(super) fn take(&mut self) -> Option<Work> {
        if !self.is_ready() {
            return None;
        }
        let ending = self.status == Status::Ending;
        self.status = Status::Running;
        if ending {
            return Some(Work::Close);
        }
        let at = self.next_moment();
        if at.is_none() && !self.source && !self.is_called_for_bounds() {
            return Some(Work::Close);
        }
        self.changed = false;
        let timestamp = at.unwrap_or(self.last);
        self.last = timestamp;
        let take = |queue: &mut VecDeque<Packet>| queue.pop_front_if(|p| at == Some(p.timestamp()));
        let packets = self.queues.iter_mut().map(take).collect();
        Some(Work::Process(Inputs {
            timestamp,
            packets,
            bounds: self.bounds.clone(),
        }))
    }

    /// How far the outputs of a node are that leaves this to its inputs.
    pub(super) fn progress(&self) -> Bound {
        let input = |(queue, bound): (&VecDeque<Packet>, &Bound)| {
            queue.front().map_or(*bound, |p| Bound::of(p.timestamp()))
        };
        self.queues
            .iter()
            .zip(&self.bounds)
            .map(input)
            .min()
            .unwrap_or(Bound::START)
    }

    pub(super) fn clear(&mut self) {
        self.queues.iter_mut().for_each(VecDeque::clear);
    }
}
