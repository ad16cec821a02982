//! Where a search reads from: a gallery's file or one in memory.

use super::chunks::Chunk;
use super::error::Fault;
use super::options::Filter;
use super::records::Entry;
use crate::embed::Expression;

/// One state of a gallery, which does not change while it is searched.
pub(super) trait Source {
    /// Calls `body` with every chunk, in order.
    fn for_each_chunk(
        &self,
        body: &mut dyn FnMut(&Chunk) -> Result<(), Fault>,
    ) -> Result<(), Fault>;

    /// Whether a picture meets the filter.
    fn picture_matches(&self, picture: u64, filter: &Filter) -> Result<bool, Fault>;

    /// The full expression of a row of a chunk.
    fn expression_at(&self, chunk: u64, index: usize) -> Result<Expression, Fault>;

    /// A face together with what is known of its picture.
    fn entry(&self, face: u64) -> Result<Entry, Fault>;
}
