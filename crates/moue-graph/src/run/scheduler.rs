//! Calls of calculators, on the caller's thread or on those of a thread pool.

use super::call::Call;
use super::core::Core;
use super::node::Work;
use crate::graph::Graph;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The state of a run behind its lock. The module `core` documents what the lock protects.
pub(super) struct Shared {
    pub(super) graph: Arc<Graph>,
    core: Mutex<Core>,
    /// Signaled after each change that another thread may wait for: new work, room in a queue, an
    /// idle graph, the end.
    changed: Condvar,
}

impl Shared {
    pub(super) fn new(graph: Arc<Graph>, core: Core) -> Self {
        Self {
            graph,
            core: Mutex::new(core),
            changed: Condvar::new(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Core> {
        // Calculators run outside of the lock and their panics are caught. Only an observer can
        // panic under the lock, before its packet is queued anywhere, so the state is whole.
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn wait<'a>(&self, core: MutexGuard<'a, Core>) -> MutexGuard<'a, Core> {
        let core = self.changed.wait(core);
        core.unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes every thread that waits.
    // All of them, because they wait for different things: the sender for room, the pool for work.
    pub(super) fn notify(&self) {
        self.changed.notify_all();
    }

    /// The loop of a thread of the pool; `thread` is its number in traces, from 1.
    pub(super) fn work(&self, thread: usize) {
        let mut core = self.lock();
        loop {
            if let Some((node, work)) = core.take() {
                core = self.call(core, node, work, thread);
                self.notify();
            } else if core.is_over() {
                self.notify();
                return;
            } else {
                core = self.wait(core);
            }
        }
    }

    /// Runs on the caller's thread until nothing is ready.
    pub(super) fn drain(&self, sources: Sources) {
        let mut core = self.lock();
        loop {
            let next = match sources {
                Sources::Run => core.take(),
                Sources::Wait => core.take_non_source(),
            };
            let Some((node, work)) = next else { return };
            core = self.call(core, node, work, 0);
        }
    }

    /// Calls a calculator without holding the lock.
    // So that other nodes can run and packets can be sent meanwhile, that a slow calculator delays
    // only its readers, and that a panic cannot leave the state half changed. The
    // calculator itself is out of reach of other threads until `finish` puts it back.
    fn call<'a>(
        &'a self,
        mut core: MutexGuard<'a, Core>,
        node: usize,
        work: Work,
        thread: usize,
    ) -> MutexGuard<'a, Core> {
        let (calculator, info) = core.take_calculator(node);
        drop(core);
        let call = Call {
            node,
            calculator,
            info: &info,
            thread,
        };
        let result = call.run(work);
        core = self.lock();
        core.finish(result);
        core
    }
}

/// Whether source nodes run on the caller's thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sources {
    /// They run to their end.
    Run,
    /// They wait for [`Run::finish`](super::handle::Run::finish): a source without an end would
    /// otherwise keep the caller in its first `send`.
    Wait,
}
