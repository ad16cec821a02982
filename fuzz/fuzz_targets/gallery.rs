//! A gallery file of which some bytes are others, or any bytes at all: an error, or a gallery that
//! answers.
//!
//! Every five bytes of input change one byte of a small gallery; zeros, of which most of the file
//! consists, are left.
#![no_main]

use libfuzzer_sys::fuzz_target;
use moue::gallery::{NewFace, NewPicture, PictureHash, SearchOptions};
use moue::{Expression, Face, Gallery};
use std::sync::OnceLock;

/// The file of a gallery with a few pictures.
fn whole() -> &'static [u8] {
    static WHOLE: OnceLock<Vec<u8>> = OnceLock::new();
    WHOLE.get_or_init(|| {
        let path = std::env::temp_dir().join(format!("moue-fuzz-{}.moue", std::process::id()));
        let pictures: Vec<NewPicture> = (0..5).map(picture).collect();
        Gallery::open_or_create(&path)
            .and_then(|g| g.add(&pictures))
            .expect("a gallery can be made");
        let bytes = std::fs::read(&path).expect("it was just written");
        let _ = std::fs::remove_file(path);
        bytes
    })
}

fn picture(number: u8) -> NewPicture {
    NewPicture {
        hash: [number; 32],
        path: format!("/pictures/{number}.jpg"),
        label: format!("picture {number}"),
        caption: Some("a caption".into()),
        tags: vec!["tag".into()],
        source: "folder".into(),
        added: 1,
        perceptual_hash: Some(PictureHash([number; 32])),
        file: None,
        faces: vec![face(number)],
    }
}

fn face(number: u8) -> NewFace {
    let mut expression = Expression([0.0; 64]);
    expression.0[usize::from(number)] = 1.0;
    NewFace {
        face: Face::whole(),
        expression,
        time: None,
        thumbnail: Some(vec![number; 40]),
    }
}

/// Where the file has other bytes than zero.
fn places() -> &'static [usize] {
    static PLACES: OnceLock<Vec<usize>> = OnceLock::new();
    PLACES.get_or_init(|| (0..whole().len()).filter(|i| whole()[*i] != 0).collect())
}

fn changed(edits: &[u8]) -> Vec<u8> {
    let mut bytes = whole().to_vec();
    for [a, b, c, d, value] in edits.as_chunks::<5>().0 {
        let at = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        // Half of the edits go to the first pages, where the database keeps its own books.
        let near = if at % 2 == 0 {
            places().len()
        } else {
            places().len().min(4096)
        };
        bytes[places()[at / 2 % near]] = *value;
    }
    bytes
}

fuzz_target!(init: {
    // The database's panics are caught by the library and become errors; libFuzzer must not end at
    // them.
    std::panic::set_hook(Box::new(|_| {}));
}, |input: &[u8]| {
    let bytes = match input.split_first() {
        Some((0, bytes)) => bytes.to_vec(),
        Some((_, edits)) => changed(edits),
        None => return,
    };
    if let Ok(mut gallery) = Gallery::from_bytes(bytes, "fuzz") {
        let _ = (gallery.entries(), gallery.nearest(&Expression([0.125; 64]), 3), gallery.files());
        let options = SearchOptions { min_separation: Some(0.2), ..SearchOptions::nearest(5) };
        let _ = gallery.search(&[Expression([0.125; 64])], &options);
        let _ = gallery.verify(false);
    }
});
