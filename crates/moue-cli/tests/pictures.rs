//! Pictures that `moue find` shows in a terminal, through a pseudo-terminal of the program `script`.
#![cfg(target_os = "linux")]

mod common;

use common::World;
use std::io::Write;
use std::process::Stdio;

const BLOCK: char = '▀';
const KITTY: &str = "\x1b_Ga=T,f=100,";
const SIXEL: &str = "\x1bP0;1;0q";
const ITERM: &str = "\x1b]1337;File=";

/// The last of the questions to a terminal: its primary device attributes.
const QUESTION: &str = "\x1b[c";

/// A terminal without graphics, one with sixels, and one with kitty's graphics as well.
const PLAIN: &str = "\x1b[?62;22c";
const WITH_SIXELS: &str = "\x1b[6;20;10t\x1b[?62;4;22c";
const WITH_KITTY: &str = "\x1b_Gi=31;OK\x1b\\\x1b[?62;4;22c";

const XTERM: [(&str, &str); 2] = [("TERM", "xterm-256color"), ("COLORTERM", "truecolor")];

/// What appears on a terminal of 80 columns that gives this answer; `None` without `script`.
fn on_terminal(
    w: &World,
    args: &str,
    environment: &[(&str, &str)],
    answer: &str,
) -> Option<String> {
    if !common::installed("script") {
        return None;
    }
    let moue = w.command(&[]);
    let line = format!("stty cols 80 rows 40; exec \"$MOUE\" {args}");
    let mut command = std::process::Command::new("script");
    command
        .args(["-qefc", &line, "/dev/null"])
        .current_dir(w.path(""))
        .env("MOUE", moue.get_program())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    // What the tests themselves run in tells nothing of this terminal.
    for name in [
        "NO_COLOR",
        "TMUX",
        "STY",
        "KITTY_WINDOW_ID",
        "TERM_PROGRAM",
        "LC_TERMINAL",
        "COLORTERM",
        "MOUE_GALLERY",
    ] {
        command.env_remove(name);
    }
    command.envs(environment.iter().copied());
    let mut child = command.spawn().unwrap();
    // Before the question: the answer waits in the terminal, however slow the machine is.
    let mut keyboard = child.stdin.take().unwrap();
    keyboard.write_all(answer.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    drop(keyboard);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    Some(text)
}

/// A text as a terminal shows it: without its escape sequences.
fn without_escapes(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\x1b') {
        out.push_str(before);
        let is_end = |c: char| c.is_ascii_alphabetic();
        rest = after.split_once(is_end).map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    out
}

/// The path of the best match: all characters of a pose are equal, and a hash decides.
fn first_match(w: &World, picture: &str) -> String {
    let [line] = &w.run(&["find", picture, "--json"]).json()[..] else {
        panic!("one picture, one line")
    };
    let first = &line["faces"][0]["matches"][0]["path"];
    first.as_str().unwrap().to_owned()
}

#[test]
fn a_terminal_shows_three_pictures_beside_each_other() {
    let w = World::new();
    let picture = w.drawing("lola-grin");
    let first = first_match(&w, &picture);
    let Some(text) = on_terminal(&w, &format!("find {picture}"), &XTERM, PLAIN) else {
        return;
    };
    assert!(text.contains(QUESTION) && !text.contains(SIXEL) && !text.contains(KITTY));
    let rows: Vec<&str> = text.lines().filter(|l| l.contains(BLOCK)).collect();
    assert!(rows.len() >= 10, "{text}");
    // Colors in 24 bits, many of them.
    assert!(rows.iter().all(|row| row.contains("\x1b[38;2;")));
    let blocks = |row: &&str| row.matches(BLOCK).count();
    assert!(rows.iter().map(blocks).max().unwrap() > 3 * 20);
    let seen = without_escapes(&text);
    assert!(
        seen.lines()
            .all(|line| line.trim_end().chars().count() <= 80),
        "{seen}"
    );
    let distances = seen.lines().filter(|line| line.contains("distance"));
    let distances: Vec<&str> = distances.collect();
    assert_eq!(distances.len(), 1, "{seen}");
    assert_eq!(distances[0].matches("distance").count(), 3);
    assert!(seen.contains(&first), "{seen}");
}

#[test]
fn a_terminal_with_graphics_gets_them() {
    let w = World::new();
    let picture = w.drawing("lola-grin");
    let find = format!("find {picture}");
    for (environment, answer, expected) in [
        (&XTERM[..], WITH_SIXELS, SIXEL),
        (&XTERM[..], WITH_KITTY, KITTY),
        (&[("TERM", "xterm-kitty")][..], "", KITTY),
        (&[XTERM[0], ("TERM_PROGRAM", "iTerm.app")][..], "", ITERM),
        // Its pictures have no colors of the terminal's text.
        (&[XTERM[0], ("NO_COLOR", "1")][..], WITH_SIXELS, SIXEL),
    ] {
        let Some(text) = on_terminal(&w, &find, environment, answer) else {
            return;
        };
        assert_eq!(text.matches(expected).count(), 3, "{environment:?}");
        assert!(!text.contains(BLOCK));
        // Terminals that name themselves are not asked.
        assert_eq!(text.contains(QUESTION), !answer.is_empty());
    }
}

#[test]
fn nothing_is_shown_where_nothing_can_be() {
    let w = World::new();
    let picture = w.drawing("lola-grin");
    let find = format!("find {picture}");
    for (args, environment) in [
        (find.clone(), &[XTERM[0], ("NO_COLOR", "1")][..]),
        (find.clone(), &[("TERM", "dumb")][..]),
        (find.clone(), &[("TERM", "linux")][..]),
        (format!("{find} --no-pictures"), &XTERM[..]),
        (format!("{find} --pictures none"), &XTERM[..]),
        (format!("{find} --json"), &XTERM[..]),
    ] {
        let Some(text) = on_terminal(&w, &args, environment, PLAIN) else {
            return;
        };
        // Only the question may be there.
        let text = text.replace(
            "\x1b7\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[16t\x1b[c\x1b8\x1b[K",
            "",
        );
        // The terminal itself shows what was typed before it was asked.
        let text = text.replace("\x1b[?62;22c", "");
        assert!(
            !text.contains('\x1b') && !text.contains(BLOCK),
            "{args} {environment:?}: {text:?}"
        );
        assert!(text.contains("lola-grin"));
    }
}

#[test]
fn a_pipe_gets_text_unless_the_user_says_otherwise() {
    let w = World::new();
    let picture = w.drawing("lola-grin");
    let text = w.run(&["find", &picture]).stdout;
    assert!(!text.contains('\x1b') && !text.contains(BLOCK), "{text}");
    let forced = |how: &str| w.run(&["find", &picture, "--pictures", how]).stdout;
    assert_eq!(forced("kitty").matches(KITTY).count(), 3);
    assert_eq!(forced("iterm").matches(ITERM).count(), 3);
    assert_eq!(forced("sixel").matches(SIXEL).count(), 3);
    assert!(forced("none") == text && forced("auto") == text);
}

#[test]
fn other_programs_decode_the_sixels() {
    if !common::installed("convert") {
        return;
    }
    let w = World::new();
    let picture = w.drawing("lola-grin");
    let text = w.run(&["find", &picture, "--pictures", "sixel"]).stdout;
    let (_, rest) = text.split_once("\x1bP").unwrap();
    let (sixels, _) = rest.split_once("\x1b\\").unwrap();
    w.write("one.six", format!("\x1bP{sixels}\x1b\\").as_bytes());
    let converted = std::process::Command::new("convert")
        .args(["sixel:one.six", "one.png"])
        .current_dir(w.path(""))
        .status()
        .unwrap();
    assert!(converted.success());
    let decoded = image::open(w.path("one.png")).unwrap().into_rgb8();
    // 25 columns of 10 pixels, as the terminal reports no size of its cells.
    assert_eq!((decoded.width(), decoded.height() > 200), (250, true));
    let first = first_match(&w, &picture);
    let name = first.strip_prefix("builtin:").unwrap();
    let drawing = moue_drawings::find(name).unwrap().render(250);
    let drawing = image::RgbImage::from_raw(250, 250, drawing).unwrap();
    // At the bottom of 13 rows of 20 pixels.
    let top = 10;
    let mut sum = 0;
    for (x, y, pixel) in drawing.enumerate_pixels() {
        let seen = decoded.get_pixel(x, y + top);
        let parts = pixel.0.iter().zip(seen.0);
        sum += parts.map(|(a, b)| u64::from(a.abs_diff(b))).sum::<u64>();
    }
    let mean = sum as f64 / (250.0 * 250.0 * 3.0);
    assert!(mean < 8.0, "the pixels are off by {mean}");
}
