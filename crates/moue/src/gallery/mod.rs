//! Collections of faces, kept in one file, and the search for the nearest.

mod backend;
mod check;
mod chunks;
mod error;
mod file;
mod hashes;
mod kernels;
mod merge;
mod migrate;
mod query;
mod records;
mod scan;
mod search;
mod store;
mod tables;
mod vectors;

pub use check::Report;
pub use error::GalleryError;
pub use file::Gallery;
pub use hashes::{PictureHash, same_picture};
pub use query::{Filter, Query};
pub use records::{Entry, FileStamp, FileState, Match, NewFace, NewPicture, Picture, StoredFace};
pub use store::StoredNumbers;
