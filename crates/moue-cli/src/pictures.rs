//! Reading the pictures that the command line names.

use crate::output::{PictureLine, print_json, shown};
use crate::report::Outcome;
use moue::Frame;
use moue::frame::DecodeError;
use std::io::Read;
use std::path::Path;

/// Reads a picture; `-` is standard input.
pub(crate) fn open(path: &Path) -> Result<Frame<'static>, DecodeError> {
    if path.as_os_str() != "-" {
        return Frame::open(path);
    }
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(moue::frame::DecodeLimits::default().file + 1)
        .read_to_end(&mut bytes)?;
    Frame::decode(&bytes)
}

/// Reports a picture that could not be used; the rest goes on.
pub(crate) fn reject(
    schema: &'static str,
    path: &Path,
    reason: &str,
    json: bool,
) -> anyhow::Result<Outcome> {
    let name = path.to_string_lossy();
    eprintln!("moue: {}: {reason}", shown(&name));
    if json {
        let (picture, error) = (name.into_owned(), Some(reason.to_owned()));
        print_json(&PictureLine {
            schema,
            picture,
            width: None,
            height: None,
            faces: Vec::new(),
            error,
        })?;
    }
    Ok(Outcome::Error)
}
