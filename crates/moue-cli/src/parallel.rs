//! Work on many things at a time, reported in their order.

use anyhow::Result;
use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::mpsc;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How far the work may be ahead of the report: enough that no core waits for a slow picture, and
/// few results to keep in memory.
const AHEAD: usize = 64;

/// How many workers there are: one for each core, but no more than there are items.
pub(crate) fn worker_count(items: usize) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    cores.min(items)
}

/// Works on `items`, one worker on a thread each, and reports the results in the order of the
/// items. `progress` is called whenever one is done. An error of `report` ends the work.
///
/// Threads of their own instead of those of a pool: a worker waits for the report of an item that
/// another one works on, and a pool's thread could be inside of that very work.
pub(crate) fn in_order<I: Sync, W: Send, R: Send>(
    items: &[I],
    workers: &mut [W],
    work: impl Fn(&mut W, &I) -> R + Sync,
    progress: impl Fn(),
    report: impl FnMut(&I, R) -> Result<()>,
) -> Result<()> {
    let queue = Queue::of(items.len());
    std::thread::scope(|scope| {
        let (sender, results) = mpsc::channel();
        for worker in workers {
            let sender = sender.clone();
            let queue = &queue;
            let work = &work;
            scope.spawn(move || {
                while let Some(index) = queue.next() {
                    let result = work(worker, &items[index]);
                    if sender.send((index, result)).is_err() {
                        break;
                    }
                }
            });
        }
        // The results end when the last worker has ended.
        drop(sender);
        // However this ends, workers that wait have to be told.
        let _closing = Closing(&queue);
        report_in_order(&queue, items, results, progress, report)
    })
}

/// Reports each result when all before it are reported.
fn report_in_order<I, R>(
    queue: &Queue,
    items: &[I],
    results: mpsc::Receiver<(usize, R)>,
    progress: impl Fn(),
    mut report: impl FnMut(&I, R) -> Result<()>,
) -> Result<()> {
    let mut early = BTreeMap::new();
    let mut reported = 0;
    for (index, result) in results {
        progress();
        early.insert(index, result);
        while let Some(result) = early.remove(&reported) {
            report(&items[reported], result)?;
            reported += 1;
            queue.report(reported);
        }
    }
    Ok(())
}

/// Which item is next, and how far the report is.
struct Queue {
    state: Mutex<State>,
    moved: Condvar,
}

struct State {
    length: usize,
    next: usize,
    reported: usize,
    is_closed: bool,
}

impl Queue {
    fn of(length: usize) -> Self {
        Self {
            state: Mutex::new(State {
                length,
                next: 0,
                reported: 0,
                is_closed: false,
            }),
            moved: Condvar::new(),
        }
    }

    /// The next item, once the report is near enough; `None` at the end.
    fn next(&self) -> Option<usize> {
        let is_far = |state: &mut State| !state.is_closed && state.next >= state.reported + AHEAD;
        let waited = self.moved.wait_while(self.lock(), is_far);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        let index = state.next;
        state.next += 1;
        (index < state.length && !state.is_closed).then_some(index)
    }

    fn report(&self, reported: usize) {
        self.lock().reported = reported;
        self.moved.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change leaves whole numbers.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the work when it is dropped.
struct Closing<'a>(&'a Queue);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn results_come_in_order_whoever_is_slow() {
        let items: Vec<usize> = (0..500).collect();
        let done = AtomicUsize::new(0);
        let mut reported = Vec::new();
        let work = |worker: &mut usize, item: &usize| {
            *worker += 1;
            // The first is the slowest: all others wait for its report.
            if *item == 0 {
                std::thread::yield_now();
            }
            item * 2
        };
        let mut workers = [0; 3];
        let progress = || {
            done.fetch_add(1, Ordering::Relaxed);
        };
        in_order(&items, &mut workers, work, progress, |item, result| {
            reported.push((*item, result));
            Ok(())
        })
        .unwrap();
        let expected: Vec<_> = items.iter().map(|item| (*item, item * 2)).collect();
        assert_eq!(reported, expected);
        assert_eq!(workers.iter().sum::<usize>(), 500);
        assert_eq!(done.load(Ordering::Relaxed), 500);
    }

    #[test]
    fn an_error_of_the_report_ends_the_work() {
        let items: Vec<usize> = (0..10_000).collect();
        let worked = AtomicUsize::new(0);
        let work = |(): &mut (), _: &usize| worked.fetch_add(1, Ordering::Relaxed);
        let ended = in_order(
            &items,
            &mut [(); 2],
            work,
            || (),
            |item, _| {
                anyhow::ensure!(*item < 10, "the reader has gone");
                Ok(())
            },
        );
        assert!(ended.is_err());
        // What was under way, and no more than the report may be behind.
        assert!(worked.load(Ordering::Relaxed) <= 11 + AHEAD + 2);
    }
}
