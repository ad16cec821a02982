//! Running a graph: on the caller's thread, or on threads of its own.

mod core;
mod error;
mod node;
mod trace;

pub use error::{RunError, SendError};
pub use trace::{NodeStats, Trace};

use self::core::{CallResult, Core};
use self::node::{Inputs, NodeState, Work};
use crate::calculator::{Calculator, Context, Flow, NodeInfo};
use crate::config::hint;
use crate::graph::Graph;
use crate::packet::{Packet, PacketType, Timestamp};
use crate::resources::Resources;
use std::any::Any;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

/// Where calculators run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Executor {
    /// On the thread that sends packets, one call after the other, always in the same order.
    #[default]
    Inline,
    /// On so many threads; the streams carry the same packets.
    Threads(usize),
}

/// A graph that is about to run: where, and with which side packets.
pub struct RunBuilder {
    graph: Arc<Graph>,
    executor: Executor,
    sides: HashMap<String, Packet>,
    resources: Arc<Resources>,
    observers: Vec<(usize, core::Observer)>,
    trace: bool,
}

impl RunBuilder {
    /// Runs `graph` inline, without side packets.
    pub fn new(graph: Arc<Graph>) -> Self {
        let (sides, resources) = (HashMap::new(), Arc::new(Resources::default()));
        Self {
            graph,
            executor: Executor::Inline,
            sides,
            resources,
            observers: Vec::new(),
            trace: false,
        }
    }

    /// Where calculators run.
    pub fn executor(mut self, executor: Executor) -> Self {
        self.executor = executor;
        self
    }

    /// Gives a side packet.
    pub fn side_packet(mut self, name: &str, packet: Packet) -> Self {
        self.sides.insert(name.to_owned(), packet);
        self
    }

    /// Where files named in options are.
    pub fn resources(mut self, resources: Resources) -> Self {
        self.resources = Arc::new(resources);
        self
    }

    /// Calls `observer` with every packet of a stream. It must not call the run, and should be
    /// quick.
    ///
    /// # Errors
    /// [`RunError::UnknownStream`].
    pub fn observe(
        mut self,
        stream: &str,
        observer: impl FnMut(&Packet) + Send + 'static,
    ) -> Result<Self, RunError> {
        let known = || self.graph.streams.iter().map(|s| s.name.as_str());
        let place = self
            .graph
            .stream(stream)
            .ok_or_else(|| RunError::UnknownStream {
                stream: stream.to_owned(),
                hint: hint(stream, known()),
            })?;
        self.observers.push((place, Box::new(observer)));
        Ok(self)
    }

    /// Records every call.
    pub fn trace(mut self, wanted: bool) -> Self {
        self.trace = wanted;
        self
    }

    /// Opens all calculators and starts.
    ///
    /// # Errors
    /// [`RunError`] if a side packet is missing or a calculator can't be opened.
    pub fn start(self) -> Result<Run, RunError> {
        let nodes = open(&self.graph, self.sides, &self.resources)?;
        let mut core = Core::new(self.graph.clone(), nodes);
        self.observers
            .into_iter()
            .for_each(|(stream, observer)| core.observe(stream, observer));
        core.trace = self.trace.then(Trace::new);
        let shared = Arc::new(Shared {
            graph: self.graph,
            core: Mutex::new(core),
            changed: Condvar::new(),
        });
        let threads = match self.executor {
            Executor::Inline => 0,
            Executor::Threads(count) => count.max(1),
        };
        let spawn = |number| {
            let shared = shared.clone();
            std::thread::spawn(move || shared.work(number))
        };
        let threads = (1..=threads).map(spawn).collect();
        Ok(Run { shared, threads })
    }
}

/// Opens nodes, each after those whose side packets it reads.
fn open(
    graph: &Graph,
    mut sides: HashMap<String, Packet>,
    resources: &Arc<Resources>,
) -> Result<Vec<NodeState>, RunError> {
    let mut opened: Vec<Option<NodeState>> = graph.nodes.iter().map(|_| None).collect();
    loop {
        let ready = |place: &usize| {
            let inputs = &graph.nodes[*place].config.input_side_packets;
            opened[*place].is_none() && inputs.iter().all(|p| sides.contains_key(&p.name))
        };
        let Some(place) = (0..opened.len()).find(ready) else {
            break;
        };
        opened[place] = Some(open_one(graph, place, &mut sides, resources)?);
    }
    match opened.iter().position(Option::is_none) {
        None => Ok(opened.into_iter().flatten().collect()),
        Some(place) => {
            let config = &graph.nodes[place].config;
            let missing = config
                .input_side_packets
                .iter()
                .find(|p| !sides.contains_key(&p.name));
            let side = missing.map(|p| p.name.clone()).unwrap_or_default();
            Err(RunError::MissingSidePacket {
                node: config.title(),
                side,
            })
        }
    }
}

