//! What the program writes destroys nothing, and is whole or absent.

mod common;

use common::{Ran, World};
use std::process::Stdio;

/// Every option that writes a file: the command, with `OUT` where the file's name belongs, and the
/// name's ending.
const WRITERS: [(&str, &str); 9] = [
    ("detect face.png --draw OUT", "png"),
    ("detect face.png --draw OUT", "jpg"),
    ("find face.png --sheet OUT", "jpg"),
    ("find face.png --sheet OUT", "png"),
    ("timeline clip.gif --csv OUT", "csv"),
    ("timeline clip.gif --srt OUT", "srt"),
    ("timeline clip.gif --html OUT", "html"),
    ("gallery map my.moue --output OUT", "html"),
    (
        "run builtin:facial_search --input input_frame=face.png --trace OUT",
        "json",
    ),
];

/// A world with a photo, a clip and a gallery.
fn world() -> World {
    let w = World::new();
    w.drawing_as("gus-smirk", "face.png");
    w.animation(
        "clip.gif",
        &[("mina-calm", 12), ("mina-laugh", 6), ("mina-calm", 12)],
    );
    assert_eq!(run(&w, "gallery add my.moue face.png").code, Some(0));
    w
}

fn run(w: &World, command: &str) -> Ran {
    w.run(&command.split(' ').collect::<Vec<_>>())
}

/// Names in the world's folder that moue makes on the way.
fn leftovers(w: &World) -> Vec<String> {
    let names = std::fs::read_dir(w.path("")).unwrap();
    names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(".moue-"))
        .collect()
}

#[test]
fn no_option_overwrites_what_moue_did_not_write() {
    let w = world();
    for (command, ending) in WRITERS {
        let out = format!("own.{ending}");
        let command = command.replace("OUT", &out);
        w.write(&out, b"somebody's own");
        let ran = run(&w, &command);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{command}");
        assert!(
            ran.stderr.contains(&out) && ran.stderr.contains("--force"),
            "{}",
            ran.stderr
        );
        let content = std::fs::read(w.path(&out)).unwrap();
        assert_eq!(content, b"somebody's own", "{command}");
        let ran = run(&w, &format!("{command} --force"));
        assert_eq!(ran.code, Some(0), "{command} --force: {}", ran.stderr);
        assert!(std::fs::read(w.path(&out)).unwrap() != b"somebody's own");
    }
    assert_eq!(leftovers(&w), [""; 0]);
}

#[test]
fn what_moue_wrote_is_written_again() {
    let w = world();
    for (number, (command, ending)) in WRITERS.iter().enumerate() {
        let command = command.replace("OUT", &format!("new{number}.{ending}"));
        // SubRip has no place for a mark.
        let again = if *ending == "srt" { Some(2) } else { Some(0) };
        let first = run(&w, &command);
        assert_eq!(first.code, Some(0), "{command}: {}", first.stderr);
        let ran = run(&w, &command);
        assert_eq!(ran.code, again, "{command}: {}", ran.stderr);
    }
    let jpeg = std::fs::read(w.path("new1.jpg")).unwrap();
    assert_eq!(moue::Frame::decode(&jpeg).unwrap().width(), 256);
}

#[test]
fn inputs_and_galleries_are_no_outputs() {
    let w = world();
    assert_eq!(run(&w, "detect face.png --draw ours.png").code, Some(0));
    let gallery = std::fs::read(w.path("my.moue")).unwrap();
    let ours = std::fs::read(w.path("ours.png")).unwrap();
    for command in [
        "detect ours.png --draw ours.png",
        "find face.png ours.png --sheet ours.png",
        "find ours.png --sheet ours.png --not ours.png",
        "gallery map my.moue -o my.moue",
        "timeline clip.gif --gallery my.moue --html my.moue",
        "timeline clip.gif --csv clip.gif",
        "run builtin:facial_search --input input_frame=face.png --trace face.png",
        "timeline clip.gif --csv a.txt --srt a.txt",
    ] {
        let ran = run(&w, command);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{command}");
    }
    std::fs::copy(w.path("my.moue"), w.path("other.html")).unwrap();
    assert_eq!(run(&w, "gallery map my.moue -o other.html").code, Some(2));
    assert_eq!(std::fs::read(w.path("my.moue")).unwrap(), gallery);
    assert_eq!(std::fs::read(w.path("ours.png")).unwrap(), ours);
}

