//! Galleries: what is written stays, what is damaged is an error.
#![cfg(feature = "drawings")]

#[path = "common/faces.rs"]
mod faces;

use faces::{expression, face};
use moue::Gallery;
use moue::gallery::{GalleryError, NewPicture, Picture};
use std::path::Path;

/// A picture with one face for each angle.
fn picture(number: u8, angles: &[f32]) -> NewPicture {
    NewPicture {
        hash: [number; 32],
        path: format!("/pictures/{number}.jpg"),
        label: format!("picture {number}"),
        tags: vec!["test".into()],
        faces: angles
            .iter()
            .map(|a| (face(), expression(*a)).into())
            .collect(),
        ..NewPicture::default()
    }
}

fn paths(found: &[moue::Match]) -> Vec<&str> {
    found.iter().map(|m| m.path.as_str()).collect()
}

#[test]
fn pictures_are_kept_found_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.moue");
    let gallery = Gallery::open_or_create(&path).unwrap();
    assert!(gallery.is_empty().unwrap());
    let added = gallery
        .add(&[
            picture(1, &[0.1]),
            picture(2, &[1.0, 0.2]),
            picture(3, &[2.0]),
            picture(1, &[0.1]),
        ])
        .unwrap();
    assert_eq!(
        added,
        [true, true, true, false],
        "the same content is one picture"
    );
    assert_eq!(gallery.add(&[picture(3, &[2.0])]).unwrap(), [false]);
    assert_eq!(
        (gallery.len().unwrap(), gallery.picture_count().unwrap()),
        (4, 3)
    );
    drop(gallery);

    let gallery = Gallery::open(&path).unwrap();
    let found = gallery.nearest(&expression(0.13), 3).unwrap();
    assert_eq!(
        paths(&found),
        ["/pictures/1.jpg", "/pictures/2.jpg", "/pictures/3.jpg"],
        "each picture once"
    );
    assert!((found[0].distance - expression(0.1).distance(&expression(0.13))).abs() < 1e-6);
    assert_eq!(found[1].label, "picture 2");
    assert!(matches!(
        gallery.add(&[picture(9, &[0.0])]),
        Err(GalleryError::ReadOnly(_))
    ));
    drop(gallery);

    let mut gallery = Gallery::open_for_writing(&path).unwrap();
    assert_eq!(
        gallery
            .remove(|p: &Picture| p.path.ends_with("2.jpg"))
            .unwrap(),
        1
    );
    assert_eq!(gallery.remove(|_| false).unwrap(), 0);
    assert_eq!(
        (gallery.len().unwrap(), gallery.picture_count().unwrap()),
        (2, 2)
    );
    assert_eq!(
        paths(&gallery.nearest(&expression(0.2), 5).unwrap()),
        ["/pictures/1.jpg", "/pictures/3.jpg"]
    );
    gallery.compact().unwrap();
    assert_eq!(
        gallery.add(&[picture(2, &[0.2])]).unwrap(),
        [true],
        "what was removed may come back"
    );
    let ids: Vec<u64> = gallery.entries().unwrap().iter().map(|e| e.id).collect();
    assert_eq!(ids.last(), Some(&4), "ids are not given twice");
}

#[test]
fn many_faces_fill_several_chunks() {
    let folder = tempfile::tempdir().unwrap();
    let gallery = Gallery::open_or_create(folder.path().join("many.moue")).unwrap();
    for group in 0..25u8 {
        let angles: Vec<f32> = (0..100)
            .map(|i| f32::from(group) * 0.1 + i as f32 * 1e-3)
            .collect();
        gallery.add(&[picture(group, &angles)]).unwrap();
    }
    assert_eq!(gallery.expressions().unwrap().len(), 2500);
    gallery.remove(|p| p.path == "/pictures/7.jpg").unwrap();
    assert_eq!(gallery.expressions().unwrap().len(), 2400);
    assert_eq!(
        paths(&gallery.nearest(&expression(0.74), 1).unwrap()),
        ["/pictures/6.jpg"]
    );
}

#[test]
fn writers_exclude_each_other_and_readers_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shared.moue");
    let writer = Gallery::open_or_create(&path).unwrap();
    assert!(matches!(
        Gallery::open_or_create(&path),
        Err(GalleryError::Busy(_))
    ));
    let reader = Gallery::open(&path).unwrap();
    writer.add(&[picture(1, &[0.0])]).unwrap();
    assert_eq!(reader.len().unwrap(), 1, "a reader sees what was committed");
}

