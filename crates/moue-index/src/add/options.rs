//! How candidates are added, and why adding ends early.

use crate::extract::ExtractOptions;
use moue::cancel::CancelToken;
use moue::gallery::GalleryError;
use moue::network::NetworkError;
use moue::words::WordReader;

/// How to add candidates. The default extracts with [`ExtractOptions::default`] on all cores.
///
/// ```
/// use moue_index::AddOptions;
/// let options = AddOptions { tags: vec!["cats".into()], threads: 2, ..AddOptions::default() };
/// ```
#[derive(Debug, Clone, Default)]
pub struct AddOptions {
    /// How faces are extracted from each picture.
    pub extract: ExtractOptions,
    /// Threads that extract; 0 is one for each core.
    pub threads: usize,
    /// Tags of every added picture, before those of its metadata.
    pub tags: Vec<String>,
    /// Source of every added picture; `None` is `zip` for members of ZIP files and `folder` for
    /// others.
    pub source: Option<String>,
    /// Reads the words that are written in pictures and animations, also of those that are in the
    /// gallery and were not read. Of an animation the first frame is read.
    pub words: Option<WordReader>,
    /// Ends the work early; what was reported stays in the gallery.
    pub cancel: CancelToken,
}

/// Why adding ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AddError {
    /// The gallery cannot be read or written.
    #[error(transparent)]
    Gallery(#[from] GalleryError),
    /// The networks cannot be loaded.
    #[error(transparent)]
    Network(#[from] NetworkError),
}
