//! Events of the index as JSON and text, and their summary.

use crate::output::{counted, note, print_json, print_line, shown};
use crate::report::{Outcome, in_words};
use anyhow::Result;
use moue::gallery::{path_bytes, shown_path, stored_text};
use moue_index::{AddSummary, Event, ExtractError, Status};
use serde_json::json;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Pictures without a face that are listed; an ordinary folder of photos has any number.
const MAX_FACELESS: usize = 10;

/// Endings of left out files that the last line has; a folder of other things has any number.
const MAX_ENDINGS: usize = 8;

/// One line of JSON for an event.
pub(super) fn print_event(event: &Event) -> Result<()> {
    let detail = event.detail.as_ref();
    let rejected = is_rejected(event);
    let path = stored_text(&event.path);
    print_json(&json!({
        "schema": "moue.gallery.add/1", "picture": shown_path(&path), "path_bytes": path_bytes(&path),
        "status": event.status, "faces": event.faces,
        "error": detail.filter(|_| rejected), "note": detail.filter(|_| !rejected),
    }))
}

/// One line of text for an event.
pub(super) fn print_event_text(event: &Event) -> Result<()> {
    print_line(&event_text(event)?)
}

fn event_text(event: &Event) -> Result<String> {
    let status = serde_json::to_value(event.status)?;
    let status = status.as_str().unwrap_or_default().replace('_', " ");
    let detail = event
        .detail
        .as_ref()
        .filter(|detail| !is_told(event, detail));
    let detail = detail.map_or(String::new(), |detail| format!(": {detail}"));
    let path = shown_path(&stored_text(&event.path));
    Ok(format!("{status}  {}{}", shown(&path), shown(&detail)))
}

/// Whether the status says already what the detail does.
fn is_told(event: &Event, detail: &str) -> bool {
    event.status == Status::NoFace && detail == ExtractError::NoFace.to_string()
}

fn is_rejected(event: &Event) -> bool {
    matches!(
        event.status,
        Status::NoFace | Status::Unreadable | Status::Failed
    )
}

/// Events of a run of `add`: printed one by one with `--json`, otherwise at the end.
pub(super) struct AddReport {
    json: bool,
    summary: AddSummary,
    rejected: Vec<Event>,
    /// Added pictures of which something was left out.
    partial: Vec<Event>,
    /// Files that are neither pictures nor videos.
    left_out: Vec<PathBuf>,
    /// Whether to list them.
    verbose: bool,
    is_interrupted: bool,
    /// The first error of printing.
    failed: Option<anyhow::Error>,
}

impl AddReport {
    pub(super) fn new(json: bool, verbose: bool) -> Self {
        Self {
            json,
            left_out: Vec::new(),
            verbose,
            is_interrupted: false,
            summary: AddSummary::default(),
            rejected: Vec::new(),
            partial: Vec::new(),
            failed: None,
        }
    }

    /// Files of folders that are not looked at.
    pub(super) fn left_out(&mut self, files: Vec<PathBuf>) {
        self.left_out.extend(files);
    }

    pub(super) fn event(&mut self, event: &Event) {
        // After the first error of printing, every further one would be the same.
        if self.json && self.failed.is_none() {
            self.failed = print_event(event).err();
        }
        if is_rejected(event) {
            self.rejected.push(event.clone());
        } else if event.detail.is_some() {
            self.partial.push(event.clone());
        }
        self.summary.count(event.status);
    }

    /// Whether a gallery that was new has learned of nothing.
    pub(super) fn is_empty(&self) -> bool {
        let AddSummary {
            unreadable, failed, ..
        } = self.summary;
        let unusable = AddSummary {
            unreadable,
            failed,
            ..AddSummary::default()
        };
        self.summary == unusable
    }

    /// Whether an event could not be printed, so that nobody learns of later ones.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// The first error of printing, if there was one.
    pub(super) fn check(&mut self) -> Result<()> {
        self.failed.take().map_or(Ok(()), Err)
    }

    /// The run was interrupted: where nothing was read, something may have been begun.
    pub(super) fn interrupted(&mut self) {
        self.is_interrupted = true;
    }

    /// Prints what was rejected and the counts.
    pub(super) fn print(&self) {
        self.print_faceless();
        self.print_rejected("unreadable", Status::Unreadable);
        self.print_rejected("failed", Status::Failed);
        for event in &self.partial {
            print_detail("note", event);
        }
        if self.verbose {
            for path in &self.left_out {
                note(&format!("left out: {}", shown(&path.to_string_lossy())));
            }
        }
        let left_out = left_out_text(&self.left_out);
        let summary = match self.summary {
            none if none == AddSummary::default() && self.is_interrupted => {
                "no picture was finished".to_owned()
            }
            none if none == AddSummary::default() => "no picture was found".to_owned(),
            _ => summary_text(&self.summary),
        };
        note(&format!("{summary}{left_out}"));
    }

