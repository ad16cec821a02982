//! Shared code of `add` and `watch`: options of the index, and ending on Ctrl-C.

use crate::args::gallery::IngestArgs;
use crate::inputs::open_for_writing;
use crate::interrupt;
#[cfg(feature = "stores")]
use crate::stores::{self, Store};
use anyhow::Result;
use moue::Gallery;
use moue::cancel::CancelToken;
use moue::words::WordReader;
use moue_index::{AddOptions, ExtractOptions};
use std::path::{Path, PathBuf};
#[cfg(feature = "stores")]
use std::sync::Arc;

/// # Errors
/// If words are to be read and the program that reads them is missing or lacks a language.
pub(super) fn add_options(args: &IngestArgs, cancel: &CancelToken) -> Result<AddOptions> {
    args.device.choose()?;
    let defaults = ExtractOptions::default();
    let extract = ExtractOptions {
        thumbnails: !args.no_thumbnails,
        effort: args.effort.effort.into(),
        longer_side: if args.full_size {
            0
        } else {
            defaults.longer_side
        },
        ..defaults
    };
    let reader = |languages: &String| WordReader::new(languages, cancel);
    let words = args.words.languages().map(reader).transpose()?;
    Ok(AddOptions {
        extract,
        threads: args.threads,
        tags: args.tag.clone(),
        source: None,
        words,
        cancel: cancel.clone(),
    })
}

/// A token that Ctrl-C cancels, so that the transaction under way is committed before the end.
pub(super) fn cancel_on_interrupt() -> CancelToken {
    interrupt::token()
}

/// Where a command adds to.
pub(super) enum Goal {
    File(Target),
    /// On a server.
    #[cfg(feature = "stores")]
    Server(Arc<Store>),
}

impl Goal {
    pub(super) fn open(path: &Path) -> Result<Self> {
        #[cfg(feature = "stores")]
        if crate::address::is_address(path) {
            return stores::create(path).map(Self::Server);
        }
        Target::open(path).map(Self::File)
    }

    /// The gallery's file, for what a server does not keep.
    pub(super) fn file(&self) -> Result<&Gallery> {
        match self {
            Self::File(target) => Ok(&target.gallery),
            #[cfg(feature = "stores")]
            Self::Server(_) => anyhow::bail!(
                "an Immich server is followed by a gallery's file; `moue gallery merge` copies it to a server"
            ),
        }
    }

    pub(super) fn finish(&self, was_of_use: bool) {
        match self {
            Self::File(target) => target.finish(was_of_use),
            #[cfg(feature = "stores")]
            Self::Server(_) => {}
        }
    }
}

/// A gallery that a command adds to, and whether the command has made it.
pub(super) struct Target {
    pub(super) gallery: Gallery,
    path: PathBuf,
    is_new: bool,
}

impl Target {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let is_new = !path.exists();
        Ok(Self {
            gallery: open_for_writing(path, Gallery::open_or_create)?,
            path: path.to_owned(),
            is_new,
        })
    }

    /// After a command that was of no use, as it has failed, a gallery that it made and in which there
    /// is nothing is removed.
    pub(super) fn finish(&self, was_of_use: bool) {
        if !was_of_use && self.is_new && self.gallery.is_empty().unwrap_or(false) {
            // It was of no use; that it cannot be removed is no further news.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