#[test]
fn formats_are_checked_before_the_work() {
    let w = world();
    for command in [
        "detect face.png --draw out.heic",
        "find face.png --sheet out",
        "find face.png --sheet none/out.png",
        "timeline clip.gif --csv out.jpg",
        "timeline clip.gif --html out.moue",
        "gallery map my.moue -o .",
    ] {
        let ran = run(&w, command);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{command}");
    }
    let names = std::fs::read_dir(w.path("")).unwrap().count();
    assert_eq!(names, 3, "nothing was made");
}

#[test]
fn folders_keep_the_files_of_others() {
    let w = world();
    for (command, file) in [
        ("find face.png --top 1 --save out", None),
        ("embed face.png --crops out", Some("face-1.png")),
        ("gallery export my.moue out", Some("pictures.jsonl")),
        #[cfg(feature = "man")]
        ("man out", Some("moue-find.1")),
    ] {
        let _ = std::fs::remove_dir_all(w.path("out"));
        let ran = run(&w, command);
        assert_eq!(ran.code, Some(0), "{command}: {}", ran.stderr);
        assert_eq!(run(&w, command).code, Some(0), "{command}, again");
        let Some(file) = file else { continue };
        std::fs::remove_dir_all(w.path("out")).unwrap();
        w.drawing_as("gus-calm", &format!("out/{file}"));
        let before = std::fs::read(w.path("out").join(file)).unwrap();
        let ran = run(&w, command);
        assert_eq!(ran.code, Some(2), "{command}");
        assert!(ran.stderr.contains(file), "{}", ran.stderr);
        assert_eq!(std::fs::read(w.path("out").join(file)).unwrap(), before);
        let ran = run(&w, &format!("{command} --force"));
        assert_eq!(ran.code, Some(0), "{command}: {}", ran.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_everything_as_it_was() {
    let w = world();
    for (command, ending) in WRITERS {
        let out = format!("full.{ending}");
        let command = command.replace("OUT", &out);
        // A limit on the size of files is what a full disk is for the program: a write that fails.
        // The signal that comes with it is ignored, as there is none on a full disk.
        let script = format!("trap '' XFSZ; ulimit -f 0; exec \"$0\" {command}");
        let ran = std::process::Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_moue")])
            .env_remove("MOUE_GALLERY")
            .current_dir(w.path(""))
            .stdout(Stdio::null())
            .output()
            .unwrap();
        let stderr = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(2), "{command}: {stderr}");
        assert!(!w.path(&out).exists(), "{command}");
    }
    assert_eq!(leftovers(&w), [""; 0]);
}

#[cfg(unix)]
#[test]
fn links_and_devices_are_written_through() {
    let w = world();
    std::fs::create_dir(w.path("real")).unwrap();
    std::os::unix::fs::symlink("real/out.csv", w.path("link.csv")).unwrap();
    w.write("real/out.csv", b"");
    assert_eq!(run(&w, "timeline clip.gif --csv link.csv").code, Some(0));
    assert!(w.path("link.csv").is_symlink());
    assert!(std::fs::metadata(w.path("real/out.csv")).unwrap().len() > 0);
    let ran = run(&w, "timeline clip.gif --csv /dev/stdout");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("time,strength,label"), "{}", ran.stdout);
}

/// Runs a command and closes its output before it has printed anything.
fn unread(w: &World, command: &str) -> std::process::Output {
    let mut child = w
        .command(&command.split(' ').collect::<Vec<_>>())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    child.wait_with_output().unwrap()
}

#[test]
fn requested_files_are_written_without_a_reader_of_the_output() {
    let w = world();
    for (number, (command, ending)) in WRITERS.iter().enumerate() {
        let out = format!("pipe{number}.{ending}");
        let output = unread(&w, &command.replace("OUT", &out));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*stderr), (Some(0), ""), "{command}");
        assert!(w.path(&out).exists(), "{command}");
    }
    for command in [
        "find face.png face.png",
        "gallery list builtin",
        "man --help",
        "graph builtin:facial_search",
    ] {
        let output = unread(&w, command);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*stderr), (Some(0), ""), "{command}");
    }
}

#[cfg(unix)]
#[test]
fn what_a_killed_run_left_is_removed_by_the_next() {
    let w = world();
    w.write(".moue-4194300-0", b"half a picture");
    w.write("a.moue-1-0", b"somebody's own");
    assert_eq!(run(&w, "find face.png --sheet sheet.png").code, Some(0));
    assert_eq!(leftovers(&w), [""; 0]);
    assert!(w.path("a.moue-1-0").exists());
}
