//! Panics: a fault of moue in one picture must not end the work on the others.

use crate::{output, parallel, terminal};
use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, PoisonError};

thread_local! {
    /// Where the last panic of this thread was; set only while [`caught`] runs.
    static PLACE: Cell<Option<String>> = const { Cell::new(None) };
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Reports panics in one line. Those that [`caught`] catches are left to its caller.
pub(crate) fn install_hook() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string);
        if IS_CAUGHT.get() {
            PLACE.set(place);
            return;
        }
        terminal::restore();
        let message = description(info.payload());
        let place = place.unwrap_or_default();
        output::message(&format!(
            "this is a fault of moue, please report it: {message} ({place})"
        ));
    }));
}

/// Runs `work`; a panic in it becomes a text. Whatever `work` was changing is in an unknown state
/// afterwards and must be made again.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let outer = IS_CAUGHT.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    IS_CAUGHT.set(outer);
    result.map_err(|payload| {
        let message = description(&*payload);
        let place = PLACE.take().unwrap_or_default();
        format!("this is a fault of moue, please report it: {message} ({place})")
    })
}

/// Somebody who works on one thing after the other and is replaced after a panic.
pub(crate) struct Worker<'a, W> {
    worker: W,
    /// What it was at first. Its networks have buffers, so that threads only take turns with it.
    template: Arc<Mutex<&'a mut W>>,
}

/// As many workers as there are cores, but no more than there are items, each with working memory of
/// its own.
pub(crate) fn workers<W: Clone>(template: &mut W, items: usize) -> Vec<Worker<'_, W>> {
    let all = vec![template.clone(); parallel::worker_count(items)];
    let template = Arc::new(Mutex::new(template));
    let worker = |worker| Worker {
        worker,
        template: Arc::clone(&template),
    };
    all.into_iter().map(worker).collect()
}

impl<W: Clone> Worker<'_, W> {
    /// [`caught`], which leaves a new worker behind a panic.
    pub(crate) fn caught<T>(&mut self, work: impl FnOnce(&mut W) -> T) -> Result<T, String> {
        let result = caught(|| work(&mut self.worker));
        if result.is_err() {
            // Nothing changes it under the lock.
            let template = self.template.lock().unwrap_or_else(PoisonError::into_inner);
            self.worker = (*template).clone();
        }
        result
    }
}

fn description(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no description")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_text_with_its_place() {
        install_hook();
        let error = caught(|| -> usize { panic!("index {} of {}", 3, 2) }).unwrap_err();
        assert!(error.contains("index 3 of 2"), "{error}");
        assert!(error.contains("panics.rs"), "{error}");
        assert_eq!(caught(|| 7), Ok(7));
    }

    #[test]
    fn a_worker_that_panicked_is_replaced() {
        install_hook();
        let mut template = vec![1];
        let mut workers = workers(&mut template, 1);
        let worker = &mut workers[0];
        assert_eq!(worker.caught(|list| list.push(2)), Ok(()));
        let half_done = worker.caught(|list| {
            list.clear();
            panic!("half done");
        });
        assert!(half_done.is_err());
        assert_eq!(worker.caught(|list| list.clone()), Ok(vec![1]));
    }
}
