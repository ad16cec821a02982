//! `moue gallery add`.

use super::collections;
use super::immich::{self, Source};
use super::ingest::{self, Goal};
use super::report::AddReport;
use crate::args::gallery::AddArgs;
use crate::output::{note, shown};
use crate::progress;
use crate::report::Outcome;
use anyhow::{Result, bail};
use moue_index::{AddOptions, Candidate, Collection, Event, Status};
use std::path::{Path, PathBuf};

pub(super) fn run(args: &AddArgs) -> Result<Outcome> {
    immich::check(args)?;
    let cancel = ingest::cancel_on_interrupt();
    // First, so that an error in them leaves no empty gallery.
    let options = ingest::add_options(&args.ingest, &cancel)?;
    if !args.gallery.exists() {
        require_paths(&args.paths)?;
    }
    let mut ingest = Ingest {
        args,
        target: Goal::open(&args.gallery)?,
        options,
        report: AddReport::new(args.json, args.verbose),
    };
    let added = ingest
        .add_collections()
        .and_then(|()| ingest.add_immich())
        .and_then(|()| ingest.add_paths());
    // An interrupted one goes on with the gallery, a server is followed also while it is empty, and
    // `merge` expects the gallery of each shard.
    let is_awaited = args.shard.is_some() || args.paths.iter().any(|path| immich::is_named(path));
    let is_of_use = cancel.is_cancelled() || is_awaited || !ingest.report.is_empty();
    ingest.target.finish(added.is_ok() && is_of_use);
    // Stopped in a download or a listing, it is an error of that.
    if !cancel.is_cancelled() || ingest.report.has_failed() {
        added?;
    }
    if cancel.is_cancelled() {
        ingest.report.interrupted();
        ingest.report.print();
        note("interrupted; the same command goes on from here");
        return Ok(Outcome::Interrupted);
    }
    ingest.report.print();
    Ok(ingest.report.outcome())
}

/// An error if there is none of the files and folders: a typing error is to leave no empty gallery.
/// Where others exist, one that is missing is reported when its turn comes.
fn require_paths(paths: &[PathBuf]) -> Result<()> {
    let is_there =
        |path: &PathBuf| path.exists() || collection(path).is_some() || immich::is_named(path);
    let Some(missing) = paths.first().filter(|_| !paths.iter().any(is_there)) else {
        return Ok(());
    };
    bail!("there is no {}", shown(&missing.to_string_lossy()))
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
    target: Goal,
    options: AddOptions,
    report: AddReport,
}

impl Ingest<'_> {
    /// Fetches and adds the collections among the paths.
    fn add_collections(&mut self) -> Result<()> {
        for collection in self.args.paths.iter().filter_map(|path| collection(path)) {
            let files = collections::fetch(
                collection,
                self.args,
                &self.options.cancel,
                &mut self.report,
            )?;
            // Files of a collection lie in a folder, but people filter by where they are from.
            let options = AddOptions {
                source: Some(collection.name().to_owned()),
                ..self.options.clone()
            };
            self.add(moue_index::walk(&files), &options)?;
        }
        Ok(())
    }

    /// Fetches and adds the pictures of an Immich server, if it is among the paths.
    fn add_immich(&mut self) -> Result<()> {
        if !self.args.paths.iter().any(|path| immich::is_named(path)) {
            return Ok(());
        }
        let mut source = Source::open(self.args, self.target.file()?, &self.options.cancel)?;
        let options = AddOptions {
            source: Some(immich::NAME.to_owned()),
            ..self.options.clone()
        };
        let mut next = Some(source.kept());
        while let Some(files) = next {
            let faceless = self.add(moue_index::walk(&files), &options)?;
            source.discard(self.target.file()?, &faceless)?;
            next = source.fetch(self.target.file()?, &mut self.report)?;
        }
        Ok(())
    }

    /// Adds the files and folders among the paths.
    fn add_paths(&mut self) -> Result<()> {
        let paths = self.args.paths.iter();
        let paths: Vec<&PathBuf> = paths
            .filter(|path| collection(path).is_none() && !immich::is_named(path))
            .collect();
        if paths.is_empty() {
            return Ok(());
        }
        let survey = moue_index::survey(&paths);
        self.report.left_out(survey.left_out);
        let candidates = sharded(survey.candidates, self.args);
        self.add(candidates, &self.options.clone()).map(drop)
    }

    /// Adds pictures; returns those without a face.
    fn add(&mut self, candidates: Vec<Candidate>, options: &AddOptions) -> Result<Vec<PathBuf>> {
        let bar = progress::bar(candidates.len(), "pictures");
        let mut faceless = Vec::new();
        let on_event = |event: Event| {
            bar.inc(1);
            self.report.event(&event);
            if event.status == Status::NoFace {
                faceless.push(event.path);
            }
            // Without a reader of the output the work goes unseen, so it ends.
            if self.report.has_failed() {
                options.cancel.cancel();
            }
        };
        match &self.target {
            Goal::File(target) => {
                moue_index::add(&target.gallery, candidates, options, on_event)?;
            }
            #[cfg(feature = "stores")]
            Goal::Server(store) => {
                moue_index::add_to_store(store.as_ref(), &candidates, options, on_event)?;
            }
        }
        bar.finish_and_clear();
        self.report.check()?;
        Ok(faceless)
    }
}

fn sharded(candidates: Vec<Candidate>, args: &AddArgs) -> Vec<Candidate> {
    match args.shard {
        Some(shard) => moue_index::shard(candidates, shard.index, shard.count),
        None => candidates,
    }
}
