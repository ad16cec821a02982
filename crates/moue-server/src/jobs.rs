//! A thread pool with a bounded queue. What does not fit is refused at once, and what nobody waits
//! for any more is skipped.

use crate::problem::Problem;
use moue::cancel::CancelToken;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;
use std::time::Duration;
use tokio::sync::oneshot;

/// Hands a result to whoever waits for it.
type Reply = Box<dyn FnOnce() + Send>;

/// Work on what a thread keeps between jobs.
type Job<C> = Box<dyn FnOnce(&mut C) -> Reply + Send>;

/// What a thread does next.
enum Next<C> {
    Job(Job<C>),
    Wait,
    End,
}

/// Threads, each with a `C` of its own, and the queue before them.
pub(crate) struct Jobs<C> {
    name: &'static str,
    shared: Arc<Shared<C>>,
    queue: usize,
}

/// What a pool's threads share.
struct Shared<C>(Mutex<State<C>>);

struct State<C> {
    waiting: VecDeque<Job<C>>,
    /// Threads without work; the one that worked last is at the end.
    idle: Vec<Thread>,
    is_closed: bool,
}

/// Cancels the work when whoever waits for it is dropped: a client that has gone, or a time-out.
struct CancelOnDrop(CancelToken);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl<C> Shared<C> {
    fn lock(&self) -> MutexGuard<'_, State<C>> {
        // Jobs run without the lock, so that none can panic while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the calling thread does next; with [`Next::Wait`] it counts as idle from now on.
    fn next(&self, this: &Thread) -> Next<C> {
        let mut state = self.lock();
        // It may have been woken in vain, as another thread was faster.
        state.idle.retain(|thread| thread.id() != this.id());
        if let Some(job) = state.waiting.pop_front() {
            return Next::Job(job);
        }
        if state.is_closed {
            return Next::End;
        }
        state.idle.push(this.clone());
        Next::Wait
    }

    /// Adds a job, unless so many wait already. The idle thread that worked last gets it: its networks are
    /// in the processor's caches, where those of the others are not (5 % of a search's time with two).
    fn push(&self, job: Job<C>, most: usize) -> bool {
        let mut state = self.lock();
        if state.waiting.len() >= most {
            return false;
        }
        state.waiting.push_back(job);
        let woken = state.idle.pop();
        drop(state);
        if let Some(thread) = woken {
            thread.unpark();
        }
        true
    }
}

impl<C> Drop for Jobs<C> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.is_closed = true;
        state.idle.drain(..).for_each(|thread| thread.unpark());
    }
}

impl<C: Clone + Send + 'static> Jobs<C> {
    /// Starts threads that end when the pool is dropped. Each calls `prepare` first.
    pub(crate) fn start(
        name: &'static str,
        threads: usize,
        queue: usize,
        context: &C,
        prepare: fn(),
    ) -> Self {
        let shared = Arc::new(Shared(Mutex::new(State {
            waiting: VecDeque::new(),
            idle: Vec::new(),
            is_closed: false,
        })));
        for _ in 0..threads.max(1) {
            let shared = Arc::clone(&shared);
            let context = context.clone();
            std::thread::spawn(move || {
                prepare();
                work(&shared, &context);
            });
        }
        Self {
            name,
            shared,
            queue: queue.max(1),
        }
    }

    /// Whether another job would be refused.
    pub(crate) fn is_full(&self) -> bool {
        self.shared.lock().waiting.len() >= self.queue
    }

    /// Runs `work` on one of the threads. It gets a token that is canceled after `time` and when the
    /// caller stops waiting.
    ///
    /// # Errors
    /// [`Problem`] if the queue is full, the time is over, or `work` fails or panics.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        time: Duration,
        work: impl FnOnce(&mut C, &CancelToken) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let token = CancelToken::with_timeout(time);
        let _guard = CancelOnDrop(token.clone());
        let channel = oneshot::channel();
        let reply = channel.0;
        let job: Job<C> = Box::new(move |context| {
            // A job that has waited too long, or whose client has gone, is not begun.
            let result = match token.check() {
                Ok(()) => work(context, &token),
                Err(cancelled) => {
                    metrics::counter!("moue_jobs_skipped_total").increment(1);
                    Err(cancelled.into())
                }
            };
            Box::new(move || {
                // Nobody listens if the client has gone.
                let _ = reply.send(result);
            })
        });
        self.enqueue(job)?;
        match channel.1.await {
            Ok(result) => result,
            Err(_) => Err(Problem::internal(&"a job panicked")),
        }
    }

    fn enqueue(&self, job: Job<C>) -> Result<(), Problem> {
        if self.shared.push(job, self.queue) {
            return Ok(());
        }
        metrics::counter!("moue_jobs_refused_total", "pool" => self.name).increment(1);
        Err(Problem::busy(
            "as many requests wait as may wait; try again",
        ))
    }
}

