//! The compiled-in galleries, embedded with the weights that are compiled in: every drawing, and
//! every emoji. With `--features free-weights` they are those of the free networks.

use anyhow::Result;
use moue::embed::EXPRESSION_LEN;
use moue::gallery::{NewPicture, PictureHash};
use moue::{BoundingBox, Expression, ExpressionEmbedder, Face, Frame, Gallery};
use moue_drawings::Drawing;
use moue_drawings::emoji::Emoji;
use std::path::PathBuf;

/// Pixels along a side of the drawings that are embedded.
const SIZE: usize = 256;

pub(crate) fn write() -> Result<()> {
    let mut embedder = ExpressionEmbedder::new()?;
    let drawings = moue_drawings::all()
        .map(|d| picture(&d, &mut embedder))
        .collect::<Result<Vec<_>>>()?;
    write_file("builtin.moue", &drawings)?;
    let emoji = moue_drawings::emoji::all()
        .map(|e| emoji_picture(e, &mut embedder))
        .collect::<Result<Vec<_>>>()?;
    write_file("emoji.moue", &emoji)
}

/// The folder that the library compiles its galleries in from.
fn folder() -> PathBuf {
    let library = crate::paths::project().join("crates/moue");
    if cfg!(feature = "free-weights") {
        library.join("models/free")
    } else {
        library
    }
}

fn write_file(name: &str, pictures: &[NewPicture]) -> Result<()> {
    let path = folder().join(name);
    // Written beside the old file and renamed, so that a failure leaves the old one.
    let fresh = path.with_extension("new");
    let _ = std::fs::remove_file(&fresh);
    let mut gallery = Gallery::open_or_create(&fresh)?;
    // Without their hashes first: drawings of one character that look alike are to be found each on its
    // own, and the index of near-duplicates, which only additions need, would be half of the file.
    let unhashed = |picture: &NewPicture| NewPicture {
        perceptual_hash: None,
        ..picture.clone()
    };
    gallery.add(&pictures.iter().map(unhashed).collect::<Vec<_>>())?;
    for (face, picture) in (0..).zip(pictures) {
        gallery.edit(face, |stored| {
            stored.perceptual_hash = picture.perceptual_hash;
        })?;
    }
    gallery.compact()?;
    drop(gallery);
    std::fs::rename(&fresh, &path)?;
    println!(
        "{}: {} pictures, {} bytes",
        path.display(),
        pictures.len(),
        std::fs::metadata(&path)?.len()
    );
    Ok(())
}

/// A drawing as an entry; its face is known and need not be found.
fn picture(drawing: &Drawing, embedder: &mut ExpressionEmbedder) -> Result<NewPicture> {
    let face = known_face(drawing);
    let frame = rendered(drawing)?;
    let expression = embedder.embed(&frame, &face)?;
    Ok(NewPicture {
        // Drawings have no file; their name replaces the content.
        hash: moue::digest::sha256(drawing.name().as_bytes()),
        path: format!("builtin:{}", drawing.name()),
        label: drawing.pose.caption.into(),
        tags: vec![
            drawing.character.name.into(),
            drawing.pose.name.into(),
            drawing.pose.emotion.into(),
        ],
        source: "builtin".into(),
        // The file is the same whenever it is made.
        added: 1,
        hidden: false,
        // Answers should not show one character twice.
        perceptual_hash: Some(PictureHash::of(&frame)),
        faces: vec![(face, expression).into()],
        ..NewPicture::default()
    })
}

/// An emoji as an entry. Its expression is the mean of all characters in its pose; the face is that
/// of the drawing that shows it.
fn emoji_picture(emoji: &'static Emoji, embedder: &mut ExpressionEmbedder) -> Result<NewPicture> {
    let expressions = emoji
        .drawings()
        .map(|drawing| Ok(embedder.embed(&rendered(&drawing)?, &known_face(&drawing))?))
        .collect::<Result<Vec<_>>>()?;
    let face = known_face(&emoji.drawing());
    Ok(NewPicture {
        hash: moue::digest::sha256(emoji.character.as_bytes()),
        path: format!("emoji:{}", emoji.character),
        label: emoji.name().into(),
        tags: vec![emoji.pose.emotion.into()],
        source: "emoji".into(),
        added: 1,
        hidden: false,
        faces: vec![(face, mean(&expressions)).into()],
        ..NewPicture::default()
    })
}

/// The direction of the sum: the unit vector with the least mean squared distance.
fn mean(expressions: &[Expression]) -> Expression {
    let mut sum = [0.0; EXPRESSION_LEN];
    for expression in expressions {
        for (total, value) in sum.iter_mut().zip(expression.0) {
            *total += value;
        }
    }
    let length = sum.iter().map(|v| v * v).sum::<f32>().sqrt();
    Expression(sum.map(|v| v / length))
}

/// The drawing as a picture of three bytes a pixel.
fn rendered(drawing: &Drawing) -> Result<Frame<'static>> {
    Ok(Frame::from_pixels(drawing.render(SIZE as u32), SIZE, SIZE)?)
}

/// The face where the drawing has it.
fn known_face(drawing: &Drawing) -> Face {
    let truth = drawing.face();
    let [xmin, ymin, width, height] = truth.bounding_box;
    Face {
        bounding_box: BoundingBox {
            xmin,
            ymin,
            width,
            height,
        },
        score: 1.0,
        key_points: Some(truth.key_points),
    }
}
