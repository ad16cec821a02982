//! A window that shows pictures. It must run on the main thread, as macOS and
//! some Wayland compositors demand.

mod calculator;
#[cfg(target_os = "linux")]
mod focus;
mod handle;
mod message;
#[cfg(not(any(feature = "pick", target_os = "linux")))]
mod none;
#[cfg(feature = "pick")]
mod stage;
#[cfg(feature = "pick")]
pub(crate) mod ui;
#[cfg(all(target_os = "linux", not(feature = "pick")))]
mod x11;

pub(crate) use calculator::ImageWindow;
pub(crate) use handle::{WindowScreen, is_closed};
pub(crate) use message::Closing;

use anyhow::{Result, anyhow, ensure};
use message::Message;
#[cfg(not(any(feature = "pick", target_os = "linux")))]
use none as backend;
#[cfg(feature = "pick")]
use stage as backend;
#[cfg(all(target_os = "linux", not(feature = "pick")))]
use x11 as backend;

/// Whether there is a desktop to open a window on.
pub(crate) fn is_possible() -> bool {
    cfg!(any(windows, target_os = "macos")) || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

/// The desktop on which a window can be opened.
pub(crate) struct Desktop(backend::Window);

impl Desktop {
    /// Connects to the desktop. What is missing for that is an error.
    pub(crate) fn open() -> Result<Self> {
        ensure!(
            is_possible(),
            "no window can be opened: there is no desktop (neither DISPLAY nor WAYLAND_DISPLAY is set); \
             --terminal and --json work without one"
        );
        Ok(Self(backend::Window::open()?))
    }

    /// Runs `work` on another thread, with a window that is closed when that has ended.
    pub(crate) fn run<T: Send + 'static>(
        self,
        closing: Closing,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let proxy = self.0.proxy();
        handle::open(proxy.clone())?;
        let worker = std::thread::spawn(move || {
            let result = work();
            // The window may have been closed before.
            proxy.send(Message::Close);
            result
        });
        let ended = self.0.run(closing);
        // From now on the worker sees that it may end.
        handle::set_closed();
        let result = worker
            .join()
            .map_err(|_| anyhow!("the work behind the window panicked"))?;
        ended.and(result)
    }
}