fn work<C: Clone>(shared: &Shared<C>, template: &C) {
    let this = std::thread::current();
    let mut context = template.clone();
    let mut reply: Option<Reply> = None;
    loop {
        let next = shared.next(&this);
        // After this thread counts as idle: the answer may bring the next request at once, which another
        // thread would get otherwise.
        if let Some(reply) = reply.take() {
            reply();
        }
        match next {
            Next::Job(job) => match catch_unwind(AssertUnwindSafe(|| job(&mut context))) {
                Ok(ready) => reply = Some(ready),
                // The networks' memory may be half written.
                Err(_) => context = template.clone(),
            },
            Next::Wait => std::thread::park(),
            Next::End => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Kind;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::channel;

    const LONG: Duration = Duration::from_secs(60);

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap()
    }

    #[test]
    fn a_full_queue_refuses_and_what_was_given_up_is_skipped() {
        let jobs = Arc::new(Jobs::start("test", 1, 1, &0, || {}));
        let runtime = runtime();
        let gate = channel::<()>();
        let started = channel::<()>();
        let busy = Arc::clone(&jobs);
        let first = runtime.spawn(async move {
            let work = move |_: &mut i32, _: &CancelToken| {
                started.0.send(()).unwrap();
                gate.1.recv().unwrap();
                Ok(1)
            };
            busy.run(LONG, work).await
        });
        started.1.recv().unwrap();
        // The second waits, the third does not fit.
        let waiting = Arc::clone(&jobs);
        let ran = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&ran);
        let second = runtime.spawn(async move {
            let work = move |_: &mut i32, _: &CancelToken| {
                count.fetch_add(1, Ordering::SeqCst);
                Ok(2)
            };
            waiting.run(LONG, work).await
        });
        while !jobs.is_full() {
            std::thread::yield_now();
        }
        let third = runtime.block_on(jobs.run(LONG, |_, _| Ok(3)));
        assert_eq!(third.unwrap_err().kind, Kind::Busy);
        // Its client goes.
        second.abort();
        let aborted = runtime.block_on(second);
        assert!(aborted.unwrap_err().is_cancelled());
        gate.0.send(()).unwrap();
        assert_eq!(runtime.block_on(first).unwrap().unwrap(), 1);
        assert_eq!(runtime.block_on(jobs.run(LONG, |_, _| Ok(4))).unwrap(), 4);
        assert_eq!(ran.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn a_panic_is_an_error_and_the_thread_goes_on() {
        let jobs = Jobs::start("test", 1, 4, &7, || {});
        let runtime = runtime();
        let panicked = runtime.block_on(jobs.run(LONG, |n: &mut i32, _| -> Result<(), Problem> {
            *n = 0;
            panic!("half done")
        }));
        assert_eq!(panicked.unwrap_err().kind, Kind::Internal);
        let after = runtime.block_on(jobs.run(LONG, |n: &mut i32, _| Ok(*n)));
        assert_eq!(after.unwrap(), 7);
    }

    #[test]
    fn a_deadline_that_has_passed_is_a_problem() {
        let jobs = Jobs::start("test", 1, 4, &(), || {});
        let late = runtime().block_on(jobs.run(Duration::ZERO, |(), _| Ok(())));
        assert_eq!(late.unwrap_err().kind, Kind::Deadline);
    }

    #[test]
    fn the_thread_that_worked_last_works_next() {
        let jobs = Jobs::start("test", 3, 4, &(), || {});
        let runtime = runtime();
        while jobs.shared.lock().idle.len() < 3 {
            std::thread::yield_now();
        }
        let mut workers = Vec::new();
        // Each is sent the moment that the one before is answered.
        for _ in 0..200 {
            let worker = jobs.run(LONG, |(), _| Ok(std::thread::current().id()));
            workers.push(runtime.block_on(worker).unwrap());
        }
        assert!(workers.iter().all(|worker| *worker == workers[0]));
    }

    #[test]
    fn threads_end_with_their_pool() {
        let context = Arc::new(());
        let jobs = Jobs::start("test", 3, 4, &context, || {});
        let ran = runtime().block_on(jobs.run(LONG, |_, _| Ok(1)));
        assert_eq!(ran.unwrap(), 1);
        drop(jobs);
        // Each thread has a clone until it ends.
        while Arc::strong_count(&context) > 1 {
            std::thread::yield_now();
        }
    }
}
