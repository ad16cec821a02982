//! `moue gallery add`.

use crate::args::gallery::{AddArgs, IngestArgs};
use crate::output::{print_json, print_line, shown};
use crate::report::Outcome;
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use moue::Gallery;
use moue_index::{
    AddOptions, AddSummary, Candidate, Collected, Collection, Event, ExtractOptions, FetchOptions,
    Status,
};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) fn run(args: &AddArgs) -> Result<Outcome> {
    let stop = interruptible()?;
    let gallery = Gallery::open_or_create(&args.gallery)?;
    let mut report = Report::new(args.json);
    let mut options = options(&args.how, &stop);
    let (collections, paths) = args
        .paths
        .iter()
        .partition::<Vec<_>, _>(|p| collection(p).is_some());
    for name in &collections {
        let Some(collection) = collection(name) else {
            continue;
        };
        options.source = Some(collection.name().to_owned());
        let files = fetch(args, collection, &stop, &mut report)?;
        report.add(&gallery, moue_index::walk(&files), &options)?;
    }
    options.source = None;
    if !paths.is_empty() {
        let paths: Vec<PathBuf> = paths.into_iter().cloned().collect();
        report.add(&gallery, sharded(moue_index::walk(&paths), args), &options)?;
    }
    report.print();
    Ok(if stop.load(Ordering::Relaxed) {
        Outcome::Interrupted
    } else {
        report.outcome()
    })
}

/// A collection's name, unless there is a file or folder called so.
fn collection(path: &Path) -> Option<Collection> {
    path.to_str()
        .filter(|_| !path.exists())
        .and_then(Collection::named)
}

fn sharded(candidates: Vec<Candidate>, args: &AddArgs) -> Vec<Candidate> {
    match args.shard {
        Some(shard) => moue_index::shard(candidates, shard.index, shard.count),
        None => candidates,
    }
}

pub(super) fn options(how: &IngestArgs, stop: &Arc<AtomicBool>) -> AddOptions {
    let effort = how.effort.effort.into();
    let mut look = ExtractOptions {
        thumbnails: !how.no_thumbnails,
        effort,
        ..ExtractOptions::default()
    };
    if how.full_size {
        look.longer_side = 0;
    }
    AddOptions {
        look,
        threads: how.threads,
        tags: how.tag.clone(),
        source: None,
        stop: Arc::clone(stop),
    }
}

/// A flag that Ctrl-C sets, so that what is under way ends well.
pub(super) fn interruptible() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let handle = Arc::clone(&stop);
    ctrlc::set_handler(move || handle.store(true, Ordering::Relaxed))?;
    Ok(stop)
}

/// Fetches a collection; returns the files.
fn fetch(
    args: &AddArgs,
    from: Collection,
    stop: &Arc<AtomicBool>,
    report: &mut Report,
) -> Result<Vec<PathBuf>> {
    let folder = args
        .pictures
        .clone()
        .unwrap_or_else(|| args.gallery.with_extension("moue.pictures"))
        .join(from.name());
    eprintln!(
        "fetching {} from the network into {}",
        from.name(),
        folder.display()
    );
    let options = FetchOptions {
        listing: args.listing.clone(),
        allow_private: args.allow_private,
        most: args.most,
        stop: Arc::clone(stop),
        ..FetchOptions::default()
    };
    let bar = bar(0, "fetched");
    let all = moue_index::collect(from, &folder, &options, |count, _| {
        bar.set_length(count as u64);
        bar.inc(1);
    })?;
    bar.finish_and_clear();
    for Collected { title, file, .. } in &all {
        if let Err(reason) = file {
            report.event(&Event {
                path: title.into(),
                status: Status::Unreadable,
                faces: 0,
                detail: Some(reason.clone()),
            });
        }
    }
    Ok(all.into_iter().filter_map(|c| c.file.ok()).collect())
}

