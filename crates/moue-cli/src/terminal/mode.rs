//! The terminal's mode: taken for a screen of our own, and given back.

use crate::files;
use anyhow::Result;
use crossterm::cursor::{Hide, Show};
use crossterm::execute;
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use std::io::stdout;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the program has changed the terminal's mode. Relaxed suffices: it guards no other data.
static IS_CHANGED: AtomicBool = AtomicBool::new(false);

/// Switches to an empty screen, on which keys are read as they are pressed.
pub(super) fn take() -> Result<()> {
    enable_raw_mode()?;
    IS_CHANGED.store(true, Ordering::Relaxed);
    execute!(stdout(), EnterAlternateScreen, Hide, Clear(ClearType::All))?;
    Ok(())
}

/// Puts the terminal into the state in which the program found it, if it has changed it.
pub(crate) fn restore() {
    if IS_CHANGED.swap(false, Ordering::Relaxed) {
        // There is nothing to do about a terminal that has gone.
        let _ = execute!(stdout(), Show, LeaveAlternateScreen);
        let _ = disable_raw_mode();
    }
}

/// Ends the program with this exit code while other threads work. Unfinished files disappear.
pub(crate) fn end_at_once(code: i32) -> ! {
    files::remove_unfinished();
    restore();
    std::process::exit(code)
}
