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
pub mod failover;
mod harness;
mod kinds;
mod lists;
mod naive;
mod searches;

pub use harness::{Harness, Report, Required};

/// Runs every test.
///
/// # Panics
/// With what is wrong, as tests do.
pub fn run(harness: &mut dyn Harness, required: &Required) -> Report {
    contents::what_is_put_comes_back(harness);
    contents::retries_add_nothing(harness);
    contents::two_writers_add_each_picture_once(harness);
    contents::pictures_are_tagged_and_removed(harness);
    contents::words_are_added_once(harness);
    contents::foreign_text_is_text(harness);
    contents::what_is_no_number_is_refused(harness);
    lists::lists_have_every_picture_once(harness);
    searches::special_searches(harness);
    searches::searches_answer_as_a_scan_does(harness, required)
}
