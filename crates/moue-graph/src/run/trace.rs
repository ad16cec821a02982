//! Figures for every node, and a trace that Chrome and Perfetto show.

use super::call::CallResult;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Statistics of a node during a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NodeStats {
    /// The node's name, as error messages call it.
    pub name: String,
    /// Calls of its calculator: `process`, and `close` at the end.
    pub calls: usize,
    /// Wall-clock time spent in them.
    pub time: Duration,
    /// Packets that the calculator dropped on purpose, such as those of a flow limiter.
    pub drops: usize,
    /// The most packets that waited at one of its inputs.
    pub longest_queue: usize,
}

impl NodeStats {
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }
}

/// A record of every call of a run, in Chrome's trace event format.
///
/// ```
/// use moue_graph::{Graph, GraphConfig, Library, NodeConfig, Packet, Registry, RunBuilder};
/// use std::sync::Arc;
///
/// let node = NodeConfig::new("PassThroughCalculator").input("in").output("out");
/// let config = GraphConfig::default().input("in").node(node);
/// let graph = Graph::new(&config, &Library::default(), &Registry::standard())?;
/// let mut run = RunBuilder::new(Arc::new(graph)).trace(true).start()?;
/// run.send("in", Packet::new(1))?;
/// let (stats, trace) = run.finish_traced()?;
/// assert_eq!(stats[0].name, "PassThroughCalculator");
/// assert!(trace.unwrap().to_json().contains("traceEvents"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Trace {
    start: Instant,
    events: Vec<Value>,
}

/// Events that a trace keeps; later calls are counted in [`NodeStats`] but not recorded.
// Chosen by hand: at some hundred bytes an event this bounds a trace's memory to a few hundred
// megabytes, and viewers become slow beyond it.
const MAX_EVENTS: usize = 1_000_000;

impl Trace {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            events: Vec::new(),
        }
    }

    /// Microseconds since the start, the unit of the format.
    fn micros(&self, at: Instant) -> f64 {
        at.duration_since(self.start).as_secs_f64() * 1e6
    }

    /// Records a call, and the queue length and drops of its node after it.
    pub(super) fn record(&mut self, stats: &NodeStats, call: &CallResult, queue: usize) {
        let start = self.micros(call.start);
        let end = self.micros(call.end);
        let name = &stats.name;
        // "X" is a complete event with a duration; "C" a counter, drawn as a curve.
        self.add(json!({
            "name": name, "ph": "X", "pid": 1, "tid": call.thread, "ts": start, "dur": end - start,
            "args": {"timestamp": call.timestamp},
        }));
        self.counter(&format!("{name} queue"), queue, end);
        if stats.drops > 0 {
            self.counter(&format!("{name} drops"), stats.drops, end);
        }
    }

    fn counter(&mut self, name: &str, packets: usize, at: f64) {
        self.add(
            json!({"name": name, "ph": "C", "pid": 1, "ts": at, "args": {"packets": packets}}),
        );
    }

    fn add(&mut self, event: Value) {
        if self.events.len() < MAX_EVENTS {
            self.events.push(event);
        }
    }

    /// The trace as JSON, which `chrome://tracing` and <https://ui.perfetto.dev> open.
    pub fn to_json(&self) -> String {
        json!({"displayTimeUnit": "ms", "traceEvents": self.events}).to_string()
    }
}
