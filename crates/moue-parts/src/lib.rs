//! Millions of pictures in parts: one Parquet file a part, written by any number of workers.
//!
//! | to … | call |
//! |---|---|
//! | read the pictures of one part | `write_part` |
//! | list the files of a folder | `files` |
//! | read them again | `Reader` |
//! | learn which pictures were left out | `Reader::rejected` |
//!
//! The SHA-256 of a picture's path decides its part, as [`moue_index::shard`] has it, so workers need
//! not talk to each other. A part's file gets its name when it is whole, and a part whose file is
//! there is not done again: what a killed worker has left is written again, and nothing is in two
//! files.
//!
//! A picture that kills its worker, by a fault of a decoder or by the memory it needs, is named: the
//! worker that takes over finds it in the part's journal, tries it once more, and leaves it out if
//! that kills it again.
//!
//! All of it is behind the feature `parquet`.

#![cfg(feature = "parquet")]

mod columns;
mod error;
mod journal;
mod read;
mod rejected;
mod write;

pub use error::PartError;
pub use read::{BATCH, Reader, files};
pub use rejected::Rejected;
pub use write::{Part, PartOptions, write_part};
