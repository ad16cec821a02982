//! `moue timeline`: the moments of a clip as text, JSON, CSV, subtitles or a page.

mod formats;
mod moments;
mod page;

use crate::args::TimelineArgs;
use crate::inputs;
use crate::output::{print_json, print_line, shown};
use crate::report::Outcome;
use anyhow::{Context, Result, ensure};
use formats::{clock, seconds};
use moments::{Moments, Row};
use serde_json::{Value, json};
use std::path::Path;

pub(crate) fn run(args: &TimelineArgs) -> Result<Outcome> {
    let gallery = inputs::open_gallery(&args.gallery.gallery)?;
    let clip = moments::read_clip(&args.video)?;
    ensure!(
        !clip.samples.is_empty(),
        "{}: no face in any of its {} frames",
        shown(&args.video.to_string_lossy()),
        clip.frames
    );
    let moments = Moments::of(&clip, &gallery, args.moments)?;
    print(args, &moments)?;
    write_files(args, &moments)?;
    Ok(Outcome::found_if(!moments.rows.is_empty()))
}

fn print(args: &TimelineArgs, moments: &Moments<'_>) -> Result<()> {
    let name = args.video.to_string_lossy();
    let frames = moments.clip.frames;
    let faces = moments.clip.samples.len();
    if args.json {
        let objects: Vec<Value> = moments.rows.iter().map(to_json).collect();
        return print_json(&json!({
            "schema": "moue.timeline/1", "video": name, "frames": frames, "faces": faces, "moments": objects,
        }));
    }
    let count = moments.rows.len();
    print_line(&format!(
        "{}: {count} moments in {frames} frames, {faces} with a face",
        shown(&name)
    ))?;
    moments.rows.iter().try_for_each(print_row)
}

fn print_row(row: &Row<'_>) -> Result<()> {
    let time = clock(row.sample.time, '.');
    let label = row.label().unwrap_or("no match");
    print_line(&format!("  {time}  {:.2}  {}", row.strength, shown(label)))
}

fn to_json(row: &Row<'_>) -> Value {
    json!({"time": seconds(row.sample.time), "strength": row.strength, "matches": row.matches})
}

/// Writes the files that the options name.
fn write_files(args: &TimelineArgs, moments: &Moments<'_>) -> Result<()> {
    if let Some(path) = &args.csv {
        write(path, &formats::csv(&moments.rows)?)?;
    }
    if let Some(path) = &args.srt {
        write(path, &formats::srt(&moments.rows)?)?;
    }
    if let Some(path) = &args.html {
        let title = args.video.file_name().unwrap_or_default();
        write(path, &page::html(&title.to_string_lossy(), moments)?)?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
