//! A window that shows pictures. It must run on the main thread, as macOS and
//! some Wayland compositors demand.

mod app;
mod calculator;
#[cfg(target_os = "linux")]
mod focus;
mod handle;

pub(crate) use app::Closing;
pub(crate) use calculator::ImageWindow;
pub(crate) use handle::{WindowScreen, is_closed, wait_until_closed};

use crate::panics;
use anyhow::{Result, anyhow, bail};
use app::App;
use handle::Message;
use winit::event_loop::EventLoop;

/// Whether there is a desktop to open a window on.
pub(crate) fn is_possible() -> bool {
    cfg!(any(windows, target_os = "macos")) || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

/// The desktop on which a window can be opened.
pub(crate) struct Desktop(EventLoop<Message>);

impl Desktop {
    /// Connects to the desktop. What is missing for that is an error, also where the library for
    /// windows panics.
    pub(crate) fn open() -> Result<Self> {
        let built = panics::caught(|| EventLoop::<Message>::with_user_event().build());
        match built {
            Ok(Ok(event_loop)) => Ok(Self(event_loop)),
            // What winit reports names a line of its own source.
            Ok(Err(_)) if !is_possible() => bail!(
                "no window can be opened: there is no desktop (neither DISPLAY nor WAYLAND_DISPLAY is \
                 set); --terminal and --json work without one"
            ),
            Ok(Err(error)) => {
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

    /// Runs `work` on another thread, with a window that is closed when that has ended.
    pub(crate) fn run<T: Send + 'static>(
        self,
        closing: Closing,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let event_loop = self.0;
        let proxy = event_loop.create_proxy();
        handle::open(proxy.clone())?;
        let mut app = App::new(&event_loop, closing)?;
        let worker = std::thread::spawn(move || {
            let result = work();
            // The event loop may have ended before.
            let _ = proxy.send_event(Message::Close);
            result
        });
        let ended = panics::caught(|| event_loop.run_app(&mut app));
        // From now on the worker sees that it may end.
        handle::set_closed();
        let result = worker
            .join()
            .map_err(|_| anyhow!("the work behind the window panicked"))?;
        ended.map_err(|panic| anyhow!("the window failed: {}", missing_library(&panic)))??;
        app.failure.map_or(result, Err)
    }
}

/// What to install for a library that winit loads while it runs, and panics without.
fn missing_library(panic: &str) -> String {
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
