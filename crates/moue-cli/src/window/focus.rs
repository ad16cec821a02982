//! The keyboard on X11 without a window manager.

use anyhow::Result;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt, InputFocus, MapState};

/// Gives the window the keyboard if no window manager does. Returns whether that is settled: the
/// window has the keyboard, or a window manager takes care of it.
pub(super) fn focus(connection: &impl Connection, root: u32, window: u32) -> Result<bool> {
    if has_window_manager(connection, root)? {
        return Ok(true);
    }
    // The server refuses to focus a window that is not on the screen yet.
    let attributes = connection.get_window_attributes(window)?.reply()?;
    if attributes.map_state != MapState::VIEWABLE {
        return Ok(false);
    }
    connection
        .set_input_focus(InputFocus::POINTER_ROOT, window, x11rb::CURRENT_TIME)?
        .check()?;
    Ok(true)
}

/// Whether a window manager has announced itself as the EWMH standard demands.
fn has_window_manager(connection: &impl Connection, root: u32) -> Result<bool> {
    let name = b"_NET_SUPPORTING_WM_CHECK";
    let property = connection.intern_atom(false, name)?.reply()?.atom;
    let value = connection
        .get_property(false, root, property, AtomEnum::WINDOW, 0, 1)?
        .reply()?;
    Ok(value.value_len > 0)
}

/// Gives the window the keyboard on X11 if no window manager does; returns whether that is settled.
#[cfg(feature = "pick")]
pub(super) fn focus_toolkit(window: &winit::window::Window) -> Result<bool> {
    use winit::raw_window_handle::{HasWindowHandle, RawWindowHandle};
    let id = match window.window_handle()?.as_raw() {
        RawWindowHandle::Xlib(handle) => u32::try_from(handle.window)?,
        RawWindowHandle::Xcb(handle) => handle.window.get(),
        _ => return Ok(true),
    };
    // A connection of our own: winit does not lend its own.
    let (connection, screen) = x11rb::connect(None)?;
    let root = connection.setup().roots[screen].root;
    focus(&connection, root, id)
}
