//! Hidden pictures: no search returns them, whatever happens to the gallery.
#![cfg(feature = "drawings")]

#[path = "common/faces.rs"]
mod faces;

use faces::{expression, face};
use moue::gallery::{MemoryGallery, NewPicture, PictureHash, Search, SearchOptions};
use moue::{Gallery, weights};
use std::path::Path;

/// A picture with one face; `shows` makes its perceptual hash, `content` that of its bytes.
fn picture(content: u8, shows: u8, angle: f32) -> NewPicture {
    NewPicture {
        hash: [content; 32],
        path: format!("/pictures/{content}.jpg"),
        label: format!("picture {content}"),
        perceptual_hash: Some(PictureHash([shows; 32])),
        faces: vec![(face(), expression(angle)).into()],
        ..NewPicture::default()
    }
}

/// Four pictures far apart, and a near-duplicate of the first.
fn pictures() -> Vec<NewPicture> {
    vec![
        picture(1, 0x00, 0.0),
        picture(2, 0x0F, 0.5),
        picture(3, 0xF0, 1.0),
        picture(4, 0xFF, 1.5),
        picture(5, 0x00, 0.0),
    ]
}

fn is_first(path: &str) -> bool {
    path == "/pictures/1.jpg"
}

/// What every kind of search returns.
fn shown(gallery: &impl Search) -> Vec<Vec<String>> {
    let varied = SearchOptions {
        limit: 9,
        ..SearchOptions::varied()
    };
    let separated = SearchOptions {
        min_separation: Some(0.1),
        ..varied.clone()
    };
    [SearchOptions::nearest(9), varied, separated]
        .iter()
        .map(|options| {
            let found = gallery.search(&[expression(0.0)], options).unwrap();
            let mut paths: Vec<String> = found.into_iter().map(|m| m.path).collect();
            paths.sort();
            paths
        })
        .collect()
}

fn all_are(gallery: &impl Search, names: &[u8]) {
    let paths: Vec<String> = names.iter().map(|n| format!("/pictures/{n}.jpg")).collect();
    for found in shown(gallery) {
        assert_eq!(found, paths);
    }
}

fn open(path: &Path) -> Gallery {
    Gallery::open_for_writing(path).unwrap()
}

#[test]
fn no_search_returns_a_hidden_picture_or_its_near_duplicates() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.moue");
    let gallery = Gallery::open_or_create(&path).unwrap();
    gallery.add(&pictures()).unwrap();
    // Near-duplicates count once in an answer, which the first of them stands for.
    all_are(&gallery, &[1, 2, 3, 4]);
    // A reader that has searched before sees the change too.
    drop(gallery);
    let reader = Gallery::open(&path).unwrap();
    all_are(&reader, &[1, 2, 3, 4]);
    let writer = open(&path);
    assert_eq!(writer.set_hidden(true, |p| is_first(&p.path)).unwrap(), 2);
    assert_eq!(writer.set_hidden(true, |p| is_first(&p.path)).unwrap(), 0);
    for gallery in [&reader, &writer] {
        all_are(gallery, &[2, 3, 4]);
    }
    // The same from int8 codes, in memory and from the file.
    drop(writer);
    for memory in [0, 1 << 20] {
        let coded = open(&path).with_exact_faces(0).with_memory(memory);
        all_are(&coded, &[2, 3, 4]);
    }
    let writer = open(&path);
    assert_eq!(writer.set_hidden(false, |p| is_first(&p.path)).unwrap(), 2);
    all_are(&reader, &[1, 2, 3, 4]);
}

#[test]
fn hidden_pictures_come_back_hidden() {
    let folder = tempfile::tempdir().unwrap();
    let gallery = Gallery::open_or_create(folder.path().join("a.moue")).unwrap();
    let mut memory = MemoryGallery::new();
    gallery.add(&pictures()).unwrap();
    memory.add(&pictures());
    gallery.set_hidden(true, |p| is_first(&p.path)).unwrap();
    assert_eq!(memory.set_hidden(true, |p| is_first(&p.path)), 2);
    all_are(&memory, &[2, 3, 4]);

    let again = [
        picture(1, 0x00, 0.0),
        // The same picture saved anew.
        picture(6, 0x00, 0.0),
    ];
    gallery.remove(|p| p.group == 0).unwrap();
    memory.remove(|p| p.group == 0);
    assert_eq!(gallery.add(&again).unwrap(), [true, true]);
    assert_eq!(memory.add(&again), [true, true]);
    all_are(&gallery, &[2, 3, 4]);
    all_are(&memory, &[2, 3, 4]);
    // An edited file takes the place of the old one.
    let edited = picture(7, 0x00, 0.0);
    gallery.replace(&[[1; 32]], &[edited]).unwrap();
    all_are(&gallery, &[2, 3, 4]);
    // Other commands that change pictures leave it.
    let renamed = |p: &mut moue::gallery::Picture| {
        p.hidden = false;
        p.label = "x".into();
        true
    };
    gallery.update(renamed).unwrap();
    memory.update(renamed);
    gallery.relocate(&[7; 32], "/elsewhere/7.jpg", "7").unwrap();
    all_are(&gallery, &[2, 3, 4]);
    all_are(&memory, &[2, 3, 4]);
    assert_eq!(memory.set_hidden(false, |_| true), 2);
    all_are(&memory, &[1, 2, 3, 4]);
}

