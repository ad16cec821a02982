//! `moue gallery map`: all faces of a gallery, arranged by expression, as one HTML page without
//! references to other files.

use crate::args::gallery::MapArgs;
use crate::files::{HTML_MARK, Kind, Outputs};
use crate::inputs::open_gallery;
use crate::output::{counted, print_result};
use crate::raster;
use crate::report::Outcome;
use crate::{captions, emotions};
use anyhow::{Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use moue::embed::{Emotion, EmotionFilter};
use moue::gallery::{Entry, Filter, GalleryError, shown_path};
use moue::{Expression, Face, Frame, Gallery};
use moue_index::layout;
use serde_json::{Value, json};
use std::collections::HashMap;

/// The page; the data replace `/*DATA*/`, and what tells that it is moue's `<!--MARK-->`.
const PAGE: &str = include_str!("map.html");

/// Faces that have a thumbnail on the page. The page holds each as base64, a few kilobytes, so it
/// stays at tens of megabytes, which browsers open; the other faces are drawn as dots.
const MAX_THUMBNAILS: usize = 5000;

/// Pixels along a side of a built-in drawing that is rendered for its thumbnail.
const DRAWING_SIZE: usize = 128;

pub(super) fn run(args: &MapArgs) -> Result<Outcome> {
    let outputs = Outputs::new(args.overwrite.force, [&args.gallery]);
    let page = outputs.file("--output", &args.output, Kind::Html)?;
    let gallery = open_gallery(&args.gallery)?;
    let entries = selected_entries(&gallery, &Filter::from(&args.filter))?;
    let faces = selected_faces(&gallery, &entries, &args.emotions.emotion)?;
    ensure!(!faces.is_empty(), "there is no face to draw");
    let points = points(&gallery, &entries, &faces)?;
    page.write(page_text(&serde_json::to_string(&points)?).as_bytes())?;
    let output = &args.output;
    let object = json!({ "schema": "moue.gallery.map/1", "page": output.to_string_lossy(), "faces": faces.len() });
    let text = format!("{}: {}", output.display(), counted(faces.len(), "face"));
    print_result(args.json, &object, &text)?;
    Ok(Outcome::Found)
}

/// The page with its data, a JSON text.
fn page_text(data: &str) -> String {
    // In a script element `</script>` would end the data, whatever the JSON contains.
    let data = data.replace('<', "\\u003c");
    PAGE.replace("<!--MARK-->", HTML_MARK)
        .replace("/*COLORS*/", &colors().to_string())
        .replace("/*DATA*/", &data)
}

/// The entries of pictures that are not hidden and that the filter selects, by face id.
fn selected_entries(gallery: &Gallery, filter: &Filter) -> Result<HashMap<u64, Entry>> {
    let mut entries = HashMap::new();
    gallery.for_each_picture(|picture| {
        if filter.matches(&picture) && !picture.hidden {
            entries.extend(picture.entries().map(|entry| (entry.id, entry)));
        }
        Ok::<(), GalleryError>(())
    })?;
    Ok(entries)
}

fn selected_faces(
    gallery: &Gallery,
    entries: &HashMap<u64, Entry>,
    conditions: &[EmotionFilter],
) -> Result<Vec<(u64, Expression)>> {
    let mut faces = Vec::new();
    gallery.for_each_expression(|id, expression| {
        if entries.contains_key(&id) && expression.meets(conditions) {
            faces.push((id, expression));
        }
        Ok::<(), GalleryError>(())
    })?;
    Ok(faces)
}

/// The page's data: an object for each face, with its place in the plane.
fn points(
    gallery: &Gallery,
    entries: &HashMap<u64, Entry>,
    faces: &[(u64, Expression)],
) -> Result<Vec<Value>> {
    let places = layout(faces);
    let step = faces.len().div_ceil(MAX_THUMBNAILS).max(1);
    let mut points = Vec::with_capacity(faces.len());
    for i in mixed(faces.len()) {
        let (id, expression) = &faces[i];
        let entry = &entries[id];
        let thumbnail = if i.is_multiple_of(step) {
            thumbnail(gallery, entry)?
        } else {
            None
        };
        points.push(point(entry, expression, places[i], thumbnail));
    }
    Ok(points)
}

/// The order in which faces are drawn, one over the other: mixed, as the last folder or the last
/// character of a gallery would else hide the others.
fn mixed(count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    // Multiplicative hashing (Knuth), by 2³² over the golden ratio.
    order.sort_by_key(|i| (*i as u32).wrapping_mul(2_654_435_769));
    order
}

fn point(
    entry: &Entry,
    expression: &Expression,
    [x, y]: [f32; 2],
    thumbnail: Option<Vec<u8>>,
) -> Value {
    let image = thumbnail.map(|bytes| STANDARD.encode(bytes));
    json!({
        "x": x, "y": y, "label": entry.label, "path": shown_path(&entry.path), "image": image,
        "caption": captions::description(&entry.label, entry.caption.as_deref()),
        "tags": captions::tags(&entry.path, &entry.tags),
        "emotion": expression.emotions().top().name(),
    })
}

/// The color of each emotion, by name.
fn colors() -> Value {
    let colors = Emotion::ALL.map(|e| (e.to_string(), emotions::html_color(e).into()));
    Value::Object(colors.into_iter().collect())
}

/// The face's thumbnail; a built-in drawing has none in the gallery and is rendered.
fn thumbnail(gallery: &Gallery, entry: &Entry) -> Result<Option<Vec<u8>>> {
    if let Some(bytes) = gallery.thumbnail(entry.id)? {
        return Ok(Some(bytes));
    }
    let Some(Ok(drawing)) = raster::drawing_of(&entry.path) else {
        return Ok(None);
    };
    let pixels = drawing.render(DRAWING_SIZE as u32);
    let frame = Frame::from_pixels(pixels, DRAWING_SIZE, DRAWING_SIZE)?;
    let face = Face {
        bounding_box: entry.bounding_box,
        ..Face::whole()
    };
    Ok(moue_index::thumbnail(&frame, &face))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_face_is_drawn_and_none_right_after_its_neighbor() {
        let order = mixed(940);
        assert!(order.windows(2).all(|pair| pair[0].abs_diff(pair[1]) > 10));
        let mut sorted = order;
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..940));
    }
}
