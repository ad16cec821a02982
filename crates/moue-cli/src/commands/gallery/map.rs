//! `moue gallery map`: all faces of a gallery by expression, as one page that needs nothing else.

use super::say;
use crate::commands::open_gallery;
use crate::report::Outcome;
use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use moue::embed::EXPRESSION_LEN;
use moue::gallery::{Entry, Filter};
use moue::{Expression, Face, Gallery};
use serde_json::json;
use std::collections::HashMap;
use std::path::Path;

/// The page; the data take the place of `/*DATA*/`.
const PAGE: &str = include_str!("map.html");
/// Faces that are laid out by t-SNE; others lie beside the nearest of them.
const LANDMARKS: usize = 1500;
/// Faces that have a thumbnail on the page.
const THUMBNAILS: usize = 5000;
/// Rounds of t-SNE.
const EPOCHS: usize = 400;

pub(super) fn run(path: &Path, output: &Path, filter: &Filter, as_json: bool) -> Result<Outcome> {
    let gallery = open_gallery(path)?;
    let mut entries = HashMap::new();
    gallery.for_each_picture(|picture| {
        if filter.matches(&picture) {
            entries.extend(picture.entries().map(|e| (e.id, e)));
        }
        Ok::<(), moue::gallery::GalleryError>(())
    })?;
    let mut faces: Vec<(u64, Expression)> = Vec::new();
    gallery.for_each_expression(|id, expression| {
        if entries.contains_key(&id) {
            faces.push((id, expression));
        }
        Ok::<(), moue::gallery::GalleryError>(())
    })?;
    ensure!(!faces.is_empty(), "there is no face to draw");
    let places = layout(&faces)?;
    let every = faces.len().div_ceil(THUMBNAILS).max(1);
    let points = faces.iter().zip(&places).enumerate().map(|(i, ((id, _), place))| {
        let entry = &entries[id];
        let shown = if i % every == 0 { thumbnail(&gallery, entry)? } else { None };
        let image = shown.map(|bytes| STANDARD.encode(bytes));
        Ok(json!({ "x": place[0], "y": place[1], "label": entry.label, "path": entry.path, "image": image }))
    });
    let points = points.collect::<Result<Vec<_>>>()?;
    // A label must not end the script.
    let data = serde_json::to_string(&points)?.replace('<', "\\u003c");
    std::fs::write(output, PAGE.replace("/*DATA*/", &data))
        .with_context(|| format!("cannot write {}", output.display()))?;
    let object = json!({ "schema": "moue.gallery.map/1", "page": output.to_string_lossy(), "faces": faces.len() });
    say(
        as_json,
        &object,
        &format!("{}: {} faces", output.display(), faces.len()),
    )?;
    Ok(Outcome::Found)
}

/// The face's thumbnail; drawings, which have none in the file, are drawn.
fn thumbnail(gallery: &Gallery, entry: &Entry) -> Result<Option<Vec<u8>>> {
    if let Some(bytes) = gallery.thumbnail(entry.id)? {
        return Ok(Some(bytes));
    }
    let Some(drawing) = entry
        .path
        .strip_prefix("builtin:")
        .and_then(moue_drawings::find)
    else {
        return Ok(None);
    };
    let side = 128;
    let frame = moue::Frame::from_pixels(drawing.render(side as u32), side, side)?;
    let whole = Face {
        bounding_box: entry.bounding_box,
        ..Face::whole()
    };
    Ok(moue_index::thumbnail(&frame, &whole))
}

/// A place in the plane for every face, near to where like expressions are.
fn layout(faces: &[(u64, Expression)]) -> Result<Vec<[f32; 2]>> {
    let every = faces.len().div_ceil(LANDMARKS);
    let landmarks: Vec<&Expression> = faces.iter().step_by(every).map(|(_, e)| e).collect();
    let places = if landmarks.len() < 8 {
        circle(landmarks.len())
    } else {
        tsne(&landmarks)?
    };
    Ok(faces
        .iter()
        .enumerate()
        .map(|(i, (_, e))| place(i, e, every, &landmarks, &places))
        .collect())
}

/// A landmark's own place, or one beside the landmark that is nearest.
fn place(
    i: usize,
    expression: &Expression,
    every: usize,
    landmarks: &[&Expression],
    places: &[[f32; 2]],
) -> [f32; 2] {
    if i.is_multiple_of(every) {
        return places[i / every];
    }
    let distance = |l: &&Expression| l.distance(expression);
    let nearest = (0..landmarks.len())
        .min_by(|a, b| distance(&landmarks[*a]).total_cmp(&distance(&landmarks[*b])));
    let [x, y] = nearest.map_or([0.0; 2], |n| places[n]);
    // Around it, by the golden angle, as far as the plane's grain.
    let angle = i as f32 * 2.399_963;
    [x + 0.6 * angle.cos(), y + 0.6 * angle.sin()]
}

fn circle(count: usize) -> Vec<[f32; 2]> {
    (0..count)
        .map(|i| (i as f32 / count as f32 * std::f32::consts::TAU).sin_cos())
        .map(|(y, x)| [x, y])
        .collect()
}

fn tsne(landmarks: &[&Expression]) -> Result<Vec<[f32; 2]>> {
    let rows: Vec<f32> = landmarks.iter().flat_map(|e| e.0).collect();
    let samples: Vec<&[f32]> = rows.chunks(EXPRESSION_LEN).collect();
    let perplexity = (landmarks.len() as f32 / 4.0).clamp(2.0, 30.0);
    let far = |a: &&[f32], b: &&[f32]| {
        a.iter()
            .zip(b.iter())
            .map(|(a, b)| (a - b) * (a - b))
            .sum::<f32>()
            .sqrt()
    };
    // A start of its own would be random, and the page another each time.
    let start: Vec<f32> = landmarks
        .iter()
        .flat_map(|e| [e.0[0] * 1e-2, e.0[1] * 1e-2])
        .collect();
    let mut tsne = bhtsne::tSNE::<f32, &[f32], 2>::new(&samples);
    tsne.perplexity(perplexity)
        .epochs(EPOCHS)
        .initial_embedding(start)
        .barnes_hut(0.5, far);
    let plane = tsne.embedding();
    let (places, []) = plane.as_chunks::<2>() else {
        anyhow::bail!("the layout has an odd length")
    };
    Ok(places.to_vec())
}
