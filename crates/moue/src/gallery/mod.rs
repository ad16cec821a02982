//! Collections of faces, and the search for the nearest.
//!
//! A [`Gallery`] is one file, written by one program and read by any number; a [`MemoryGallery`]
//! lives in memory. Both are searched alike: [`SearchOptions`] in, [`Match`]es out, nearest first.

// Layers; each imports only from those before it: `error`, `kernels`, `quantization`, `chunks`,
// `perceptual_hash`, `near_duplicates`, `records`, `options`, `top_k` → `source`, `scan`, `answer` →
// `tables`, `database`, `vectors` → `read`, `write`, `migrate`, `storage`, `open`, `check` → `api`,
// `merge`. Those up to `answer` know no database.
mod answer;
mod api;
mod check;
mod chunks;
mod database;
mod error;
mod kernels;
mod merge;
mod migrate;
mod near_duplicates;
mod open;
mod options;
mod perceptual_hash;
mod quantization;
mod read;
mod records;
mod scan;
mod source;
mod storage;
mod tables;
mod top_k;
mod vectors;
mod write;

pub use api::Gallery;
pub use check::Report;
pub use error::GalleryError;
pub use options::{Filter, SearchOptions};
pub use perceptual_hash::{PictureHash, same_picture};
pub use records::{
    Entry, FileStamp, FileState, GalleryStats, Match, NewFace, NewPicture, Picture, StoredFace,
};
pub use storage::{MemoryStorage, Storage};
pub use top_k::{Nearest, Neighbor};
