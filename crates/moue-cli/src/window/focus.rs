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
