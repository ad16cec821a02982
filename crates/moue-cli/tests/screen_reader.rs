//! What a screen reader of Linux is told of the windows: through the bus of accessibility, as Orca asks.
#![cfg(all(target_os = "linux", feature = "pick"))]

mod common;
#[path = "common/display.rs"]
mod display;

use common::World;
use display::Display;
use std::process::Command;

/// Starts the program and prints what is in its window, once that has the words of the first argument.
const READER: &str = include_str!("common/reader.py");

/// What a screen reader is told of the window of this command, a line for each part: its role and its name.
/// `None` if what is needed is not installed.
fn heard(w: &World, expected: &str, args: &[&str]) -> Option<String> {
    let display = Display::open(&[
        "dbus-run-session",
        "dbus-send",
        "/usr/libexec/at-spi-bus-launcher",
    ])?;
    if !has_bindings() {
        common::skip(
            "Python's bindings of the bus (python3-gi, gir1.2-atspi-2.0) are not installed",
        );
        return None;
    }
    let program = w.command(&[]).get_program().to_owned();
    let output = Command::new("dbus-run-session")
        .args(["--", "/usr/bin/python3", "-c", READER, expected])
        .arg(program)
        .args(args)
        .current_dir(w.path(""))
        .env("DISPLAY", &display.name)
        .env("XDG_DATA_HOME", w.path("data"))
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    Some(text)
}

fn has_bindings() -> bool {
    let code = "import gi; gi.require_version('Atspi', '2.0')";
    let ran = Command::new("/usr/bin/python3").args(["-c", code]).output();
    ran.is_ok_and(|output| output.status.success())
}

#[test]
fn a_screen_reader_is_told_what_to_pick_from() {
    let w = World::new();
    let query = w.drawing("otis-angry");
    let args = ["pick", "--no-history", "--video", &query];
    let Some(text) = heard(&w, "Matches: 9, first", &args) else {
        return;
    };
    for part in [
        "image Your face: ",
        "radio button History",
        "push button 1: ",
        "check box Favorite: ",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn a_screen_reader_is_told_of_the_live_view() {
    let w = World::new();
    let query = w.drawing("otis-angry");
    let args = ["live", "--window", "--video", &query];
    let Some(text) = heard(&w, "q closes", &args) else {
        return;
    };
    assert!(text.contains("image anger"), "{text}");
    // The camera and three matches.
    assert_eq!(text.matches("image ").count(), 4, "{text}");
}