fn open_one(
    graph: &Graph,
    place: usize,
    sides: &mut HashMap<String, Packet>,
    resources: &Arc<Resources>,
) -> Result<NodeState, RunError> {
    let node = &graph.nodes[place];
    let mut given = Vec::new();
    for port in &node.config.input_side_packets {
        let packet = sides[&port.name].clone();
        let types = node
            .contract
            .input_side_packets
            .of(&port.tag)
            .map(|p| p.types.clone())
            .unwrap_or_default();
        if !types.is_empty() && !types.contains(&packet.packet_type()) {
            return Err(RunError::SidePacketType {
                node: node.config.title(),
                side: port.name.clone(),
                wanted: PacketType::names(&types),
                given: packet.packet_type().name(),
            });
        }
        given.push(packet);
    }
    let info = Arc::new(NodeInfo {
        config: node.config.clone(),
        sides: given,
        resources: resources.clone(),
    });
    let mut calculator = (node.factory.make)();
    let mut context = Context::new(&info, Timestamp::default(), &[], &[]);
    let result = guarded(&info, || calculator.open(&mut context));
    let written = context.sides;
    result?;
    sides.extend(
        written
            .into_iter()
            .map(|(port, packet)| (node.config.output_side_packets[port].name.clone(), packet)),
    );
    Ok(NodeState::new(node, info.clone(), calculator))
}

/// Calls into a calculator; a panic becomes an error.
fn guarded<T>(
    info: &NodeInfo,
    call: impl FnOnce() -> Result<T, crate::CalculatorError>,
) -> Result<T, RunError> {
    let node = || info.config.title();
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|source| RunError::Calculator {
            node: node(),
            source,
        }),
        Err(panic) => Err(RunError::Panic {
            node: node(),
            message: message(&*panic),
        }),
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

struct Shared {
    graph: Arc<Graph>,
    core: Mutex<Core>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Core> {
        // Calculators run outside the lock and their panics are caught; an observer's leaves the
        // state whole.
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, core: MutexGuard<'a, Core>) -> MutexGuard<'a, Core> {
        self.changed
            .wait(core)
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What a thread of its own does.
    fn work(&self, thread: usize) {
        let mut core = self.lock();
        loop {
            if let Some((node, work)) = self.take(&mut core) {
                core = self.call(core, node, work, thread);
                self.changed.notify_all();
            } else if core.is_over() {
                self.changed.notify_all();
                return;
            } else {
                core = self.wait(core);
            }
        }
    }

    /// Calls a calculator outside of the lock.
    fn call<'a>(
        &'a self,
        mut core: MutexGuard<'a, Core>,
        node: usize,
        work: Work,
        thread: usize,
    ) -> MutexGuard<'a, Core> {
        let (calculator, info) = core.lend(node);
        drop(core);
        let done = execute(node, calculator, &info, work, thread);
        core = self.lock();
        core.finish(done);
        core
    }

    /// Something to do. Sources that are held up go on when nothing else does.
    fn take(&self, core: &mut Core) -> Option<(usize, Work)> {
        core.take(false).or_else(|| {
            if core.running == 0 {
                core.take(true)
            } else {
                None
            }
        })
    }

    /// Runs on the caller's thread until nothing is ready; sources only if `sources`.
    fn drain(&self, sources: bool) {
        let mut core = self.lock();
        loop {
            let next = if sources {
                self.take(&mut core)
            } else {
                core.take_unless_source()
            };
            let Some((node, work)) = next else { return };
            core = self.call(core, node, work, 0);
        }
    }
}

/// One call of a calculator.
fn execute(
    node: usize,
    mut calculator: Box<dyn Calculator>,
    info: &NodeInfo,
    work: Work,
    thread: usize,
) -> CallResult {
    let (inputs, closed) = match work {
        Work::Process(inputs) => (inputs, false),
        Work::Close => (
            Inputs {
                timestamp: Timestamp::default(),
                packets: Vec::new(),
                bounds: Vec::new(),
            },
            true,
        ),
    };
    let mut context = Context::new(info, inputs.timestamp, &inputs.packets, &inputs.bounds);
    let from = Instant::now();
    let flow = guarded(info, || {
        if closed {
            calculator.close(&mut context).map(|()| Flow::Stop)
        } else {
            calculator.process(&mut context)
        }
    });
    let to = Instant::now();
    let Context {
        written,
        advanced,
        drops,
        ..
    } = context;
    let packet = inputs.timestamp.micros();
    CallResult {
        node,
        calculator,
        closed,
        flow,
        written,
        advanced,
        drops,
        from,
        to,
        packet,
        thread,
    }
}

