//! `moue gallery watch`.

use super::ingest;
use super::report::{print_event, print_event_text};
use crate::args::gallery::WatchArgs;
use crate::inputs;
use crate::output::{counted, note, print_json, print_line, shown};
use crate::report::Outcome;
use anyhow::Result;
use moue::gallery::{path_bytes, shown_path};
use moue_index::{Status, WatchEvent};
use serde_json::json;
use std::path::PathBuf;

pub(super) fn run(args: &WatchArgs) -> Result<Outcome> {
    inputs::require_writable(&args.gallery)?;
    let cancel = ingest::cancel_on_interrupt();
    let options = ingest::add_options(&args.ingest, &cancel)?;
    // Told once all folders were searched: until then it prints what it adds.
    let mut is_told = args.json;
    let mut failed = None;
    moue_index::watch(&args.gallery, &args.folders, &options, |event| {
        if matches!(event, WatchEvent::Settled) && !is_told {
            note(&watched(&args.folders));
            is_told = true;
        }
        // Without a reader of the output there is nobody to watch for.
        if let Err(error) = print(&event, args.json) {
            failed.get_or_insert(error);
            cancel.cancel();
        }
    })?;
    failed.map_or(Ok(Outcome::Interrupted), Err)
}

fn watched(folders: &[PathBuf]) -> String {
    let names = folders
        .iter()
        .map(|folder| shown(&folder.to_string_lossy()));
    let names: Vec<String> = names.collect();
    format!("watching {}; Ctrl-C ends it", names.join(", "))
}

fn print(event: &WatchEvent, as_json: bool) -> Result<()> {
    if as_json {
        print_object(event)
    } else {
        print_text(event)
    }
}

fn print_object(event: &WatchEvent) -> Result<()> {
    match event {
        WatchEvent::Processed(event) => print_event(event),
        WatchEvent::Removed(path) => print_json(&json!({
            "schema": "moue.gallery.add/1", "picture": shown_path(path), "path_bytes": path_bytes(path),
            "status": "removed", "faces": 0,
        })),
        WatchEvent::Away(folder, count) => print_json(&json!({
            "schema": "moue.gallery.add/1", "picture": folder.to_string_lossy(), "status": "away", "count": count,
        })),
        WatchEvent::Settled => {
            print_json(&json!({ "schema": "moue.gallery.add/1", "status": "settled" }))
        }
    }
}

fn print_text(event: &WatchEvent) -> Result<()> {
    match event {
        // The first pass over a large folder would print a line for each picture of it.
        WatchEvent::Processed(event) if event.status == Status::Known => Ok(()),
        WatchEvent::Processed(event) => print_event_text(event),
        WatchEvent::Removed(path) => print_line(&format!("removed  {}", shown(&shown_path(path)))),
        WatchEvent::Away(folder, count) => print_line(&format!(
            "away  {} of {}: kept, as the disk may not be mounted",
            counted(*count, "picture"),
            shown(&folder.to_string_lossy())
        )),
        WatchEvent::Settled => Ok(()),
    }
}
