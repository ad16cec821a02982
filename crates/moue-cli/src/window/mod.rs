//! A window that shows pictures and closes on any key. It must run on the main thread, as macOS and
//! some Wayland compositors demand.

mod app;
mod calculator;
#[cfg(target_os = "linux")]
mod focus;
mod handle;

pub(crate) use calculator::ImageWindow;
pub(crate) use handle::{is_closed, show, wait_until_closed};

use anyhow::{Context, Result, anyhow};
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

/// Opens the window, runs `work` on another thread, and closes the window when that has ended.
pub(crate) fn with_window<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let event_loop = EventLoop::<Message>::with_user_event().build().context(
        "no window can be opened; is there a desktop? --terminal and --json work without one",
    )?;
    let proxy = event_loop.create_proxy();
    handle::open(proxy.clone())?;
    let worker = std::thread::spawn(move || {
        let result = work();
        // The event loop may have ended before.
        let _ = proxy.send_event(Message::Close);
        result
    });
    let mut app = App::new(&event_loop)?;
    let ended = event_loop.run_app(&mut app);
    // From now on the worker sees that it may end.
    handle::set_closed();
    let result = worker
        .join()
        .map_err(|_| anyhow!("the work behind the window panicked"))?;
    ended?;
    app.failure.map_or(result, Err)
}
