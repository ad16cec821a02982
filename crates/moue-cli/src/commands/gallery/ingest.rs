//! Shared code of `add` and `watch`: options of the index, and ending on Ctrl-C.

use crate::args::gallery::IngestArgs;
use crate::interrupt;
use moue::cancel::CancelToken;
use moue_index::{AddOptions, ExtractOptions};

pub(super) fn add_options(args: &IngestArgs, cancel: &CancelToken) -> AddOptions {
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
    AddOptions {
        extract,
        threads: args.threads,
        tags: args.tag.clone(),
        source: None,
        cancel: cancel.clone(),
    }
}

/// A token that Ctrl-C cancels, so that the transaction under way is committed before the end.
pub(super) fn cancel_on_interrupt() -> CancelToken {
    interrupt::token()
}
