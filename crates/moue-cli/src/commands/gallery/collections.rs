//! Collections of pictures on the network, for `moue gallery add`.

#[cfg(feature = "collections")]
pub(super) use fetched::fetch;

/// Says how to get a moue that fetches.
#[cfg(not(feature = "collections"))]
pub(super) fn fetch(
    collection: moue_index::Collection,
    _: &crate::args::gallery::AddArgs,
    _: &moue::cancel::CancelToken,
    _: &mut super::report::AddReport,
) -> anyhow::Result<Vec<std::path::PathBuf>> {
    anyhow::bail!(
        "{} is fetched from the network, and this moue was built without the feature collections; \
         `cargo install --locked --path crates/moue-cli --features full` builds one that has it",
        collection.name()
    )
}

#[cfg(feature = "collections")]
mod fetched {
    use super::super::immich::folder_of;
    use super::super::report::AddReport;
    use crate::args::gallery::AddArgs;
    use crate::output::note;
    use crate::progress;
    use anyhow::Result;
    use moue::cancel::CancelToken;
    use moue_index::{Collected, Collection, Event, FetchOptions, Status};
    use std::path::PathBuf;

    /// Fetches a collection; returns the files.
    pub(in super::super) fn fetch(
        collection: Collection,
        args: &AddArgs,
        cancel: &CancelToken,
        report: &mut AddReport,
    ) -> Result<Vec<PathBuf>> {
        let folder = folder_of(&args.gallery, args.pictures.as_ref(), collection.name())?;
        note(&format!(
            "fetching {} from the network into {}",
            collection.name(),
            folder.display()
        ));
        let bar = progress::bar(0, "fetched");
        let options = options(args, cancel);
        let pictures = moue_index::collect(collection, &folder, &options, |count, _| {
            bar.set_length(count as u64);
            bar.inc(1);
        })?;
        bar.finish_and_clear();
        for picture in &pictures {
            report_failure(picture, report);
        }
        Ok(pictures.into_iter().filter_map(|p| p.file.ok()).collect())
    }

    fn report_failure(picture: &Collected, report: &mut AddReport) {
        if let Err(reason) = &picture.file {
            report.event(&Event {
                path: PathBuf::from(&picture.title),
                status: Status::Unreadable,
                faces: 0,
                detail: Some(reason.clone()),
                as_before: false,
            });
        }
    }

    fn options(args: &AddArgs, cancel: &CancelToken) -> FetchOptions {
        FetchOptions {
            listing: args.listing.clone(),
            allow_private: args.allow_private,
            max_pictures: args.max_pictures,
            cancel: cancel.clone(),
            ..FetchOptions::default()
        }
    }
}
