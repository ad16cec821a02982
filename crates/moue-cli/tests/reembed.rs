//! `moue gallery reembed`: a gallery of other weights.

mod common;

use common::{Ran, World, installed};
use moue::gallery::Picture;
use moue::{Expression, Gallery};
use std::collections::HashMap;
use std::path::Path;

/// Fingerprint of weights that never were.
const OTHER: &str = "0123456789abcdef";

/// What `other_weights` changes, and what must come back.
struct Content {
    pictures: Vec<Picture>,
    expressions: HashMap<u64, Expression>,
    thumbnails: Vec<Option<Vec<u8>>>,
}

fn content(path: &Path) -> Content {
    let gallery = Gallery::open(path).unwrap();
    let mut pictures = Vec::new();
    gallery
        .for_each_picture(|picture| {
            pictures.push(picture);
            Ok::<(), moue::gallery::GalleryError>(())
        })
        .unwrap();
    let faces = gallery.expressions().unwrap();
    let thumbnails = faces.iter().map(|(id, _)| gallery.thumbnail(*id).unwrap());
    Content {
        pictures,
        thumbnails: thumbnails.collect(),
        expressions: faces.into_iter().collect(),
    }
}

/// Makes the gallery one of other weights, all of whose expressions mean something else.
fn other_weights(path: &Path) {
    let gallery = Gallery::open_for_writing(path).unwrap();
    let faces = gallery.expressions().unwrap();
    let reversed = faces.into_iter().map(|(id, mut expression)| {
        expression.0.reverse();
        (id, expression)
    });
    let reversed: HashMap<u64, Expression> = reversed.collect();
    gallery.replace_expressions(&reversed, OTHER).unwrap();
}

/// A gallery with pictures of all kinds, of other weights, and its content before.
fn world() -> (World, Content) {
    let w = World::new();
    w.drawing("mina-laugh");
    w.drawing("gus-sad");
    w.drawing("lola-angry");
    w.animation("clip.gif", &[("mina-calm", 8), ("mina-laugh", 8)]);
    zip(&w, "pack.zip", &w.drawing("ivy-shocked"));
    let added = w.run(&[
        "gallery",
        "add",
        "g.moue",
        "mina-laugh.png",
        "gus-sad.png",
        "lola-angry.png",
        "clip.gif",
        "pack.zip",
        "--tag",
        "drawn",
    ]);
    assert_eq!(added.code, Some(0), "{}", added.stderr);
    let renamed = [
        "gallery",
        "rename",
        "g.moue",
        "0",
        "Another",
        "--caption",
        "a caption",
    ];
    assert_eq!(w.run(&renamed).code, Some(0));
    let before = content(&w.path("g.moue"));
    assert_eq!(before.pictures[0].label, "Another");
    assert!(before.pictures.len() == 5 && before.expressions.len() > 5);
    other_weights(&w.path("g.moue"));
    (w, before)
}

fn zip(w: &World, file: &str, member: &str) {
    use std::io::Write;
    let mut writer = zip::ZipWriter::new(std::fs::File::create(w.path(file)).unwrap());
    writer
        .start_file(member, zip::write::SimpleFileOptions::default())
        .unwrap();
    writer
        .write_all(&std::fs::read(w.path(member)).unwrap())
        .unwrap();
    writer.finish().unwrap();
}

fn reembed(w: &World, more: &[&str]) -> Ran {
    let mut args = vec!["gallery", "reembed", "g.moue", "--json"];
    args.extend(more);
    w.run(&args)
}

