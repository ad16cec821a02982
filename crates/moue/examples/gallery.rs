//! Makes a gallery in a temporary folder, adds the drawings to it with a tag for each character,
//! and searches it: the nearest, under conditions, and apart from each other.
//!
//! `cargo run --release -p moue --example gallery`

use moue::embed::EmbedError;
use moue::frame::PixelFormat;
use moue::gallery::{Filter, NewPicture, SearchOptions};
use moue::{Expression, ExpressionEmbedder, FaceDetector, Frame, Gallery, Match};
use moue_drawings::Drawing;
use std::error::Error;

/// Side of the pictures in pixels.
const SIDE: u32 = 256;

fn main() -> Result<(), Box<dyn Error>> {
    let mut detector = FaceDetector::new()?;
    let mut embedder = ExpressionEmbedder::new()?;
    let mut pictures = Vec::new();
    for drawing in moue_drawings::all() {
        pictures.extend(picture(&drawing, &mut detector, &mut embedder)?);
    }
    let folder = tempfile::tempdir()?;
    let gallery = Gallery::open_or_create(folder.path().join("drawings.moue"))?;
    // All in one transaction: when `add` returns, they are on the disk.
    let added = gallery.add(&pictures)?.into_iter().filter(|new| *new);
    println!("{} pictures added", added.count());

    let target = expression_of(&pictures, "mina-smile").ok_or("the drawing has no face")?;
    print("nearest", &gallery.nearest(&target, 3)?);
    let of_gus = SearchOptions {
        max_distance: Some(1.0),
        filter: Filter {
            tags: vec!["gus".into()],
            ..Filter::default()
        },
        ..SearchOptions::nearest(3)
    };
    print("with the tag gus", &gallery.search(&[target], &of_gus)?);
    let separated = SearchOptions {
        min_separation: Some(0.6),
        ..SearchOptions::nearest(3)
    };
    print("0.6 apart", &gallery.search(&[target], &separated)?);
    Ok(())
}

/// A drawing as a picture to be added; `None` if no face of it has an expression.
fn picture(
    drawing: &Drawing,
    detector: &mut FaceDetector,
    embedder: &mut ExpressionEmbedder,
) -> Result<Option<NewPicture>, Box<dyn Error>> {
    let pixels = drawing.render(SIDE);
    let side = SIDE as usize;
    let frame = Frame::from_raw(&pixels, side, side, side * 3, PixelFormat::Rgb)?;
    let mut faces = Vec::new();
    for face in detector.detect(&frame)? {
        match embedder.embed(&frame, &face) {
            Ok(expression) => faces.push((face, expression).into()),
            Err(EmbedError::Network(error)) => return Err(error.into()),
            // Too small or cut off: this face is left out.
            Err(_) => (),
        }
    }
    let name = drawing.name();
    let character = name.split('-').next().unwrap_or_default();
    Ok((!faces.is_empty()).then(|| NewPicture {
        hash: moue::digest::sha256(&pixels),
        path: format!("{name}.png"),
        tags: vec![character.to_owned()],
        label: name.clone(),
        faces,
        ..NewPicture::default()
    }))
}

fn expression_of(pictures: &[NewPicture], label: &str) -> Option<Expression> {
    let picture = pictures.iter().find(|p| p.label == label)?;
    picture.faces.first().map(|face| face.expression)
}

fn print(what: &str, matches: &[Match]) {
    println!("{what}:");
    for found in matches {
        println!("  {:.3}  {}", found.distance, found.label);
    }
}
