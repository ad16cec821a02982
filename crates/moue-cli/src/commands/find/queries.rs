//! What is searched for: files, the pictures of folders, and what was copied.

use crate::args::FindArgs;
use crate::files::{is_earlier_result, lies_in};
use crate::inputs::Input;
use anyhow::Result;
use std::path::PathBuf;

/// What a picture of the clipboard is called.
#[cfg(feature = "clipboard")]
const CLIPBOARD: &str = "clipboard";

/// The pictures that the command line names. Folders are walked as `gallery add` walks them; what an earlier
/// run wrote there is left out.
pub(super) fn of(args: &FindArgs) -> Result<Vec<Input>> {
    let saved = saved_below(args);
    #[cfg_attr(
        not(feature = "clipboard"),
        expect(unused_mut, reason = "nothing is pasted")
    )]
    let mut pictures = Input::all_except(&args.pictures, |path| {
        is_earlier_result(path, args.sheet.as_deref())
            || saved.as_ref().is_some_and(|saved| lies_in(path, saved))
    });
    #[cfg(feature = "clipboard")]
    if args.paste {
        paste(&mut pictures)?;
    }
    Ok(pictures)
}

/// The folder of `--save`, if it lies in one of the folders that are walked: what is in it are copies of
/// matches, some of them byte for byte.
fn saved_below(args: &FindArgs) -> Option<PathBuf> {
    let saved = args.save.as_ref()?.canonicalize().ok()?;
    // Whoever names it, or a folder in it, wants it searched.
    let is_named = args.pictures.iter().any(|named| lies_in(named, &saved));
    (!is_named).then_some(saved)
}

#[cfg(feature = "clipboard")]
fn paste(pictures: &mut Vec<Input>) -> Result<()> {
    use crate::clipboard::{self, Pasted};
    match clipboard::paste()? {
        Pasted::Files(files) => pictures.extend(Input::all(&files)),
        Pasted::Picture(frame) => pictures.push(Input::pasted(CLIPBOARD, frame)),
    }
    Ok(())
}
