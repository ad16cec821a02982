//! Pictures that a part leaves out.

use serde::{Deserialize, Serialize};

/// A picture that a part leaves out, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
// An array in the file's metadata, as Python's tuples are.
#[serde(from = "Triple", into = "Triple")]
pub struct Rejected {
    /// The path.
    pub path: String,
    /// `no_face`, `unreadable`, `failed`, or `killed`: its worker died of it.
    pub status: String,
    /// What is wrong.
    pub detail: Option<String>,
}

type Triple = (String, String, Option<String>);

impl From<Triple> for Rejected {
    fn from((path, status, detail): Triple) -> Self {
        Self {
            path,
            status,
            detail,
        }
    }
}

impl From<Rejected> for Triple {
    fn from(rejected: Rejected) -> Self {
        (rejected.path, rejected.status, rejected.detail)
    }
}
