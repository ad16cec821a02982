//! Who ran when: figures for every node, and a trace that Chrome and Perfetto show.

use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// What a node did during a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NodeStats {
    /// The node.
    pub name: String,
    /// Calls of its calculator.
    pub calls: usize,
    /// Time spent in them.
    pub time: Duration,
    /// Packets dropped on purpose.
    pub drops: usize,
    /// The most packets that waited at one of its inputs.
    pub longest_queue: usize,
}

/// A record of every call of a run.
#[derive(Debug)]
pub struct Trace {
    start: Instant,
    events: Vec<Value>,
    limit: usize,
}

/// Calls that a trace keeps; later ones are counted but not recorded.
const MOST_EVENTS: usize = 1_000_000;

impl Trace {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            events: Vec::new(),
            limit: MOST_EVENTS,
        }
    }

    fn micros(&self, at: Instant) -> f64 {
        at.duration_since(self.start).as_secs_f64() * 1e6
    }

    pub(super) fn call(
        &mut self,
        node: &str,
        thread: usize,
        packet: i64,
        from: Instant,
        to: Instant,
    ) {
        let (start, end) = (self.micros(from), self.micros(to));
        self.add(json!({
            "name": node, "ph": "X", "pid": 1, "tid": thread, "ts": start, "dur": end - start,
            "args": {"timestamp": packet},
        }));
    }

    /// Queue length and drops of a node, as counters.
    pub(super) fn counters(&mut self, node: &str, queue: usize, drops: usize, at: Instant) {
        let ts = self.micros(at);
        self.add(json!({"name": format!("{node} queue"), "ph": "C", "pid": 1, "ts": ts, "args": {"packets": queue}}));
        if drops > 0 {
            self.add(
                json!({"name": format!("{node} drops"), "ph": "C", "pid": 1, "ts": ts, "args": {"packets": drops}}),
            );
        }
    }

    fn add(&mut self, event: Value) {
        if self.events.len() < self.limit {
            self.events.push(event);
        }
    }

    /// The trace as Chrome's `chrome://tracing` and Perfetto read it.
    pub fn to_json(&self) -> String {
        json!({"displayTimeUnit": "ms", "traceEvents": self.events}).to_string()
    }
}
