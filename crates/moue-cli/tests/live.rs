//! `moue live`: as JSON, from raw frames, and in the terminal.

mod common;

#[cfg(target_os = "linux")]
use common::eventually;
use common::{World, numbers};
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;

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
