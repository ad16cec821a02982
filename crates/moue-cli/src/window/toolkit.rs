//! The window by `winit`: on Windows and macOS, and on Linux where Wayland was built in.

use super::app::App;
use super::message::{Closing, Message};
use crate::panics;
use anyhow::{Result, anyhow, bail};
use winit::event_loop::{EventLoop, EventLoopProxy};

/// How other threads reach the window.
#[derive(Clone)]
pub(super) struct Proxy(EventLoopProxy<Message>);

impl Proxy {
    /// Sends a message; `false` if the window has ended.
    pub(super) fn send(&self, message: Message) -> bool {
        self.0.send_event(message).is_ok()
    }
}

/// The window's event loop.
pub(super) struct Window(EventLoop<Message>);

impl Window {
    /// Connects to the desktop. What is missing for that is an error, also where the library for
    /// windows panics.
    pub(super) fn open() -> Result<Self> {
        let built = panics::caught(|| EventLoop::<Message>::with_user_event().build());
        match built {
            Ok(Ok(event_loop)) => Ok(Self(event_loop)),
            Ok(Err(error)) => {
                // What winit reports names a line of its own source.
                let reason = error.to_string();
                let reason = reason.rsplit(": ").next().unwrap_or(&reason);
                bail!(
                    "no window can be opened, the desktop cannot be reached: {reason}; --terminal and \
                     --json work without one"
                )
            }
            Err(panic) => bail!("no window can be opened: {}", missing_library(&panic)),
        }
    }

    pub(super) fn proxy(&self) -> Proxy {
        Proxy(self.0.create_proxy())
    }

    /// Shows what is sent until the window is closed.
    pub(super) fn run(self, closing: Closing) -> Result<()> {
        let mut app = App::new(&self.0, closing)?;
        let ended = panics::caught(|| self.0.run_app(&mut app));
        ended.map_err(|panic| anyhow!("the window failed: {}", missing_library(&panic)))??;
        app.failure.map_or(Ok(()), Err)
    }
}

/// What to install for a library that winit loads while it runs, and panics without.
pub(super) fn missing_library(panic: &str) -> String {
    let known = [
        ("xkbcommon-x11", "libxkbcommon-x11-0", "libxkbcommon-x11"),
        ("xkbcommon", "libxkbcommon0", "libxkbcommon"),
        ("wayland", "libwayland-client0", "wayland"),
    ];
    let found = known.iter().find(|(part, ..)| panic.contains(part));
    found.map_or_else(
        || panic.to_owned(),
        |(part, debian, others)| {
            format!(
                "the library {part} is missing; install the package {debian} (Debian, Ubuntu) or \
                 {others} (others), or use --terminal"
            )
        },
    )
}
