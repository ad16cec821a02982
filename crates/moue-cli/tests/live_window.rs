//! `moue live` and `moue run` in their windows.
#![cfg(all(target_os = "linux", feature = "window"))]

mod common;
#[path = "common/display.rs"]
mod display;
#[cfg(not(feature = "camera"))]
#[path = "common/pretended.rs"]
mod pretended;

use common::{World, eventually};
use display::Display;
use std::io::Write;
use std::process::{Child, Command, Stdio};

/// `None` if what is needed is not installed.
fn display() -> Option<Display> {
    Display::open(&["xdotool", "import"])
}

fn live(display: &Display, w: &World, args: &[&str]) -> Command {
    live_of(display, w, &["--video", "clip.gif"], args)
}

/// The same with another source.
fn live_of(display: &Display, w: &World, source: &[&str], args: &[&str]) -> Command {
    let mut command = w.command(&["live"]);
    command.args(source).args(args);
    on_display(command, display)
}

fn on_display(mut command: Command, display: &Display) -> Command {
    command.env("DISPLAY", &display.name);
    command.env_remove("WAYLAND_DISPLAY");
    command
}

/// Waits until something is shown and presses a key; the program has to end by that.
fn assert_ends_by(key: &str, display: &Display, mut child: Child, is_shown: impl FnMut() -> bool) {
    let shown = eventually(is_shown);
    display.press(key);
    let closed = eventually(|| child.try_wait().unwrap().is_some());
    let _ = child.kill();
    assert!(shown && closed && child.wait().unwrap().code() == Some(0));
}

/// Pixels of the color that marks the face and the best match.
fn marked_pixels(display: &Display, w: &World) -> usize {
    pixels(display, w, |color| color == [255, 196, 61])
}

/// Pixels that are not the black of an empty screen.
fn colored_pixels(display: &Display, w: &World) -> usize {
    pixels(display, w, |color| color != [0; 3])
}

fn pixels(display: &Display, w: &World, is_counted: impl Fn([u8; 3]) -> bool) -> usize {
    let shot = w.path("shot.png");
    let taken = display.run("import", &["-window", "root", &shot.to_string_lossy()]);
    let Ok(picture) = image::open(&shot) else {
        return 0;
    };
    assert!(taken.status.success());
    picture
        .to_rgb8()
        .pixels()
        .filter(|p| is_counted(p.0))
        .count()
}

#[test]
fn the_window_shows_the_match_saves_it_and_closes_on_q() {
    let Some(display) = display() else {
        return;
    };
    let w = World::new();
    w.animation("clip.gif", &[("mina-laugh", 400)]);
    let mut child = live(&display, &w, &["--window", "--save-as=png"])
        .spawn()
        .unwrap();
    let shown = eventually(|| marked_pixels(&display, &w) > 2000);
    display.press("space");
    display.press("shift");
    display.press("s");
    let saved = eventually(|| w.path("moue-1.png").exists());
    let open = child.try_wait().unwrap().is_none();
    display.press("q");
    let closed = eventually(|| child.try_wait().unwrap().is_some());
    let _ = child.kill();
    let status = child.wait().unwrap();
    assert!(shown, "the face and the match are marked");
    assert!(saved && open, "s saves, other keys do nothing");
    assert!(closed && status.code() == Some(0), "q closes it");
    let picture = image::open(w.path("moue-1.png")).unwrap();
    assert_eq!((picture.width(), picture.height()), (1072, 512));
}

