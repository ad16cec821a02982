//! `moue live`: as JSON, from raw frames, and in a window.

mod common;
#[cfg(all(target_os = "linux", feature = "window"))]
#[path = "common/display.rs"]
mod display;

use common::{World, numbers};
#[cfg(all(target_os = "linux", feature = "window"))]
use display::Display;
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;
#[cfg(target_os = "linux")]
use std::time::Duration;

/// The pose of a built-in drawing.
fn pose(path: &str) -> &str {
    path.rsplit('-').next().unwrap_or(path)
}

#[test]
fn live_json_has_a_line_for_each_frame_and_a_steady_answer() {
    let w = World::new();
    w.animation("clip.gif", &[("mina-calm", 12), ("mina-laugh", 12)]);
    let ran = w.run(&["live", "--video", "clip.gif", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let lines = ran.json();
    assert_eq!(lines.len(), 24);
    assert!(
        lines
            .iter()
            .all(|l| l["schema"] == "moue.live/1" && l.get("embedding").is_none())
    );
    let shown: Vec<&str> = lines
        .iter()
        .map(|l| l["shown"][0]["path"].as_str().unwrap())
        .collect();
    let changes = shown.windows(2).filter(|w| pose(w[0]) != pose(w[1]));
    assert_eq!(changes.count(), 1, "one change of face and pose: {shown:?}");
    // The camera shows a picture of the gallery: once it is recognized, it replaces its equal.
    for (half, last) in [
        (&shown[..12], "mina-calm"),
        (&shown[12 + 2..], "mina-laugh"),
    ] {
        let characters = half.windows(2).filter(|w| w[0] != w[1]);
        assert!(characters.count() <= 1, "{shown:?}");
        assert_eq!(half.last().copied(), Some(&*format!("builtin:{last}")));
    }
    assert!(shown[12 + 2] != shown[11], "and it comes within two frames");
    let logged = w
        .run(&[
            "live",
            "--video",
            "clip.gif",
            "--json",
            "--log-embeddings",
            "--frames",
            "2",
        ])
        .json();
    assert_eq!(
        (logged.len(), numbers(&logged[1]["embedding"]).len()),
        (2, 64)
    );
}

#[test]
fn raw_frames_come_from_standard_input() {
    let w = World::new();
    let pixels = moue_drawings::find("lola-grin").unwrap().render(128);
    let mut command = w.command(&["live", "--raw", "128x128@25", "--json"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&pixels).unwrap();
    stdin.write_all(&pixels).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    lines.iter().for_each(|l| common::validate(l).unwrap());
    assert_eq!(
        lines
            .iter()
            .map(|l| l["timestamp"].as_i64().unwrap())
            .collect::<Vec<_>>(),
        [0, 40_000]
    );
    assert_eq!(lines[0]["faces"].as_array().unwrap().len(), 1);
}

/// `None` if what is needed is not installed.
#[cfg(all(target_os = "linux", feature = "window"))]
fn display() -> Option<Display> {
    Display::open(&["xdotool", "import"])
}

#[cfg(all(target_os = "linux", feature = "window"))]
fn live(display: &Display, w: &World, args: &[&str]) -> std::process::Command {
    live_of(display, w, &["--video", "clip.gif"], args)
}

/// The same with another source.
#[cfg(all(target_os = "linux", feature = "window"))]
fn live_of(display: &Display, w: &World, source: &[&str], args: &[&str]) -> std::process::Command {
    let mut command = w.command(&["live"]);
    command
        .args(source)
        .args(args)
        .env("DISPLAY", &display.name)
        .env_remove("WAYLAND_DISPLAY");
    command
}

/// Pixels of the color that marks the face and the best match.
#[cfg(all(target_os = "linux", feature = "window"))]
fn marked_pixels(display: &Display, w: &World) -> usize {
    let shot = w.path("shot.png");
    let taken = display.run("import", &["-window", "root", &shot.to_string_lossy()]);
    let Ok(picture) = image::open(&shot) else {
        return 0;
    };
    assert!(taken.status.success());
    let pixels = picture.to_rgb8();
    pixels.pixels().filter(|p| p.0 == [255, 196, 61]).count()
}

/// Asks again and again until the condition holds; `false` after a while.
#[cfg(target_os = "linux")]
fn eventually(mut holds: impl FnMut() -> bool) -> bool {
    (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(150));
        holds()
    })
}

#[test]
#[cfg(all(target_os = "linux", feature = "window"))]
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
#[cfg(all(target_os = "linux", feature = "window"))]
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
    let shown = eventually(|| marked_pixels(&display, &w) > 2000);
    display.press("q");
    let closed = eventually(|| child.try_wait().unwrap().is_some());
    let _ = child.kill();
    assert!(shown && closed && child.wait().unwrap().code() == Some(0));
    // Open until here: the source has not ended.
    drop(stdin);
}

