//! Panics: a fault of moue in one picture must not end the work on the others.

use crate::{output, terminal};
use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

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
}
