//! Words that are written in pictures: read by tesseract, searched for by `--text`.

mod common;

use common::{World, by_field, installed};
use std::process::Command;

const FONT: &str = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf";

/// A drawing with a caption as memes have it: white letters with a dark rim.
fn meme(w: &World, drawing: &str, caption: &str, file: &str) {
    let plain = w.drawing(drawing);
    let [rim, letters] = [["black", "8"], ["none", "0"]];
    let mut convert = Command::new("convert");
    convert
        .arg(w.path(&plain))
        .args(["-resize", "512x512", "-gravity", "north", "-font", FONT])
        .args(["-pointsize", "56", "-fill", "white"]);
    for [stroke, width] in [rim, letters] {
        convert.args(["-stroke", stroke, "-strokewidth", width]);
        convert.args(["-annotate", "+0+8", caption]);
    }
    assert!(convert.arg(w.path(file)).status().unwrap().success());
    std::fs::remove_file(w.path(&plain)).unwrap();
}

fn all_installed() -> bool {
    ["tesseract", "convert"].into_iter().all(installed)
}

#[test]
fn words_are_read_and_found() {
    if !all_installed() {
        return;
    }
    let w = World::new();
    meme(&w, "mina-smile", "FINALLY FRIDAY", "a.png");
    meme(&w, "gus-smile", "MONDAY AGAIN", "b.png");
    w.drawing("rex-smile");
    let add = ["gallery", "add", "g.moue", ".", "--read-text", "--json"];
    assert_eq!(w.run(&add).code, Some(0));
    let words = by_name(&w, "g.moue");
    assert_eq!(words, ["FINALLY FRIDAY", "MONDAY AGAIN", ""]);
    let find = ["find", "rex-smile.png", "--gallery", "g.moue", "--json"];
    let found = w.run(&[&find[..], &["--text", "friday"]].concat()).json();
    let matches = found[0]["faces"][0]["matches"].as_array().unwrap();
    assert_eq!((matches.len(), &matches[0]["label"]), (1, &"a".into()));
}

/// The words of a gallery's pictures in the order of their names.
fn by_name(w: &World, gallery: &str) -> Vec<String> {
    let mut lines = w.run(&["gallery", "list", gallery, "--json"]).json();
    lines.sort_by_key(|line| line["label"].to_string());
    let words = lines.iter().map(|line| line["words"].as_str());
    words.map(|w| w.unwrap_or("not read").to_owned()).collect()
}

#[test]
fn a_later_run_fills_in_what_is_missing() {
    if !all_installed() {
        return;
    }
    let w = World::new();
    meme(&w, "mina-smile", "FINALLY FRIDAY", "a.png");
    let add = ["gallery", "add", "g.moue", "a.png", "--json"];
    let read = [&add[..], &["--read-text"]].concat();
    assert_eq!(w.run(&add).code, Some(0));
    assert_eq!(by_name(&w, "g.moue"), ["not read"]);
    let filled = w.run(&read);
    assert_eq!(by_field(&filled.json(), "status")["a.png"], "words_read");
    assert_eq!(
        (filled.code, by_name(&w, "g.moue")),
        (Some(0), vec!["FINALLY FRIDAY".to_owned()])
    );
    assert_eq!(by_field(&w.run(&read).json(), "status")["a.png"], "known");
}

#[test]
#[cfg(feature = "stores")]
fn words_go_with_pictures_through_parts() {
    if !all_installed() {
        return;
    }
    let w = World::new();
    meme(&w, "mina-smile", "FINALLY FRIDAY", "a.png");
    w.drawing("rex-smile");
    let add = ["gallery", "add", "--parquet", "rows", ".", "--read-text"];
    assert_eq!(w.run(&add).code, Some(0));
    assert_eq!(w.run(&["gallery", "load", "g.moue", "rows"]).code, Some(0));
    assert_eq!(by_name(&w, "g.moue"), ["FINALLY FRIDAY", ""]);
}

#[test]
#[cfg(feature = "stores")]
fn a_later_run_fills_in_what_is_missing_on_a_server() {
    let Some(address) = common::postgres::address("words").filter(|_| all_installed()) else {
        return;
    };
    let w = World::new();
    meme(&w, "mina-smile", "FINALLY FRIDAY", "a.png");
    let address = format!("{address}a");
    let add = ["gallery", "add", &address, ".", "--json"];
    let read = [&add[..], &["--read-text"]].concat();
    assert_eq!(w.run(&add).code, Some(0));
    assert_eq!(by_name(&w, &address), ["not read"]);
    // One that is new, and a copy of the one that is known.
    meme(&w, "gus-smile", "MONDAY AGAIN", "b.png");
    std::fs::copy(w.path("a.png"), w.path("c.png")).unwrap();
    let filled = w.run(&read);
    let statuses = by_field(&filled.json(), "status");
    assert_eq!(statuses["b.png"], "added");
    let of_copies = [&statuses["a.png"], &statuses["c.png"]];
    assert!(of_copies.contains(&&"words_read".into()), "{of_copies:?}");
    assert_eq!(by_name(&w, &address), ["FINALLY FRIDAY", "MONDAY AGAIN"]);
    let again = by_field(&w.run(&read).json(), "status");
    assert!(again.values().all(|status| status == "known"), "{again:?}");
}

#[test]
fn a_missing_language_or_program_is_named() {
    if !installed("tesseract") {
        return;
    }
    let w = World::new();
    w.drawing("rex-smile");
    let read = ["gallery", "add", "g.moue", ".", "--read-text"];
    let ran = w.run(&[&read[..], &["--lang", "eng+tlh"]].concat());
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("\"tlh\"") && ran.stderr.contains("tesseract-ocr-"),
        "{}",
        ran.stderr
    );
    assert!(!w.path("g.moue").exists(), "nothing was made");
    let without = w.command(&read).env("PATH", "").output().unwrap();
    let message = String::from_utf8(without.stderr).unwrap();
    assert!(message.contains("apt install tesseract-ocr"), "{message}");
}
