//! `moue gallery merge`.

use super::ingest::Target;
use crate::args::gallery::MergeArgs;
use crate::inputs::open_gallery;
use crate::output::{counted, message, print_result, shown};
use crate::report::Outcome;
use crate::{address, progress, report};
use anyhow::Result;
use moue::Gallery;
use serde_json::json;
use std::path::Path;

pub(super) fn run(args: &MergeArgs) -> Result<Outcome> {
    let target = Target::open(&args.gallery)?;
    let outcome = each(args, |other| merge(&target.gallery, other))?;
    target.finish(outcome < Outcome::Error);
    Ok(outcome)
}

/// Merges and reports each of the galleries.
pub(super) fn each(
    args: &MergeArgs,
    mut merge: impl FnMut(&Path) -> Result<Merged>,
) -> Result<Outcome> {
    let mut outcome = Outcome::Found;
    for other in &args.others {
        // One unreadable gallery must not keep the others from being merged.
        match merge(other) {
            Ok(merged) => print_merged(args, other, merged)?,
            Err(error) => {
                message(&report::chain(&error));
                outcome = Outcome::Error;
            }
        }
    }
    Ok(outcome)
}

/// Pictures of one gallery that was merged.
pub(super) struct Merged {
    pub(super) added: usize,
    pub(super) total: u64,
}

fn merge(gallery: &Gallery, other: &Path) -> Result<Merged> {
    let other = open_gallery(other)?;
    let total = other.picture_count()?;
    let bar = progress::bar(total as usize, "pictures");
    let added = gallery.merge(&other, |count| bar.inc(count as u64))?;
    bar.finish_and_clear();
    Ok(Merged { added, total })
}

fn print_merged(args: &MergeArgs, other: &Path, merged: Merged) -> Result<()> {
    let Merged { added, total } = merged;
    let name = address::shown(other);
    let object = json!({ "schema": "moue.gallery.merge/1", "gallery": name, "pictures": total, "added": added });
    let text = format!(
        "{}: {added} of {} added",
        shown(&name),
        counted(total, "picture")
    );
    print_result(args.json, &object, &text)
}
