//! `moue gallery list|show|info`.

use super::selection::Selection;
use crate::args::gallery::{ListArgs, ReadArgs, SelectArgs};
use crate::emotions;
use crate::inputs::open_gallery;
use crate::output::{counted, print_json, print_line, print_result, shown};
use crate::report::Outcome;
use anyhow::Result;
use console::{Alignment, pad_str};
use moue::embed::Emotions;
use moue::gallery::{Entry, Filter, Picture, StoredFace, path_bytes, shown_path};
use serde_json::json;
use std::time::Duration;

/// Columns of labels in a list. Longer ones are not cut: `hide` and `tag` take them as they are shown.
const LABEL_COLUMNS: usize = 32;

pub(super) fn list(args: &ListArgs) -> Result<Outcome> {
    let filter = Filter::from(&args.filter);
    let gallery = open_gallery(&args.gallery)?;
    let emotions = emotions::of_gallery(&gallery, &args.emotions.emotion)?;
    gallery.for_each_picture(|picture| {
        if !filter.matches(&picture) || picture.hidden != args.hidden {
            return Ok(());
        }
        for entry in picture.entries() {
            // Faces with other emotions than the conditions demand are absent.
            if let Some(emotions) = emotions.get(&entry.id) {
                print_entry(&picture, &entry, emotions, args.json)?;
            }
        }
        Ok::<(), anyhow::Error>(())
    })?;
    Ok(Outcome::Found)
}

pub(super) fn print_entry(
    picture: &Picture,
    entry: &Entry,
    emotions: &Emotions,
    as_json: bool,
) -> Result<()> {
    let Entry {
        id, label, path, ..
    } = entry;
    if !as_json {
        let emotion = emotions::leading(emotions);
        let label = shown(label);
        let label = pad_str(&label, LABEL_COLUMNS, Alignment::Left, None);
        return print_line(&format!(
            "{id:>6}  {label}  {emotion:<14}  {}",
            shown(&shown_path(path))
        ));
    }
    print_json(&json!({
        "schema": "moue.gallery.list/1", "id": id, "picture": entry.picture, "label": label, "path": shown_path(path), "path_bytes": path_bytes(path),
        "emoji": entry.emoji(), "box": entry.bounding_box, "score": entry.score, "key_points": entry.key_points, "tags": entry.tags,
        "caption": entry.caption, "words": picture.words, "source": entry.source, "time": entry.time.map(seconds),
        "added": picture.added, "group": picture.group, "emotions": emotions,
    }))
}

/// Seconds with the digits of whole microseconds.
fn seconds(time: Duration) -> f64 {
    time.as_micros() as f64 / 1e6
}

pub(super) fn show(args: &SelectArgs) -> Result<Outcome> {
    let mut selection = Selection::new(&args.selectors);
    open_gallery(&args.gallery)?.for_each_picture(|picture| {
        if !selection.contains(&picture) {
            return Ok(());
        }
        print_picture(&picture, args.json)
    })?;
    Ok(selection.report_unmatched(&args.gallery))
}

fn print_picture(picture: &Picture, as_json: bool) -> Result<()> {
    if as_json {
        let mut object = serde_json::to_value(picture)?;
        object["schema"] = "moue.gallery.show/1".into();
        object["id"] = picture.id.into();
        object["path"] = shown_path(&picture.path).into();
        object["path_bytes"] = path_bytes(&picture.path).into();
        return print_json(&object);
    }
    print_line(&format!(
        "{}  {}",
        shown(&picture.label),
        shown(&shown_path(&picture.path))
    ))?;
    if let Some(caption) = &picture.caption {
        print_line(&format!("  {}", shown(caption)))?;
    }
    if let Some(words) = picture.words.as_ref().filter(|words| !words.is_empty()) {
        print_line(&format!("  words: {}", shown(words)))?;
    }
    print_line(&format!(
        "  from {}, tags: {}, group of near-duplicates: {}",
        shown(&picture.source),
        tags_text(&picture.tags),
        picture.group
    ))?;
    if picture.hidden {
        print_line("  hidden")?;
    }
    picture.faces.iter().try_for_each(print_face)
}

fn tags_text(tags: &[String]) -> String {
    if tags.is_empty() {
        "none".into()
    } else {
        shown(&tags.join(", "))
    }
}

fn print_face(face: &StoredFace) -> Result<()> {
    let time = face
        .time
        .map_or(String::new(), |time| format!(" at {:.2} s", seconds(time)));
    let b = face.bounding_box;
    print_line(&format!(
        "  face {}{time}: left {:.3}, top {:.3}, width {:.3}, height {:.3}, score {:.2}",
        face.id, b.xmin, b.ymin, b.width, b.height, face.score
    ))
}

pub(super) fn info(args: &ReadArgs) -> Result<Outcome> {
    let gallery = open_gallery(&args.gallery)?;
    let stats = gallery.stats()?;
    let weights = gallery.fingerprint()?;
    // The built-in gallery is no file and has no size.
    let bytes = std::fs::metadata(&args.gallery).ok().map(|meta| meta.len());
    let name = args.gallery.to_string_lossy();
    let object = json!({
        "schema": "moue.gallery.info/1", "gallery": name, "faces": stats.faces, "pictures": stats.pictures,
        "thumbnails": stats.thumbnails, "files": stats.files, "weights": weights, "bytes": bytes,
    });
    let text = format!(
        "{}: {} in {}, weights {weights}",
        shown(&name),
        counted(stats.faces, "face"),
        counted(stats.pictures, "picture")
    );
    print_result(args.json, &object, &text)?;
    Ok(Outcome::Found)
}
