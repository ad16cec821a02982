//! Changing what is in a gallery.

use super::Gallery;
use crate::gallery::check::{self, Report};
use crate::gallery::error::GalleryError;
use crate::gallery::records::{FileState, NewPicture, Picture};
use crate::gallery::write;

/// Changing it.
impl Gallery {
    /// Adds pictures in one transaction, those whose content is new, and returns for each whether
    /// it was. When this returns, they are on the disk.
    ///
    /// # Errors
    /// [`GalleryError`]; then none of them was added.
    pub fn add(&self, pictures: &[NewPicture]) -> Result<Vec<bool>, GalleryError> {
        self.write(|writing| write::add(writing, pictures))
    }

    /// Removes the pictures for which `chosen` returns `true`, with all their faces. Returns how
    /// many were removed.
    ///
    /// # Errors
    /// [`GalleryError`]; then nothing was removed.
    pub fn remove(&self, chosen: impl Fn(&Picture) -> bool) -> Result<usize, GalleryError> {
        // Read first, in a transaction of its own: `chosen` may take long, and readers do not
        // block.
        let pictures = self.collect(|picture| chosen(picture))?;
        if !pictures.is_empty() {
            self.write(|writing| write::remove(writing, &pictures))?;
        }
        Ok(pictures.len())
    }

    /// Changes path, label, caption, tags and source of the pictures for which `change` returns
    /// `true`. Returns how many.
    ///
    /// # Errors
    /// [`GalleryError`]; then nothing was changed.
    pub fn update(&self, change: impl FnMut(&mut Picture) -> bool) -> Result<usize, GalleryError> {
        let changed = self.collect(change)?;
        if !changed.is_empty() {
            self.write(|writing| {
                changed
                    .iter()
                    .try_for_each(|p| write::put_picture(writing, p))
            })?;
        }
        Ok(changed.len())
    }

    /// Records that the picture with this content is at another path now; `false` if there is
    /// none.
    ///
    /// # Errors
    /// [`GalleryError`]; then nothing was changed.
    pub fn relocate(&self, hash: &[u8; 32], path: &str, label: &str) -> Result<bool, GalleryError> {
        let Some(picture) = self.find_hash(hash)? else {
            return Ok(false);
        };
        self.write(|writing| write::relocate(writing, picture, path, label))?;
        Ok(true)
    }

    /// Records what became of files, so that they need not be read again; `None` removes a record.
    ///
    /// # Errors
    /// [`GalleryError`]; then nothing was recorded.
    pub fn record_files(&self, files: &[(String, Option<FileState>)]) -> Result<(), GalleryError> {
        self.write(|writing| write::record_files(writing, files))
    }

    /// Returns unused space to the file system.
    ///
    /// # Errors
    /// [`GalleryError`] if the gallery is open for reading only or the file cannot be written.
    pub fn compact(&mut self) -> Result<(), GalleryError> {
        self.database.compact().map_err(|f| f.at(&self.path))
    }

    /// Checks every page, record and vector. With `repair` the gallery must be open for writing;
    /// pictures and faces that cannot be read are dropped then and all that is derived from the
    /// others is rebuilt.
    ///
    /// # Errors
    /// [`GalleryError`] if the file cannot be read or written at all.
    pub fn verify(&mut self, repair: bool) -> Result<Report, GalleryError> {
        // Checking pages repairs them, so it is done first and only by a writer.
        let mut problems = Vec::new();
        if repair && !self.database.check_pages().map_err(|f| f.at(&self.path))? {
            problems.push("some pages were damaged".into());
        }
        let mut report = self.read(check::examine)?;
        problems.append(&mut report.problems);
        report.problems = problems;
        if repair && !report.problems.is_empty() {
            self.write(check::repair)?;
            report.repaired = true;
        }
        Ok(report)
    }

    /// The pictures for which `chosen` returns `true`, as it left them.
    fn collect(
        &self,
        mut chosen: impl FnMut(&mut Picture) -> bool,
    ) -> Result<Vec<Picture>, GalleryError> {
        let mut pictures = Vec::new();
        self.for_each_picture(|mut picture| {
            if chosen(&mut picture) {
                pictures.push(picture);
            }
            Ok::<(), GalleryError>(())
        })?;
        Ok(pictures)
    }
}
