//! Where the project and its build outputs are.

use std::path::PathBuf;

/// The project's root folder.
pub(crate) fn project() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