#[test]
fn hiding_outlives_all_that_is_done_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.moue");
    let gallery = Gallery::open_or_create(&path).unwrap();
    gallery.add(&pictures()).unwrap();
    gallery.set_hidden(true, |p| is_first(&p.path)).unwrap();
    drop(gallery);

    let mut gallery = open(&path);
    gallery.compact().unwrap();
    all_are(&gallery, &[2, 3, 4]);
    let new = gallery.expressions().unwrap().into_iter().collect();
    gallery
        .replace_expressions(&new, weights::expression_fingerprint())
        .unwrap();
    all_are(&gallery, &[2, 3, 4]);
    let report = gallery.verify(false).unwrap();
    assert!(report.problems.is_empty(), "{report:?}");

    let merged = Gallery::open_or_create(folder.path().join("b.moue")).unwrap();
    merged.merge(&gallery, |_| ()).unwrap();
    all_are(&merged, &[2, 3, 4]);
    let hidden: Vec<bool> = pictures_of(&merged).iter().map(|p| p.hidden).collect();
    assert_eq!(hidden.iter().filter(|hidden| **hidden).count(), 2);
}

#[test]
fn a_hidden_picture_is_known_again_after_other_weights() {
    let folder = tempfile::tempdir().unwrap();
    let gallery = Gallery::open_or_create(folder.path().join("a.moue")).unwrap();
    gallery.add(&pictures()).unwrap();
    gallery.set_hidden(true, |p| is_first(&p.path)).unwrap();
    // Other weights: every face is a quarter of a turn from where it was.
    let turned = |angle: f32| angle + std::f32::consts::FRAC_PI_2;
    let angles = [0.0, 0.5, 1.0, 1.5, 0.0];
    let ids = gallery.expressions().unwrap();
    let ids = ids.iter().map(|(id, _)| *id);
    let new = ids.zip(angles.map(|angle| expression(turned(angle))));
    gallery
        .replace_expressions(&new.collect(), weights::expression_fingerprint())
        .unwrap();
    gallery.add(&[picture(6, 0x00, turned(0.0))]).unwrap();
    all_are(&gallery, &[2, 3, 4]);
}

fn pictures_of(gallery: &Gallery) -> Vec<moue::gallery::Picture> {
    let mut all = Vec::new();
    gallery
        .for_each_picture(|picture| {
            all.push(picture);
            Ok::<(), moue::gallery::GalleryError>(())
        })
        .unwrap();
    all
}

#[test]
fn a_repair_keeps_hidden_pictures_hidden() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.moue");
    let gallery = Gallery::open_or_create(&path).unwrap();
    gallery.add(&pictures()).unwrap();
    gallery.set_hidden(true, |p| is_first(&p.path)).unwrap();
    drop(gallery);
    let whole = std::fs::read(&path).unwrap();
    let mut repaired = 0;
    // Every page once: whichever is lost, the list or the records still tell.
    for page in whole
        .chunks(4096)
        .enumerate()
        .skip(1)
        .map(|(number, _)| number)
    {
        let mut bytes = whole.clone();
        bytes[page * 4096..][..4096].fill(0x5A);
        std::fs::write(&path, &bytes).unwrap();
        let Ok(report) = Gallery::repair(&path) else {
            continue;
        };
        repaired += usize::from(report.repaired);
        let gallery = open(&path);
        for found in shown(&gallery) {
            let is_hidden = |p: &String| ["/pictures/1.jpg", "/pictures/5.jpg"].contains(&&**p);
            assert!(!found.iter().any(is_hidden), "page {page}: {found:?}");
        }
    }
    assert!(repaired > 0, "no page mattered");
}
