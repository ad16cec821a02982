//! Drawings as files.

use anyhow::{Context, Result};
use moue_drawings::{Blendshapes, Drawing};
use serde_json::{Value, json};
use std::path::Path;

/// Writes `NAME.png` for every drawing and `drawings.json` with what is known of them.
pub(crate) fn write(folder: &Path, size: u32) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut table = Vec::new();
    for drawing in moue_drawings::all() {
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
