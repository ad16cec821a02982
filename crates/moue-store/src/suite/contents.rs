//! What is put, and what becomes of it.

use super::Harness;
use super::data::{self, Random};
use crate::{Counts, GalleryStore, Selection, Selector, StoredPicture};
use moue::gallery::{Filter, NewPicture, SearchOptions};
use moue::weights::expression_fingerprint;
use std::ops::ControlFlow;

/// All pictures that meet a filter.
fn exported(store: &dyn GalleryStore, filter: &Filter) -> Vec<StoredPicture> {
    let mut all = Vec::new();
    let mut keep = |picture| {
        all.push(picture);
        ControlFlow::Continue(())
    };
    store.export(filter, &mut keep).expect("the store exports");
    all
}

fn full_pictures(count: u64) -> Vec<NewPicture> {
    let mut random = Random::new(11);
    (0..count)
        .map(|number| data::full(number, &mut random))
        .collect()
}

fn counts_of(pictures: &[NewPicture]) -> Counts {
    Counts {
        pictures: pictures.len() as u64,
        faces: pictures.iter().map(|p| p.faces.len() as u64).sum(),
    }
}

pub(super) fn what_is_put_comes_back(harness: &mut dyn Harness) {
    let pictures = full_pictures(120);
    let store = harness.open("contents");
    assert_eq!(store.count().expect("counted"), Counts::default());
    for batch in pictures.chunks(50) {
        let added = store.put(batch).expect("pictures are put");
        assert!(added.iter().all(|new| *new));
    }
    // From a connection and a process of its own, as far as the store knows.
    drop(store);
    let store = harness.open("contents");
    assert_eq!(
        store.fingerprint().expect("there is one"),
        expression_fingerprint()
    );
    assert_eq!(store.count().expect("counted"), counts_of(&pictures));
    let stored = exported(&*store, &Filter::default());
    assert_eq!(stored.len(), pictures.len());
    for picture in &pictures {
        let hex = moue::digest::hex(&picture.hash);
        let found = stored.iter().find(|s| s.picture.hash == hex);
        let found = found.unwrap_or_else(|| panic!("{} is not exported", picture.path));
        assert_same(picture, found);
        for face in &found.picture.faces {
            let by_face = store.picture(face.id).expect("the store is read");
            assert_eq!(by_face.as_ref(), Some(found));
            let record = store.record(face.id).expect("the store is read");
            assert_eq!(record.as_ref(), Some(&found.picture));
        }
        for (face, thumbnail) in found.picture.faces.iter().zip(&found.thumbnails) {
            let stored = store.thumbnail(face.id).expect("the store is read");
            assert_eq!(stored, *thumbnail);
        }
    }
    assert_eq!(
        store.picture(u64::MAX >> 1).expect("the store is read"),
        None
    );
    let filter = Filter {
        tags: vec!["Ärger".into()],
        ..Filter::default()
    };
    let tagged = pictures.iter().filter(|p| p.tags.contains(&filter.tags[0]));
    assert_eq!(exported(&*store, &filter).len(), tagged.count());
    let mut visited = 0;
    let mut stop = |_| {
        visited += 1;
        ControlFlow::Break(())
    };
    store
        .export(&Filter::default(), &mut stop)
        .expect("it ends early");
    assert_eq!(visited, 1);
}

/// Compares a picture with what the store has of it.
fn assert_same(put: &NewPicture, stored: &StoredPicture) {
    let path = &put.path;
    let picture = &stored.picture;
    assert_eq!(*path, picture.path);
    assert_eq!(
        (&put.label, &put.caption),
        (&picture.label, &picture.caption),
        "{path}"
    );
    assert_eq!(
        (&put.tags, &put.source),
        (&picture.tags, &picture.source),
        "{path}"
    );
    assert_eq!(
        (put.added, put.hidden),
        (picture.added, picture.hidden),
        "{path}"
    );
    assert_eq!(put.perceptual_hash, picture.perceptual_hash, "{path}");
    assert_eq!(
        picture.id, picture.faces[0].id,
        "{path}: the id of its first face"
    );
    assert!(picture.faces.is_sorted_by_key(|face| face.id), "{path}");
    let again = stored.to_new().expect("the hash is whole");
    assert_eq!(put.faces, again.faces, "{path}");
}

