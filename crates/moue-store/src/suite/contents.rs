//! What is put, and what becomes of it.

use super::data::{self, Random};
use super::harness::Harness;
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
    put_all(&*harness.open("contents"), &pictures);
    // From a connection and a process of its own, as far as the store knows.
    let store = harness.open("contents");
    let weights = store.fingerprint().expect("there is one");
    assert_eq!(weights, expression_fingerprint());
    assert_eq!(store.count().expect("counted"), counts_of(&pictures));
    let stored = exported(&*store, &Filter::default());
    assert_eq!(stored.len(), pictures.len());
    for picture in &pictures {
        let found = named(&stored, &picture.path);
        assert_same(picture, found);
        faces_lead_to(&*store, found);
    }
    exports_what_is_asked(&*store, &pictures);
}

fn put_all(store: &dyn GalleryStore, pictures: &[NewPicture]) {
    assert_eq!(store.count().expect("counted"), Counts::default());
    for batch in pictures.chunks(50) {
        let added = store.put(batch).expect("pictures are put");
        assert!(added.iter().all(|new| *new));
    }
}

/// The picture with this path.
fn named<'a>(stored: &'a [StoredPicture], path: &str) -> &'a StoredPicture {
    let found = stored.iter().find(|s| s.picture.path == path);
    found.unwrap_or_else(|| panic!("{path:?} is lost"))
}

/// Each way from a face to its picture.
fn faces_lead_to(store: &dyn GalleryStore, stored: &StoredPicture) {
    for (face, thumbnail) in stored.picture.faces.iter().zip(&stored.thumbnails) {
        let by_face = store.picture(face.id).expect("the store is read");
        assert_eq!(by_face.as_ref(), Some(stored));
        let record = store.record(face.id).expect("the store is read");
        assert_eq!(record.as_ref(), Some(&stored.picture));
        let small = store.thumbnail(face.id).expect("the store is read");
        assert_eq!(small, *thumbnail);
    }
}

fn exports_what_is_asked(store: &dyn GalleryStore, pictures: &[NewPicture]) {
    // Ids fit into the signed numbers of databases, so this one is no face's.
    let unknown = store.picture(u64::MAX >> 1).expect("the store is read");
    assert_eq!(unknown, None);
    let filter = tagged("Ärger");
    let right = pictures.iter().filter(|p| p.tags.contains(&filter.tags[0]));
    assert_eq!(exported(store, &filter).len(), right.count());
    let mut visited = 0;
    let mut stop = |_| {
        visited += 1;
        ControlFlow::Break(())
    };
    let ended = store.export(&Filter::default(), &mut stop);
    ended.expect("it ends early");
    assert_eq!(visited, 1);
}

fn tagged(tag: &str) -> Filter {
    Filter {
        tags: vec![tag.into()],
        ..Filter::default()
    }
}

/// Compares a picture with what the store has of it.
fn assert_same(put: &NewPicture, stored: &StoredPicture) {
    let path = &put.path;
    let picture = &stored.picture;
    let [first, ..] = picture.faces.as_slice() else {
        panic!("{path}: no face");
    };
    assert_eq!(picture.id, first.id, "{path}: the id of its first face");
    assert!(picture.faces.is_sorted_by_key(|face| face.id), "{path}");
    let again = stored.to_new().expect("the hash is whole");
    // Floats are printed so that they come back to the bit.
    assert_eq!(format!("{put:?}"), format!("{again:?}"), "{path}");
}

pub(super) fn retries_add_nothing(harness: &mut dyn Harness) {
    let pictures = full_pictures(40);
    let store = harness.open("retries");
    let first = store.put(&pictures[..20]).expect("put");
    assert_eq!(first, [true; 20]);
    let again = store.put(&pictures).expect("put");
    assert_eq!(again[..20], [false; 20]);
    assert_eq!(again[20..], [true; 20]);
    let mut all = pictures;
    all.push(content_counts_once(&*store));
    assert_eq!(store.count().expect("counted"), counts_of(&all));
}

