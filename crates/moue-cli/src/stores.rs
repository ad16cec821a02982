//! Galleries wherever they are: in a file, or on a server that an address names.

#[cfg(feature = "stores")]
mod anywhere;
#[cfg(feature = "stores")]
use anywhere as kept;

// Without the feature a gallery is a file, and the crates of the others are not built.
#[cfg(not(feature = "stores"))]
mod files;
#[cfg(not(feature = "stores"))]
use files as kept;

pub(crate) use kept::{Store, count_faces, create, finish_load, open, put, record, searched};
