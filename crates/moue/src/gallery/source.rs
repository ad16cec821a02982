//! Where a search reads from: a gallery's file or one in memory.

use super::chunks::{Chunk, Row};
use super::error::Fault;
use super::options::{Filter, SearchOptions};
use super::records::Entry;
use crate::embed::Expression;
use std::collections::{HashMap, HashSet};

/// Pictures by their ids, and whether they meet a filter.
pub(super) type Known = HashMap<u64, bool>;

/// One state of a gallery, which does not change while it is searched.
pub(super) trait Source {
    /// Calls `body` with every chunk, in order.
    fn for_each_chunk(
        &self,
        body: &mut dyn FnMut(&Chunk) -> Result<(), Fault>,
    ) -> Result<(), Fault>;

    /// Whether a picture meets the filter.
    fn picture_matches(&self, picture: u64, filter: &Filter) -> Result<bool, Fault>;

    /// What earlier searches with this filter have learned of pictures, if it is kept.
    fn remembered(&self, _: &Filter) -> Known {
        Known::new()
    }

    /// Keeps what a search has learned of pictures for the next one with this filter.
    fn remember(&self, _: &Filter, _: Known) {}

    /// The pictures that no search returns, by their ids.
    fn hidden(&self) -> &HashSet<u64>;

    /// The full expression of a row of a chunk.
    fn expression_at(&self, chunk: u64, index: usize) -> Result<Expression, Fault>;

    /// A face together with what is known of its picture.
    fn entry(&self, face: u64) -> Result<Entry, Fault>;
}

/// Asks the source which rows' pictures are not hidden and meet the filter, once for each picture.
pub(super) struct RowFilter<'a, S: Source> {
    source: &'a S,
    options: &'a SearchOptions,
    known: Known,
}

impl<'a, S: Source> RowFilter<'a, S> {
    pub(super) fn new(source: &'a S, options: &'a SearchOptions) -> Self {
        Self {
            source,
            options,
            known: source.remembered(&options.filter),
        }
    }

    pub(super) fn matches(&mut self, row: &Row) -> Result<bool, Fault> {
        // Before the filter, which reads the picture's record.
        if self.source.hidden().contains(&row.picture) {
            return Ok(false);
        }
        let filter = &self.options.filter;
        if filter.is_empty() {
            return Ok(true);
        }
        if let Some(known) = self.known.get(&row.picture) {
            return Ok(*known);
        }
        let matches = self.source.picture_matches(row.picture, filter)?;
        self.known.insert(row.picture, matches);
        Ok(matches)
    }
}

impl<S: Source> Drop for RowFilter<'_, S> {
    fn drop(&mut self) {
        let known = std::mem::take(&mut self.known);
        self.source.remember(&self.options.filter, known);
    }
}
