//! Pictures that the command line names, one by one or by their folder.

use crate::inputs;
use crate::output::{message, shown};
use anyhow::{Result, ensure};
use moue::Frame;
use moue_index::CandidateKind;
use std::path::{Path, PathBuf};

/// A picture that is read.
pub(crate) struct Input {
    /// Its file; of a pasted picture its name.
    pub(crate) path: PathBuf,
    pasted: Option<Frame<'static>>,
}

impl Input {
    /// The picture of a file.
    pub(crate) fn file(path: PathBuf) -> Self {
        Self { path, pasted: None }
    }

    /// A picture that is in memory already.
    #[cfg(feature = "clipboard")]
    pub(crate) fn pasted(name: &str, frame: Frame<'static>) -> Self {
        Self {
            path: name.into(),
            pasted: Some(frame),
        }
    }

    /// The pictures of files and of folders, which are walked as `gallery add` walks them.
    pub(crate) fn all(paths: &[PathBuf]) -> Result<Vec<Self>> {
        let mut pictures = Vec::new();
        for path in paths {
            if path.is_dir() {
                add_folder(&mut pictures, path)?;
            } else {
                pictures.push(Self::file(path.clone()));
            }
        }
        Ok(pictures)
    }

    /// The files of [`Input::all`].
    pub(crate) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
        Ok(Self::all(paths)?
            .into_iter()
            .map(|input| input.path)
            .collect())
    }

    pub(crate) fn open(&self) -> Result<Frame<'static>> {
        match &self.pasted {
            Some(frame) => Ok(frame.clone()),
            None => inputs::open_picture(&self.path),
        }
    }
}

/// Adds the pictures of a folder. Of an animation the first frame is used; videos and ZIP files are no
/// pictures.
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
