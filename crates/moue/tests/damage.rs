//! Galleries in whose file bits are flipped and pages overwritten: no wrong answer without an
//! error, and a repair keeps all pictures whose own bytes are undamaged.
#![cfg(feature = "gallery")]

#[path = "common/faces.rs"]
mod faces;

use faces::{expression, face};
use moue::gallery::{Entry, FileStamp, GalleryError, NewFace, NewPicture, PictureHash};
use moue::{Expression, Gallery, Match};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

const PICTURES: u64 = 90;
const PAGE: usize = 4096;
/// Bytes before an envelope's content, and what it begins with.
const HEAD: usize = 36;
const MAGIC: &[u8] = b"\xFEmoR";

fn picture(number: u64) -> NewPicture {
    // No part of one is a part of another.
    let part = |i: u8| moue::digest::sha256(&[number as u8, i]);
    let thumbnail: Vec<u8> = (0..48).flat_map(part).collect();
    let one = |angle: f32| NewFace {
        thumbnail: Some(thumbnail.clone()),
        ..NewFace::from((face(), expression(angle)))
    };
    let angle = number as f32 * 0.03;
    let faces = match number % 10 {
        0 => vec![one(angle), one(angle + 0.01)],
        _ => vec![one(angle)],
    };
    NewPicture {
        hash: moue::digest::sha256(&number.to_le_bytes()),
        path: format!("/pictures/{number}.jpg"),
        label: format!("picture {number}"),
        caption: Some(format!("the {number}th picture")),
        tags: vec![format!("tag{}", number % 7)],
        perceptual_hash: Some(PictureHash(moue::digest::sha256(&number.to_be_bytes()))),
        file: Some(FileStamp {
            size: number,
            modified: 5,
        }),
        faces,
        ..NewPicture::default()
    }
}

/// All that a gallery answers.
#[derive(Debug, PartialEq)]
struct Answers {
    entries: Result<Vec<Entry>, String>,
    expressions: Result<Vec<(u64, Expression)>, String>,
    nearest: Vec<Result<Vec<Match>, String>>,
    known: Vec<Result<bool, String>>,
    thumbnails: Vec<Result<Option<Vec<u8>>, String>>,
    faces: Result<u64, String>,
    files: Result<usize, String>,
}

