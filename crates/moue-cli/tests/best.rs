//! `moue best`, as the program's users see it.

mod common;

use common::{World, validate};
use image::imageops::{blur, overlay};
use image::{Rgb, RgbImage};
use serde_json::Value;

/// Pixels of a drawing's side.
const SIDE: u32 = 256;

fn drawing(name: &str) -> RgbImage {
    let pixels = moue_drawings::find(name).unwrap().render(SIDE);
    RgbImage::from_raw(SIDE, SIDE, pixels).unwrap()
}

/// A picture of people beside each other.
fn group(w: &World, file: &str, people: &[&str]) {
    let mut picture = RgbImage::from_pixel(2 * SIDE, SIDE, Rgb([235, 235, 230]));
    for (at, name) in people.iter().enumerate() {
        overlay(&mut picture, &drawing(name), at as i64 * i64::from(SIDE), 0);
    }
    picture.save(w.path(file)).unwrap();
}

fn order(lines: &[Value]) -> Vec<&str> {
    let names = lines.iter().map(|line| line["picture"].as_str().unwrap());
    names.collect()
}

#[test]
fn open_eyes_and_sharp_faces_come_first() {
    let w = World::new();
    drawing("mina-smile").save(w.path("good.png")).unwrap();
    drawing("mina-asleep").save(w.path("asleep.png")).unwrap();
    blur(&drawing("mina-smile"), 3.0)
        .save(w.path("blurred.png"))
        .unwrap();
    let pictures = ["blurred.png", "asleep.png", "good.png"];
    let ran = w.run(&[&["best", "--json"][..], &pictures].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let lines = ran.json();
    lines.iter().for_each(|line| validate(line).unwrap());
    assert_eq!(order(&lines)[0], "good.png", "{lines:?}");
    let face = |name: &str| {
        let line = lines.iter().find(|line| line["picture"] == name).unwrap();
        line["faces"][0].clone()
    };
    assert!(face("good.png")["eyes_open"].as_f64().unwrap() > 0.5);
    assert!(face("asleep.png")["eyes_open"].as_f64().unwrap() < 0.5);
    assert!(face("blurred.png")["sharpness"].as_f64().unwrap() < 0.35);
    assert_eq!(lines[0]["rank"], 1);

    let text = w.run(&[&["best"][..], &pictures].concat()).stdout;
    assert!(text.contains("1 with closed eyes"), "{text}");
    assert!(text.contains("1 blurred"), "{text}");
    let top = w.run(&[&["best", "--top", "1"][..], &pictures].concat());
    assert!(top.stdout.lines().count() == 1 && top.stdout.contains("good.png"));
}

#[test]
fn the_expression_that_is_asked_for_comes_first() {
    let w = World::new();
    let burst = ["gus-laugh", "gus-angry", "gus-asleep"].map(|name| w.drawing(name));
    let [laugh, angry, asleep] = &burst;
    let wanted = w.drawing("mina-angry");
    for (option, value, best) in [
        ("--expression", "laugh", laugh),
        ("--expression", "anger", angry),
        ("--expression", "Happy", laugh),
        // Eyes may be closed as those of what is asked for are.
        ("--expression", "ASLEEP", asleep),
        ("--like", &wanted, angry),
    ] {
        let ran = w.run(&["best", option, value, "--json", laugh, angry, asleep]);
        assert_eq!(order(&ran.json())[0], best, "{option} {value}");
    }
    let wrong = w.run(&["best", "--expression", "joy", laugh]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("happiness"), "{}", wrong.stderr);
}

#[test]
fn everybody_counts_and_what_is_no_picture_is_named() {
    let w = World::new();
    std::fs::create_dir(w.path("burst")).unwrap();
    group(&w, "burst/all.png", &["mina-smile", "gus-smile"]);
    group(&w, "burst/one-blinks.png", &["mina-smile", "gus-asleep"]);
    group(&w, "burst/one-left.png", &["mina-smile"]);
    w.blank("burst/nobody.png");
    w.write("burst/broken.png", b"\x89PNG\r\n\x1a\nno more");
    let ran = w.run(&["best", "burst", "--json"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("broken.png"), "{}", ran.stderr);
    let lines = ran.json();
    lines.iter().for_each(|line| validate(line).unwrap());
    let names: Vec<&str> = order(&lines);
    assert_eq!(lines.len(), 5, "{names:?}");
    assert!(names[0].ends_with("all.png"), "{names:?}");
    assert!(names[3].ends_with("nobody.png"), "{names:?}");
    assert!(lines[4]["rank"].is_null() && lines[4]["error"].is_string());
    // Where nobody is, nothing is ranked.
    assert!(lines[3]["rank"].is_null() && lines[3]["score"].is_null());
    assert!(lines[3]["error"].is_null(), "{}", lines[3]);
    let nobody = w.run(&["best", "burst/nobody.png", "--top", "1"]);
    assert_eq!(nobody.code, Some(1), "{}", nobody.stderr);
    assert_eq!(nobody.stdout, "burst/nobody.png: no face\n");
    let top = w.run(&["best", "burst/nobody.png", "burst/all.png", "--top", "1"]);
    assert_eq!((top.code, top.stdout.lines().count()), (Some(0), 1));
}
