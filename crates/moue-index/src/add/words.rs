//! The words in a picture that is being added.

use crate::extract::decode_options;
use moue::Frame;
use moue::cancel::{CancelToken, Cancelled};
use moue::words::WordReader;

/// The words in a picture, and why they could not be read.
#[derive(Default)]
pub(super) struct Words {
    pub(super) text: Option<String>,
    pub(super) note: Option<String>,
}

/// Reads the words in a picture. One whose words cannot be read is added without them.
pub(super) fn read(
    reader: &WordReader,
    bytes: &[u8],
    cancel: &CancelToken,
) -> Result<Words, Cancelled> {
    let read = text(reader, bytes, cancel);
    // Another program's error after Ctrl-C is no fact about the picture.
    cancel.check()?;
    let note = |error| Some(format!("its words were not read: {error}"));
    Ok(match read {
        Ok(text) => Words {
            text: Some(text),
            note: None,
        },
        Err(error) => Words {
            text: None,
            note: note(error),
        },
    })
}

fn text(reader: &WordReader, bytes: &[u8], cancel: &CancelToken) -> Result<String, String> {
    // At full size: what makes decoding cheap for faces blurs letters.
    let frame = Frame::decode_with(bytes, &decode_options(0, cancel));
    let frame = frame.map_err(|error| error.to_string())?;
    let read = reader.read(&frame, cancel);
    read.map_err(|error| error.to_string())
}
