//! What the built-in gallery answers to photos of faces whose expression is clear: the test split of
//! FER+, from `$MOUE_DATA`.

#[path = "../../moue/tests/common/mod.rs"]
mod common;

use moue::frame::PixelFormat;
use moue::gallery::SearchOptions;
use moue::{Expression, ExpressionEmbedder, Frame, Gallery};
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

/// Pixels along a side of FER+'s pictures.
const SIDE: usize = 48;
/// So many of ten annotators name one expression where it is clear.
const CLEAR_VOTES: u32 = 8;
/// Poses that are neutral or sad by name, but not what a calm or a sad person should get.
const OTHER_STATES: [&str; 6] = ["bored", "asleep", "tired", "yawn", "whistle", "puffed"];

/// The pixels of all pictures, one after the other: the data of the one array in the NPZ file.
fn pixels(archive: &Path) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(archive).unwrap()).unwrap();
    let mut data = Vec::new();
    archive
        .by_name("images.npy")
        .unwrap()
        .read_to_end(&mut data)
        .unwrap();
    // A NPY file of version 1 has the length of its header in the bytes 8 and 9, little-endian.
    let header = 10 + usize::from(u16::from_le_bytes([data[8], data[9]]));
    data.split_off(header)
}

/// Rows of the test split with the class that most annotators name, pixel copies once.
fn clear_rows(labels: &Path) -> Vec<(usize, &'static str)> {
    let text = std::fs::read_to_string(labels).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let column = |name: &str| header.iter().position(|h| *h == name).unwrap();
    let [usage, first, index] = ["usage", "is_first_in_dup_group", "npz_index"].map(column);
    let classes = ["neutral", "sadness", "surprise", "anger", "fear"].map(|c| (c, column(c)));
    let class = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let is_test = cells[usage] == "PrivateTest" && cells[first] == "1";
        let is_clear = |at: usize| cells[at].parse::<u32>().unwrap() >= CLEAR_VOTES;
        let (class, _) = classes.iter().find(|(_, at)| is_test && is_clear(*at))?;
        Some((cells[index].parse().unwrap(), *class))
    };
    lines.filter_map(class).collect()
}

/// Each clear test face's expression, by class, in the file's order; `None` without the data.
fn clear_faces() -> Option<HashMap<&'static str, Vec<Expression>>> {
    let images = pixels(&common::data("ferplus/ferplus_48x48_gray.npz")?);
    let labels = common::data("ferplus/ferplus_labels.csv")?;
    let mut embedder = ExpressionEmbedder::new().unwrap();
    let mut faces: HashMap<_, Vec<_>> = HashMap::new();
    for (row, class) in clear_rows(&labels) {
        let gray = &images[row * SIDE * SIDE..][..SIDE * SIDE];
        let rgb: Vec<u8> = gray.iter().flat_map(|g| [*g; 3]).collect();
        let frame = Frame::from_raw(&rgb, SIDE, SIDE, SIDE * 3, PixelFormat::Rgb).unwrap();
        let expression = embedder.embed_cropped(&frame).unwrap();
        faces.entry(class).or_default().push(expression);
    }
    Some(faces)
}

/// Tags of the first match: who, pose, emotion.
fn first_match(gallery: &Gallery, expression: &Expression, options: &SearchOptions) -> Vec<String> {
    let matches = gallery.search(&[*expression], options).unwrap();
    gallery.get(matches[0].id).unwrap().unwrap().tags
}

fn both_searches() -> [(&'static str, SearchOptions); 2] {
    [
        ("nearest", SearchOptions::nearest(1)),
        ("varied", SearchOptions::varied()),
    ]
}

#[test]
fn faces_that_are_awake_get_no_sleeping_drawing() {
    let Some(faces) = clear_faces() else { return };
    let gallery = Gallery::builtin().unwrap();
    for (name, options) in both_searches() {
        let awake = ["neutral", "surprise", "anger", "fear"];
        let mut all = 0;
        let mut asleep = 0;
        for expression in awake.iter().flat_map(|class| &faces[class]) {
            let tags = first_match(&gallery, expression, &options);
            all += 1;
            asleep += usize::from(["asleep", "yawn"].contains(&&*tags[1]));
        }
        eprintln!("{name}: {asleep} of {all} clear faces get asleep or yawn first");
        assert!(asleep * 200 <= all, "{name}: {asleep} of {all}");
    }
}

#[test]
fn calm_and_sad_people_get_calm_and_sad_drawings() {
    let Some(faces) = clear_faces() else { return };
    let gallery = Gallery::builtin().unwrap();
    for (name, options) in both_searches() {
        for class in ["neutral", "sadness"] {
            let first = &faces[class][..120];
            let is_right = |expression: &&Expression| {
                let tags = first_match(&gallery, expression, &options);
                tags[2] == class && !OTHER_STATES.contains(&&*tags[1])
            };
            let right = first.iter().filter(is_right).count();
            eprintln!("{name}: {right} of 120 clear {class} faces get a drawing of it first");
            assert!(right >= 90, "{name}: {right} of 120 {class}");
        }
    }
}