pub(super) fn retries_add_nothing(harness: &mut dyn Harness) {
    let pictures = full_pictures(40);
    let store = harness.open("retries");
    let first = store.put(&pictures[..20]).expect("put");
    assert_eq!(first, [true; 20]);
    let again = store.put(&pictures).expect("put");
    assert_eq!(again[..20], [false; 20]);
    assert_eq!(again[20..], [true; 20]);
    // The same content twice in one call, also under another path, and with fewer faces.
    let mut copy = data::full(99, &mut Random::new(5));
    let original = copy.clone();
    copy.path = "/elsewhere.jpg".into();
    copy.faces.truncate(1);
    assert_eq!(
        store.put(&[original.clone(), copy.clone()]).expect("put"),
        [true, false]
    );
    assert_eq!(store.put(&[copy]).expect("put"), [false]);
    let faceless = data::picture(1000);
    let content = [original.hash, faceless.hash];
    assert_eq!(store.put(&[faceless]).expect("put"), [false]);
    assert_eq!(store.put(&[]).expect("put"), [false; 0]);
    assert_eq!(store.contains(&content).expect("asked"), [true, false]);
    assert_eq!(store.contains(&[]).expect("asked"), [false; 0]);
    let mut all = pictures;
    all.push(original);
    assert_eq!(store.count().expect("counted"), counts_of(&all));
}

pub(super) fn two_writers_add_each_picture_once(harness: &mut dyn Harness) {
    let pictures = full_pictures(60);
    let store = harness.open("writers");
    let put_all = |order: Vec<NewPicture>| {
        let batches = order.chunks(7);
        let added = batches.flat_map(|batch| store.put(batch).expect("put"));
        added.filter(|new| *new).count()
    };
    let reversed = pictures.iter().rev().cloned().collect();
    let [a, b] = std::thread::scope(|scope| {
        let one = scope.spawn(|| put_all(pictures.clone()));
        let other = scope.spawn(|| put_all(reversed));
        [one, other].map(|thread| thread.join().expect("no panic"))
    });
    assert_eq!(a + b, pictures.len(), "each was added by one of them");
    assert_eq!(store.count().expect("counted"), counts_of(&pictures));
}

pub(super) fn pictures_are_tagged_and_removed(harness: &mut dyn Harness) {
    let pictures = full_pictures(30);
    let store = harness.open("changes");
    store.put(&pictures).expect("put");
    let stored = exported(&*store, &Filter::default());
    let by_path = Selection::of(Selector::Path(pictures[1].path.clone()));
    let new = ["new".to_owned(), "it's \"quoted\", {a}".to_owned()];
    assert_eq!(store.tag(&by_path, &new, &[]).expect("tagged"), 1);
    assert_eq!(store.tag(&by_path, &new, &[]).expect("nothing to do"), 0);
    let face = stored[2].picture.faces.last().expect("a face").id;
    let by_face = Selection::of(Selector::Face(face));
    assert_eq!(
        store
            .tag(&by_face, &["new".into()], &["cat".into()])
            .expect("tagged"),
        1
    );
    let tagged = Filter {
        tags: vec!["new".into()],
        ..Filter::default()
    };
    let found = exported(&*store, &tagged);
    assert_eq!(found.len(), 2);
    let one = found
        .iter()
        .find(|s| s.picture.path == pictures[1].path)
        .expect("tagged");
    let expected: Vec<String> = pictures[1].tags.iter().chain(&new).cloned().collect();
    assert_eq!(one.picture.tags, expected);
    assert!(
        found
            .iter()
            .all(|s| s.picture.path == pictures[1].path || !s.picture.tags.contains(&"cat".into()))
    );
    removes(&*store, &pictures, &tagged);
}