/// A bar on a terminal, nothing in a pipe.
pub(super) fn bar(length: usize, what: &str) -> ProgressBar {
    let template = format!("{{bar:30}} {{pos}}/{{len}} {what}, {{per_sec}}, {{eta}} left");
    let style =
        ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length as u64).with_style(style)
}

/// One line of JSON for an event.
pub(super) fn print_event(event: &Event) -> Result<()> {
    let Event {
        path,
        status,
        faces,
        detail,
    } = event;
    let rejected = matches!(status, Status::NoFace | Status::Unreadable);
    let (error, note) = if rejected {
        (detail, &None)
    } else {
        (&None, detail)
    };
    print_json(&json!({
        "schema": "moue.gallery.add/1", "picture": path.to_string_lossy(), "status": status, "faces": faces,
        "error": error, "note": note,
    }))
}

/// What happened, told as it happens or at the end.
struct Report {
    json: bool,
    tally: AddSummary,
    rejected: Vec<Event>,
    noted: Vec<Event>,
    failed: Option<anyhow::Error>,
}

impl Report {
    fn new(json: bool) -> Self {
        Self {
            json,
            tally: AddSummary::default(),
            rejected: Vec::new(),
            noted: Vec::new(),
            failed: None,
        }
    }

    fn add(
        &mut self,
        gallery: &Gallery,
        candidates: Vec<Candidate>,
        options: &AddOptions,
    ) -> Result<()> {
        let bar = bar(candidates.len(), "pictures");
        let before = self.tally;
        let tally = moue_index::add(gallery, candidates, options, |event| {
            bar.inc(1);
            self.event(&event);
            if self.failed.is_some() {
                options.stop.store(true, Ordering::Relaxed);
            }
        })?;
        bar.finish_and_clear();
        self.tally = AddSummary {
            added: before.added + tally.added,
            known: before.known + tally.known,
            moved: before.moved + tally.moved,
            no_face: before.no_face + tally.no_face,
            unreadable: self.tally.unreadable,
        };
        self.failed.take().map_or(Ok(()), Err)
    }

    fn event(&mut self, event: &Event) {
        if self.json && self.failed.is_none() {
            self.failed = print_event(event).err();
        }
        match event.status {
            Status::NoFace | Status::Unreadable => self.rejected.push(event.clone()),
            _ if event.detail.is_some() => self.noted.push(event.clone()),
            _ => {}
        }
        self.tally.unreadable += usize::from(event.status == Status::Unreadable);
    }

    fn print(&self) {
        for (title, status) in [
            ("without a face", Status::NoFace),
            ("unreadable", Status::Unreadable),
        ] {
            self.rejected
                .iter()
                .filter(|e| e.status == status)
                .for_each(|e| tell(title, e));
        }
        self.noted.iter().for_each(|e| tell("note", e));
        let AddSummary {
            added,
            known,
            moved,
            no_face,
            unreadable,
        } = self.tally;
        let moved = if moved > 0 {
            format!(", {moved} moved")
        } else {
            String::new()
        };
        eprintln!(
            "{added} added, {known} already there{moved}, {no_face} without a face, {unreadable} unreadable"
        );
    }

    fn outcome(&self) -> Outcome {
        let nothing = self.tally.added + self.tally.moved == 0;
        if !self.rejected.is_empty() || nothing {
            Outcome::Missing
        } else {
            Outcome::Found
        }
    }
}

fn tell(title: &str, event: &Event) {
    let reason = event.detail.as_deref().unwrap_or_default();
    eprintln!(
        "{title}: {}: {}",
        shown(&event.path.to_string_lossy()),
        shown(reason)
    );
}

/// A line for people about an event.
pub(super) fn print_event_text(event: &Event) -> Result<()> {
    let detail = event
        .detail
        .as_ref()
        .map_or(String::new(), |d| format!(": {d}"));
    let status = serde_json::to_value(event.status)?;
    let status = status.as_str().unwrap_or_default().replace('_', " ");
    print_line(&format!(
        "{status}  {}{}",
        shown(&event.path.to_string_lossy()),
        shown(&detail)
    ))
}
