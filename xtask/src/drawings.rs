//! Drawings as files.

use anyhow::{Context, Result};
use moue_drawings::emoji::{self, Emoji};
use moue_drawings::{Blendshapes, Drawing};
use serde_json::{Value, json};
use std::path::Path;

/// Writes all drawings of the built-in gallery, or every character in the pose of every emoji.
pub(crate) fn write(folder: &Path, size: u32, emoji: bool) -> Result<()> {
    if emoji {
        write_all(folder, size, emoji::all().flat_map(Emoji::drawings))
    } else {
        write_all(folder, size, moue_drawings::all())
    }
}

/// Writes `NAME.png` for every drawing and `drawings.json` with what is known of them.
fn write_all(folder: &Path, size: u32, drawings: impl Iterator<Item = Drawing>) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut table = Vec::new();
    for drawing in drawings {
        let path = folder.join(format!("{}.png", drawing.name()));
        image::save_buffer(
            &path,
            &drawing.render(size),
            size,
            size,
            image::ColorType::Rgb8,
        )
        .with_context(|| format!("cannot write {}", path.display()))?;
        table.push(describe(&drawing));
    }
    // The names once, as every row lists its values in this order.
    let all = json!({ "blendshapes": Blendshapes::NAMES, "drawings": table });
    std::fs::write(folder.join("drawings.json"), serde_json::to_string(&all)?)?;
    println!("{} drawings in {}", table.len(), folder.display());
    Ok(())
}

fn describe(drawing: &Drawing) -> Value {
    let face = drawing.face();
    json!({
        "name": drawing.name(),
        "character": drawing.character.name,
        "human": drawing.character.human,
        "pose": drawing.pose.name,
        "emotion": drawing.pose.emotion,
        "caption": drawing.pose.caption,
        "blendshapes": drawing.pose.shapes.values(),
        "box": face.bounding_box,
        "key_points": face.key_points,
    })
}

#[cfg(all(test, feature = "references"))]
mod tests {
    use super::*;
    use resvg::tiny_skia::{Color, Pixmap, Transform};
    use resvg::usvg::{Options, Tree};

    /// What resvg shows of a drawing's SVG, as red, green and blue.
    fn reference(drawing: &Drawing, size: u32) -> Vec<u8> {
        let tree = Tree::from_str(&drawing.svg(), &Options::default()).unwrap();
        let scale = size as f32 / tree.size().width();
        let mut pixels = Pixmap::new(size, size).unwrap();
        pixels.fill(Color::WHITE);
        let scale = Transform::from_scale(scale, scale);
        resvg::render(&tree, scale, &mut pixels.as_mut());
        let rgba = pixels.data().as_chunks::<4>().0;
        rgba.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect()
    }

    /// Both stand on one rasterizer, so pictures are equal to the bit where the same is drawn in the same order.
    #[test]
    fn every_drawing_is_what_its_svg_shows() {
        let drawings = moue_drawings::all().chain(emoji::all().map(Emoji::drawing));
        for (drawing, size) in drawings.zip([64, 96, 131, 160].into_iter().cycle()) {
            let [ours, theirs] = [drawing.render(size), reference(&drawing, size)];
            let differences = ours.iter().zip(&theirs).map(|(a, b)| a.abs_diff(*b));
            assert_eq!(differences.max(), Some(0), "{}", drawing.name());
        }
    }
}
