//! A thread pool with a bounded queue. What does not fit is refused at once, and what nobody waits
//! for any more is skipped.

use crate::problem::Problem;
use moue::cancel::CancelToken;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// Work on what a thread keeps between jobs.
type Job<C> = Box<dyn FnOnce(&mut C) + Send>;

/// Threads, each with a `C` of its own, and the queue before them.
pub(crate) struct Jobs<C> {
    name: &'static str,
    sender: SyncSender<Job<C>>,
    waiting: Arc<AtomicUsize>,
    queue: usize,
}

/// Cancels the work when whoever waits for it is dropped: a client that has gone, or a time-out.
struct CancelOnDrop(CancelToken);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl<C: Clone + Send + 'static> Jobs<C> {
    /// Starts threads that end when the pool is dropped.
    pub(crate) fn start(name: &'static str, threads: usize, queue: usize, context: &C) -> Self {
        let queue = queue.max(1);
        let channel = sync_channel(queue);
        let receiver = Arc::new(Mutex::new(channel.1));
        let waiting = Arc::new(AtomicUsize::new(0));
        for _ in 0..threads.max(1) {
            let receiver = Arc::clone(&receiver);
            let context = context.clone();
            let waiting = Arc::clone(&waiting);
            std::thread::spawn(move || work(&receiver, &context, &waiting));
        }
        Self {
            name,
            sender: channel.0,
            waiting,
            queue,
        }
    }

    /// Whether another job would be refused.
    pub(crate) fn is_full(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) >= self.queue
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
            // Nobody listens if the client has gone.
            let _ = reply.send(result);
        });
        self.enqueue(job)?;
        match channel.1.await {
            Ok(result) => result,
            Err(_) => Err(Problem::internal(&"a job panicked")),
        }
    }

    fn enqueue(&self, job: Job<C>) -> Result<(), Problem> {
        // Counted before it is sent: a thread may take it at once.
        self.waiting.fetch_add(1, Ordering::Relaxed);
        match self.sender.try_send(job) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                metrics::counter!("moue_jobs_refused_total", "pool" => self.name).increment(1);
                Err(Problem::busy(
                    "as many requests wait as may wait; try again",
                ))
            }
        }
    }
}

fn work<C: Clone>(receiver: &Mutex<Receiver<Job<C>>>, template: &C, waiting: &AtomicUsize) {
    let mut context = template.clone();
    loop {
        // Only one thread waits for the channel at a time; the lock is held while it waits, as the
        // others have nothing to do either.
        let next = receiver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(job) = next else { return };
        waiting.fetch_sub(1, Ordering::Relaxed);
        if catch_unwind(AssertUnwindSafe(|| job(&mut context))).is_err() {
            // The networks' memory may be half written.
            context = template.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Kind;
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
        let jobs = Arc::new(Jobs::start("test", 1, 1, &0));
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
        let jobs = Jobs::start("test", 1, 4, &7);
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
        let jobs = Jobs::start("test", 1, 4, &());
        let late = runtime().block_on(jobs.run(Duration::ZERO, |(), _| Ok(())));
        assert_eq!(late.unwrap_err().kind, Kind::Deadline);
    }
}
