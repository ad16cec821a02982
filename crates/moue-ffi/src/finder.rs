//! From a frame to the nearest pictures of each of its faces.

use crate::answer::Found;
use crate::error::{MoueError, locked};
use crate::frame::Frame;
use crate::gallery::Gallery;
use crate::options::FindOptions;
use std::sync::{Arc, Mutex};

/// Finds the faces of a frame and the pictures of a gallery that make the same face.
///
/// One object serves any number of threads: each call takes an instance of the networks, which share
/// their weights, from those that were used before.
#[derive(uniffi::Object)]
pub struct Finder {
    pub(crate) gallery: Arc<Gallery>,
    pool: Mutex<Pool>,
}

struct Pool {
    /// What further instances are cloned from.
    first: moue::Finder,
    /// Instances that no call uses at the moment, at most as many as calls ran at once.
    idle: Vec<moue::Finder>,
}

#[uniffi::export]
impl Finder {
    /// A finder for a gallery. What is added to the gallery later is found too.
    ///
    /// Errors: `Network`.
    #[uniffi::constructor]
    pub fn new(gallery: Arc<Gallery>) -> Result<Arc<Self>, MoueError> {
        let pool = Pool {
            first: moue::Finder::new(gallery.inner.clone())?,
            idle: Vec::new(),
        };
        Ok(Arc::new(Self {
            gallery,
            pool: Mutex::new(pool),
        }))
    }

    /// The chosen faces of a frame with their matches; empty if there is no face.
    ///
    /// Errors: `Options`, `Network`, `Gallery`, `Cancelled`.
    pub fn find(&self, frame: &Frame, options: FindOptions) -> Result<Vec<Found>, MoueError> {
        let options = options.find()?;
        self.with(|finder| {
            finder.options = options;
            let found = finder.find(frame.inner())?;
            Ok(found.iter().map(Found::from).collect())
        })
    }

    /// The matches of a frame that is a face crop already.
    ///
    /// Errors: as for `find`.
    pub fn find_cropped(&self, frame: &Frame, options: FindOptions) -> Result<Found, MoueError> {
        let options = options.find()?;
        self.with(|finder| {
            finder.options = options;
            Ok(Found::from(&finder.find_cropped(frame.inner())?))
        })
    }

    /// The gallery that is searched.
    pub fn gallery(&self) -> Arc<Gallery> {
        self.gallery.clone()
    }
}

impl Finder {
    /// Runs `work` with an instance of its own.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut moue::Finder) -> T) -> T {
        // The lock is held for taking an instance and giving it back, never for a search.
        let mut finder = locked(&self.pool).take();
        let result = work(&mut finder);
        locked(&self.pool).idle.push(finder);
        result
    }
}

impl Pool {
    fn take(&mut self) -> moue::Finder {
        self.idle.pop().unwrap_or_else(|| self.first.clone())
    }
}