fn text<T>(result: Result<T, GalleryError>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

impl Answers {
    fn of(path: &Path) -> Result<Self, GalleryError> {
        // Each question to a gallery that was just opened: after the first error all others fail.
        let open = || Gallery::open(path);
        let all = open()?;
        let by_codes = open()?.with_exact_faces(10);
        let mut answers = Vec::new();
        for angle in [0.31, 1.1, 2.3] {
            answers.push(text(open()?.nearest(&expression(angle), 5)));
            answers.push(text(by_codes.nearest(&expression(angle), 5)));
        }
        let hash = |number: u64| moue::digest::sha256(&number.to_le_bytes());
        Ok(Self {
            entries: text(open()?.entries()),
            expressions: text(open()?.expressions()),
            nearest: answers,
            known: (0..PICTURES + 9)
                .step_by(9)
                .map(|n| text(all.contains(&hash(n))))
                .collect(),
            thumbnails: (0..PICTURES)
                .step_by(11)
                .map(|f| text(all.thumbnail(f)))
                .collect(),
            faces: text(open()?.len()),
            files: text(open()?.files().map(|files| files.len())),
        })
    }

    /// The first answer that is neither the right one nor an error.
    fn wrong(&self, right: &Self) -> Option<String> {
        let is_wrong = |found: &Result<_, _>, right: &Result<_, _>| found.is_ok() && found != right;
        if self.entries.is_ok() && self.entries != right.entries {
            return Some("entries".into());
        }
        if self.expressions.is_ok() && self.expressions != right.expressions {
            return Some("expressions".into());
        }
        if self
            .nearest
            .iter()
            .zip(&right.nearest)
            .any(|(a, b)| is_wrong(a, b))
        {
            return Some("nearest".into());
        }
        let differs = |a: &Result<bool, String>, b: &Result<bool, String>| a.is_ok() && a != b;
        if self
            .known
            .iter()
            .zip(&right.known)
            .any(|(a, b)| differs(a, b))
        {
            return Some("known".into());
        }
        if self
            .thumbnails
            .iter()
            .zip(&right.thumbnails)
            .any(|(a, b)| a.is_ok() && a != b)
        {
            return Some("thumbnails".into());
        }
        if self.faces.is_ok() && self.faces != right.faces {
            return Some("faces".into());
        }
        (self.files.is_ok() && self.files != right.files).then(|| "files".into())
    }
}

/// The bytes of each picture in a file: its record, and its faces with their expressions.
fn places(bytes: &[u8], gallery: &Gallery) -> BTreeMap<String, Vec<Range<usize>>> {
    let find = |needle: &[u8]| {
        let found = bytes.windows(needle.len()).enumerate();
        let mut found = found
            .filter(|(_, window)| *window == needle)
            .map(|(at, _)| at);
        let at = found.next().expect("it is stored");
        assert_eq!(
            found.next(),
            None,
            "a compacted gallery has one copy of all"
        );
        at
    };
    let expressions: BTreeMap<u64, Expression> =
        gallery.expressions().unwrap().into_iter().collect();
    let mut places = BTreeMap::<String, Vec<Range<usize>>>::new();
    for entry in gallery.entries().unwrap() {
        let ranges = places.entry(entry.path.clone()).or_default();
        if ranges.is_empty() {
            let at = find(format!("\"path\":\"{}\"", entry.path).as_bytes());
            let head = (0..at)
                .rev()
                .find(|i| bytes[*i..].starts_with(MAGIC))
                .unwrap();
            let len = u32::from_le_bytes(bytes[head + 24..head + 28].try_into().unwrap());
            ranges.push(head..head + HEAD + len as usize);
        }
        let floats: Vec<u8> = expressions[&entry.id]
            .0
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        let at = find(&floats);
        ranges.push(at - 8..at + 264);
    }
    places
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// A compacted gallery, its answers, and where its pictures are.
struct Whole {
    bytes: Vec<u8>,
    answers: Answers,
    places: BTreeMap<String, Vec<Range<usize>>>,
}

impl Whole {
    fn new(folder: &Path) -> Self {
        let path = folder.join("whole.moue");
        let mut gallery = Gallery::open_or_create(&path).unwrap();
        let pictures: Vec<NewPicture> = (0..PICTURES).map(picture).collect();
        gallery.add(&pictures).unwrap();
        gallery.compact().unwrap();
        drop(gallery);
        let bytes = std::fs::read(&path).unwrap();
        let mut gallery = Gallery::open(&path).unwrap();
        assert_eq!(gallery.verify(false).unwrap().problems, [""; 0]);
        Self {
            places: places(&bytes, &gallery),
            answers: Answers::of(&path).unwrap(),
            bytes,
        }
    }

    /// The pictures that do not overlap these bytes.
    fn undamaged(&self, damage: &Range<usize>) -> BTreeSet<&str> {
        let places = self.places.iter();
        let undamaged = places.filter(|(_, ranges)| !ranges.iter().any(|r| overlap(r, damage)));
        undamaged.map(|(path, _)| path.as_str()).collect()
    }
}

#[derive(Debug, Default)]
struct DamageReport {
    cases: usize,
    wrong: Vec<String>,
    unnoticed: Vec<String>,
    salvaged: usize,
    failed: Vec<String>,
}

impl DamageReport {
    fn case(
        &mut self,
        name: &str,
        whole: &Whole,
        damaged: &[u8],
        damage: &Range<usize>,
        path: &Path,
    ) {
        std::fs::write(path, damaged).unwrap();
        self.cases += 1;
        let answers = Answers::of(path);
        if let Some(wrong) = answers.as_ref().ok().and_then(|a| a.wrong(&whole.answers)) {
            self.wrong.push(format!("{name}: {wrong}"));
        }
        let is_same = answers.is_ok_and(|answers| answers == whole.answers);
        let noticed = Gallery::open(path)
            .and_then(|mut gallery| gallery.verify(false))
            .map_or(true, |report| !report.problems.is_empty());
        if !is_same && !noticed {
            self.unnoticed.push(name.into());
        }
        match salvage(path, whole, damage) {
            Ok(()) => self.salvaged += 1,
            Err(reason) => self.failed.push(format!("{name}: {reason}")),
        }
    }
}

/// Repairs the file; an error unless all undamaged pictures are there, as they were.
fn salvage(path: &Path, whole: &Whole, damage: &Range<usize>) -> Result<(), String> {
    let before = std::fs::read(path).map_err(|e| e.to_string())?;
    let report = text(Gallery::repair(path))?;
    if let Some(kept) = &report.damaged {
        // What a person may want to give to somebody who knows more about it.
        if std::fs::read(kept).map_err(|e| e.to_string())? != before {
            return Err("the damaged file was changed".into());
        }
        std::fs::remove_file(kept).map_err(|e| e.to_string())?;
    }
    let mut gallery = text(Gallery::open(path))?;
    let problems = text(gallery.verify(false))?.problems;
    if !problems.is_empty() {
        return Err(format!("still {problems:?}"));
    }
    let kept = text(gallery.entries())?;
    let right = whole.answers.entries.as_ref().unwrap();
    let expected = whole.undamaged(damage);
    for entry in right
        .iter()
        .filter(|entry| expected.contains(entry.path.as_str()))
    {
        if !kept.contains(entry) {
            return Err(format!("{} is lost; {:?}", entry.path, report.problems));
        }
    }
    if let Some(other) = kept.iter().find(|entry| !right.contains(entry)) {
        return Err(format!("{} is another", other.path));
    }
    let expressions: BTreeMap<u64, Expression> = text(gallery.expressions())?.into_iter().collect();
    let right = whole.answers.expressions.as_ref().unwrap();
    let is_right = |id: &u64, found: &Expression| right.contains(&(*id, *found));
    match expressions.iter().find(|(id, found)| !is_right(id, found)) {
        Some((id, _)) => Err(format!("the expression of face {id} is another")),
        None => Ok(()),
    }
}

/// Numbers of a linear congruential generator (Knuth's MMIX), so that each run tries the same.
fn random(state: &mut u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *state >> 24
}

fn try_damage(flips: usize, page_step: usize) {
    let folder = tempfile::tempdir().unwrap();
    let whole = Whole::new(folder.path());
    let path = folder.path().join("damaged.moue");
    // The database's panics become errors; their messages would only clutter the output.
    std::panic::set_hook(Box::new(|_| {}));
    let mut state = 1;
    let mut flipped = DamageReport::default();
    for _ in 0..flips {
        let bit = random(&mut state) as usize % (8 * whole.bytes.len());
        let mut bytes = whole.bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let damage = bit / 8..bit / 8 + 1;
        flipped.case(&format!("bit {bit}"), &whole, &bytes, &damage, &path);
    }
    let mut overwritten = DamageReport::default();
    for page in (0..whole.bytes.len() / PAGE).step_by(page_step) {
        let mut bytes = whole.bytes.clone();
        let damage = page * PAGE..(page + 1) * PAGE;
        bytes[damage.clone()].fill_with(|| random(&mut state) as u8);
        overwritten.case(&format!("page {page}"), &whole, &bytes, &damage, &path);
    }
    let _ = std::panic::take_hook();
    for (kind, tally) in [("flips", flipped), ("pages", overwritten)] {
        println!(
            "{kind}: {} tried, {} wrong without an error, {} unnoticed by verify, {} salvaged",
            tally.cases,
            tally.wrong.len(),
            tally.unnoticed.len(),
            tally.salvaged
        );
        assert!(tally.wrong.is_empty(), "{:?}", tally.wrong);
        assert!(tally.unnoticed.is_empty(), "{:?}", tally.unnoticed);
        // The header's page is 1 of some 100, and without it nothing tells what the file was.
        assert!(
            20 * tally.salvaged >= 19 * tally.cases,
            "{:?}",
            tally.failed
        );
    }
}

#[test]
fn damage_is_an_error_and_the_rest_is_salvaged() {
    try_damage(60, 12);
}

/// The figures of `docs/architecture.md`:
/// `cargo test --release -p moue --test damage -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes"]
fn two_thousand_flips_and_every_page() {
    try_damage(2000, 1);
}

#[test]
fn compacting_leaves_nothing_of_what_was_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("g.moue");
    let mut gallery = Gallery::open_or_create(&path).unwrap();
    let pictures: Vec<NewPicture> = (0..PICTURES).map(picture).collect();
    gallery.add(&pictures).unwrap();
    let is_gone = |number: u64| number % 13 == 5;
    let gone: Vec<String> = (0..PICTURES)
        .filter(|n| is_gone(*n))
        .map(|n| picture(n).path)
        .collect();
    gallery
        .remove(|picture| gone.contains(&picture.path))
        .unwrap();
    gallery.compact().unwrap();
    assert_eq!(
        gallery.picture_count().unwrap(),
        PICTURES - gone.len() as u64
    );
    drop(gallery);
    let bytes = std::fs::read(&path).unwrap();
    let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    for number in 0..PICTURES {
        let picture = picture(number);
        let expected = !is_gone(number);
        let floats = picture.faces[0].expression.0;
        let floats: Vec<u8> = floats.iter().flat_map(|v| v.to_le_bytes()).collect();
        assert_eq!(has(&floats), expected, "expression {number}");
        assert_eq!(has(picture.path.as_bytes()), expected, "path {number}");
        let thumbnail = picture.faces[0].thumbnail.as_ref().unwrap();
        assert_eq!(has(&thumbnail[300..380]), expected, "thumbnail {number}");
    }
}

#[test]
fn more_than_one_chunk_is_counted_right() {
    let folder = tempfile::tempdir().unwrap();
    let gallery = Gallery::open_or_create(folder.path().join("g.moue")).unwrap();
    let pictures: Vec<NewPicture> = (0..170u64)
        .map(|number| NewPicture {
            hash: moue::digest::sha256(&number.to_le_bytes()),
            faces: (0..100)
                .map(|i| (face(), expression((number * 100 + i) as f32 * 1e-4)).into())
                .collect(),
            ..NewPicture::default()
        })
        .collect();
    gallery.add(&pictures).unwrap();
    assert_eq!(gallery.len().unwrap(), 17_000);
    assert_eq!(gallery.stats().unwrap().faces, 17_000);
    assert_eq!(gallery.expressions().unwrap().len(), 17_000);
}
