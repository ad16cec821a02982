//! `moue gallery watch`.

use super::add::{interruptible, options, print_event, print_event_text};
use crate::args::gallery::IngestArgs;
use crate::output::{print_json, print_line, shown};
use crate::report::Outcome;
use anyhow::Result;
use moue_index::{Followed, Status};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

pub(super) fn run(
    gallery: &Path,
    folders: &[PathBuf],
    how: &IngestArgs,
    json: bool,
) -> Result<Outcome> {
    let stop = interruptible()?;
    let mut failed = None;
    moue_index::watch(gallery, folders, &options(how, &stop), &mut |followed| {
        if let Err(error) = tell(&followed, json) {
            failed.get_or_insert(error);
            stop.store(true, Ordering::Relaxed);
        }
    })?;
    failed.map_or(Ok(Outcome::Interrupted), Err)
}

fn tell(followed: &Followed, as_json: bool) -> Result<()> {
    match followed {
        Followed::Looked(event) if as_json => print_event(event),
        // What was there already is of no interest to people.
        Followed::Looked(event) if event.status == Status::Known => Ok(()),
        Followed::Looked(event) => print_event_text(event),
        Followed::Removed(path) if as_json => print_json(
            &json!({ "schema": "moue.gallery.add/1", "picture": path, "status": "removed", "faces": 0 }),
        ),
        Followed::Removed(path) => print_line(&format!("removed  {}", shown(path))),
        Followed::Settled if as_json => {
            print_json(&json!({ "schema": "moue.gallery.add/1", "status": "settled" }))
        }
        Followed::Settled => Ok(()),
    }
}