#[test]
fn everything_comes_back_as_it_was_and_a_second_run_has_nothing_to_do() {
    let (w, before) = world();
    let ran = reembed(&w, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let summary = &ran.json()[0];
    assert_eq!(summary["schema"], "moue.gallery.reembed/1");
    assert_eq!(
        (&summary["from"], &summary["changed"]),
        (&OTHER.into(), &true.into())
    );
    assert_eq!(summary["from_pictures"], summary["faces"]);
    assert_eq!(summary["from_thumbnails"], 0);
    let after = content(&w.path("g.moue"));
    assert_eq!(after.pictures, before.pictures);
    assert_eq!(after.thumbnails, before.thumbnails);
    assert_eq!(after.expressions.len(), before.expressions.len());
    for (id, expression) in &before.expressions {
        assert!(
            after.expressions[id].distance(expression) < 1e-3,
            "face {id}"
        );
    }
    let again = reembed(&w, &[]);
    assert_eq!(again.code, Some(0));
    assert_eq!(again.json()[0]["changed"], false);
    let text = w.run(&["gallery", "reembed", "g.moue"]);
    assert!(text.stdout.contains("nothing to do"), "{}", text.stdout);
    assert_eq!(w.run(&["gallery", "verify", "g.moue"]).code, Some(0));
    // Near-duplicates are still recognized.
    w.drawing_as("mina-laugh", "copy.png");
    let found = w.run(&[
        "find",
        "copy.png",
        "--gallery",
        "g.moue",
        "--top",
        "1",
        "--json",
    ]);
    let best = &found.json()[0]["faces"][0]["matches"][0];
    assert_eq!(best["score"], 0.0, "{best}");
}

#[test]
fn other_commands_name_this_one() {
    let (w, _) = world();
    for args in [
        &["find", "mina-laugh.png", "--gallery", "g.moue"][..],
        &["gallery", "list", "g.moue"],
        &["gallery", "add", "g.moue", "mina-laugh.png"],
        &[
            "live",
            "--video",
            "clip.gif",
            "--gallery",
            "g.moue",
            "--json",
        ],
    ] {
        let ran = w.run(args);
        assert_eq!(ran.code, Some(2), "{args:?}");
        assert!(
            ran.stderr.contains("`moue gallery reembed g.moue`"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn what_is_gone_or_changed_is_taken_from_thumbnails_and_said() {
    let (w, before) = world();
    std::fs::remove_file(w.path("mina-laugh.png")).unwrap();
    w.drawing_as("gus-laugh", "gus-sad.png");
    std::fs::remove_file(w.path("pack.zip")).unwrap();
    let ran = reembed(&w, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.json()[0]["from_thumbnails"], 3);
    for words in [
        "mina-laugh.png: taken from its thumbnail: the file is gone",
        "gus-sad.png: taken from its thumbnail: the file has changed",
        "ivy-shocked",
    ] {
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
    }
    let after = content(&w.path("g.moue"));
    assert_eq!(after.pictures, before.pictures);
    // A thumbnail has fewer pixels, but it is the same face.
    for (id, expression) in &before.expressions {
        let distance = after.expressions[id].distance(expression);
        assert!(distance < 0.25, "face {id} is {distance} away");
    }
}

#[test]
fn without_a_thumbnail_nothing_changes_unless_it_may_be_left_out() {
    let w = World::new();
    w.drawing("mina-laugh");
    w.drawing("gus-sad");
    let add = [
        "gallery",
        "add",
        "g.moue",
        "mina-laugh.png",
        "gus-sad.png",
        "--no-thumbnails",
    ];
    assert_eq!(w.run(&add).code, Some(0));
    other_weights(&w.path("g.moue"));
    std::fs::remove_file(w.path("gus-sad.png")).unwrap();
    let before = state(&w);
    let ran = reembed(&w, &[]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("1 of 2 pictures") && ran.stderr.contains("--drop-missing"),
        "{}",
        ran.stderr
    );
    assert!(before == state(&w));
    let ran = reembed(&w, &["--drop-missing"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.json()[0]["dropped"], 1);
    assert_eq!(content(&w.path("g.moue")).pictures.len(), 1);
    assert_eq!(leftovers(&w), 0);
}

/// The weights and vectors of the gallery. Its bytes are no measure: opening it for writing marks
/// the file as open.
fn state(w: &World) -> (String, Vec<(u64, Expression)>) {
    let gallery = Gallery::open_with_other_weights(w.path("g.moue")).unwrap();
    (
        gallery.fingerprint().unwrap(),
        gallery.expressions().unwrap(),
    )
}

/// Files that begin as the new gallery is called before it is whole.
fn leftovers(w: &World) -> usize {
    let folder = std::fs::read_dir(w.path(".")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name());
    names
        .filter(|name| name.to_string_lossy().starts_with(".g.moue"))
        .count()
}

#[test]
#[cfg(unix)]
fn an_interrupted_run_changes_nothing() {
    let (w, _) = world();
    if !installed("kill") {
        return;
    }
    let before = state(&w);
    // As early as it may come: the program has just begun, or is at work.
    for millis in [60, 120, 240, 480] {
        let child = w.command(&["gallery", "reembed", "g.moue", "--threads", "1"]);
        let mut child = { child }
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(millis));
        let interrupt = std::process::Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status();
        assert!(interrupt.is_ok());
        let code = child.wait().unwrap().code();
        // It had already ended, or it was interrupted.
        if code == Some(0) {
            break;
        }
        assert!(code == Some(130) || code.is_none(), "{code:?}");
        assert!(before == state(&w), "after {millis} ms");
        assert_eq!(leftovers(&w), 0);
    }
}

#[test]
fn a_leftover_of_a_killed_run_is_no_obstacle() {
    let (w, before) = world();
    w.write(".g.moue.reembedding", b"half a gallery");
    assert_eq!(reembed(&w, &[]).code, Some(0));
    assert_eq!(content(&w.path("g.moue")).pictures, before.pictures);
    assert_eq!(leftovers(&w), 0);
}
