//! The tables of the file. The formats of their values are in `records` (JSON), `encoding` and
//! `near_duplicates` (bytes); those that are byte slices are in envelopes with checksums (`seal`).
//! The tables' names are part of the file format and stay.

use super::near_duplicates::{BandKey, BandValue};
use redb::TableDefinition;

/// `format`, `fingerprint`, `next`, `generation`, `hidden`: what the file is.
pub(super) const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
/// [`Picture`](super::Picture) as JSON, by its id. A face's picture is the last whose id is not
/// larger.
pub(super) const PICTURES: TableDefinition<u64, &[u8]> = TableDefinition::new("picture");
/// Picture by content hash.
pub(super) const HASHES: TableDefinition<&[u8; 32], u64> = TableDefinition::new("hash");
/// Chunks of [`Row`](super::chunks::Row)s by number, their faces' ids ascending.
pub(super) const ROWS: TableDefinition<u64, &[u8]> = TableDefinition::new("row");
/// The rows' expressions as int8 codes, in the same chunks.
pub(super) const CODES: TableDefinition<u64, &[u8]> = TableDefinition::new("code");
/// The rows' expressions in full, each chunk in [`PARTS`](super::encoding::PARTS) parts, so that
/// one row is read without the others.
pub(super) const FLOATS: TableDefinition<u64, &[u8]> = TableDefinition::new("float");
/// A small picture of a face, by its id.
pub(super) const THUMBNAILS: TableDefinition<u64, &[u8]> = TableDefinition::new("thumbnail");
/// Pictures by the bands of their perceptual hashes, see `near_duplicates`.
pub(super) const BANDS: TableDefinition<&BandKey, &BandValue> = TableDefinition::new("looks");
/// [`FileState`](super::FileState) as JSON, by path.
pub(super) const FILES: TableDefinition<&str, &[u8]> = TableDefinition::new("file");

/// The newest format that this program reads and the one it writes.
pub(super) const FORMAT: u64 = 3;

/// Keys of [`META`].
pub(super) mod meta {
    /// The file's format.
    pub(in super::super) const FORMAT: &str = "format";
    /// The weights that made the expressions.
    pub(in super::super) const FINGERPRINT: &str = "fingerprint";
    /// The next face's id.
    pub(in super::super) const NEXT: &str = "next";
    /// The list of hidden pictures, see `hidden`; older files have none.
    pub(in super::super) const HIDDEN: &str = "hidden";
    /// Grows with each transaction; shows whether the chunks in memory are current.
    pub(in super::super) const GENERATION: &str = "generation";
}
