//! Results for candidates.

use serde::Serialize;
use std::path::PathBuf;

/// The result for a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It was added and is on the disk.
    Added,
    /// Its content was in the gallery already.
    Known,
    /// Its content was in the gallery under a path that no longer exists; the gallery has the new
    /// path now.
    Moved,
    /// Its content was in the gallery already, and the words that are written in it are now.
    WordsRead,
    /// It has no face with an expression.
    NoFace,
    /// It cannot be read.
    Unreadable,
    /// The code panicked while it worked on it: a fault of moue, not of the file.
    Failed,
}

/// The result for one candidate; what was stored for it is on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The candidate's path.
    pub path: PathBuf,
    /// The result.
    pub status: Status,
    /// Number of faces that were added; 0 unless the status is [`Status::Added`].
    pub faces: usize,
    /// Why it was rejected, or which part of it was left out.
    pub detail: Option<String>,
    /// Whether it had no face before, and was not read again, as its file has not changed.
    pub as_before: bool,
}

/// Number of candidates for each [`Status`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct AddSummary {
    /// See [`Status::Added`].
    pub added: usize,
    /// See [`Status::Known`].
    pub known: usize,
    /// See [`Status::Moved`].
    pub moved: usize,
    /// See [`Status::WordsRead`].
    pub words_read: usize,
    /// See [`Status::NoFace`].
    pub no_face: usize,
    /// See [`Status::Unreadable`].
    pub unreadable: usize,
    /// See [`Status::Failed`].
    pub failed: usize,
}

impl AddSummary {
    /// Counts one candidate.
    ///
    /// ```
    /// use moue_index::{AddSummary, Status};
    /// let mut summary = AddSummary::default();
    /// summary.count(Status::NoFace);
    /// assert_eq!(summary.no_face, 1);
    /// ```
    pub fn count(&mut self, status: Status) {
        let counter = match status {
            Status::Added => &mut self.added,
            Status::Known => &mut self.known,
            Status::Moved => &mut self.moved,
            Status::WordsRead => &mut self.words_read,
            Status::NoFace => &mut self.no_face,
            Status::Unreadable => &mut self.unreadable,
            Status::Failed => &mut self.failed,
        };
        *counter += 1;
    }
}
