//! What the suite is given, and what it measures.

use crate::GalleryStore;

/// Makes the stores that are tested.
pub trait Harness {
    /// The store called `name` (letters and digits): a new one without pictures the first time, the
    /// same one again afterwards. The one before has been dropped by then.
    fn open(&mut self, name: &str) -> Box<dyn GalleryStore>;
}

/// What is required of a store.
#[derive(Debug, Clone, Copy)]
pub struct Required {
    /// Of the nearest pictures, the least share that searches of an approximate store return, 0 to 1.
    /// An exact store returns all.
    pub recall: f64,
    /// Faces in the gallery that is searched, at least 1,000.
    pub faces: usize,
}

impl Default for Required {
    fn default() -> Self {
        Self {
            recall: 0.95,
            faces: 3_000,
        }
    }
}

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Report {
    /// The share of the nearest pictures that searches returned, over all searches without a filter;
    /// 1 for an exact store.
    pub recall: f64,
    /// The same over searches with a filter.
    pub filtered_recall: f64,
    /// Searches that were compared with a scan of all faces.
    pub searches: usize,
}
