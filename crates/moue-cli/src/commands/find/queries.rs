//! What is searched for: files, the pictures of folders, and what was copied.

use crate::args::FindArgs;
use crate::inputs;
use crate::output::{message, shown};
use anyhow::{Result, ensure};
use moue::Frame;
use moue_index::CandidateKind;
use std::path::{Path, PathBuf};

/// What a picture of the clipboard is called.
#[cfg(feature = "clipboard")]
const CLIPBOARD: &str = "clipboard";

/// A picture that is searched for.
pub(super) struct Input {
    /// Its file; of a pasted picture its name.
    pub(super) path: PathBuf,
    pasted: Option<Frame<'static>>,
}

impl Input {
    pub(super) fn file(path: PathBuf) -> Self {
        Self { path, pasted: None }
    }

    pub(super) fn open(&self) -> Result<Frame<'static>> {
        match &self.pasted {
            Some(frame) => Ok(frame.clone()),
            None => inputs::open_picture(&self.path),
        }
    }
}

/// The pictures that the command line names. Folders are walked as `gallery add` walks them.
pub(super) fn of(args: &FindArgs) -> Result<Vec<Input>> {
    let mut pictures = Vec::new();
    for path in &args.pictures {
        add(&mut pictures, path)?;
    }
    #[cfg(feature = "clipboard")]
    if args.paste {
        paste(&mut pictures)?;
    }
    Ok(pictures)
}

fn add(pictures: &mut Vec<Input>, path: &Path) -> Result<()> {
    if path.is_dir() {
        return add_folder(pictures, path);
    }
    pictures.push(Input::file(path.to_owned()));
    Ok(())
}

/// Adds the pictures of a folder. Of an animation its first frame is searched for; videos and ZIP
/// files are no pictures.
fn add_folder(pictures: &mut Vec<Input>, folder: &Path) -> Result<()> {
    let before = pictures.len();
    for candidate in moue_index::walk(&[folder]) {
        match candidate.kind {
            CandidateKind::Picture => pictures.push(Input::file(candidate.path)),
            CandidateKind::Problem(reason) => {
                let path = candidate.path.to_string_lossy();
                message(&format!("{}: {reason}", shown(&path)));
            }
            CandidateKind::Video | CandidateKind::Member(..) => {}
        }
    }
    ensure!(
        pictures.len() > before,
        "{}: there is no picture in this folder",
        folder.display()
    );
    Ok(())
}

#[cfg(feature = "clipboard")]
fn paste(pictures: &mut Vec<Input>) -> Result<()> {
    use crate::clipboard::{self, Pasted};
    match clipboard::paste()? {
        Pasted::Files(files) => {
            for file in &files {
                add(pictures, file)?;
            }
        }
        Pasted::Picture(frame) => pictures.push(Input {
            path: CLIPBOARD.into(),
            pasted: Some(frame),
        }),
    }
    Ok(())
}
