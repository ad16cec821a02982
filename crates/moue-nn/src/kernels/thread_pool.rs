//! A thread pool whose threads share the steps of one session.
//!
//! A step takes microseconds, so threads wait for the next one by spinning, and park only between
//! runs. Nobody waits for a thread that has not begun: whoever is awake takes part after part until
//! none is left.

use std::cell::UnsafeCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*};
use std::thread::JoinHandle;

/// Set in [`Shared::gate`] while workers may enter; the bits below count those inside.
const OPEN: usize = 1 << 16;

/// How often a worker spins before it parks: a tenth of a millisecond or so. Shorter, and workers
/// would park between the steps of a run, where waking them takes longer than a step; longer, and
/// they would burn the processor between the frames of a video.
const SPINS_BEFORE_PARK: u32 = 4_000;

/// How often a thread spins before it yields to others, which may be the one that it waits for
/// where threads are more than processors.
const SPINS_BEFORE_YIELD: u32 = 1_024;

/// What all threads do: part after part, by number.
type Task<'a> = dyn Fn(usize) + Sync + 'a;

/// The state that all threads of a pool share. `gate` guards `task`: the caller opens it once the
/// task is set, and closes it and waits until nobody is inside before the task ends.
struct Shared {
    gate: AtomicUsize,
    /// Valid while the gate is open or a worker is inside.
    task: UnsafeCell<Option<*const Task<'static>>>,
    /// How many parts the task has.
    parts: AtomicUsize,
    /// The first part that nobody has taken.
    next: AtomicUsize,
    quit: AtomicBool,
    failed: AtomicBool,
}

// SAFETY: `task` is written only by the caller of `run` while the gate is shut and nobody is
// inside, read only by those inside; what it points to may be called from any thread.
unsafe impl Sync for Shared {}
// SAFETY: as above.
unsafe impl Send for Shared {}

/// A worker inside the gate; leaves it when dropped, also when a part panics.
struct Inside<'a>(&'a Shared);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.failed.store(true, Relaxed);
        }
        // Release: the caller must see what this worker wrote before it sees it gone.
        self.0.gate.fetch_sub(1, Release);
    }
}

/// Closes the gate and waits until nobody is inside, also when the caller's own part panics.
struct Closing<'a>(&'a Shared);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.gate.fetch_and(!OPEN, AcqRel);
        let mut spins = 0u32;
        while self.0.gate.load(Acquire) != 0 {
            spin(&mut spins);
        }
    }
}

/// Spins once: leaves the core to its other hardware thread, and now and then to another thread.
fn spin(spins: &mut u32) {
    *spins += 1;
    if spins.is_multiple_of(SPINS_BEFORE_YIELD) {
        std::thread::yield_now()
    } else {
        std::hint::spin_loop()
    }
}

impl Shared {
    /// Takes parts until none is left.
    fn work(&self, task: &Task<'_>) {
        let parts = self.parts.load(Relaxed);
        loop {
            let part = self.next.fetch_add(1, Relaxed);
            if part >= parts {
                return;
            }
            task(part);
        }
    }

    /// Counts this worker among those inside, if the gate is open and parts are left.
    fn enter(&self) -> bool {
        let gate = self.gate.load(Relaxed);
        let is_open = gate & OPEN != 0 && self.next.load(Relaxed) < self.parts.load(Relaxed);
        // A gate that changed in between counts as closed; the next spin tries again. Acquire: the
        // task must be seen as it was when the gate was opened.
        is_open
            && self
                .gate
                .compare_exchange(gate, gate + 1, Acquire, Relaxed)
                .is_ok()
    }

    /// Enters if the gate is open and parts are left, and works. Returns whether it did.
    fn try_work(&self) -> bool {
        if !self.enter() {
            return false;
        }
        let _inside = Inside(self);
        // SAFETY: this worker is inside, so the caller neither writes the task nor ends it.
        if let Some(task) = unsafe { *self.task.get() } {
            // SAFETY: as above: the caller's borrow lasts until nobody is inside.
            self.work(unsafe { &*task });
        }
        true
    }

