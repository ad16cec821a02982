//! What is searched for: files, the pictures of folders, and what was copied.

use crate::args::FindArgs;
use crate::files::is_earlier_result;
use crate::inputs::Input;
use anyhow::Result;

/// What a picture of the clipboard is called.
#[cfg(feature = "clipboard")]
const CLIPBOARD: &str = "clipboard";

/// The pictures that the command line names. Folders are walked as `gallery add` walks them; what an earlier
/// run wrote there is left out.
pub(super) fn of(args: &FindArgs) -> Result<Vec<Input>> {
    #[cfg_attr(
        not(feature = "clipboard"),
        expect(unused_mut, reason = "nothing is pasted")
    )]
    let mut pictures = Input::all_except(&args.pictures, |path| {
        let results = [&args.sheet, &args.save];
        let mut results = results.into_iter().map(|result| result.as_deref());
        results.any(|result| is_earlier_result(path, result))
    });
    #[cfg(feature = "clipboard")]
    if args.paste {
        paste(&mut pictures)?;
    }
    Ok(pictures)
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
