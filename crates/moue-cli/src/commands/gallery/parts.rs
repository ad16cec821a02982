//! `moue gallery add --parquet` and `moue gallery load`: pictures in parts.

#[cfg(feature = "stores")]
pub(super) use built_in::{add, load};

#[cfg(not(feature = "stores"))]
pub(super) use absent::{add, load};

#[cfg(not(feature = "stores"))]
mod absent {
    use crate::args::gallery::{AddArgs, LoadArgs};
    use crate::report::Outcome;
    use anyhow::{Result, bail};

    const REASON: &str = "this program was built without Parquet; release binaries have it, and \
        `cargo install --locked --path crates/moue-cli --features stores`";

    pub(in super::super) fn add(_: &AddArgs, _: &std::path::Path) -> Result<Outcome> {
        bail!(REASON)
    }

    pub(in super::super) fn load(_: &LoadArgs) -> Result<Outcome> {
        bail!(REASON)
    }
}

#[cfg(feature = "stores")]
mod built_in {
    use super::super::ingest;
    use super::super::report::AddReport;
    use crate::args::gallery::{AddArgs, LoadArgs};
    use crate::output::{counted, message, note, print_result, shown};
    use crate::progress;
    use crate::report::{self, Outcome};
    use crate::stores::{self, Store};
    use anyhow::{Result, ensure};
    use moue::cancel::CancelToken;
    use moue_parts::{Part, PartError, Reader};
    use serde_json::json;
    use std::path::{Path, PathBuf};

    /// Reads one part of the pictures into a Parquet file.
    pub(in super::super) fn add(args: &AddArgs, folder: &Path) -> Result<Outcome> {
        let cancel = ingest::cancel_on_interrupt();
        // The first path stands where a gallery would.
        let paths: Vec<&PathBuf> = [&args.gallery].into_iter().chain(&args.paths).collect();
        let survey = moue_index::survey(&paths);
        let mut report = AddReport::new(args.json, args.verbose);
        report.left_out(survey.left_out);
        let [index, count] = args
            .shard
            .map_or([0, 1], |shard| [shard.index, shard.count]);
        let own = moue_index::shard(survey.candidates, index, count);
        let bar = progress::bar(own.len(), "pictures");
        let options = ingest::add_options(&args.ingest, &cancel)?;
        let written = moue_parts::write_part(own, folder, index, count, &options, |event| {
            bar.inc(1);
            report.event(&event);
            if report.has_failed() {
                cancel.cancel();
            }
        });
        bar.finish_and_clear();
        // First: a report that cannot be printed is why it was canceled.
        report.check()?;
        let part = match written {
            Err(PartError::Cancelled(_)) => return Ok(Outcome::Interrupted),
            written => written?,
        };
        describe(&part);
        if part.is_known {
            return Ok(Outcome::Found);
        }
        report.print();
        Ok(report.outcome())
    }

    fn describe(part: &Part) {
        note(&format!(
            "{}: {} in {}{}",
            shown(&part.file.to_string_lossy()),
            counted(part.faces, "face"),
            counted(part.pictures, "picture"),
            if part.is_known { ", there already" } else { "" }
        ));
    }

    /// What became of the pictures of all parts.
    #[derive(Default)]
    struct Loaded {
        parts: u64,
        added: u64,
        known: u64,
        rejected: u64,
    }

    impl Loaded {
        fn count(&mut self, added: &[bool]) {
            let new = added.iter().filter(|new| **new).count() as u64;
            self.added += new;
            self.known += added.len() as u64 - new;
        }
    }

    /// Adds the pictures of all parts of a folder to a gallery.
    pub(in super::super) fn load(args: &LoadArgs) -> Result<Outcome> {
        let files = moue_parts::files(&args.folder)?;
        let folder = args.folder.display();
        ensure!(!files.is_empty(), "{folder}: there is no part-*.parquet");
        let cancel = ingest::cancel_on_interrupt();
        let store = stores::create(&args.gallery)?;
        let bar = progress::bar(files.len(), "parts");
        let mut loaded = Loaded::default();
        let mut outcome = Outcome::Found;
        for file in &files {
            match load_part(store.as_ref(), file, &cancel, &mut loaded) {
                Ok(()) => bar.inc(1),
                // One that is damaged must not keep the others from being loaded.
                Err(Stop::Part(error)) => {
                    message(&report::chain(&error.into()));
                    outcome = Outcome::Error;
                }
                Err(Stop::Store(error)) => return Err(error),
                Err(Stop::Cancelled) => return Ok(Outcome::Interrupted),
            }
        }
        bar.finish_and_clear();
        store.finish_load()?;
        print(args, &loaded)?;
        Ok(outcome)
    }

    /// Why a part is not loaded to its end.
    enum Stop {
        Part(PartError),
        Store(anyhow::Error),
        Cancelled,
    }

    fn load_part(
        store: &Store,
        file: &Path,
        cancel: &CancelToken,
        loaded: &mut Loaded,
    ) -> Result<(), Stop> {
        let reader = Reader::open(file).map_err(Stop::Part)?;
        loaded.rejected += reader.rejected().len() as u64;
        for pictures in reader {
            if cancel.is_cancelled() {
                return Err(Stop::Cancelled);
            }
            let pictures = pictures.map_err(Stop::Part)?;
            let added = store.put(&pictures).map_err(|e| Stop::Store(e.into()))?;
            loaded.count(&added);
        }
        loaded.parts += 1;
        Ok(())
    }

    fn print(args: &LoadArgs, loaded: &Loaded) -> Result<()> {
        let Loaded {
            parts,
            added,
            known,
            rejected,
        } = loaded;
        let object = json!({
            "schema": "moue.gallery.load/1", "parts": parts, "added": added, "known": known, "rejected": rejected,
        });
        let text = format!(
            "{}: {added} added, {known} already there, {rejected} left out when they were read",
            counted(parts, "part")
        );
        print_result(args.json, &object, &text)
    }
}
