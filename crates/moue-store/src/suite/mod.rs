//! What every store must do, as tests that any store can run.
//!
//! ```
//! use moue::Gallery;
//! use moue_store::suite::{self, Harness};
//! use moue_store::{FileStore, GalleryStore};
//! struct Files(tempfile::TempDir);
//! impl Harness for Files {
//!     fn open(&mut self, name: &str) -> Box<dyn GalleryStore> {
//!         let gallery = Gallery::open_or_create(self.0.path().join(name)).unwrap();
//!         Box::new(FileStore::new(gallery))
//!     }
//! }
//! let report = suite::run(&mut Files(tempfile::tempdir()?), &suite::Required::default());
//! assert_eq!(report.recall, 1.0);
//! # Ok::<(), std::io::Error>(())
//! ```

mod contents;
mod data;
mod naive;
mod searches;

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

/// Runs every test.
///
/// # Panics
/// With what is wrong, as tests do.
pub fn run(harness: &mut dyn Harness, required: &Required) -> Report {
    contents::what_is_put_comes_back(harness);
    contents::retries_add_nothing(harness);
    contents::two_writers_add_each_picture_once(harness);
    contents::pictures_are_tagged_and_removed(harness);
    contents::foreign_text_is_text(harness);
    contents::what_is_no_number_is_refused(harness);
    searches::special_searches(harness);
    searches::searches_answer_as_a_scan_does(harness, required)
}
