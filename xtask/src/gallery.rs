//! The built-in gallery: every drawing, embedded with the weights that are compiled in.

use anyhow::Result;
use moue::frame::PixelFormat;
use moue::gallery::NewPicture;
use moue::{BoundingBox, ExpressionEmbedder, Face, Frame, Gallery};
use moue_drawings::Drawing;

/// Pixels along a side of the drawings that are embedded.
const SIZE: usize = 256;

pub(crate) fn write() -> Result<()> {
    let path = crate::paths::project().join("crates/moue/builtin.moue");
    // Written beside the old file and renamed, so that a failure leaves the old one.
    let fresh = path.with_extension("new");
    let _ = std::fs::remove_file(&fresh);
    let mut gallery = Gallery::open_or_create(&fresh)?;
    let mut embedder = ExpressionEmbedder::new()?;
    let pictures = moue_drawings::all()
        .map(|d| picture(&d, &mut embedder))
        .collect::<Result<Vec<_>>>()?;
    gallery.add(&pictures)?;
    gallery.compact()?;
    drop(gallery);
    std::fs::rename(&fresh, &path)?;
    println!(
        "{}: {} drawings, {} bytes",
        path.display(),
        pictures.len(),
        std::fs::metadata(&path)?.len()
    );
    Ok(())
}

/// A drawing as an entry; its face is known and need not be found.
fn picture(drawing: &Drawing, embedder: &mut ExpressionEmbedder) -> Result<NewPicture> {
    let pixels = drawing.render(SIZE as u32);
    let frame = Frame::from_raw(&pixels, SIZE, SIZE, SIZE * 3, PixelFormat::Rgb)?;
    let face = known_face(drawing);
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
        faces: vec![(face, expression).into()],
        ..NewPicture::default()
    })
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
