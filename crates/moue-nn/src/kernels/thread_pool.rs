//! Threads that share the steps of one session.
//!
//! A step takes microseconds, so members wait for the next one by looking, not by sleeping; they
//! sleep between runs. Nobody waits for a member that has not begun: whoever is awake takes part
//! after part until none is left.

use std::cell::UnsafeCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*};
use std::thread::JoinHandle;

/// Set in [`Shared::gate`] while members may enter; the rest of it counts those inside.
const OPEN: usize = 1 << 16;

/// Looks for work before a member goes to sleep: a tenth of a millisecond or so.
const SPINS_BEFORE_PARK: u32 = 4_000;

/// What all members do: part after part, by number.
type Task<'a> = dyn Fn(usize) + Sync + 'a;

struct Shared {
    gate: AtomicUsize,
    /// Valid while the gate is open or somebody is inside.
    task: UnsafeCell<Option<*const Task<'static>>>,
    parts: AtomicUsize,
    next: AtomicUsize,
    quit: AtomicBool,
    failed: AtomicBool,
}

// SAFETY: `task` is written only by the leader while the gate is shut and nobody is inside, read
// only by those inside; what it points to may be called from any thread.
unsafe impl Sync for Shared {}
// SAFETY: as above.
unsafe impl Send for Shared {}

/// Ends a member's stay, also when a part panics.
struct Inside<'a>(&'a Shared);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.failed.store(true, Relaxed);
        }
        self.0.gate.fetch_sub(1, Release);
    }
}

/// Closes the gate and waits until nobody is inside, also when the leader's own part panics.
struct Closing<'a>(&'a Shared);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.gate.fetch_and(!OPEN, AcqRel);
        let mut looks = 0u32;
        while self.0.gate.load(Acquire) != 0 {
            pause(&mut looks);
        }
    }
}

/// Lets the processor's other half breathe, and now and then another thread run.
fn pause(looks: &mut u32) {
    *looks += 1;
    match looks.is_multiple_of(1024) {
        true => std::thread::yield_now(),
        false => std::hint::spin_loop(),
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

    /// Enters if the gate is open, and works.
    fn help(&self) -> bool {
        let gate = self.gate.load(Relaxed);
        let open = gate & OPEN != 0 && self.next.load(Relaxed) < self.parts.load(Relaxed);
        if !open
            || self
                .gate
                .compare_exchange(gate, gate + 1, Acquire, Relaxed)
                .is_err()
        {
            return false;
        }
        let _inside = Inside(self);
        // SAFETY: this member is inside, so the leader neither writes the task nor lets it end.
        if let Some(task) = unsafe { *self.task.get() } {
            // SAFETY: as above: the leader's borrow lasts until nobody is inside.
            self.work(unsafe { &*task });
        }
        true
    }

    fn serve(&self) {
        let mut looks = 0;
        while !self.quit.load(Relaxed) {
            if self.help() {
                looks = 0;
            } else if looks < SPINS_BEFORE_PARK {
                pause(&mut looks);
            } else {
                // The leader's wake comes before its work, so that one missed here costs one run's
                // help, not an answer.
                std::thread::park();
                looks = 0;
            }
        }
    }
}

/// The thread that runs a session and those that help it.
pub(crate) struct ThreadPool {
    shared: Arc<Shared>,
    helpers: Vec<JoinHandle<()>>,
}

impl ThreadPool {
    /// A team of `members`, the calling thread being one; smaller where the system refuses threads.
    pub(crate) fn new(members: usize) -> Self {
        let shared = Arc::new(Shared {
            gate: AtomicUsize::new(0),
            task: UnsafeCell::new(None),
            parts: AtomicUsize::new(0),
            next: AtomicUsize::new(0),
            quit: AtomicBool::new(false),
            failed: AtomicBool::new(false),
        });
        let spawn = |_| {
            let shared = shared.clone();
            std::thread::Builder::new()
                .name("moue-nn".into())
                .spawn(move || shared.serve())
                .ok()
        };
        let helpers = (1..members.min(OPEN)).map_while(spawn).collect();
        Self { shared, helpers }
    }

    /// How many threads work.
    pub(crate) fn members(&self) -> usize {
        self.helpers.len() + 1
    }

    /// Rouses the helpers: steps follow.
    pub(crate) fn wake(&self) {
        self.helpers.iter().for_each(|h| h.thread().unpark());
    }

    /// Calls `task` with every number below `parts`, on all members, and returns when all calls
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
            "a helper's part of a step failed"
        );
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        self.shared.quit.store(true, Relaxed);
        self.wake();
        for helper in self.helpers.drain(..) {
            // A helper that panicked has said so.
            let _ = helper.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_done_once_however_many_rounds() {
        for members in [1, 2, 3, 5] {
            let mut team = ThreadPool::new(members);
            for round in 0..2_000usize {
                let parts = round % 17;
                let done: Vec<AtomicUsize> = (0..parts).map(|_| AtomicUsize::new(0)).collect();
                if round % 500 == 0 {
                    std::thread::sleep(std::time::Duration::from_millis(2));
                    team.wake();
                }
                team.run(parts, &|part| {
                    done[part].fetch_add(1, Relaxed);
                });
                assert!(
                    done.iter().all(|d| d.load(Relaxed) == 1),
                    "{members} members, round {round}"
                );
            }
        }
    }

    #[test]
    fn a_part_that_panics_is_heard_of_and_leaves_the_team_whole() {
        let mut team = ThreadPool::new(2);
        let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            team.run(4, &|part| assert!(part != 2, "the third part"));
        }));
        assert!(run.is_err());
    }
}
