//! Answers whose pictures do not look alike.

use moue::embed::EXPRESSION_LEN;
use moue::gallery::{MemoryGallery, NewPicture, PictureHash, SearchOptions, Variety};
use moue::{Expression, Face};

/// A unit vector at an angle from the first axis, toward axis `axis`.
fn at(angle: f32, axis: usize) -> Expression {
    let mut values = [0.0; EXPRESSION_LEN];
    values[0] = angle.cos();
    values[axis] = angle.sin();
    Expression(values)
}

/// Pictures of which the first three look alike; `bits` tells those of the others apart.
fn alike(angles: &[f32]) -> MemoryGallery {
    let mut gallery = MemoryGallery::new();
    for (number, angle) in angles.iter().enumerate() {
        let bits = if number < 3 { 0 } else { 1 << (number - 3) };
        gallery.add(&[NewPicture {
            hash: moue::digest::sha256(&[number as u8]),
            path: format!("{number}"),
            label: format!("{number}"),
            // Each byte has one bit of its own: 32 bits apart, or 64.
            perceptual_hash: Some(PictureHash([bits; 32])),
            faces: vec![(Face::whole(), at(*angle, 1 + number)).into()],
            ..NewPicture::default()
        }]);
    }
    gallery
}

#[test]
fn three_answers_do_not_look_alike_where_there_are_others() {
    let options = SearchOptions {
        variety: Some(Variety {
            alike_bits: 31,
            ..Variety::default()
        }),
        population_mean: None,
        limit: 3,
        ..SearchOptions::varied()
    };
    let paths = |gallery: &MemoryGallery| -> Vec<String> {
        let found = gallery.search(&[at(0.0, 1)], &options).unwrap();
        found.into_iter().map(|m| m.path).collect()
    };
    // All expressions are apart.
    let gallery = alike(&[0.5, 0.52, 0.54, 0.6, 0.62]);
    assert_eq!(paths(&gallery), ["0", "3", "4"]);
    // Where only one looks otherwise, the next best of those alike is shown.
    let gallery = alike(&[0.5, 0.52, 0.54, 0.6]);
    assert_eq!(paths(&gallery), ["0", "1", "3"]);
    // None is shown for its look that is much worse.
    let gallery = alike(&[0.5, 0.52, 0.54, 1.4]);
    assert_eq!(paths(&gallery), ["0", "1", "2"]);
}
