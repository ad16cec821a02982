//! Answers whose pictures do not look alike.

#[path = "common/faces.rs"]
mod faces;

use faces::at;
use moue::Face;
use moue::gallery::{MemoryGallery, NewPicture, PictureHash, SearchOptions, Variety};

/// Pictures of which the first three look alike, each called by its number, but the fourth as
/// `fourth`.
fn alike(angles: &[f32], fourth: &str) -> MemoryGallery {
    let mut gallery = MemoryGallery::new();
    for (number, angle) in angles.iter().enumerate() {
        let bits = if number < 3 { 0 } else { 1 << (number - 3) };
        gallery.add(&[NewPicture {
            hash: moue::digest::sha256(&[number as u8]),
            path: format!("{number}"),
            label: if number == 3 {
                fourth.into()
            } else {
                format!("{number}")
            },
            // Each byte has one bit of its own: 32 bits apart, or 64.
            perceptual_hash: Some(PictureHash([bits; 32])),
            faces: vec![(Face::whole(), at(*angle, 1 + number)).into()],
            ..NewPicture::default()
        }]);
    }
    gallery
}

/// The paths of so many varied answers.
fn answers(gallery: &MemoryGallery, limit: usize) -> Vec<String> {
    let options = SearchOptions {
        variety: Some(Variety {
            alike_bits: 31,
            ..Variety::default()
        }),
        population_mean: None,
        limit,
        ..SearchOptions::varied()
    };
    let found = gallery.search(&[at(0.0, 1)], &options).unwrap();
    found.into_iter().map(|m| m.path).collect()
}

#[test]
fn three_answers_do_not_look_alike_where_there_are_others() {
    // All expressions are apart.
    let gallery = alike(&[0.5, 0.52, 0.54, 0.6, 0.62], "3");
    assert_eq!(answers(&gallery, 3), ["0", "3", "4"]);
    // Where only one looks otherwise, the next best of those alike is shown.
    let gallery = alike(&[0.5, 0.52, 0.54, 0.6], "3");
    assert_eq!(answers(&gallery, 3), ["0", "1", "3"]);
    // None is shown for its look that is much worse.
    let gallery = alike(&[0.5, 0.52, 0.54, 1.4], "3");
    assert_eq!(answers(&gallery, 3), ["0", "1", "2"]);
}

#[test]
fn what_looks_otherwise_comes_before_what_is_called_otherwise() {
    let gallery = alike(&[0.5, 0.52, 0.54, 0.6], "0");
    assert_eq!(answers(&gallery, 2), ["0", "3"]);
}
