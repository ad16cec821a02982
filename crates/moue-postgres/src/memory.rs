//! What is asked for more often than it changes: how large a gallery is, and how many faces meet a
//! filter.

use moue::gallery::Filter;
use moue_store::StoreError;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long an answer is believed. Other programs add faces meanwhile, and may make an index.
const BELIEVED: Duration = Duration::from_secs(60);

/// Filters that are remembered: those of a page that people search with.
const FILTERS: usize = 16;

/// How large a gallery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) has_index: bool,
    /// About how many faces there are.
    pub(crate) faces: u64,
}

/// The latest answers.
#[derive(Default)]
pub(crate) struct Memory(Mutex<Answers>);

#[derive(Default)]
struct Answers {
    size: Option<(Size, Instant)>,
    /// Whether few faces meet a filter; the latest is the last.
    few: VecDeque<(Filter, bool, Instant)>,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Answers> {
        // Nothing is half done when it is unlocked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The size, asked for if it was long ago. Without the lock, so two may ask at the same time.
    pub(crate) fn size(
        &self,
        ask: impl FnOnce() -> Result<Size, StoreError>,
    ) -> Result<Size, StoreError> {
        let known = self.lock().size;
        if let Some((size, _)) = known.filter(|(_, since)| since.elapsed() < BELIEVED) {
            return Ok(size);
        }
        let size = ask()?;
        self.lock().size = Some((size, Instant::now()));
        Ok(size)
    }

    /// The size as it was last.
    pub(crate) fn last_size(&self) -> Option<Size> {
        self.lock().size.map(|(size, _)| size)
    }

    /// Whether few faces meet a filter, asked for if it was long ago.
    pub(crate) fn is_few(
        &self,
        filter: &Filter,
        ask: impl FnOnce() -> Result<bool, StoreError>,
    ) -> Result<bool, StoreError> {
        if let Some(is_few) = self.lock().known(filter) {
            return Ok(is_few);
        }
        let is_few = ask()?;
        self.lock().learn(filter, is_few);
        Ok(is_few)
    }

    /// Learns the size, and forgets what was known of filters.
    pub(crate) fn renew(&self, size: Size) {
        *self.lock() = Answers {
            size: Some((size, Instant::now())),
            few: VecDeque::new(),
        };
    }
}

impl Answers {
    fn known(&mut self, filter: &Filter) -> Option<bool> {
        self.few.retain(|(_, _, since)| since.elapsed() < BELIEVED);
        let mut known = self.few.iter();
        known.find(|(f, ..)| f == filter).map(|known| known.1)
    }

    fn learn(&mut self, filter: &Filter, is_few: bool) {
        if self.few.len() >= FILTERS {
            self.few.pop_front();
        }
        self.few.push_back((filter.clone(), is_few, Instant::now()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tagged(tag: usize) -> Filter {
        Filter {
            tags: vec![tag.to_string()],
            ..Filter::default()
        }
    }

    #[test]
    fn a_filter_is_counted_once_until_many_others_were() {
        let memory = Memory::default();
        let mut asked = 0;
        let mut is_few = |tag: usize| {
            let ask = || {
                asked += 1;
                Ok(tag.is_multiple_of(2))
            };
            memory.is_few(&tagged(tag), ask).unwrap()
        };
        assert_eq!([is_few(1), is_few(2), is_few(1)], [false, true, false]);
        for tag in 10..10 + FILTERS {
            is_few(tag);
        }
        assert!(!is_few(1), "it was forgotten, and is asked for again");
        assert_eq!(asked, 2 + FILTERS + 1);
    }

    #[test]
    fn a_failure_is_not_remembered() {
        let memory = Memory::default();
        let failed = memory.size(|| Err(StoreError::failed("a", "away")));
        assert!(failed.is_err() && memory.last_size().is_none());
        let size = Size {
            has_index: true,
            faces: 7,
        };
        assert_eq!(memory.size(|| Ok(size)).unwrap(), size);
        assert_eq!(memory.last_size(), Some(size));
        let larger = Size { faces: 8, ..size };
        memory.renew(larger);
        assert_eq!(memory.last_size(), Some(larger));
    }
}
