//! Panics of our own code in one file of many.

use std::any::Any;

/// What to say of a panic in one file.
pub(crate) fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("no description");
    format!("this is a fault of moue, please report it: {text}")
}