    fn rejected(&self, status: Status) -> impl Iterator<Item = &Event> {
        self.rejected.iter().filter(move |e| e.status == status)
    }

    /// Lists the first pictures in which no face was found now, or all without a face.
    fn print_faceless(&self) {
        let limit = if self.verbose {
            usize::MAX
        } else {
            MAX_FACELESS
        };
        let faceless = || self.rejected(Status::NoFace);
        let listed = || faceless().filter(|event| self.verbose || !event.as_before);
        for event in listed().take(limit) {
            note(&detail_of(event));
        }
        let others = listed().count().saturating_sub(limit);
        if others > 0 {
            note(&format!(
                "{others} more without a face; --verbose lists them"
            ));
        }
        let known = faceless().count() - listed().count();
        if known > 0 {
            let pictures = counted(known, "picture");
            note(&format!(
                "{pictures} without a face, as before; --verbose lists them"
            ));
        }
    }

    fn print_rejected(&self, title: &str, status: Status) {
        for event in self.rejected(status) {
            print_detail(title, event);
        }
    }

    /// Pictures without a face are no failure where others were added: photos of landscapes are among
    /// everybody's.
    pub(super) fn outcome(&self) -> Outcome {
        // The pictures are fine; what failed is the program.
        if self.summary.failed > 0 {
            return Outcome::Error;
        }
        let summary = &self.summary;
        let changed = summary.added + summary.moved + summary.words_read > 0;
        Outcome::found_if(changed && summary.unreadable == 0)
    }
}

fn print_detail(title: &str, event: &Event) {
    note(&format!("{title}: {}", detail_of(event)));
}

fn detail_of(event: &Event) -> String {
    let detail = in_words(event.detail.as_deref().unwrap_or_default());
    let path = event.path.to_string_lossy();
    format!("{}: {}", shown(&path), shown(&detail))
}

/// What files of one kind have in common.
fn ending(path: &Path) -> String {
    path.extension().map_or_else(
        || "without an ending".to_owned(),
        |ending| format!(".{}", ending.to_string_lossy().to_lowercase()),
    )
}

/// How many files were left out, by their endings, the most frequent first; nothing if none were.
fn left_out_text(files: &[PathBuf]) -> String {
    if files.is_empty() {
        return String::new();
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for path in files {
        *counts.entry(ending(path)).or_default() += 1;
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| Reverse(*count));
    let listed = counts.iter().take(MAX_ENDINGS);
    let mut listed: Vec<String> = listed
        .map(|(ending, count)| format!("{count} {}", shown(ending)))
        .collect();
    if counts.len() > MAX_ENDINGS {
        listed.push("…".into());
    }
    format!(", {} left out ({})", files.len(), listed.join(", "))
}

/// A count of something that is rare; nothing if there is none.
fn if_any(count: usize, word: &str) -> String {
    match count {
        0 => String::new(),
        count => format!(", {count} {word}"),
    }
}

fn summary_text(summary: &AddSummary) -> String {
    let AddSummary {
        added,
        known,
        moved,
        words_read,
        no_face,
        unreadable,
        failed,
    } = summary;
    let moved = if_any(*moved, "moved");
    let words_read = if_any(*words_read, "there and their words read");
    let failed = if_any(*failed, "failed");
    format!(
        "{added} added, {known} already there{moved}{words_read}, {no_face} without a face, {unreadable} unreadable{failed}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn left_out_files_are_counted_by_ending() {
        let files = ["a.txt", "b.XMP", "c.xmp", "README"].map(PathBuf::from);
        assert_eq!(
            left_out_text(&files),
            ", 4 left out (2 .xmp, 1 .txt, 1 without an ending)"
        );
        assert_eq!(left_out_text(&[]), "");
    }

    fn event(status: Status, detail: Option<&str>) -> Event {
        Event {
            path: "a.png".into(),
            status,
            faces: 0,
            detail: detail.map(str::to_owned),
            as_before: false,
        }
    }

    #[test]
    fn a_line_says_once_that_there_is_no_face() {
        let line = |detail| event_text(&event(Status::NoFace, Some(detail))).unwrap();
        assert_eq!(line("no face found"), "no face  a.png");
        assert_eq!(
            line("its only face is cut off"),
            "no face  a.png: its only face is cut off"
        );
    }

    #[test]
    fn a_fault_of_moue_is_an_error_among_pictures_that_were_added() {
        let mut report = AddReport::new(false, false);
        report.event(&event(Status::Added, None));
        assert_eq!(report.outcome(), Outcome::Found);
        report.event(&event(Status::Unreadable, Some("cut off")));
        assert_eq!(report.outcome(), Outcome::Missing);
        report.event(&event(Status::Failed, Some("index 3 of 2")));
        assert_eq!(report.outcome(), Outcome::Error);
        assert!(summary_text(&report.summary).ends_with("1 unreadable, 1 failed"));
    }
}
