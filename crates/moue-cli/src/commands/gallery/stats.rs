//! `moue gallery stats`.

use crate::args::gallery::ReadArgs;
use crate::inputs::open_gallery;
use crate::output::{counted, print_json, print_line, shown, size};
use crate::report::Outcome;
use anyhow::Result;
use moue::gallery::{GalleryError, GalleryStats, Picture};
use moue::{Expression, Gallery};
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Lines that the text shows of the sources and of the tags; `--json` prints all.
const SHOWN_COUNTS: usize = 20;

/// Counts over all pictures.
#[derive(Default)]
pub(super) struct Counts {
    sources: BTreeMap<String, usize>,
    tags: BTreeMap<String, usize>,
    duplicates: usize,
    sequences: usize,
    captions: usize,
    hidden: usize,
    /// Faces by their leading emotion.
    emotions: BTreeMap<String, usize>,
}

impl Counts {
    fn of(gallery: &Gallery) -> Result<Self, GalleryError> {
        let mut counts = Self::default();
        gallery.for_each_picture(|picture| {
            counts.add(&picture);
            Ok::<(), GalleryError>(())
        })?;
        gallery.for_each_expression(|_, expression| {
            counts.add_face(&expression);
            Ok::<(), GalleryError>(())
        })?;
        Ok(counts)
    }

    pub(super) fn add_face(&mut self, expression: &Expression) {
        let top = expression.emotions().top().to_string();
        *self.emotions.entry(top).or_default() += 1;
    }

    pub(super) fn add(&mut self, picture: &Picture) {
        *self.sources.entry(picture.source.clone()).or_default() += 1;
        for tag in &picture.tags {
            *self.tags.entry(tag.clone()).or_default() += 1;
        }
        // A group of near-duplicates has the number of its first picture.
        self.duplicates += usize::from(picture.group != picture.id);
        self.sequences += usize::from(picture.faces.iter().any(|face| face.time.is_some()));
        self.captions += usize::from(picture.caption.is_some());
        self.hidden += usize::from(picture.hidden);
    }
}

pub(super) fn run(args: &ReadArgs) -> Result<Outcome> {
    let gallery = open_gallery(&args.gallery)?;
    let counts = Counts::of(&gallery)?;
    let stats = gallery.stats()?;
    // The built-in gallery is no file and has no size.
    let bytes = std::fs::metadata(&args.gallery).ok().map(|meta| meta.len());
    print(&counts, &stats, bytes, args.json)?;
    Ok(Outcome::Found)
}

pub(super) fn print(
    counts: &Counts,
    stats: &GalleryStats,
    bytes: Option<u64>,
    as_json: bool,
) -> Result<()> {
    if as_json {
        print_object(counts, stats, bytes)
    } else {
        print_text(counts, stats, bytes)
    }
}

fn print_object(counts: &Counts, stats: &GalleryStats, bytes: Option<u64>) -> Result<()> {
    let mut object = serde_json::to_value(stats)?;
    let more = json!({
        "schema": "moue.gallery.stats/1", "bytes": bytes, "sources": counts.sources, "tags": counts.tags,
        "near_duplicates": counts.duplicates, "sequences": counts.sequences, "captions": counts.captions,
        "emotions": counts.emotions, "hidden": counts.hidden,
    });
    if let (Value::Object(object), Value::Object(more)) = (&mut object, more) {
        object.extend(more);
    }
    print_json(&object)
}

fn print_text(counts: &Counts, stats: &GalleryStats, bytes: Option<u64>) -> Result<()> {
    print_line(&format!(
        "{} in {}",
        counted(stats.faces, "face"),
        counted(stats.pictures, "picture")
    ))?;
    print_line(&format!(
        "{} or {}, {}, {} hidden",
        counted(counts.sequences, "animation"),
        if counts.sequences == 1 {
            "video"
        } else {
            "videos"
        },
        counted(counts.captions, "caption"),
        counts.hidden
    ))?;
    print_line(&format!(
        "{} of others, {}",
        counted(counts.duplicates, "near-duplicate"),
        counted(stats.thumbnails, "thumbnail")
    ))?;
    if let Some(bytes) = bytes {
        print_line(&match bytes.checked_div(stats.faces) {
            Some(per_face) => format!("{}, {} for each face", size(bytes), size(per_face)),
            None => size(bytes),
        })?;
    }
    print_counts("emotion", &counts.emotions)?;
    print_counts("source", &counts.sources)?;
    print_counts("tag", &counts.tags)
}

/// Prints the largest counts first.
fn print_counts(title: &str, counts: &BTreeMap<String, usize>) -> Result<()> {
    let mut sorted: Vec<_> = counts.iter().filter(|(name, _)| !name.is_empty()).collect();
    sorted.sort_by_key(|(_, count)| Reverse(**count));
    sorted
        .iter()
        .take(SHOWN_COUNTS)
        .try_for_each(|(name, count)| print_line(&format!("{count:>8}  {title} {}", shown(name))))
}
