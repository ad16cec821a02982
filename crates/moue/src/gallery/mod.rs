//! Collections of faces, and the search for the nearest.
//!
//! A `Gallery` (feature `gallery`) is one file, written by one program and read by any number; a
//! [`MemoryGallery`] lives as long as the program and needs no database. Both have the same search:
//! it takes [`SearchOptions`] and returns [`Match`]es. [`SearchOptions::varied`] is what people are
//! shown, answers that differ; [`SearchOptions::nearest`] is the plain list, nearest first.
//!
//! The search has three parts. Expressions are also stored as int8 codes (scalar quantization). The
//! triangle inequality bounds the quantization error, so that few expressions are compared in full
//! and the answer is exact. Top-k selection ([`Nearest`]) keeps the nearest of each group.
//! Near-duplicates share a group; their perceptual hashes ([`PictureHash`]) are found by
//! locality-sensitive hashing.

// Layers; each imports only from those before it: `error`, `kernels`, `quantization`, `chunks`,
// `perceptual_hash`, `near_duplicates`, `records`, `edits`, `target`, `top_k` → `variety`, `options`, `appearance` →
// `source`, `pool`, `scan`, `appearances`, `choice`, `answer`, `search` → `shortlist`, `memory`. Upon these, with the database: `seal`, `pages`,
// `raw_file`, `encoding`, `tables` → `checked` → `database`, `vectors` → `read`, `write`, `stored_edits`, `migrate`,
// `storage`, `fresh`, `open`, `salvage`, `check`, `repair` → `api`, `merge`, `reembed`.
mod answer;
mod appearance;
mod appearances;
mod choice;
mod chunks;
mod edits;
mod error;
// Without the feature `gallery` the list is not stored.
#[cfg_attr(not(feature = "gallery"), allow(dead_code))]
mod hidden;
mod kernels;
mod memory;
mod near_duplicates;
mod options;
mod paths;
mod perceptual_hash;
mod pool;
mod quantization;
mod records;
mod scan;
mod search;
mod shortlist;
mod source;
mod target;
mod top_k;
mod variety;

pub use error::GalleryError;
pub use file_state::{FileStamp, FileState};
pub use memory::MemoryGallery;
pub use options::{Filter, SearchOptions};
pub use paths::{path_bytes, path_of, shown_path, stored_text};
pub use perceptual_hash::{PictureHash, same_picture};
pub use records::{
    Entry, GalleryStats, Match, NewFace, NewPicture, Picture, Shortlisted, StoredFace, similarity,
};
pub use search::Search;
pub use shortlist::{Coverage, Region, Shortlist};
pub use top_k::{Nearest, Neighbor};
pub use variety::Variety;

#[cfg(feature = "gallery")]
mod api;
#[cfg(feature = "gallery")]
mod check;
#[cfg(feature = "gallery")]
mod checked;
#[cfg(feature = "gallery")]
mod database;
#[cfg(feature = "gallery")]
mod encoding;
mod file_state;
#[cfg(feature = "gallery")]
mod fresh;
#[cfg(feature = "gallery")]
mod hidden_list;
#[cfg(feature = "gallery")]
mod hide;
#[cfg(feature = "gallery")]
mod merge;
#[cfg(feature = "gallery")]
mod migrate;
#[cfg(feature = "gallery")]
mod open;
#[cfg(feature = "gallery")]
mod pages;
#[cfg(feature = "gallery")]
mod raw_file;
#[cfg(feature = "gallery")]
mod read;
#[cfg(feature = "gallery")]
mod reembed;
#[cfg(feature = "gallery")]
mod repair;
#[cfg(feature = "gallery")]
mod salvage;
#[cfg(feature = "gallery")]
mod seal;
#[cfg(feature = "gallery")]
mod storage;
#[cfg(feature = "gallery")]
mod stored_edits;
#[cfg(feature = "gallery")]
mod tables;
#[cfg(feature = "gallery")]
mod thumbnail;
#[cfg(feature = "gallery")]
mod vectors;
#[cfg(feature = "gallery")]
mod write;

#[cfg(feature = "gallery")]
pub use api::Gallery;
#[cfg(feature = "gallery")]
pub use check::Report;
#[cfg(feature = "gallery")]
pub use storage::{MemoryStorage, Storage};
#[cfg(feature = "gallery")]
pub use thumbnail::{thumbnail, thumbnail_square};
