//! The handle of a running graph.

use super::call::guarded;
use super::error::{RunError, SendError};
use super::scheduler::{Shared, Sources};
use super::trace::{NodeStats, Trace};
use crate::calculator::Context;
use crate::config::hint;
use crate::packet::{Packet, Timestamp};
use std::sync::Arc;
use std::thread::JoinHandle;

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
    /// The thread pool; empty if calculators run on the caller's thread.
    threads: Vec<JoinHandle<()>>,
}

impl Run {
    pub(super) fn start(shared: Shared, threads: usize) -> Self {
        let shared = Arc::new(shared);
        let spawn = |number| {
            let shared = shared.clone();
            std::thread::spawn(move || shared.work(number))
        };
        let threads = (1..=threads).map(spawn).collect();
        Self { shared, threads }
    }

    /// Sends a packet into an input stream of the graph. With threads, waits while as many packets
    /// wait there as may; without, returns when the graph has processed it.
    ///
    /// # Errors
    /// [`SendError`]; the run continues without the packet.
    pub fn send(&mut self, stream: &str, packet: Packet) -> Result<(), SendError> {
        let input = self.input(stream)?;
        let mut core = self.shared.lock();
        // An idle graph will not make room by itself: then the packet may be what it waits for.
        while !self.threads.is_empty() && core.input_is_full(input) && !core.is_idle() {
            core = self.shared.wait(core);
        }
        core.send(input, &packet)?;
        drop(core);
        self.resume();
        Ok(())
    }

    /// Ends an input stream: it has no more packets.
    ///
    /// # Errors
    /// [`SendError::UnknownStream`].
    pub fn close_input(&mut self, stream: &str) -> Result<(), SendError> {
        let input = self.input(stream)?;
        self.shared.lock().close_input(input);
        self.resume();
        Ok(())
    }

    fn input(&self, stream: &str) -> Result<usize, SendError> {
        let found = self.shared.graph.inputs().position(|name| name == stream);
        found.ok_or_else(|| SendError::UnknownStream {
            stream: stream.to_owned(),
            hint: hint(stream, self.shared.graph.inputs()),
        })
    }

    /// Runs what has become ready, or leaves it to the threads.
    fn resume(&self) {
        if self.threads.is_empty() {
            self.shared.drain(Sources::Wait);
        } else {
            self.shared.notify();
        }
    }

    /// Whether the graph has ended by itself: a calculator stopped it or failed.
    pub fn has_ended(&self) -> bool {
        self.shared.lock().is_over()
    }

    /// Waits until all packets that were sent are processed.
    pub fn wait_until_idle(&mut self) {
        self.run_until_idle(Sources::Wait);
    }

    /// Ends the run at once and drops the packets that wait. [`Run::finish`] then returns
    /// [`RunError::Cancelled`].
    pub fn cancel(&mut self) {
        self.shared.lock().fail(RunError::Cancelled);
        self.shared.notify();
    }

    /// Closes all inputs, runs sources to their end, processes what waits, and closes every node.
    /// Returns the figures of each node.
    ///
    /// # Errors
    /// The first [`RunError`] of the run.
    pub fn finish(mut self) -> Result<Vec<NodeStats>, RunError> {
        self.end()
    }

    /// As [`Run::finish`], with the record of every call if
    /// [`RunBuilder::trace`](crate::RunBuilder::trace) was set.
    ///
    /// # Errors
    /// As for [`Run::finish`].
    pub fn finish_traced(mut self) -> Result<(Vec<NodeStats>, Option<Trace>), RunError> {
        let stats = self.end()?;
        let trace = self.shared.lock().take_trace();
        Ok((stats, trace))
    }

    fn end(&mut self) -> Result<Vec<NodeStats>, RunError> {
        self.shared.lock().close_inputs();
        loop {
            self.run_until_idle(Sources::Run);
            let mut core = self.shared.lock();
            if core.is_over() {
                break;
            }
            // Each round closes one more node or ends the run, so this loop ends.
            core.unblock();
            self.shared.notify();
        }
        self.stop()
    }

    /// Runs until no node is running or ready. `sources` counts for the caller's thread only.
    fn run_until_idle(&self, sources: Sources) {
        self.shared.notify();
        if self.threads.is_empty() {
            return self.shared.drain(sources);
        }
        let mut core = self.shared.lock();
        while !core.is_idle() {
            core = self.shared.wait(core);
        }
    }

    /// Joins the threads and closes the calculators that are still open.
    fn stop(&mut self) -> Result<Vec<NodeStats>, RunError> {
        self.shared.lock().stop();
        self.shared.notify();
        for thread in self.threads.drain(..) {
            // A panic outside of a calculator comes from an observer; the thread has printed it.
            let _ = thread.join();
        }
        // TimestampBound before the loop, so that the lock is free while the calculators close.
        let open = self.shared.lock().take_open();
        for (mut calculator, info) in open {
            let mut context = Context::new(&info, Timestamp::default(), &[], &[]);
            if let Err(error) = guarded(&info, || calculator.close(&mut context)) {
                self.shared.lock().fail(error);
            }
        }
        self.shared.lock().outcome()
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // After `finish` nothing is left to do; an error has no way out of here.
        let _ = self.stop();
    }
}
