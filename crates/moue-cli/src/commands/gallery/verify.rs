//! `moue gallery verify|compact`.

use crate::args::gallery::{CompactArgs, VerifyArgs};
use crate::inputs::{open_for_writing, open_gallery, require_writable};
use crate::output::{counted, print_json, print_line, print_result, shown, size};
use crate::report::Outcome;
use anyhow::{Result, anyhow};
use moue::Gallery;
use moue::gallery::{GalleryError, Report};
use serde_json::json;
use std::path::Path;

pub(super) fn run(args: &VerifyArgs) -> Result<Outcome> {
    // A check alone needs no lock for writing, so it runs beside readers.
    let report = if args.repair {
        require_writable(&args.gallery)?;
        Gallery::repair(&args.gallery).map_err(beyond_repair)?
    } else {
        open_gallery(&args.gallery)?.verify(false)?
    };
    if args.json {
        let mut object = serde_json::to_value(&report)?;
        object["schema"] = "moue.gallery.verify/1".into();
        print_json(&object)?;
    } else {
        print_text(&report, &args.gallery)?;
    }
    let sound = report.problems.is_empty() || report.repaired;
    Ok(Outcome::found_if(sound))
}

/// Without the advice to repair it, which was followed just now.
fn beyond_repair(error: GalleryError) -> anyhow::Error {
    match error {
        GalleryError::Damaged { .. } => {
            anyhow!("{error}; it cannot be repaired, and stays as it is")
        }
        other => other.into(),
    }
}

fn print_text(report: &Report, path: &Path) -> Result<()> {
    for problem in &report.problems {
        print_line(&shown(problem))?;
    }
    print_line(&summary(report, path))?;
    match &report.damaged {
        Some(kept) => print_line(&format!(
            "the damaged file is kept as {}",
            shown(&kept.to_string_lossy())
        )),
        None => Ok(()),
    }
}

/// What there is, and what to do. Of a gallery with problems nothing says that it is intact.
fn summary(report: &Report, path: &Path) -> String {
    let faces = counted(report.faces, "face");
    let there = format!("{faces} in {}", counted(report.pictures, "picture"));
    let problems = counted(report.problems.len(), "problem");
    match (report.problems.len(), report.repaired) {
        (0, false) => format!("intact: {there}; no problems"),
        (0, true) => format!("{there} saved, which are all that there were"),
        (_, true) => format!("{there} saved; {problems}, repaired"),
        (_, false) => format!(
            "{there} can be read; {problems}; `moue gallery verify --repair {}` repairs what can be repaired",
            path.display()
        ),
    }
}

pub(super) fn compact(args: &CompactArgs) -> Result<Outcome> {
    let before = file_size(&args.gallery);
    open_for_writing(&args.gallery, Gallery::open_for_writing)?.compact()?;
    let after = file_size(&args.gallery);
    let object = json!({ "schema": "moue.gallery.compact/1", "before": before, "after": after });
    let text = format!("{} before, {} after", size(before), size(after));
    print_result(args.json, &object, &text)?;
    Ok(Outcome::Found)
}

fn file_size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |meta| meta.len())
}
