//! Pictures that the command line names, one by one or by their folder.

use crate::inputs;
use crate::output::shown;
use anyhow::{Result, bail};
use moue::Frame;
use moue_index::CandidateKind;
use std::path::{Path, PathBuf};

/// A picture that is read.
pub(crate) struct Input {
    /// Its file; of a pasted picture its name.
    pub(crate) path: PathBuf,
    source: Source,
}

/// Where its pixels are.
enum Source {
    File,
    #[cfg(feature = "clipboard")]
    Pasted(Frame<'static>),
    /// Nowhere: why it cannot be read.
    Problem(String),
}

impl Input {
    /// The picture of a file.
    pub(crate) fn file(path: PathBuf) -> Self {
        Self {
            path,
            source: Source::File,
        }
    }

    /// A picture that is in memory already.
    #[cfg(feature = "clipboard")]
    pub(crate) fn pasted(name: &str, frame: Frame<'static>) -> Self {
        Self {
            path: name.into(),
            source: Source::Pasted(frame),
        }
    }

    /// The pictures of files and of folders, which are walked as `gallery add` walks them.
    /// What cannot be read of a folder is an input that fails when it is opened, so that it is reported
    /// as any file is, and the others are read.
    pub(crate) fn all(paths: &[PathBuf]) -> Vec<Self> {
        Self::all_except(paths, |_| false)
    }

    /// As [`Self::all`], without the files of folders for which `is_left_out` is true. A file that
    /// `paths` names itself is always read.
    pub(crate) fn all_except(paths: &[PathBuf], is_left_out: impl Fn(&Path) -> bool) -> Vec<Self> {
        let mut pictures = Vec::new();
        for path in paths {
            if path.is_dir() {
                pictures.extend(of_folder(path, &is_left_out));
            } else {
                pictures.push(Self::file(path.clone()));
            }
        }
        pictures
    }

    fn problem(path: PathBuf, reason: String) -> Self {
        Self {
            path,
            source: Source::Problem(reason),
        }
    }

    pub(crate) fn open(&self) -> Result<Frame<'static>> {
        match &self.source {
            Source::File => inputs::open_picture(&self.path),
            #[cfg(feature = "clipboard")]
            Source::Pasted(frame) => Ok(frame.clone()),
            Source::Problem(reason) => bail!("{reason}"),
        }
    }
}

/// The pictures of a folder. Of an animation the first frame is used; videos and ZIP files are no
/// pictures.
fn of_folder(folder: &Path, is_left_out: impl Fn(&Path) -> bool) -> Vec<Input> {
    let mut candidates = moue_index::walk(&[folder]);
    candidates.retain(|candidate| !is_left_out(&candidate.path));
    let video = candidates
        .iter()
        .find(|candidate| matches!(candidate.kind, CandidateKind::Video));
    let video = video.map(|video| shown(&video.path.to_string_lossy()));
    let inputs = candidates
        .into_iter()
        .filter_map(|candidate| match candidate.kind {
            CandidateKind::Picture => Some(Input::file(candidate.path)),
            CandidateKind::Problem(reason) => {
                Some(Input::problem(candidate.path, reason.to_string()))
            }
            CandidateKind::Video | CandidateKind::Member(..) => None,
        });
    let mut inputs: Vec<Input> = inputs.collect();
    if inputs.is_empty() {
        let mut reason = "there is no picture in this folder".to_owned();
        if let Some(video) = video {
            let help = inputs::FOR_VIDEOS;
            reason += &format!("; {video} is a video: {help}");
        }
        inputs.push(Input::problem(folder.to_owned(), reason));
    }
    inputs
}
