//! Storage below the database that compares each page with its checksum when it is first read.
//!
//! The database itself compares checksums only when it repairs a file, so a flipped bit would
//! change an answer unnoticed. A page is reached only through one that refers to it, with its
//! checksum; so this layer remembers what the pages that were read expect of those below them.

use super::pages::{self, Header, PageRef, Regions, Shape};
use redb::{BackendError, StorageBackend};
use std::collections::HashMap;
use std::fmt::{Debug, Formatter};
use std::io::{Error, ErrorKind, Result};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a page must be. Half of a checksum: a map of a large gallery's pages has a million of them.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Expected {
    sum: u64,
    /// The page has 2 to this many times [`pages::PAGE`] bytes.
    order: u8,
    /// Index of its shape in [`Known::shapes`].
    shape: u8,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The sum is of its content, which was not read yet.
    Unread,
    /// Its content was compared. What the disk returned once it is trusted to return again, as a
    /// search reads one page many times.
    Compared,
    /// The sum is of all bytes that this program wrote there.
    Written,
}

/// What is known of the file's pages.
#[derive(Default)]
struct Known {
    regions: Option<Regions>,
    pages: HashMap<u64, Expected>,
    shapes: Vec<Shape>,
    /// Roots of the state before the current one, which the database may go back to. Their pages
    /// may be in use for others by now, so they only add to what a page may be.
    previous: Vec<PageRef>,
}

/// A backend whose pages are compared with their checksums.
pub(super) struct Checked<B> {
    inner: B,
    /// Held while a page is checked: at most once for each page of the file.
    known: Mutex<Known>,
}

impl<B> Checked<B> {
    pub(super) fn new(inner: B) -> Self {
        Self {
            inner,
            known: Mutex::default(),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // A panic leaves entries that are each whole.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Takes over what a header refers to.
    fn header(&mut self, bytes: &[u8]) -> Result<()> {
        // Another kind of file; the database says so itself.
        let Some(header) = Header::parse(bytes) else {
            return Ok(());
        };
        if !header.is_plausible() {
            return Err(damaged("its header is damaged"));
        }
        self.regions = Some(header.regions);
        let [current, previous] = if header.is_unflushed {
            [header.secondary, header.primary]
        } else {
            [header.primary, header.secondary]
        };
        self.previous = previous.map_or(Vec::new(), |slot| slot.roots);
        for root in current.into_iter().flat_map(|slot| slot.roots) {
            self.expect(root);
        }
        Ok(())
    }

    fn expect(&mut self, page: PageRef) {
        let expected = Expected {
            sum: page.checksum as u64,
            order: (page.len / pages::PAGE).trailing_zeros() as u8,
            shape: self.shape(page.shape),
            state: State::Unread,
        };
        let known = self.pages.entry(page.offset).or_insert(expected);
        let compared = Expected {
            state: State::Compared,
            ..expected
        };
        if *known != compared {
            *known = expected;
        }
    }

    /// The index of a shape; a file has a dozen tables, of which some share one.
    fn shape(&mut self, shape: Shape) -> u8 {
        let known = self.shapes.iter().position(|s| *s == shape);
        let index = known.unwrap_or_else(|| {
            self.shapes.push(shape);
            self.shapes.len() - 1
        });
        // More than a file of ours has; its pages would fail their checksums.
        index.min(usize::from(u8::MAX)) as u8
    }

    /// Compares a page with what is expected of it, and takes over what it refers to.
    fn page(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        if let Some(expected) = self.pages.get(&offset).copied() {
            match expected.state {
                State::Compared => return Ok(()),
                State::Written if pages::checksum(bytes) as u64 == expected.sum => return Ok(()),
                State::Unread if self.matches(bytes, expected) => {
                    let state = State::Compared;
                    self.pages.insert(offset, Expected { state, ..expected });
                    self.below(bytes, self.shapes[usize::from(expected.shape)]);
                    return Ok(());
                }
                _ => {}
            }
        }
        let previous = self.previous.iter().find(|page| page.offset == offset);
        let page = previous.copied().filter(|page| {
            page.len == bytes.len() as u64
                && pages::content_sum(bytes, page.shape) == Some(page.checksum)
        });
        let page = page.ok_or_else(|| damaged("a page of it is damaged"))?;
        self.below(bytes, page.shape);
        Ok(())
    }

    fn matches(&self, bytes: &[u8], expected: Expected) -> bool {
        let shape = self.shapes[usize::from(expected.shape)];
        bytes.len() as u64 == pages::PAGE << expected.order
            && pages::content_sum(bytes, shape).is_some_and(|sum| sum as u64 == expected.sum)
    }

    fn below(&mut self, bytes: &[u8], shape: Shape) {
        let Some(regions) = self.regions else { return };
        for child in pages::children(bytes, shape, regions) {
            self.expect(child);
        }
    }
}

/// How `database` tells damage from a failure of the disk.
fn damaged(reason: &str) -> Error {
    Error::new(ErrorKind::InvalidData, reason.to_owned())
}

impl<B: Debug> Debug for Checked<B> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Checked").field(&self.inner).finish()
    }
}

impl<B: StorageBackend> StorageBackend for Checked<B> {
    fn len(&self) -> Result<u64> {
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        self.inner.read(offset, out)?;
        let mut known = self.known();
        if offset >= pages::PAGE {
            known.page(offset, out)
        } else {
            known.header(out)
        }
    }

    fn set_len(&self, len: u64) -> Result<()> {
        self.inner.set_len(len)
    }

    fn sync_data(&self) -> Result<()> {
        self.inner.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        if offset >= pages::PAGE {
            let written = Expected {
                sum: pages::checksum(data) as u64,
                order: 0,
                shape: 0,
                state: State::Written,
            };
            self.known().pages.insert(offset, written);
        }
        self.inner.write(offset, data)
    }

    fn close(&self) -> Result<()> {
        self.inner.close()
    }

    fn try_lock_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<bool, BackendError> {
        self.inner.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<bool, BackendError> {
        self.inner.try_lock_shared_range(start, end)
    }

    fn lock_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<(), BackendError> {
        self.inner.lock_range(start, end)
    }

    fn lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<(), BackendError> {
        self.inner.lock_shared_range(start, end)
    }

    fn unlock_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<(), BackendError> {
        self.inner.unlock_range(start, end)
    }

    fn query_lock_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<bool, BackendError> {
        self.inner.query_lock_range(start, end)
    }
}