/// A library without which toolkits cannot open a window on X11, as on a fresh server: the loader
/// does not find it.
#[cfg(all(target_os = "linux", feature = "window"))]
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
#[cfg(all(target_os = "linux", feature = "window"))]
fn without_keyboard_library(w: &World, display: &Display, args: &[&str]) -> std::process::Command {
    w.write("no_keyboard.rs", NO_KEYBOARD.as_bytes());
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let made = std::process::Command::new(rustc)
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
#[cfg(all(target_os = "linux", feature = "window", not(feature = "pick")))]
fn a_window_of_x11_needs_no_library_for_keyboards() {
    let Some(display) = display() else {
        return;
    };
    let w = World::new();
    w.animation("clip.gif", &[("mina-laugh", 400)]);
    let mut child = without_keyboard_library(&w, &display, &["--window"])
        .spawn()
        .unwrap();
    let shown = eventually(|| marked_pixels(&display, &w) > 2000);
    display.press("Escape");
    let closed = eventually(|| child.try_wait().unwrap().is_some());
    let _ = child.kill();
    assert!(shown && closed && child.wait().unwrap().code() == Some(0));
}

#[test]
#[cfg(all(target_os = "linux", feature = "pick"))]
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

/// A terminal of its own in which the program runs.
#[cfg(target_os = "linux")]
struct Terminal {
    server: String,
}

#[cfg(target_os = "linux")]
impl Terminal {
    /// `None` if tmux is not installed.
    fn open(w: &World, size: [&str; 2], environment: &str, args: &str) -> Option<Self> {
        if !common::installed("tmux") {
            return None;
        }
        let server = w.path("tmux").to_string_lossy().into_owned();
        let program = env!("CARGO_BIN_EXE_moue");
        let command = format!("{environment} {program} {args}; echo $? > code");
        let started = std::process::Command::new("tmux")
            .args(["-S", &server, "-f", "/dev/null", "new-session", "-d"])
            .args(["-x", size[0], "-y", size[1], &command])
            .current_dir(w.path(""))
            .env_remove("TMUX")
            .status()
            .unwrap();
        assert!(started.success());
        Some(Self { server })
    }

    fn tmux(&self, args: &[&str]) -> String {
        let output = std::process::Command::new("tmux")
            .args(["-S", &self.server])
            .args(args)
            .env_remove("TMUX")
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    fn press(&self, key: &str) {
        self.tmux(&["send-keys", key]);
    }
}

#[cfg(target_os = "linux")]
impl Drop for Terminal {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_terminal_shows_labels_as_text_and_heeds_its_keys() {
    let w = World::new();
    w.animation("clip.gif", &[("mina-laugh", 400)]);
    let args = "live --video clip.gif --terminal";
    let Some(terminal) = Terminal::open(&w, ["80", "24"], "", args) else {
        return;
    };
    assert!(
        eventually(|| terminal.screen().contains('█')),
        "{}",
        terminal.screen()
    );
    let screen = terminal.screen();
    assert!(
        screen.contains("q closes") && screen.contains('▀'),
        "{screen}"
    );
    w.write("moue-1.gif", b"somebody's");
    terminal.press("Space");
    // A busy machine may have seen one frame so far, so it is saved until there is a past.
    let saved = (2..100).map(|i| format!("moue-{i}.gif")).find(|name| {
        terminal.press("s");
        assert!(eventually(|| terminal.screen().contains(name.as_str())));
        frames_of(&w.path(name)) > 1
    });
    assert!(saved.is_some(), "the past is in it");
    let somebodys = std::fs::read(w.path("moue-1.gif")).unwrap();
    assert_eq!(somebodys, b"somebody's");
    assert!(!w.path("code").exists(), "other keys do nothing");
    terminal.press("q");
    assert!(eventually(|| w.path("code").exists()));
    let code = std::fs::read_to_string(w.path("code")).unwrap();
    assert_eq!(code.trim(), "0");
}

/// Frames of an animation.
#[cfg(target_os = "linux")]
fn frames_of(path: &std::path::Path) -> usize {
    use image::AnimationDecoder;
    let file = std::io::BufReader::new(std::fs::File::open(path).unwrap());
    let decoder = image::codecs::gif::GifDecoder::new(file).unwrap();
    decoder.into_frames().collect_frames().unwrap().len()
}

#[test]
#[cfg(target_os = "linux")]
fn an_interrupt_in_the_terminal_gives_130_and_no_color_is_heeded() {
    let w = World::new();
    w.animation("clip.gif", &[("mina-laugh", 400)]);
    let args = "live --video clip.gif --terminal";
    let Some(terminal) = Terminal::open(&w, ["40", "20"], "NO_COLOR=1", args) else {
        return;
    };
    assert!(
        eventually(|| terminal.screen().contains('█')),
        "{}",
        terminal.screen()
    );
    let colored = terminal.tmux(&["capture-pane", "-p", "-e"]);
    assert!(!colored.contains("\x1b[38"), "{colored}");
    terminal.press("C-c");
    assert!(eventually(|| w.path("code").exists()));
    let code = std::fs::read_to_string(w.path("code")).unwrap();
    assert_eq!(code.trim(), "130");
}

/// The pictures that each line shows.
fn shown(lines: &[Value]) -> Vec<Vec<String>> {
    let paths = |line: &Value| {
        let shown = line["shown"].as_array().unwrap();
        let paths = shown.iter().map(|m| m["path"].as_str().unwrap().to_owned());
        paths.collect()
    };
    lines.iter().map(paths).collect()
}

#[test]
fn live_heeds_the_filters_of_find() {
    let w = World::new();
    w.animation("clip.gif", &[("mina-laugh", 2)]);
    let live = |more: &[&str]| {
        let mut args = vec!["live", "--video", "clip.gif", "--json"];
        args.extend(more);
        let ran = w.run(&args);
        shown(&ran.json())
    };
    let plain = live(&[]);
    assert!(plain[1].len() == 3 && plain[1][0].starts_with("builtin:"));
    let listed = w.run(&["gallery", "list", "builtin", "--json"]).json();
    let entry = |path: &str| listed.iter().find(|e| e["path"] == path).unwrap();
    let tag = entry(&plain[1][0])["tags"][0].as_str().unwrap().to_owned();
    for path in &live(&["--tag", &tag])[1] {
        let tags = entry(path)["tags"].as_array().unwrap();
        assert!(tags.iter().any(|t| *t == tag.as_str()), "{path}: {tags:?}");
    }
    for path in &live(&["--emotion", "sadness"])[1] {
        assert!(
            entry(path)["emotions"]["sadness"].as_f64().unwrap() > 0.2,
            "{path}"
        );
    }
    assert!(live(&["--max-distance", "0.0001"])[1].is_empty());
    assert!(live(&["--label", "no such label"])[1].is_empty());
    // The face of a picture that is shown is excluded.
    let last = plain[1][2].strip_prefix("builtin:").unwrap();
    w.drawing_as(last, "not.png");
    let other = live(&["--not", "not.png"]);
    assert!(
        other[1].len() == 3 && !other[1].contains(&plain[1][2]),
        "{other:?}"
    );
    let different = live(&["--diverse=1.3"]);
    assert_ne!(different[1], plain[1]);
}

#[test]
fn a_missing_file_is_named_before_a_missing_program() {
    let w = World::new();
    let mut command = w.command(&["live", "--video", "nope.mp4", "--json"]);
    let output = command.env("PATH", w.path("")).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr.contains("nope.mp4") && !stderr.contains("ffmpeg"),
        "{stderr}"
    );
}
