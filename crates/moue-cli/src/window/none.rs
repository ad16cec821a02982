//! No window, where this program was built without one.

use super::message::{Closing, Message};
use anyhow::{Result, bail};
use std::convert::Infallible;

/// A window that there is not.
pub(super) struct Window(Infallible);

#[derive(Clone)]
pub(super) struct Proxy(Infallible);

impl Proxy {
    pub(super) fn send(&self, _: Message) -> bool {
        match self.0 {}
    }
}

impl Window {
    pub(super) fn open() -> Result<Self> {
        bail!(
            "no window can be opened: this moue was built without one, the feature pick has it; \
             --terminal and --json work without one"
        )
    }

    pub(super) fn proxy(&self) -> Proxy {
        match self.0 {}
    }

    pub(super) fn run(self, _: Closing) -> Result<()> {
        match self.0 {}
    }
}
