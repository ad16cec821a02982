//! `moue gallery add`.

use super::ingest::{self, Target};
use super::report::AddReport;
use crate::args::gallery::AddArgs;
use crate::output::note;
use crate::progress;
use crate::report::Outcome;
use anyhow::Result;
use moue::cancel::CancelToken;
use moue_index::{AddOptions, Candidate, Collected, Collection, Event, FetchOptions, Status};
use std::path::{Path, PathBuf};

pub(super) fn run(args: &AddArgs) -> Result<Outcome> {
    let cancel = ingest::cancel_on_interrupt();
    let mut ingest = Ingest {
        args,
        target: Target::open(&args.gallery)?,
        options: ingest::add_options(&args.ingest, &cancel),
        report: AddReport::new(args.json, args.verbose),
    };
    let added = ingest.add_collections().and_then(|()| ingest.add_paths());
    ingest.target.finish(added.is_ok());
    added?;
    ingest.report.print();
    Ok(if cancel.is_cancelled() {
        Outcome::Interrupted
    } else {
        ingest.report.outcome()
    })
}

/// The collection that a path names, unless there is a file or folder called so.
fn collection(path: &Path) -> Option<Collection> {
    path.to_str()
        .filter(|_| !path.exists())
        .and_then(Collection::named)
}

/// A run of `add`.
struct Ingest<'a> {
    args: &'a AddArgs,
    target: Target,
    options: AddOptions,
    report: AddReport,
}

impl Ingest<'_> {
    /// Fetches and adds the collections among the paths.
    fn add_collections(&mut self) -> Result<()> {
        for collection in self.args.paths.iter().filter_map(|path| collection(path)) {
            let files = self.fetch(collection)?;
            // Files of a collection lie in a folder, but people filter by where they are from.
            let options = AddOptions {
                source: Some(collection.name().to_owned()),
                ..self.options.clone()
            };
            self.add(moue_index::walk(&files), &options)?;
        }
        Ok(())
    }

    /// Adds the files and folders among the paths.
    fn add_paths(&mut self) -> Result<()> {
        let paths = self.args.paths.iter();
        let paths: Vec<&PathBuf> = paths.filter(|path| collection(path).is_none()).collect();
        if paths.is_empty() {
            return Ok(());
        }
        let survey = moue_index::survey(&paths);
        self.report.left_out(survey.left_out);
        let candidates = sharded(survey.candidates, self.args);
        self.add(candidates, &self.options.clone())
    }

    fn add(&mut self, candidates: Vec<Candidate>, options: &AddOptions) -> Result<()> {
        let bar = progress::bar(candidates.len(), "pictures");
        moue_index::add(&self.target.gallery, candidates, options, |event| {
            bar.inc(1);
            self.report.event(&event);
            // Without a reader of the output the work goes unseen, so it ends.
            if self.report.has_failed() {
                options.cancel.cancel();
            }
        })?;
        bar.finish_and_clear();
        self.report.check()
    }

    /// Fetches a collection; returns the files.
    fn fetch(&mut self, collection: Collection) -> Result<Vec<PathBuf>> {
        let folder = collection_folder(self.args, collection);
        note(&format!(
            "fetching {} from the network into {}",
            collection.name(),
            folder.display()
        ));
        let bar = progress::bar(0, "fetched");
        let options = fetch_options(self.args, &self.options.cancel);
        let pictures = moue_index::collect(collection, &folder, &options, |count, _| {
            bar.set_length(count as u64);
            bar.inc(1);
        })?;
        bar.finish_and_clear();
        for picture in &pictures {
            self.report_failure(picture);
        }
        Ok(pictures.into_iter().filter_map(|p| p.file.ok()).collect())
    }

    fn report_failure(&mut self, picture: &Collected) {
        if let Err(reason) = &picture.file {
            self.report.event(&Event {
                path: PathBuf::from(&picture.title),
                status: Status::Unreadable,
                faces: 0,
                detail: Some(reason.clone()),
            });
        }
    }
}

fn sharded(candidates: Vec<Candidate>, args: &AddArgs) -> Vec<Candidate> {
    match args.shard {
        Some(shard) => moue_index::shard(candidates, shard.index, shard.count),
        None => candidates,
    }
}

/// `--pictures DIR`, or a folder beside the gallery.
fn collection_folder(args: &AddArgs, collection: Collection) -> PathBuf {
    args.pictures
        .clone()
        .unwrap_or_else(|| args.gallery.with_extension("moue.pictures"))
        .join(collection.name())
}

fn fetch_options(args: &AddArgs, cancel: &CancelToken) -> FetchOptions {
    FetchOptions {
        listing: args.listing.clone(),
        allow_private: args.allow_private,
        max_pictures: args.max_pictures,
        cancel: cancel.clone(),
        ..FetchOptions::default()
    }
}