fn removes(store: &dyn GalleryStore, pictures: &[NewPicture], tagged: &Filter) {
    let by_content = Selection::of(Selector::Content(pictures[5].hash));
    assert_eq!(store.remove(&by_content).expect("removed"), 1);
    assert_eq!(store.remove(&by_content).expect("gone"), 0);
    let several = Selection {
        any_of: vec![
            Selector::Path(pictures[6].path.clone()),
            Selector::Content(pictures[7].hash),
        ],
        ..Selection::default()
    };
    assert_eq!(store.selected(&several).expect("counted"), 2);
    assert_eq!(store.remove(&several).expect("removed"), 2);
    assert_eq!(store.selected(&several).expect("counted"), 0);
    let filtered = Selection {
        filter: tagged.clone(),
        ..Selection::default()
    };
    assert_eq!(store.remove(&filtered).expect("removed"), 2);
    let left = store.count().expect("counted");
    assert_eq!(left.pictures, pictures.len() as u64 - 5);
    let query = pictures[5].faces[0].expression;
    let found = store
        .search(&[query], &SearchOptions::nearest(100))
        .expect("searched");
    assert!(found.iter().all(|m| m.path != pictures[5].path));
    // What was removed can come back, with ids of its own.
    assert_eq!(store.put(&pictures[5..6]).expect("put"), [true]);
    assert_eq!(
        store.remove(&Selection::default()).expect("all"),
        left.pictures + 1
    );
    assert_eq!(store.count().expect("counted"), Counts::default());
}

pub(super) fn foreign_text_is_text(harness: &mut dyn Harness) {
    let texts = [
        "'; drop table pictures; --",
        "\" \\ % _ * ? ' $1 {} [] ()",
        "tab\tline\nreturn\r\u{1b}[31m",
        "עברית العربية 漢字 \u{202e} 😀\u{10ffff}",
        "",
        " ",
    ];
    let store = harness.open("text");
    let mut random = Random::new(13);
    let mut pictures = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        let mut picture = data::picture(number as u64);
        picture.path = format!("/{number}/{text}");
        picture.label = (*text).into();
        picture.caption = Some((*text).into());
        picture.tags = vec![(*text).into(), format!("{text}2")];
        picture.source = (*text).into();
        picture.faces = vec![data::face(random.expression(), &mut random)];
        pictures.push(picture);
    }
    let mut long = pictures[3].clone();
    long.hash = [9; 32];
    long.path = "/long".into();
    long.caption = Some("ab ".repeat(20_000));
    pictures.push(long);
    assert!(store.put(&pictures).expect("put").iter().all(|new| *new));
    for picture in &pictures {
        let by_path = exported(&*store, &Filter::default());
        let found = by_path.iter().find(|s| s.picture.path == picture.path);
        assert_same(
            picture,
            found.unwrap_or_else(|| panic!("{:?} is lost", picture.path)),
        );
        let tagged = Filter {
            tags: picture.tags.clone(),
            source: Some(picture.source.clone()),
            text: Some(picture.label.clone()),
            ..Filter::default()
        };
        let found = exported(&*store, &tagged);
        assert!(
            found.iter().any(|s| s.picture.path == picture.path),
            "{:?}",
            picture.path
        );
        let selection = Selection::of(Selector::Path(picture.path.clone()));
        assert_eq!(
            store.tag(&selection, &["x'".into()], &[]).expect("tagged"),
            1
        );
    }
}

pub(super) fn what_is_no_number_is_refused(harness: &mut dyn Harness) {
    let store = harness.open("numbers");
    let mut random = Random::new(17);
    let mut picture = data::picture(1);
    for wrong in [f32::NAN, f32::INFINITY] {
        let mut expression = random.expression();
        expression.0[3] = wrong;
        picture.faces = vec![data::face(expression, &mut random)];
        assert!(
            store.put(std::slice::from_ref(&picture)).is_err(),
            "an expression with {wrong}"
        );
        picture.faces = vec![data::face(random.expression(), &mut random)];
        picture.faces[0].face.score = wrong;
        assert!(
            store.put(std::slice::from_ref(&picture)).is_err(),
            "a score of {wrong}"
        );
    }
    assert_eq!(store.count().expect("counted"), Counts::default());
}
