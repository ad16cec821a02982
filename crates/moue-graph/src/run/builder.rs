//! Settings of a run, made before it starts.

use super::core::Core;
use super::error::RunError;
use super::handle::Run;
use super::open::open_nodes;
use super::router::{Observer, Router};
use super::scheduler::Shared;
use super::trace::Trace;
use crate::config::hint;
use crate::graph::Graph;
use crate::packet::Packet;
use crate::resources::Resources;
use std::collections::HashMap;
use std::sync::Arc;

/// Where calculators run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Executor {
    /// On the thread that sends packets, one call after the other, always in the same order.
    #[default]
    Inline,
    /// On a thread pool of so many threads, at least 1. The streams carry the same packets as with
    /// [`Executor::Inline`], but calls overlap.
    Threads(usize),
}

/// A run of a graph that has not started: its executor, side packets, resources and observers.
///
/// ```
/// use moue_graph::{Executor, Graph, GraphConfig, Library, NodeConfig, Packet, Registry, RunBuilder};
/// use std::sync::Arc;
///
/// let gate = NodeConfig::new("GateCalculator")
///     .input("in")
///     .input_side_packet("ALLOW:open")
///     .output("out");
/// let config = GraphConfig::default().input("in").output("out").node(gate);
/// let graph = Arc::new(Graph::new(&config, &Library::default(), &Registry::standard())?);
/// assert_eq!(graph.side_packets()[0].name, "open");
///
/// let mut run = RunBuilder::new(graph)
///     .executor(Executor::Threads(2))
///     .side_packet("open", Packet::new(true))
///     .observe("out", |packet| println!("{packet:?}"))?
///     .start()?;
/// run.send("in", Packet::new("hello"))?;
/// let stats = run.finish()?;
/// assert_eq!(stats[0].calls, 2, "one packet, and the end");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RunBuilder {
    graph: Arc<Graph>,
    executor: Executor,
    side_packets: HashMap<String, Packet>,
    resources: Arc<Resources>,
    observers: Vec<(usize, Observer)>,
    trace: bool,
}

impl RunBuilder {
    /// A run of `graph` on the caller's thread, without side packets.
    pub fn new(graph: Arc<Graph>) -> Self {
        Self {
            graph,
            executor: Executor::Inline,
            side_packets: HashMap::new(),
            resources: Arc::new(Resources::default()),
            observers: Vec::new(),
            trace: false,
        }
    }

    /// Sets where calculators run.
    pub fn executor(mut self, executor: Executor) -> Self {
        self.executor = executor;
        self
    }

    /// Sets the side packet `name`. [`Graph::side_packets`] lists those that are needed.
    pub fn side_packet(mut self, name: &str, packet: Packet) -> Self {
        self.side_packets.insert(name.to_owned(), packet);
        self
    }

    /// Sets the folder of the files that options name.
    pub fn resources(mut self, resources: Resources) -> Self {
        self.resources = Arc::new(resources);
        self
    }

    /// Calls `observer` with every packet of a stream, in the order of their timestamps.
    ///
    /// The observer runs while the state of the run is locked: it should only pass the packet on,
    /// and it must not call methods of the [`Run`].
    ///
    /// # Errors
    /// [`RunError::UnknownStream`].
    pub fn observe(
        mut self,
        stream: &str,
        observer: impl FnMut(&Packet) + Send + 'static,
    ) -> Result<Self, RunError> {
        let Some(index) = self.graph.stream(stream) else {
            let known = self.graph.streams.iter().map(|s| s.name.as_str());
            return Err(RunError::UnknownStream {
                stream: stream.to_owned(),
                hint: hint(stream, known),
            });
        };
        self.observers.push((index, Box::new(observer)));
        Ok(self)
    }

    /// Sets whether every call is recorded, for [`Run::finish_traced`].
    pub fn trace(mut self, enabled: bool) -> Self {
        self.trace = enabled;
        self
    }

    /// Opens all calculators and starts the run.
    ///
    /// # Errors
    /// [`RunError`] if a side packet is missing or a calculator cannot be opened.
    pub fn start(self) -> Result<Run, RunError> {
        let nodes = open_nodes(&self.graph, self.side_packets, &self.resources)?;
        let mut router = Router::new(self.graph.clone(), nodes);
        for (stream, observer) in self.observers {
            router.observe(stream, observer);
        }
        let core = Core::new(router, self.trace.then(Trace::new));
        let threads = match self.executor {
            Executor::Inline => 0,
            Executor::Threads(count) => count.max(1),
        };
        Ok(Run::start(Shared::new(self.graph, core), threads))
    }
}
