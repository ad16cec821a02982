//! Collections of faces, kept in one file, and the search for the nearest.

mod api;
mod backend;
mod check;
mod chunks;
mod error;
mod kernels;
mod merge;
mod migrate;
mod open;
mod perceptual_hash;
mod query;
mod records;
mod scan;
mod tables;
mod top_k;
mod vectors;

pub use api::GalleryStats;
pub use check::Report;
pub use error::GalleryError;
pub use open::Gallery;
pub use perceptual_hash::{PictureHash, same_picture};
pub use query::{Filter, Query};
pub use records::{Entry, FileStamp, FileState, Match, NewFace, NewPicture, Picture, StoredFace};
