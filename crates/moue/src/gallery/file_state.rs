//! What a gallery records of files, so that they need not be read again.

use serde::{Deserialize, Serialize};

/// Size and time of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStamp {
    /// Bytes.
    pub size: u64,
    /// Nanoseconds from 1970 to the last change.
    pub modified: i64,
}

/// What was recorded about a file when it was last read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileState {
    /// Its size and time then.
    pub stamp: FileStamp,
    /// SHA-256 of its content in hexadecimal.
    pub hash: String,
    /// Why it was not added; `None` if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<String>,
}
