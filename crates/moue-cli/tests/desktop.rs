//! `moue find --open`, `--copy` and `--paste`: what belongs to a desktop.
#![cfg(target_os = "linux")]

mod common;
#[path = "common/display.rs"]
mod display;

use common::World;
use display::Display;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

/// A program called xdg-open that does this.
fn with_opener(w: &World, script: &str) -> String {
    let path = w.path("bin/xdg-open");
    std::fs::create_dir_all(w.path("bin")).unwrap();
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    let others = std::env::var("PATH").unwrap();
    format!("{}:{others}", w.path("bin").display())
}

/// `moue find --open` on a desktop with this search path.
fn open(w: &World, path: &str, more: &[&str]) -> (Option<i32>, String) {
    let picture = w.drawing("lola-grin");
    std::fs::create_dir_all(w.path("tmp")).unwrap();
    let output = w
        .command(&[&["find", &picture, "--open"], more].concat())
        .env("PATH", path)
        .env("DISPLAY", ":0")
        .env("TMPDIR", w.path("tmp"))
        .output()
        .unwrap();
    // The answer is printed, whatever becomes of the sheet.
    assert!(!output.stdout.is_empty());
    let text = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), text)
}

#[test]
fn the_sheet_is_opened() {
    let w = World::new();
    let path = with_opener(&w, "printf '%s' \"$1\" > opened");
    let opened = || std::fs::read_to_string(w.path("opened")).unwrap();
    let (code, text) = open(&w, &path, &[]);
    assert_eq!(code, Some(0), "{text}");
    // A temporary one, that nobody else may read and that is still there.
    let sheet = std::path::PathBuf::from(opened());
    assert!(sheet.starts_with(w.path("tmp")), "{}", sheet.display());
    assert!(image::open(&sheet).unwrap().width() > 500);
    let mode = sheet.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);

    let (code, text) = open(&w, &path, &["--sheet", "sheet.png"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(opened().ends_with("sheet.png") && w.path("sheet.png").exists());
}

#[test]
fn a_sheet_that_cannot_be_opened_is_kept_and_the_reason_named() {
    let w = World::new();
    let failing = with_opener(&w, "exit 3");
    let nowhere = w.path("nowhere").display().to_string();
    for (path, reason) in [(&failing, "no program"), (&nowhere, "xdg-utils")] {
        let (code, text) = open(&w, path, &["--sheet", "sheet.png"]);
        assert_eq!(code, Some(2));
        assert!(
            text.contains(reason) && text.contains("sheet.png"),
            "{text}"
        );
        assert!(w.path("sheet.png").exists());
    }
    let headless = w
        .command(&["find", "lola-grin.png", "--open", "--sheet", "sheet.png"])
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    assert_eq!(headless.status.code(), Some(2));
    let text = String::from_utf8(headless.stderr).unwrap();
    assert!(text.contains("there is no desktop"), "{text}");
}

/// `moue` on this screen.
fn run(display: &Display, w: &World, args: &[&str]) -> common::Ran {
    let mut command = w.command(args);
    command
        .env("DISPLAY", &display.name)
        .env_remove("WAYLAND_DISPLAY");
    let output = command.output().unwrap();
    common::Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Another program with this file in the clipboard, as file managers copy it.
fn owner(display: &Display, file: &std::path::Path) -> Owner {
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "owns_the_clipboard", "--nocapture"])
        .env("DISPLAY", &display.name)
        .env("MOUE_TEST_FILE", file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(owner.stdout.take().unwrap()).lines();
    assert!(
        lines
            .map_while(Result::ok)
            .any(|line| line.contains("owned"))
    );
    Owner(owner)
}

struct Owner(Child);

impl Drop for Owner {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// No test: the process that [`owner`] starts.
#[test]
#[ignore = "a part of another test"]
#[cfg(feature = "clipboard")]
fn owns_the_clipboard() {
    let Some(file) = std::env::var_os("MOUE_TEST_FILE") else {
        return;
    };
    let mut clipboard = arboard::Clipboard::new().unwrap();
    clipboard.set().file_list(&[file]).unwrap();
    println!("\nowned");
    // Until it is killed.
    std::thread::sleep(std::time::Duration::from_secs(600));
}

#[test]
#[cfg(feature = "clipboard")]
fn what_was_copied_is_searched_for() {
    let Some(display) = Display::open(&[]) else {
        return;
    };
    let w = World::new();
    let nothing = run(&display, &w, &["find", "--paste"]);
    assert_eq!(nothing.code, Some(2));
    assert!(
        nothing.stderr.contains("neither a picture nor a file"),
        "{}",
        nothing.stderr
    );

    for name in ["lola-grin", "otis-angry"] {
        w.drawing_as(name, &format!("in/{name}.png"));
    }
    assert_eq!(w.run(&["gallery", "add", "a.moue", "in"]).code, Some(0));
    // The file is gone: its thumbnail is copied.
    for file in ["in/lola-grin.png", "lola-grin.png"] {
        let query = w.drawing("lola-grin");
        let copied = run(
            &display,
            &w,
            &["find", &query, "--gallery", "a.moue", "--copy"],
        );
        assert_eq!(copied.code, Some(0), "{}", copied.stderr);
        // The process that holds the copy takes a moment to start.
        let paste = || {
            run(
                &display,
                &w,
                &["find", "--paste", "--gallery", "a.moue", "--json"],
            )
        };
        let mut pasted = paste();
        for _ in 0..100 {
            if pasted.code == Some(0) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
            pasted = paste();
        }
        assert_eq!(pasted.code, Some(0), "{}", pasted.stderr);
        let line = &pasted.json()[0];
        assert_eq!(line["picture"], "clipboard");
        assert_eq!(line["faces"][0]["matches"][0]["label"], "lola-grin");
        std::fs::remove_file(w.path(file)).unwrap();
    }

    let owner = owner(&display, &w.path("in/otis-angry.png"));
    let pasted = run(
        &display,
        &w,
        &["find", "--paste", "--gallery", "a.moue", "--json"],
    );
    assert_eq!(pasted.code, Some(0), "{}", pasted.stderr);
    let line = &pasted.json()[0];
    assert!(
        line["picture"]
            .as_str()
            .unwrap()
            .ends_with("in/otis-angry.png")
    );
    assert_eq!(line["faces"][0]["matches"][0]["label"], "otis-angry");
    drop(owner);
}

#[test]
#[cfg(feature = "clipboard")]
fn pasting_without_a_desktop_names_what_is_missing() {
    let w = World::new();
    let paste = |wayland: &str| {
        let mut command = w.command(&["find", "--paste"]);
        let command = command
            .env_remove("DISPLAY")
            .env("WAYLAND_DISPLAY", wayland);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(paste("").contains("DISPLAY is not set"));
    assert!(paste("wayland-0").contains("install the package xwayland"));
}
