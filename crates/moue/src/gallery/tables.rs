//! The tables of the file. The formats of their values are in `records` (JSON) and `chunks`
//! (bytes).

use redb::TableDefinition;

/// `format`, `fingerprint`, `next`, `generation`: what the file is.
pub(super) const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
/// [`Picture`](super::Picture) as JSON, by its id. A face's picture is the last whose id is not
/// larger.
pub(super) const PICTURES: TableDefinition<u64, &[u8]> = TableDefinition::new("picture");
/// Picture by content hash.
pub(super) const HASHES: TableDefinition<&[u8; 32], u64> = TableDefinition::new("hash");
/// Chunks of [`Row`](super::chunks::Row)s by number, their faces' ids ascending.
pub(super) const ROWS: TableDefinition<u64, &[u8]> = TableDefinition::new("row");
/// The rows' expressions, one byte a number, in the same chunks.
pub(super) const CODES: TableDefinition<u64, &[u8]> = TableDefinition::new("code");
/// The rows' expressions in full, each chunk in [`PARTS`](super::chunks::PARTS) parts, so that one
/// row is read cheaply.
pub(super) const FLOATS: TableDefinition<u64, &[u8]> = TableDefinition::new("float");
/// A small picture of a face, by its id.
pub(super) const THUMBNAILS: TableDefinition<u64, &[u8]> = TableDefinition::new("thumbnail");
/// Pictures by bands of their looks, see `hashes`.
pub(super) const LOOKS: TableDefinition<&[u8; 11], &[u8; 96]> = TableDefinition::new("looks");
/// [`FileState`](super::FileState) as JSON, by path.
pub(super) const FILES: TableDefinition<&str, &[u8]> = TableDefinition::new("file");

/// The newest format that this program reads and the one it writes.
pub(super) const FORMAT: u64 = 2;
