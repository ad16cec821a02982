//! `moue pick`: in a window of a screen of its own, with keys and the clipboard.
#![cfg(all(target_os = "linux", feature = "pick"))]

mod common;
#[path = "common/display.rs"]
mod display;

use common::{World, eventually};
use display::Display;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// `None` if what is needed is not installed.
fn display() -> Option<Display> {
    Display::open(&["xdotool", "xclip"])
}

/// Whether a window of this program is on the screen.
fn has_window(display: &Display) -> bool {
    let found = display.run("xdotool", &["search", "--onlyvisible", "--name", "^moue$"]);
    !found.stdout.is_empty()
}

fn copied(display: &Display, target: &str) -> Vec<u8> {
    let args = ["-selection", "clipboard", "-target", target, "-out"];
    display.run("xclip", &args).stdout
}

fn copied_picture(display: &Display) -> Option<image::RgbImage> {
    let picture = image::load_from_memory(&copied(display, "image/png")).ok()?;
    Some(picture.into_rgb8())
}

/// The program with its window.
struct Pick<'a> {
    display: &'a Display,
    child: Child,
}

impl<'a> Pick<'a> {
    fn start(display: &'a Display, w: &World, args: &[&str]) -> Self {
        let child = w
            .command(&[&["pick"], args].concat())
            .env("DISPLAY", &display.name)
            .env("XDG_DATA_HOME", w.path("data"))
            .env("XDG_CACHE_HOME", w.path("cache"))
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let pick = Self { display, child };
        assert!(eventually(|| has_window(display)), "a window opens");
        pick
    }

