//! `moue gallery list|show|info|stats`.

use super::{complain, named, say};
use crate::commands::open_gallery;
use crate::output::{print_json, print_line, shown};
use crate::report::Outcome;
use anyhow::Result;
use moue::gallery::{Filter, Picture};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

pub(super) fn list(path: &Path, filter: &Filter, as_json: bool) -> Result<Outcome> {
    open_gallery(path)?.for_each_picture(|picture| {
        if !filter.matches(&picture) {
            return Ok(());
        }
        for e in picture.entries() {
            if as_json {
                print_json(&json!({
                    "schema": "moue.gallery.list/1", "id": e.id, "picture": e.picture, "label": e.label, "path": e.path,
                    "box": e.bounding_box, "score": e.score, "key_points": e.key_points, "tags": e.tags,
                    "caption": e.caption, "source": e.source, "time": e.time.map(|t| t.as_micros() as f64 / 1e6),
                    "added": picture.added, "group": picture.group,
                }))?;
            } else {
                print_line(&format!("{:>6}  {:<26}  {}", e.id, shown(&e.label), shown(&e.path)))?;
            }
        }
        Ok::<(), anyhow::Error>(())
    })?;
    Ok(Outcome::Found)
}

pub(super) fn show(path: &Path, what: &[String], as_json: bool) -> Result<Outcome> {
    let mut found = vec![false; what.len()];
    open_gallery(path)?.for_each_picture(|picture| {
        if named(what, &mut found, &picture) {
            print_picture(&picture, as_json)
        } else {
            Ok(())
        }
    })?;
    Ok(complain(what, &found))
}

fn print_picture(picture: &Picture, as_json: bool) -> Result<()> {
    if as_json {
        let mut object = serde_json::to_value(picture)?;
        object["schema"] = "moue.gallery.show/1".into();
        object["id"] = picture.id.into();
        return print_json(&object);
    }
    print_line(&format!(
        "{}  {}",
        shown(&picture.label),
        shown(&picture.path)
    ))?;
    if let Some(caption) = &picture.caption {
        print_line(&format!("  {}", shown(caption)))?;
    }
    let tags = if picture.tags.is_empty() {
        "none".into()
    } else {
        shown(&picture.tags.join(", "))
    };
    print_line(&format!(
        "  from {}, tags: {tags}, near-duplicates share {}",
        shown(&picture.source),
        picture.group
    ))?;
    for face in &picture.faces {
        let when = face
            .time
            .map_or(String::new(), |t| format!(" at {:.2} s", t.as_secs_f64()));
        let b = face.bounding_box;
        print_line(&format!(
            "  face {}{when}: {:.3} {:.3} {:.3} {:.3}, score {:.2}",
            face.id, b.xmin, b.ymin, b.width, b.height, face.score
        ))?;
    }
    Ok(())
}

pub(super) fn info(path: &Path, as_json: bool) -> Result<Outcome> {
    let gallery = open_gallery(path)?;
    let (numbers, weights) = (gallery.stats()?, gallery.fingerprint()?);
    let bytes = std::fs::metadata(path).ok().map(|m| m.len());
    let name = path.to_string_lossy();
    let object = json!({
        "schema": "moue.gallery.info/1", "gallery": name, "faces": numbers.faces, "pictures": numbers.pictures,
        "thumbnails": numbers.thumbnails, "files": numbers.files, "weights": weights, "bytes": bytes,
    });
    let text = format!(
        "{}: {} faces in {} pictures, weights {weights}",
        shown(&name),
        numbers.faces,
        numbers.pictures
    );
    say(as_json, &object, &text)?;
    Ok(Outcome::Found)
}

/// Counts over all pictures.
#[derive(Default)]
struct Counts {
    sources: BTreeMap<String, usize>,
    tags: BTreeMap<String, usize>,
    duplicates: usize,
    sequences: usize,
    captions: usize,
}

pub(super) fn stats(path: &Path, as_json: bool) -> Result<Outcome> {
    let gallery = open_gallery(path)?;
    let mut counts = Counts::default();
    gallery.for_each_picture(|picture| {
        *counts.sources.entry(picture.source.clone()).or_default() += 1;
        picture
            .tags
            .iter()
            .for_each(|tag| *counts.tags.entry(tag.clone()).or_default() += 1);
        counts.duplicates += usize::from(picture.group != picture.id);
        counts.sequences += usize::from(picture.faces.iter().any(|f| f.time.is_some()));
        counts.captions += usize::from(picture.caption.is_some());
        Ok::<(), moue::gallery::GalleryError>(())
    })?;
    let numbers = gallery.stats()?;
    let bytes = std::fs::metadata(path).ok().map(|m| m.len());
    if as_json {
        let mut object = serde_json::to_value(numbers)?;
        let more = json!({
            "schema": "moue.gallery.stats/1", "bytes": bytes, "sources": counts.sources, "tags": counts.tags,
            "near_duplicates": counts.duplicates, "sequences": counts.sequences, "captions": counts.captions,
        });
        if let (Value::Object(object), Value::Object(more)) = (&mut object, more) {
            object.extend(more);
        }
        print_json(&object)?;
        return Ok(Outcome::Found);
    }
    print_line(&format!(
        "{} faces in {} pictures",
        numbers.faces, numbers.pictures
    ))?;
    print_line(&format!(
        "{} animations or videos, {} captions",
        counts.sequences, counts.captions
    ))?;
    print_line(&format!(
        "{} near-duplicates of others, {} thumbnails",
        counts.duplicates, numbers.thumbnails
    ))?;
    if let Some(bytes) = bytes {
        print_line(&format!(
            "{bytes} bytes, {:.0} for each face",
            bytes as f64 / numbers.faces.max(1) as f64
        ))?;
    }
    print_counts("source", &counts.sources)?;
    print_counts("tag", &counts.tags)?;
    Ok(Outcome::Found)
}

fn print_counts(title: &str, counts: &BTreeMap<String, usize>) -> Result<()> {
    let mut sorted: Vec<_> = counts.iter().filter(|(name, _)| !name.is_empty()).collect();
    sorted.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    sorted
        .iter()
        .take(20)
        .try_for_each(|(name, count)| print_line(&format!("{count:>8}  {title} {}", shown(name))))
}