/// A running graph. Dropping it ends the run.
///
/// ```
/// use moue_graph::{Graph, GraphConfig, Library, Packet, Registry, RunBuilder, Timestamp};
/// use std::sync::{Arc, mpsc};
///
/// let config = GraphConfig::parse(
///     "input_stream: 'in' output_stream: 'out'
///      node { calculator: 'PassThroughCalculator' input_stream: 'in' output_stream: 'out' }",
/// )?;
/// let graph = Arc::new(Graph::new(&config, &Library::default(), &Registry::standard())?);
/// let (sender, receiver) = mpsc::channel();
/// let mut run = RunBuilder::new(graph).observe("out", move |p| drop(sender.send(p.clone())))?.start()?;
/// run.send("in", Packet::new(7u32).at(Timestamp::new(40).unwrap()))?;
/// run.finish()?;
/// assert_eq!(receiver.recv()?.get::<u32>(), Some(&7));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Run {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Run {
    /// Sends a packet into a stream of the graph. Waits while too many packets wait there already.
    ///
    /// # Errors
    /// [`SendError`]; the graph goes on without the packet.
    pub fn send(&mut self, stream: &str, packet: Packet) -> Result<(), SendError> {
        let input = self.input(stream)?;
        let mut core = self.shared.lock();
        while !self.threads.is_empty()
            && core.waiting(input) >= self.shared.graph.max_queue_size
            && !core.is_at_rest()
        {
            core = self.shared.wait(core);
        }
        core.send(input, packet)?;
        drop(core);
        self.go_on();
        Ok(())
    }

    /// Says that a stream brings nothing any more.
    ///
    /// # Errors
    /// [`SendError::UnknownStream`].
    pub fn close_input(&mut self, stream: &str) -> Result<(), SendError> {
        let input = self.input(stream)?;
        self.shared.lock().close_input(input);
        self.go_on();
        Ok(())
    }

    fn input(&self, stream: &str) -> Result<usize, SendError> {
        let found = self.shared.graph.inputs().position(|name| name == stream);
        found.ok_or_else(|| SendError::UnknownStream {
            stream: stream.to_owned(),
            hint: hint(stream, self.shared.graph.inputs()),
        })
    }

    fn go_on(&self) {
        if self.threads.is_empty() {
            self.shared.drain(false)
        } else {
            self.shared.changed.notify_all()
        }
    }

    /// Whether the graph has ended by itself: a calculator stopped it or failed.
    pub fn has_ended(&self) -> bool {
        self.shared.lock().is_over()
    }

    /// Waits until everything that was sent has been worked off.
    pub fn wait_until_idle(&mut self) {
        self.rest(false);
    }

    /// Ends the run at once; what waits is dropped. [`Run::finish`] then says so.
    pub fn cancel(&mut self) {
        self.shared
            .lock()
            .failure
            .get_or_insert(RunError::Cancelled);
        self.shared.changed.notify_all();
    }

    /// Closes all inputs, runs sources to their end, works off what waits, and closes every node.
    ///
    /// # Errors
    /// The first [`RunError`] of the run.
    pub fn finish(mut self) -> Result<Vec<NodeStats>, RunError> {
        self.end()
    }

    /// As [`Run::finish`], with the record of every call if one was wanted.
    ///
    /// # Errors
    /// As for [`Run::finish`].
    pub fn finish_traced(mut self) -> Result<(Vec<NodeStats>, Option<Trace>), RunError> {
        let stats = self.end()?;
        let trace = self.shared.lock().trace.take();
        Ok((stats, trace))
    }

    fn end(&mut self) -> Result<Vec<NodeStats>, RunError> {
        self.shared.lock().close_inputs();
        loop {
            self.rest(true);
            let mut core = self.shared.lock();
            if core.is_over() {
                break;
            }
            core.unblock();
            self.shared.changed.notify_all();
        }
        self.stop()
    }

    /// Works until nothing moves any more. On the caller's thread, sources run only if `sources`.
    fn rest(&self, sources: bool) {
        self.shared.changed.notify_all();
        if self.threads.is_empty() {
            return self.shared.drain(sources);
        }
        let mut core = self.shared.lock();
        while !core.is_at_rest() {
            core = self.shared.wait(core);
        }
    }

    /// Joins the threads, closes what is still open.
    fn stop(&mut self) -> Result<Vec<NodeStats>, RunError> {
        self.shared.lock().stopping = true;
        self.shared.changed.notify_all();
        self.threads
            .drain(..)
            .for_each(|thread| drop(thread.join()));
        let open = self.shared.lock().take_open();
        for (mut calculator, info) in open {
            let mut context = Context::new(&info, Timestamp::default(), &[], &[]);
            let result = guarded(&info, || calculator.close(&mut context));
            if let Err(error) = result {
                self.shared.lock().failure.get_or_insert(error);
            }
        }
        let mut core = self.shared.lock();
        match core.failure.take() {
            Some(error) => Err(error),
            None => Ok(core.stats()),
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // After `finish` nothing is left to do; an error has no way out of here.
        let _ = self.stop();
    }
}
