//! `moue gallery list|show|info`.

use super::selection::Selection;
use crate::args::gallery::{ListArgs, ReadArgs, SelectArgs};
use crate::dates;
use crate::emotions;
use crate::inputs::open_gallery;
use crate::output::{counted, print_json, print_line, print_result, shown};
use crate::report::Outcome;
use anyhow::Result;
use console::{Alignment, pad_str};
use moue::Gallery;
use moue::embed::Emotions;
use moue::gallery::{Entry, Filter, Picture, StoredFace, path_bytes, shown_path};
use serde_json::json;
use std::collections::HashMap;
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
    let gallery = open_gallery(&args.gallery)?;
    // JSON has the number of the group alone.
    let groups = if args.json {
        HashMap::new()
    } else {
        sizes_of_groups(&gallery)?
    };
    let mut selection = Selection::new(&args.selectors);
    gallery.for_each_picture(|picture| {
        if !selection.contains(&picture) {
            return Ok(());
        }
        let emotions = emotions_of(&gallery, &picture)?;
        if args.json {
            print_object(&picture, &emotions)
        } else {
            let alike = groups.get(&picture.group).map_or(0, |size| size - 1);
            print_picture(&picture, &emotions, alike)
        }
    })?;
    Ok(selection.report_unmatched(&args.gallery))
}

/// How many pictures share each group of near-duplicates.
fn sizes_of_groups(gallery: &Gallery) -> Result<HashMap<u64, usize>> {
    let mut sizes = HashMap::new();
    gallery.for_each_picture(|picture| {
        *sizes.entry(picture.group).or_default() += 1;
        Ok::<(), anyhow::Error>(())
    })?;
    Ok(sizes)
}

/// The emotions of each face of a picture, computed from its stored expression.
fn emotions_of(gallery: &Gallery, picture: &Picture) -> Result<Vec<Option<Emotions>>> {
    let faces = picture.faces.iter();
    faces
        .map(|face| Ok(gallery.expression(face.id)?.map(|e| e.emotions())))
        .collect()
}

fn print_object(picture: &Picture, emotions: &[Option<Emotions>]) -> Result<()> {
    let mut object = serde_json::to_value(picture)?;
    object["schema"] = "moue.gallery.show/1".into();
    object["id"] = picture.id.into();
    object["path"] = shown_path(&picture.path).into();
    object["path_bytes"] = path_bytes(&picture.path).into();
    for (number, emotions) in emotions.iter().enumerate() {
        if let Some(emotions) = emotions {
            object["faces"][number]["emotions"] = serde_json::to_value(emotions)?;
        }
    }
    print_json(&object)
}

/// Prints a picture to which so many others are near-duplicates.
fn print_picture(picture: &Picture, emotions: &[Option<Emotions>], alike: usize) -> Result<()> {
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
        "  {}from {}, tags: {}{}",
        added_text(picture.added),
        shown(&picture.source),
        tags_text(&picture.tags),
        alike_text(alike, picture.group)
    ))?;
    if picture.hidden {
        print_line("  hidden")?;
    }
    let mut faces = picture.faces.iter().zip(emotions);
    faces.try_for_each(|(face, emotions)| print_face(face, emotions.as_ref()))
}

/// When it was added; compiled-in pictures have no such day, and numbers in the place of times.
fn added_text(seconds: u64) -> String {
    match seconds {
        ..dates::SECONDS_PER_DAY => String::new(),
        seconds => format!("added {}, ", dates::day_of(seconds)),
    }
}

/// The group of near-duplicates, if others are in it.
fn alike_text(alike: usize, group: u64) -> String {
    match alike {
        0 => String::new(),
        alike => format!(", {} in group {group}", counted(alike, "near-duplicate")),
    }
}

fn tags_text(tags: &[String]) -> String {
    if tags.is_empty() {
        "none".into()
    } else {
        shown(&tags.join(", "))
    }
}

fn print_face(face: &StoredFace, emotions: Option<&Emotions>) -> Result<()> {
    let time = face
        .time
        .map_or(String::new(), |time| format!(" at {:.2} s", seconds(time)));
    let emotion = emotions.map_or(String::new(), |emotions| {
        format!("{}, ", emotions::leading(emotions))
    });
    let b = face.bounding_box;
    print_line(&format!(
        "  face {}{time}: {emotion}left {:.3}, top {:.3}, width {:.3}, height {:.3}, score {:.2}",
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