/// The same content twice in one call, also under another path, and with fewer faces; returns the
/// picture that was added.
fn content_counts_once(store: &dyn GalleryStore) -> NewPicture {
    let mut copy = data::full(99, &mut Random::new(5));
    let original = copy.clone();
    copy.path = "/elsewhere.jpg".into();
    copy.faces.truncate(1);
    let twice = store.put(&[original.clone(), copy.clone()]);
    assert_eq!(twice.expect("put"), [true, false]);
    assert_eq!(store.put(&[copy]).expect("put"), [false]);
    let faceless = data::picture(1000);
    let content = [original.hash, faceless.hash];
    assert_eq!(store.put(&[faceless]).expect("put"), [false]);
    assert_eq!(store.put(&[]).expect("put"), [false; 0]);
    assert_eq!(store.contains(&content).expect("asked"), [true, false]);
    assert_eq!(store.contains(&[]).expect("asked"), [false; 0]);
    original
}

pub(super) fn two_writers_add_each_picture_once(harness: &mut dyn Harness) {
    let pictures = full_pictures(60);
    let store = harness.open("writers");
    let put_all = |order: Vec<NewPicture>| {
        let batches = order.chunks(7);
        let added = batches.flat_map(|batch| store.put(batch).expect("put"));
        added.filter(|new| *new).count()
    };
    // The opposite order is the one in which locks of rows would wait for each other.
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
    let new = ["new".to_owned(), "it's \"quoted\", {a}".to_owned()];
    let by_path = Selection::of(Selector::Path(pictures[1].path.clone()));
    assert_eq!(store.tag(&by_path, &new, &[]).expect("tagged"), 1);
    assert_eq!(store.tag(&by_path, &new, &[]).expect("nothing to do"), 0);
    let stored = exported(&*store, &Filter::default());
    let face = stored[2].picture.faces.last().expect("a face").id;
    let by_face = Selection::of(Selector::Face(face));
    let replaced = store.tag(&by_face, &["new".into()], &["cat".into()]);
    assert_eq!(replaced.expect("tagged"), 1);
    let found = exported(&*store, &tagged("new"));
    assert_eq!(found.len(), 2);
    let expected: Vec<String> = pictures[1].tags.iter().chain(&new).cloned().collect();
    assert_eq!(named(&found, &pictures[1].path).picture.tags, expected);
    let other = named(&found, &stored[2].picture.path);
    assert!(!other.picture.tags.contains(&"cat".into()));
    removes(&*store, &pictures);
    removed_ones_can_come_back(&*store, &pictures);
}

fn removes(store: &dyn GalleryStore, pictures: &[NewPicture]) {
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
        filter: tagged("new"),
        ..Selection::default()
    };
    assert_eq!(store.remove(&filtered).expect("removed"), 2);
    let left = store.count().expect("counted");
    assert_eq!(left.pictures, pictures.len() as u64 - 5);
}

/// What was removed is not found, and can be added again.
fn removed_ones_can_come_back(store: &dyn GalleryStore, pictures: &[NewPicture]) {
    let left = store.count().expect("counted").pictures;
    let query = pictures[5].faces[0].expression;
    let found = store.search(&[query], &SearchOptions::nearest(100));
    let found = found.expect("searched");
    assert!(found.iter().all(|m| m.path != pictures[5].path));
    assert_eq!(store.put(&pictures[5..6]).expect("put"), [true]);
    let all = store.remove(&Selection::default());
    assert_eq!(all.expect("removed"), left + 1);
    assert_eq!(store.count().expect("counted"), Counts::default());
}