    /// Presses a key again and again until the window is gone: a picture may not be there yet.
    fn press_until_closed(&mut self, key: &str) {
        let is_closed = eventually(|| {
            self.display.press(key);
            self.child.try_wait().unwrap().is_some()
        });
        assert!(is_closed, "{key} closes the window");
        assert!(!has_window(self.display));
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Pick<'_> {
    fn drop(&mut self) {
        let _ = (self.child.kill(), self.child.wait());
    }
}

/// A gallery of two still pictures and an animation, whose names differ from what they show.
fn gallery(w: &World) {
    w.drawing_as("lola-grin", "in/monday.png");
    w.drawing_as("otis-angry", "in/deadline.png");
    std::fs::create_dir_all(w.path("in")).unwrap();
    w.animation("in/party time.gif", &[("mina-laugh", 3), ("mina-calm", 3)]);
    let added = w.run(&["gallery", "add", "a.moue", "in"]);
    assert_eq!(added.code, Some(0), "{}", added.stderr);
}

fn pixels(w: &World, file: &str) -> image::RgbImage {
    image::open(w.path(file)).unwrap().into_rgb8()
}

#[test]
fn a_digit_copies_the_match_of_the_face_and_closes_the_window() {
    let Some(display) = display() else {
        return;
    };
    let w = World::new();
    gallery(&w);
    let query = w.drawing("otis-angry");
    let mut pick = Pick::start(&display, &w, &["--video", &query, "--gallery", "a.moue"]);
    pick.press_until_closed("1");
    // The process that holds the copy takes a moment to start.
    assert!(eventually(|| copied_picture(&display).is_some()));
    assert_eq!(
        copied_picture(&display),
        Some(pixels(&w, "in/deadline.png"))
    );
    let kept = std::fs::read_to_string(w.path("data/moue/pick.json")).unwrap();
    assert!(kept.contains("deadline"), "{kept}");
}

#[test]
fn typing_filters_and_an_animation_is_copied_as_its_file() {
    let Some(display) = display() else {
        return;
    };
    let w = World::new();
    gallery(&w);
    let query = w.drawing("otis-angry");
    let mut pick = Pick::start(&display, &w, &["--video", &query, "--gallery", "a.moue"]);
    display.run("xdotool", &["type", "party"]);
    // A face whose first match is another picture does not hinder it.
    pick.press_until_closed("Return");
    let uri = || String::from_utf8(copied(&display, "text/uri-list")).unwrap();
    assert!(eventually(|| !uri().is_empty()));
    assert!(uri().trim().ends_with("/in/party%20time.gif"), "{}", uri());
    assert!(uri().starts_with("file:///"), "{}", uri());
}

#[test]
fn tab_shows_what_was_picked_before_also_without_a_face() {
    let Some(display) = display() else {
        return;
    };
    let w = World::new();
    gallery(&w);
    let query = w.drawing("lola-grin");
    let args = ["--video", &query, "--gallery", "a.moue"];
    Pick::start(&display, &w, &args).press_until_closed("1");
    assert!(eventually(|| copied_picture(&display).is_some()));
    // Something else is copied, and then the same picture again, from the history.
    let mut other = Command::new("xclip")
        .args(["-selection", "clipboard", "-in", "-quiet"])
        .env("DISPLAY", &display.name)
        .stdin(Stdio::from(std::fs::File::open(w.path("a.moue")).unwrap()))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert!(eventually(|| copied_picture(&display).is_none()));
    w.blank("blank.png");
    let args = ["--video", "blank.png", "--gallery", "a.moue"];
    let mut pick = Pick::start(&display, &w, &args);
    display.press("Tab");
    pick.press_until_closed("1");
    assert!(eventually(|| copied_picture(&display).is_some()));
    assert_eq!(copied_picture(&display), Some(pixels(&w, "in/monday.png")));
    let _ = (other.kill(), other.wait());
}

#[test]
fn escape_closes_the_window_without_a_camera_and_nothing_is_kept() {
    let Some(display) = display() else {
        return;
    };
    let w = World::new();
    let mut pick = Pick::start(&display, &w, &["--camera", "no such camera"]);
    pick.press_until_closed("Escape");
    assert!(!w.path("data").exists());
}

#[test]
fn a_gallery_that_is_missing_is_an_error_with_the_way_out() {
    let Some(display) = display() else {
        return;
    };
    let w = World::new();
    let query = w.drawing("lola-grin");
    let args = ["--video", &query, "--gallery", "none.moue"];
    let mut pick = Pick::start(&display, &w, &args);
    let closed = eventually(|| {
        display.press("Escape");
        pick.child.try_wait().unwrap().is_some()
    });
    assert!(closed);
    let stderr = std::io::read_to_string(pick.child.stderr.take().unwrap()).unwrap();
    assert!(stderr.contains("moue gallery add none.moue"), "{stderr}");
    assert_eq!(pick.child.wait().unwrap().code(), Some(2));
}

#[test]
fn the_hotkey_opens_the_window_and_closes_it() {
    let Some(display) = display() else {
        return;
    };
    let w = World::new();
    let query = w.drawing("lola-grin");
    let mut daemon = w
        .command(&[
            "pick",
            "--daemon",
            "--hotkey",
            "ctrl+alt+KeyP",
            "--video",
            &query,
        ])
        .env("DISPLAY", &display.name)
        .env("XDG_DATA_HOME", w.path("data"))
        .env_remove("WAYLAND_DISPLAY")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(daemon.stderr.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(line.contains("waiting for ctrl+alt+KeyP"), "{line}");
    assert!(!has_window(&display));
    display.press("ctrl+alt+p");
    let opened = eventually(|| has_window(&display));
    display.press("ctrl+alt+p");
    let closed = eventually(|| !has_window(&display));
    let _ = (daemon.kill(), daemon.wait());
    assert!(opened && closed);
}

#[test]
fn without_a_desktop_or_on_wayland_it_says_what_to_do() {
    let w = World::new();
    let run = |args: &[&str], wayland: &str| {
        let mut command = w.command(args);
        command
            .env_remove("DISPLAY")
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env("XDG_RUNTIME_DIR", w.path(""))
            .env("WAYLAND_DISPLAY", wayland);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(run(&["pick"], "").contains("moue live --terminal"));
    let daemon = run(&["pick", "--daemon"], "wayland-9");
    assert!(daemon.contains("keyboard settings"), "{daemon}");
}
