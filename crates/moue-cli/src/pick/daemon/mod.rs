//! `moue pick --daemon`: opens the window when a hotkey is pressed.

#[cfg(target_os = "linux")]
mod portal;
#[cfg(target_os = "linux")]
mod trigger;

use crate::args::pick::PickArgs;
use crate::output;
use crate::report::Outcome;
use anyhow::{Context, Result};
use global_hotkey::hotkey::HotKey;
use global_hotkey::{GlobalHotKeyEvent, GlobalHotKeyManager, HotKeyState};
use std::ffi::OsString;
use std::process::{Child, Command, Stdio};
use winit::application::ApplicationHandler;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, EventLoop};
use winit::window::WindowId;

/// Waits for the hotkey until the program is interrupted.
pub(super) fn run(args: &PickArgs) -> Result<Outcome> {
    #[cfg(target_os = "linux")]
    if on_wayland() {
        return run_on_wayland(args);
    }
    // On Windows and macOS keys come by way of an event loop.
    let event_loop = EventLoop::<Pressed>::with_user_event()
        .build()
        .context("the desktop cannot be reached")?;
    let _taken = taken(&args.hotkey)?;
    let proxy = event_loop.create_proxy();
    GlobalHotKeyEvent::set_event_handler(Some(move |event: GlobalHotKeyEvent| {
        if event.state() == HotKeyState::Pressed {
            // Once the loop has ended nobody waits.
            let _ = proxy.send_event(Pressed);
        }
    }));
    output::note(&format!("waiting for {}; Ctrl-C ends it", args.hotkey));
    event_loop.run_app(&mut Daemon::default())?;
    Ok(Outcome::Found)
}

fn hotkey(keys: &str) -> Result<HotKey> {
    keys.parse()
        .with_context(|| format!("--hotkey {keys}: this names no key"))
}

/// Takes the keys, until what is returned is dropped.
fn taken(keys: &str) -> Result<GlobalHotKeyManager> {
    let hotkey = hotkey(keys)?;
    let manager = GlobalHotKeyManager::new().context("no hotkey can be taken here")?;
    manager
        .register(hotkey)
        .with_context(|| format!("{keys} cannot be taken; another program may have it"))?;
    Ok(manager)
}

/// On Wayland the keys of other windows reach nobody, and a hotkey of Xwayland works only in its own
/// windows: a program that waits for one would seem to be broken.
#[cfg(target_os = "linux")]
fn on_wayland() -> bool {
    std::env::var_os("WAYLAND_DISPLAY").is_some_and(|name| !name.is_empty())
}

/// Waits for a hotkey that the desktop lends.
#[cfg(target_os = "linux")]
fn run_on_wayland(args: &PickArgs) -> Result<Outcome> {
    let wished = trigger::of(&hotkey(&args.hotkey)?);
    let mut shortcut = portal::Shortcut::bind(wished.as_deref()).context(
        "this desktop lends no hotkey; bind a key to `moue pick` in its keyboard settings (GNOME and KDE: \
         custom shortcuts; sway: bindsym $mod+m exec moue pick)",
    )?;
    match &shortcut.keys {
        Some(keys) => output::note(&format!("waiting for {keys}; Ctrl-C ends it")),
        None => output::note(
            "waiting for the hotkey; the desktop's settings have its keys, Ctrl-C ends it",
        ),
    }
    let mut daemon = Daemon::default();
    loop {
        shortcut.wait()?;
        daemon.press();
    }
}

/// The hotkey was pressed.
struct Pressed;

/// The arguments of a window: those of the program without what makes it a daemon.
fn without_daemon(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut left = Vec::new();
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        if text == "--hotkey" {
            // Its value.
            arguments.next();
        } else if text != "--daemon" && !text.starts_with("--hotkey=") {
            left.push(argument);
        }
    }
    left
}

#[derive(Default)]
struct Daemon {
    /// The window that was opened last, a process of its own: what fails there does not end this one.
    window: Option<Child>,
    /// Windows that were told to close; one may still be busy with copying a picture.
    closing: Vec<Child>,
}

impl Daemon {
    /// The hotkey was pressed.
    fn press(&mut self) {
        if let Err(error) = self.toggle() {
            output::message(&crate::report::chain(&error));
        }
    }

    /// Opens the window, or closes it if it is open.
    fn toggle(&mut self) -> Result<()> {
        // The system keeps a process that has ended until somebody asks for it.
        self.closing
            .retain_mut(|window| matches!(window.try_wait(), Ok(None)));
        if let Some(mut open) = self.window.take()
            && open.try_wait()?.is_none()
        {
            // The end of its input tells it to close, which it does when a copy is done.
            drop(open.stdin.take());
            self.closing.push(open);
            return Ok(());
        }
        let program = std::env::current_exe().context("the program does not know its own path")?;
        let child = Command::new(program)
            .args(without_daemon(std::env::args_os().skip(1)))
            .arg("--close-with-input")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .context("the window cannot be started")?;
        self.window = Some(child);
        Ok(())
    }
}

impl ApplicationHandler<Pressed> for Daemon {
    fn resumed(&mut self, _: &ActiveEventLoop) {}

    fn window_event(&mut self, _: &ActiveEventLoop, _: WindowId, _: WindowEvent) {}

    fn user_event(&mut self, _: &ActiveEventLoop, Pressed: Pressed) {
        self.press();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_gets_the_arguments_without_those_of_the_daemon() {
        let left = |text: &str| {
            let arguments = text.split(' ').map(OsString::from);
            let left = without_daemon(arguments);
            left.join(std::ffi::OsStr::new(" ")).into_string().unwrap()
        };
        assert_eq!(left("pick --daemon --tag a"), "pick --tag a");
        assert_eq!(left("pick --hotkey super+KeyM --daemon"), "pick");
        assert_eq!(left("pick --tag a --hotkey=F9 --daemon"), "pick --tag a");
    }

    #[test]
    fn the_default_hotkey_is_one() {
        "ctrl+alt+KeyM".parse::<HotKey>().unwrap();
    }
}