/// What sends the frames may pause, and a camera may hang.
#[test]
fn the_window_closes_while_its_source_waits() {
    let Some(display) = display() else {
        return;
    };
    let w = World::new();
    let mut child = live_of(&display, &w, &["--raw", "400x400@25"], &["--window"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let pixels = moue_drawings::find("mina-laugh").unwrap().render(400);
    stdin.write_all(&pixels).unwrap();
    assert_ends_by("q", &display, child, || marked_pixels(&display, &w) > 2000);
    // Open until here: the source has not ended.
    drop(stdin);
}

/// A graph that shows its frames.
const SHOWN: &[u8] =
    b"input_stream: 'frame'\nnode { calculator: 'ImageWindowCalculator' input_stream: 'frame' }\n";

/// That graph with an input.
fn graph_of(display: &Display, w: &World, input: &str) -> Command {
    w.write("shown.pbtxt", SHOWN);
    let command = w.command(&["run", "shown.pbtxt", "--input", input]);
    on_display(command, display)
}

/// A graph shows the first frame of a camera that hangs then.
#[cfg(not(feature = "camera"))]
#[test]
fn a_graph_ends_with_its_window_while_its_camera_waits() {
    let Some(display) = display() else {
        return;
    };
    let w = World::new();
    let pixels = moue_drawings::find("mina-laugh").unwrap().render(400);
    w.write("frame.ppm", &[b"P6 400 400 255\n", &pixels[..]].concat());
    let hangs = format!("cat '{}'\nexec sleep 1000", w.path("frame.ppm").display());
    let child = graph_of(&display, &w, "frame=camera:0")
        .env("PATH", pretended::pretend_ffmpeg(&w, &hangs))
        .spawn()
        .unwrap();
    assert_ends_by("q", &display, child, || {
        colored_pixels(&display, &w) > 50_000
    });
    assert!(!pretended::is_running(&w), "the camera's program has ended");
}

#[test]
fn a_graph_ends_with_its_window_between_two_frames() {
    let Some(display) = display() else {
        return;
    };
    let w = World::new();
    w.slow_animation("long.gif", "mina-laugh", 500_000);
    let child = graph_of(&display, &w, "frame=long.gif").spawn().unwrap();
    assert_ends_by("q", &display, child, || {
        colored_pixels(&display, &w) > 50_000
    });
}

/// A library without which toolkits cannot open a window on X11, as on a fresh server: the loader
/// does not find it.
const NO_KEYBOARD: &str = r#"
use std::ffi::{CStr, c_char, c_int, c_void};
unsafe extern "C" { fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void; }
#[unsafe(no_mangle)] unsafe extern "C" fn dlopen(name: *const c_char, flags: c_int) -> *mut c_void {
    unsafe {
        if !name.is_null() && CStr::from_ptr(name).to_bytes().windows(13).any(|part| part == b"xkbcommon-x11") {
            return std::ptr::null_mut();
        }
        let next = dlsym(-1isize as *mut c_void, c"dlopen".as_ptr());
        let next: extern "C" fn(*const c_char, c_int) -> *mut c_void = std::mem::transmute(next);
        next(name, flags)
    }
}
"#;

/// The program as it is where that library is not installed.
fn without_keyboard_library(w: &World, display: &Display, args: &[&str]) -> Command {
    w.write("no_keyboard.rs", NO_KEYBOARD.as_bytes());
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let made = Command::new(rustc)
        .args(["--edition=2024", "--crate-type=cdylib", "no_keyboard.rs"])
        .args(["-o", "no_keyboard.so"])
        .current_dir(w.path(""))
        .status();
    assert!(made.unwrap().success());
    let mut command = live(display, w, args);
    command.env("LD_PRELOAD", w.path("no_keyboard.so"));
    command.stdin(Stdio::null());
    command
}

#[test]
#[cfg(not(feature = "pick"))]
fn a_window_of_x11_needs_no_library_for_keyboards() {
    let Some(display) = display() else {
        return;
    };
    let w = World::new();
    w.animation("clip.gif", &[("mina-laugh", 400)]);
    let child = without_keyboard_library(&w, &display, &["--window"])
        .spawn()
        .unwrap();
    assert_ends_by("Escape", &display, child, || {
        marked_pixels(&display, &w) > 2000
    });
}

#[test]
#[cfg(feature = "pick")]
fn without_the_library_for_keyboards_the_terminal_is_used() {
    let Some(display) = display() else {
        return;
    };
    let w = World::new();
    w.animation("clip.gif", &[("mina-laugh", 5)]);
    let run = |args: &[&str]| {
        let mut command = without_keyboard_library(&w, &display, args);
        command.output().unwrap()
    };
    let output = run(&[]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(
        stderr.contains("libxkbcommon-x11") && stderr.contains("terminal"),
        "{stderr}"
    );
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert!(String::from_utf8_lossy(&output.stdout).contains('▀'));
    let output = run(&["--window"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("libxkbcommon-x11"), "{stderr}");
}
