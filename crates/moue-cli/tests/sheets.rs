//! What sheets show: close-ups of all faces, marks, captions, and frames of animations and videos.

mod common;

use common::{World, installed};
use image::{Rgb, RgbImage, imageops};

/// Pixels along a side of a picture of a sheet, and where its pictures are.
const TILE: u32 = 256;
const QUERY: [u32; 2] = [12, 12];
const MATCH: [u32; 2] = [12 + 256 + 12 + 28, 12];

/// What marks are drawn with.
const MARK: Rgb<u8> = Rgb([64, 235, 110]);

fn sheet(w: &World, args: &[&str]) -> RgbImage {
    let ran = w.run(&[&["find", "--sheet", "sheet.png", "--force"][..], args].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    image::open(w.path("sheet.png")).unwrap().into_rgb8()
}

fn tile(sheet: &RgbImage, [left, top]: [u32; 2]) -> RgbImage {
    imageops::crop_imm(sheet, left, top, TILE, TILE).to_image()
}

fn is_marked(tile: &RgbImage) -> bool {
    tile.pixels().filter(|pixel| **pixel == MARK).count() > 40
}

/// Pixels from the first column with a mark to the last.
fn marked_width(tile: &RgbImage) -> u32 {
    let marked = tile.enumerate_pixels().filter(|(_, _, p)| **p == MARK);
    let columns: Vec<u32> = marked.map(|(x, _, _)| x).collect();
    let first = columns.iter().min().unwrap_or(&0);
    columns.iter().max().unwrap_or(&0) - first
}

/// The mean difference of two pictures in gray levels.
fn difference(a: &RgbImage, b: &RgbImage) -> f64 {
    let sum: u64 = a
        .iter()
        .zip(b.iter())
        .map(|(x, y)| u64::from(x.abs_diff(*y)))
        .sum();
    sum as f64 / a.len() as f64
}

fn drawing(name: &str) -> RgbImage {
    let pixels = moue_drawings::find(name).unwrap().render(TILE);
    RgbImage::from_raw(TILE, TILE, pixels).unwrap()
}

/// A photo of two people, one above the other's shoulder.
fn group(w: &World) {
    let mut group = RgbImage::from_pixel(1600, 700, Rgb([90, 120, 150]));
    for (name, left, top) in [("gus-laugh", 100, 150), ("ivy-shocked", 1050, 60)] {
        let pixels = moue_drawings::find(name).unwrap().render(400);
        let face = RgbImage::from_raw(400, 400, pixels).unwrap();
        imageops::replace(&mut group, &face, left, top);
    }
    group.save(w.path("group.png")).unwrap();
}

#[test]
fn every_face_of_a_group_is_a_numbered_close_up() {
    let w = World::new();
    group(&w);
    let one = sheet(&w, &["group.png", "--top", "1"]);
    let all = sheet(&w, &["group.png", "--top", "1", "--face", "all"]);
    assert!(all.height() > one.height() + TILE, "one row for each face");
    let close_up = marked_width(&tile(&all, QUERY));
    let whole = marked_width(&tile(&one, QUERY));
    assert!(whole > 10 && close_up > 2 * whole, "{whole} {close_up}");
    // The other way to see which number is whose.
    w.run(&["detect", "group.png", "--draw", "faces.png"]);
    let drawn = image::open(w.path("faces.png")).unwrap().into_rgb8();
    assert!(is_marked(&drawn));
}

#[test]
fn a_sheet_of_many_faces_ends_where_its_format_does() {
    let w = World::new();
    w.drawing_as("mina-laugh", "faces/0.png");
    for copy in 1..60 {
        let to = w.path(&format!("faces/{copy}.png"));
        std::fs::copy(w.path("faces/0.png"), to).unwrap();
    }
    let ran = w.run(&["find", "faces", "--top", "1", "--sheet", "sheet.webp"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran.assert_says("of 60 faces");
    let sheet = image::open(w.path("sheet.webp")).unwrap();
    assert!((15_000..16_384).contains(&sheet.height()));
}

#[test]
fn the_face_of_a_match_is_marked_and_its_caption_is_below() {
    let w = World::new();
    w.drawing_as("mina-laugh", "face.png");
    group(&w);
    let gallery = ["--gallery", "g.moue", "--top", "1"];
    w.run(&["gallery", "add", "g.moue", "group.png"]);
    let plain = sheet(&w, &[&["face.png"][..], &gallery].concat());
    assert!(is_marked(&tile(&plain, MATCH)));
    let caption = "When the build is red again and nobody has touched anything";
    let rename = [
        "gallery",
        "rename",
        "g.moue",
        "1",
        "group",
        "--caption",
        caption,
    ];
    assert_eq!(w.run(&rename).code, Some(0));
    w.run(&["gallery", "tag", "g.moue", "1", "--add", "monday"]);
    let captioned = sheet(&w, &[&["face.png"][..], &gallery].concat());
    // The description of two lines and the tags make the row higher.
    assert!(captioned.height() >= plain.height() + 2 * 20);
    let ran = w.run(&[&["find", "face.png"][..], &gallery].concat());
    let words = format!("{caption}  #monday");
    assert!(ran.stdout.contains(&words), "{}", ran.stdout);
    // A drawing has one face, and the tags of drawings are moue's own.
    let builtin = sheet(&w, &["face.png", "--top", "1"]);
    assert!(!is_marked(&tile(&builtin, MATCH)));
    assert!(!w.run(&["find", "face.png"]).stdout.contains('#'));
}

/// Calm for a second, then a laugh.
fn clip(w: &World) {
    w.animation("clip.gif", &[("mina-calm", 25), ("mina-laugh", 25)]);
    w.drawing_as("mina-laugh", "face.png");
}

#[test]
fn a_match_of_an_animation_is_shown_by_its_frame() {
    let w = World::new();
    clip(&w);
    w.run(&["gallery", "add", "g.moue", "clip.gif"]);
    let shown = tile(
        &sheet(&w, &["face.png", "--gallery", "g.moue", "--top", "1"]),
        MATCH,
    );
    let [near, far] = ["mina-laugh", "mina-calm"].map(|name| difference(&shown, &drawing(name)));
    assert!(near < far / 2.0, "{near} {far}");
}

#[test]
fn a_match_of_a_video_is_shown_and_saved_as_its_frame() {
    if !installed("ffmpeg") {
        return;
    }
    let w = World::new();
    clip(&w);
    let mut ffmpeg = std::process::Command::new("ffmpeg");
    ffmpeg
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(w.path("clip.gif"));
    // Three seconds of calm before, so that the frame has to be sought.
    ffmpeg.args([
        "-vf",
        "tpad=start_mode=clone:start_duration=3",
        "-pix_fmt",
        "yuv420p",
    ]);
    assert!(ffmpeg.arg(w.path("clip.mp4")).status().unwrap().success());
    w.run(&["gallery", "add", "g.moue", "clip.mp4"]);
    let find = [
        "face.png",
        "--gallery",
        "g.moue",
        "--top",
        "1",
        "--save",
        "out",
    ];
    let shown = tile(&sheet(&w, &find), MATCH);
    let [near, far] = ["mina-laugh", "mina-calm"].map(|name| difference(&shown, &drawing(name)));
    assert!(near < far / 2.0, "{near} {far}");
    let saved: Vec<_> = std::fs::read_dir(w.path("out")).unwrap().collect();
    let saved = saved[0].as_ref().unwrap().path();
    let name = saved.file_name().unwrap().to_string_lossy().into_owned();
    assert!(
        name.starts_with("face-1-1-clip-4.") && name.ends_with("s.png"),
        "{name}"
    );
    let saved = image::open(&saved).unwrap().into_rgb8();
    assert!(difference(&saved, &drawing("mina-laugh")) < far / 2.0);
    // Without the file it is the thumbnail, and the user learns of it.
    std::fs::remove_file(w.path("clip.mp4")).unwrap();
    let args = [&["find", "--sheet", "sheet.png", "--force"][..], &find[..5]].concat();
    let ran = w.run(&args);
    assert_eq!(ran.code, Some(0));
    assert!(
        ran.stderr.contains("its thumbnail is shown"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("clip.mp4 at 4."), "{}", ran.stderr);
}

#[test]
fn of_a_file_that_was_replaced_the_thumbnail_is_shown() {
    let w = World::new();
    w.drawing_as("mina-smile", "in/a.png");
    let query = w.drawing("mina-smile");
    w.run(&["gallery", "add", "g.moue", "in"]);
    let find = ["find", &query, "--gallery", "g.moue", "--sheet", "s.png"];
    assert!(!w.run(&find).stderr.contains("thumbnail"));
    w.drawing_as("gus-sob", "in/a.png");
    let ran = w.run(&find);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("thumbnail"), "{}", ran.stderr);
}