    /// The life of a worker: works, spins while there is nothing to do, and parks after a while.
    fn serve(&self) {
        let mut spins = 0;
        while !self.quit.load(Relaxed) {
            if self.try_work() {
                spins = 0;
            } else if spins < SPINS_BEFORE_PARK {
                spin(&mut spins);
            } else {
                // The caller unparks before it opens the gate, so that a wake missed here costs the
                // help of one run, not an answer.
                std::thread::park();
                spins = 0;
            }
        }
    }
}

/// The thread that runs a session, and the workers that help it.
pub(crate) struct ThreadPool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

impl ThreadPool {
    /// A pool of `threads`, the calling thread being one; smaller where the system refuses threads.
    pub(crate) fn new(threads: usize) -> Self {
        let shared = Arc::new(Shared {
            gate: AtomicUsize::new(0),
            task: UnsafeCell::new(None),
            parts: AtomicUsize::new(0),
            next: AtomicUsize::new(0),
            quit: AtomicBool::new(false),
            failed: AtomicBool::new(false),
        });
        let workers = (1..threads.min(OPEN))
            .map_while(|_| spawn_worker(&shared))
            .collect();
        Self { shared, workers }
    }

    /// How many threads work, the calling one included.
    pub(crate) fn threads(&self) -> usize {
        self.workers.len() + 1
    }

    /// Unparks the workers, as calls of [`ThreadPool::run`] follow.
    pub(crate) fn unpark(&self) {
        self.workers.iter().for_each(|w| w.thread().unpark());
    }

    /// Calls `task` with every number below `parts`, on all threads, and returns when all calls
    /// have.
    ///
    /// # Panics
    /// If a call panics.
    pub(crate) fn run(&mut self, parts: usize, task: &Task<'_>) {
        let shared = &*self.shared;
        shared.parts.store(parts, Relaxed);
        shared.next.store(0, Relaxed);
        // SAFETY: the gate is shut and nobody inside, so nobody reads; the lifetime is dropped from
        // the type only: `closing` ends before this function does, and with it all use of the task.
        unsafe {
            *shared.task.get() =
                Some(std::mem::transmute::<*const Task<'_>, *const Task<'static>>(task))
        };
        shared.gate.store(OPEN, Release);
        let closing = Closing(shared);
        shared.work(task);
        drop(closing);
        assert!(
            !shared.failed.load(Relaxed),
            "a part of a step panicked on another thread"
        );
    }
}

/// Starts a thread that serves the pool; `None` where the system refuses it.
fn spawn_worker(shared: &Arc<Shared>) -> Option<JoinHandle<()>> {
    let shared = Arc::clone(shared);
    std::thread::Builder::new()
        .name("moue-nn".into())
        .spawn(move || shared.serve())
        .ok()
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        self.shared.quit.store(true, Relaxed);
        self.unpark();
        for worker in self.workers.drain(..) {
            // A worker that panicked has made its run panic already.
            let _ = worker.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_done_once_however_many_rounds() {
        for threads in [1, 2, 3, 5] {
            let mut pool = ThreadPool::new(threads);
            for round in 0..2_000usize {
                let parts = round % 17;
                let done: Vec<AtomicUsize> = (0..parts).map(|_| AtomicUsize::new(0)).collect();
                if round % 500 == 0 {
                    std::thread::sleep(std::time::Duration::from_millis(2));
                    pool.unpark();
                }
                pool.run(parts, &|part| {
                    done[part].fetch_add(1, Relaxed);
                });
                assert!(
                    done.iter().all(|d| d.load(Relaxed) == 1),
                    "{threads} threads, round {round}"
                );
            }
        }
    }

    #[test]
    fn a_part_that_panics_makes_the_run_panic_and_leaves_the_pool_whole() {
        let mut pool = ThreadPool::new(2);
        let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            pool.run(4, &|part| assert!(part != 2, "the third part"));
        }));
        assert!(run.is_err());
    }
}