pub(super) fn words_are_added_once(harness: &mut dyn Harness) {
    let pictures = full_pictures(6);
    let store = harness.open("words");
    store.put(&pictures).expect("put");
    // Every fifth was put with words.
    let add = |number: usize, words| store.add_words(&pictures[number].hash, words);
    assert!(!add(5, "Tuesday").expect("it has some"));
    assert!(add(1, "It's ÜBER").expect("added"));
    assert!(!add(1, "Friday").expect("it has some now"));
    assert!(!store.add_words(&[77; 32], "x").expect("no picture"));
    let found = |text: &str| {
        let filter = Filter {
            text: Some(text.into()),
            ..Filter::default()
        };
        let found = exported(&*store, &filter);
        let words = |stored: StoredPicture| (stored.picture.path, stored.picture.words);
        found.into_iter().map(words).collect::<Vec<_>>()
    };
    let expected = (pictures[1].path.clone(), Some("It's ÜBER".to_owned()));
    assert_eq!(found("s über"), [expected]);
    assert_eq!(found("monday 5").len(), 1);
    assert_eq!(found("tuesday"), []);
    // Its faces have kept all else.
    let all = exported(&*store, &Filter::default());
    let with_words = NewPicture {
        words: Some("It's ÜBER".into()),
        ..pictures[1].clone()
    };
    assert_same(&with_words, named(&all, &with_words.path));
}

/// Texts that mean something to SQL, JSON, filters of other databases, or a terminal.
const TEXTS: [&str; 6] = [
    "'; drop table pictures; --",
    "\" \\ % _ * ? ' $1 {} [] ()",
    "tab\tline\nreturn\r\u{1b}[31m",
    "עברית العربية 漢字 \u{202e} 😀\u{10ffff}",
    "",
    " ",
];

/// A picture all of whose texts are this one.
fn with_text(number: usize, text: &str, random: &mut Random) -> NewPicture {
    NewPicture {
        path: format!("/{number}/{text}"),
        label: text.into(),
        caption: Some(text.into()),
        tags: vec![text.into(), format!("{text}2")],
        source: text.into(),
        faces: vec![data::face(random.expression(), random)],
        ..data::picture(number as u64)
    }
}

pub(super) fn foreign_text_is_text(harness: &mut dyn Harness) {
    let store = harness.open("text");
    let mut random = Random::new(13);
    let texts = TEXTS.iter().enumerate();
    let pictures = texts.map(|(number, text)| with_text(number, text, &mut random));
    let mut pictures: Vec<NewPicture> = pictures.collect();
    // Longer than a page of a database.
    pictures.push(NewPicture {
        hash: [9; 32],
        path: "/long".into(),
        caption: Some("ab ".repeat(20_000)),
        ..pictures[3].clone()
    });
    assert!(store.put(&pictures).expect("put").iter().all(|new| *new));
    for picture in &pictures {
        let stored = exported(&*store, &Filter::default());
        assert_same(picture, named(&stored, &picture.path));
        text_finds(&*store, picture);
    }
}

/// Finds a picture by all of its texts, and changes it.
fn text_finds(store: &dyn GalleryStore, picture: &NewPicture) {
    let filter = Filter {
        tags: picture.tags.clone(),
        source: Some(picture.source.clone()),
        text: Some(picture.label.clone()),
        ..Filter::default()
    };
    named(&exported(store, &filter), &picture.path);
    let selection = Selection::of(Selector::Path(picture.path.clone()));
    let changed = store.tag(&selection, &["x'".into()], &[]);
    assert_eq!(changed.expect("tagged"), 1);
}

pub(super) fn what_is_no_number_is_refused(harness: &mut dyn Harness) {
    let store = harness.open("numbers");
    let mut random = Random::new(17);
    let mut picture = data::picture(1);
    for wrong in [f32::NAN, f32::INFINITY] {
        let mut expression = random.expression();
        expression.0[3] = wrong;
        picture.faces = vec![data::face(expression, &mut random)];
        let put = store.put(std::slice::from_ref(&picture));
        assert!(put.is_err(), "an expression with {wrong}");
        picture.faces = vec![data::face(random.expression(), &mut random)];
        picture.faces[0].face.score = wrong;
        let put = store.put(std::slice::from_ref(&picture));
        assert!(put.is_err(), "a score of {wrong}");
    }
    assert_eq!(store.count().expect("counted"), Counts::default());
}