#[test]
fn other_files_are_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    assert!(matches!(
        Gallery::open(path("none.moue")),
        Err(GalleryError::Missing(_))
    ));
    assert!(matches!(
        Gallery::open(folder.path()),
        Err(GalleryError::Foreign { .. })
    ));
    for (name, content) in [
        ("empty.moue", Vec::new()),
        ("text.moue", b"no gallery at all".to_vec()),
        ("zeros.moue", vec![0; 100_000]),
    ] {
        std::fs::write(path(name), content).unwrap();
        assert!(
            matches!(Gallery::open(path(name)), Err(GalleryError::Foreign { .. })),
            "{name}"
        );
        assert!(
            Gallery::open_or_create(path(name)).is_err(),
            "{name} must not be overwritten"
        );
    }
}

fn saved(folder: &Path) -> Vec<u8> {
    let path = folder.join("damaged.moue");
    let _ = std::fs::remove_file(&path);
    Gallery::open_or_create(&path)
        .unwrap()
        .add(&[picture(1, &[0.1]), picture(2, &[0.2])])
        .unwrap();
    std::fs::read(&path).unwrap()
}

/// Every access to a damaged file ends, with an answer or an error.
#[test]
fn damaged_galleries_never_panic() {
    let folder = tempfile::tempdir().unwrap();
    let whole = saved(folder.path());
    let path = folder.path().join("damaged.moue");
    // The guard turns the database's panics into errors; their messages would only clutter the
    // output.
    std::panic::set_hook(Box::new(|_| {}));
    let mut state = 1u64;
    for round in 0..150 {
        let mut bytes = whole.clone();
        for _ in 0..1 + round % 20 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let at = (state >> 20) as usize % bytes.len();
            bytes[if round % 2 == 0 { at % 20_000 } else { at }] = (state >> 8) as u8;
        }
        if round % 10 == 0 {
            bytes.truncate(bytes.len() * (round + 1) / 150);
        }
        std::fs::write(&path, &bytes).unwrap();
        if let Ok(gallery) = Gallery::open(&path) {
            let _ = (
                gallery.len(),
                gallery.entries(),
                gallery.nearest(&expression(0.1), 3),
            );
        }
    }
    let _ = std::panic::take_hook();
}

#[test]
fn the_builtin_gallery_is_whole() {
    let gallery = Gallery::builtin().unwrap();
    let entries = gallery.entries().unwrap();
    assert_eq!(entries.len(), moue_drawings::all().count());
    for (entry, drawing) in entries.iter().zip(moue_drawings::all()) {
        assert_eq!(entry.path, format!("builtin:{}", drawing.name()));
        assert_eq!(entry.label, drawing.pose.caption);
    }
    for (id, expression) in gallery.expressions().unwrap() {
        let length: f32 = expression.0.iter().map(|v| v * v).sum();
        assert!((length - 1.0).abs() < 1e-4, "face {id}");
    }
}

#[test]
fn the_emoji_gallery_is_whole() {
    let gallery = Gallery::emoji().unwrap();
    let entries = gallery.entries().unwrap();
    assert_eq!(entries.len(), moue_drawings::emoji::all().count());
    for (entry, emoji) in entries.iter().zip(moue_drawings::emoji::all()) {
        assert_eq!(entry.emoji(), Some(emoji.character));
        assert_eq!(entry.label, emoji.name());
        assert_eq!(entry.tags, [emoji.pose.emotion]);
    }
    for (id, expression) in gallery.expressions().unwrap() {
        let length: f32 = expression.0.iter().map(|v| v * v).sum();
        assert!((length - 1.0).abs() < 1e-4, "face {id}");
    }
}

#[test]
fn what_a_filter_matches_is_told_anew_after_a_change() {
    let gallery = Gallery::with_storage(moue::gallery::MemoryStorage::default(), "memory").unwrap();
    gallery
        .add(&[picture(1, &[0.1]), picture(2, &[0.2]), picture(3, &[0.3])])
        .unwrap();
    let search = |tag: &str| {
        let mut options = moue::gallery::SearchOptions::nearest(3);
        options.filter.tags = vec![tag.into()];
        let found = gallery.search(&[expression(0.0)], &options).unwrap();
        found.into_iter().map(|m| m.path).collect::<Vec<_>>()
    };
    let path = |number| format!("/pictures/{number}.jpg");
    // Twice each, and in turns: what is remembered of one filter is not of another.
    for _ in 0..2 {
        assert_eq!(search("test"), [path(1), path(2), path(3)]);
        assert_eq!(search("new"), [""; 0]);
    }
    let retag = |picture: &mut Picture| {
        picture.path == path(2) && picture.retag(&["new".into()], &["test".into()])
    };
    assert_eq!(gallery.update(retag).unwrap(), 1);
    assert_eq!(search("test"), [path(1), path(3)]);
    assert_eq!(search("new"), [path(2)]);
    gallery.add(&[picture(4, &[0.15])]).unwrap();
    assert_eq!(search("test"), [path(1), path(4), path(3)]);
    gallery.remove(|picture| picture.path == path(1)).unwrap();
    assert_eq!(search("test"), [path(4), path(3)]);
}
