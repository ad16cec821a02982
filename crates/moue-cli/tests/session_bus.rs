//! What windows say and ask on the bus of a desktop of Linux: what a screen reader is told, as Orca asks for it,
//! and the hotkey that a desktop with Wayland lends.
#![cfg(all(target_os = "linux", feature = "pick"))]

mod common;
#[path = "common/display.rs"]
mod display;

use common::World;
use display::Display;
use std::process::Command;

/// Starts a program and prints what a screen reader is told of its window, once that has the words of the
/// first argument.
const READER: &str = include_str!("common/reader.py");

/// Starts a program and lends it a hotkey, which is then pressed.
const PORTAL: &str = include_str!("common/portal.py");

fn has_bindings() -> bool {
    let code = "import gi; gi.require_version('Atspi', '2.0')";
    let ran = Command::new("/usr/bin/python3").args(["-c", code]).output();
    ran.is_ok_and(|output| output.status.success())
}

/// A script of Python with the program, on a bus of their own: the script, its arguments, and those of the program.
/// `None` if what is needed is not installed.
fn on_a_bus(w: &World, script: &str, words: &[&str], args: &[&str]) -> Option<Command> {
    let needed = [
        "dbus-run-session",
        "dbus-send",
        "/usr/libexec/at-spi-bus-launcher",
    ];
    if !needed.iter().all(|program| common::installed(program)) {
        return None;
    }
    if !has_bindings() {
        common::skip(
            "Python's bindings of the bus (python3-gi, gir1.2-atspi-2.0) are not installed",
        );
        return None;
    }
    let mut command = Command::new("dbus-run-session");
    command
        .args(["--", "/usr/bin/python3", "-c", script])
        .args(words)
        .arg(w.command(&[]).get_program())
        .args(args)
        .current_dir(w.path(""))
        .env("XDG_DATA_HOME", w.path("data"));
    Some(command)
}

/// What a screen reader is told of the window of this command, a line for each part: its role and its name.
fn heard(w: &World, expected: &str, args: &[&str]) -> Option<String> {
    let mut command = on_a_bus(w, READER, &[expected], args)?;
    let display = Display::open(&[])?;
    command
        .env("DISPLAY", &display.name)
        .env_remove("WAYLAND_DISPLAY");
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    Some(text)
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

#[test]
fn on_wayland_the_desktop_lends_the_hotkey() {
    let w = World::new();
    let args = ["pick", "--daemon", "--hotkey", "super+KeyJ"];
    let Some(mut command) = on_a_bus(&w, PORTAL, &[], &args) else {
        return;
    };
    command
        .env("XDG_RUNTIME_DIR", w.path(""))
        .env("WAYLAND_DISPLAY", "wayland-of-no-one")
        .env_remove("DISPLAY");
    let output = command.output().unwrap();
    let asked = String::from_utf8(output.stdout).unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        asked.contains(r#""preferred_trigger": "LOGO+j""#),
        "{asked}\n{told}"
    );
    assert!(told.contains("waiting for Ctrl+Alt+J"), "{told}");
    // There is no compositor, which the window says, but only once: the other press was of another session.
    let windows = told.matches("no window can be opened").count();
    assert_eq!(windows, 1, "{told}");
}
