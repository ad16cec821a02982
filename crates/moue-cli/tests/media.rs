//! Files of all kinds through the program: memory, stops, programs that hang, what is left out.

mod common;
#[cfg(unix)]
#[path = "common/pretended.rs"]
mod pretended;

#[cfg(target_os = "linux")]
use common::large::{large_png, measured};
use common::{World, by_field, installed};
#[cfg(target_os = "linux")]
use pretended::is_running;
#[cfg(unix)]
use pretended::pretend_ffmpeg;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use zip::write::{SimpleFileOptions, ZipWriter};

#[cfg(target_os = "linux")]
#[test]
fn many_large_pictures_take_no_more_memory_than_a_few() {
    let w = World::new();
    // 75 MB each.
    large_png(&w, "a.png", png::ColorType::Rgb, png::BitDepth::Eight, 5000);
    let names: Vec<String> = (0..16).map(|i| format!("{i}.png")).collect();
    for name in &names {
        std::fs::hard_link(w.path("a.png"), w.path(name)).unwrap();
    }
    let mut args = vec!["find", "--effort", "live", "--json"];
    args.extend(names.iter().map(String::as_str));
    let mut command = w.command(&args);
    command.env("RAYON_NUM_THREADS", "2");
    let (_, peak) = measured(command);
    assert!((75_000..500_000).contains(&peak), "{peak} kB");
}

/// 200 MB of 16-bit samples, which become 75 MB of pixels in the same memory.
#[cfg(target_os = "linux")]
#[test]
fn deep_pictures_are_converted_in_place() {
    let w = World::new();
    large_png(
        &w,
        "a.png",
        png::ColorType::Rgba,
        png::BitDepth::Sixteen,
        5000,
    );
    let (_, peak) = measured(w.command(&["detect", "--effort", "live", "a.png"]));
    assert!((200_000..290_000).contains(&peak), "{peak} kB");
}

#[cfg(target_os = "linux")]
#[test]
fn a_long_video_takes_no_more_memory_than_a_short_one() {
    if !installed("ffmpeg") {
        return;
    }
    let w = World::new();
    let picture = w.drawing("mina-smile");
    let peak_of = |seconds: &str| {
        let made = Command::new("ffmpeg")
            .args([
                "-nostdin", "-v", "error", "-y", "-loop", "1", "-t", seconds, "-i",
            ])
            .arg(w.path(&picture))
            .args(["-r", "25", "-c:v", "libx264", "-preset", "ultrafast"])
            .arg(w.path("a.mp4"))
            .status();
        assert!(made.unwrap().success());
        measured(w.command(&["timeline", "a.mp4"])).1
    };
    let short = peak_of("4");
    let long = peak_of("60");
    // A small picture of each of the 1400 frames would be 100 MB.
    assert!(long < short + 40_000, "{short} kB, then {long} kB");
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_ends_a_video_that_hangs_and_its_program() {
    let w = World::new();
    let path = pretend_ffmpeg(&w, "exec sleep 1000");
    w.write("a.mp4", b"\0\0\0\x20ftypisom");
    let mut command = w.command(&["gallery", "add", "g.moue", "a.mp4"]);
    let mut child = command
        .env("PATH", path)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while !w.path("noted").exists() && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    // Without an end this test would hang; the program is then killed.
    while child.try_wait().unwrap().is_none() && start.elapsed() < Duration::from_secs(120) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let ended = child.wait_with_output().unwrap();
    let messages = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(130), "{messages}");
    assert!(!messages.contains("unreadable: "), "{messages}");
    assert!(!is_running(&w));
}

#[cfg(unix)]
#[test]
fn a_program_that_fails_is_told_by_its_last_words() {
    let w = World::new();
    let script = "i=0; while [ $i -lt 20000 ]; do echo not the last words >&2; i=$((i+1)); done\n\
                  echo the last words >&2; exit 1";
    let path = pretend_ffmpeg(&w, script);
    w.write("a.mp4", b"\0\0\0\x20ftypisom");
    let ran = w
        .command(&["timeline", "a.mp4"])
        .env("PATH", path)
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(2));
    assert_eq!(message.trim(), "moue: a.mp4: ffmpeg: the last words");
}

#[test]
fn a_missing_file_and_a_missing_program_are_named_once() {
    let w = World::new();
    let missing = w.run(&["live", "--video", "nope.mp4", "--json"]);
    assert_eq!(missing.code, Some(2));
    assert_eq!(
        missing.stderr.matches("nope.mp4").count(),
        1,
        "{}",
        missing.stderr
    );
    assert_eq!(
        missing.stderr.matches("No such file").count(),
        1,
        "{}",
        missing.stderr
    );
    w.write("a.mp4", b"\0\0\0\x20ftypisom");
    let mut command = w.command(&["live", "--video", "a.mp4", "--json"]);
    let ran = command.env("PATH", w.path("")).output().unwrap();
    let message = String::from_utf8_lossy(&ran.stderr);
    assert!(
        message.contains("a.mp4") && message.contains("apt install ffmpeg"),
        "{message}"
    );
    w.write("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic");
    let mut command = w.command(&["detect", "a.heic"]);
    let ran = command.env("PATH", w.path("")).output().unwrap();
    let message = String::from_utf8_lossy(&ran.stderr);
    assert!(
        message.contains("a.heic") && message.contains("libheif-examples"),
        "{message}"
    );
}

#[test]
fn what_is_left_out_of_a_folder_is_counted_and_what_is_unreadable_named() {
    let w = World::new();
    let picture = std::fs::read(w.path(&w.drawing("rex-wink"))).unwrap();
    std::fs::create_dir(w.path("in")).unwrap();
    let mut stream = vec![0; 2000];
    (4..2000).step_by(192).for_each(|at| stream[at] = 0x47);
    let files: [(&str, &[u8]); 8] = [
        ("in/a", &picture),
        ("in/a.txt", b"text"),
        ("in/b.TXT", b"text"),
        ("in/c.xmp", b"text"),
        ("in/photo.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        ("in/photo.jxl", b"\xFF\x0A no more"),
        ("in/00001.MTS", &stream),
        ("in/code.mts", b"export const a = 1;"),
    ];
    for (name, bytes) in files {
        w.write(name, bytes);
    }
    let mut pack = ZipWriter::new(std::fs::File::create(w.path("in/pack.zip")).unwrap());
    let packed: [(&str, &[u8]); 2] = [("download", &picture), ("notes.md", b"text")];
    for (name, bytes) in packed {
        pack.start_file(name, SimpleFileOptions::default()).unwrap();
        pack.write_all(bytes).unwrap();
    }
    pack.finish().unwrap();
    let ran = w.run(&["gallery", "add", "g.moue", "in", "--verbose"]);
    let last = ran.stderr.lines().last().unwrap();
    assert!(
        last.ends_with("5 left out (2 .txt, 1 .md, 1 .mts, 1 .xmp)"),
        "{last}"
    );
    for name in ["in/a.txt", "in/code.mts", "notes.md"] {
        let line = ran.stderr.lines().find(|line| line.ends_with(name));
        assert!(line.unwrap().starts_with("left out: "), "{}", ran.stderr);
    }
    let again = w.run(&["gallery", "add", "h.moue", "in", "--json"]);
    let status = by_field(&again.json(), "status");
    for name in ["photo.HEIC", "photo.jxl", "00001.MTS"] {
        assert_eq!(status[name], "unreadable", "{}", again.stderr);
    }
    // One content under two names: one is added, the other known.
    let mut same = [status["a"].as_str(), status["download"].as_str()];
    same.sort_unstable();
    assert_eq!(same, ["added", "known"]);
}
