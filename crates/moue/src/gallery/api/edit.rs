//! Changing what is in a gallery.

use super::Gallery;
use crate::gallery::check::{self, Report};
use crate::gallery::database::{Database, guarded};
use crate::gallery::error::{Fault, GalleryError};
use crate::gallery::file_state::FileState;
use crate::gallery::fresh::Fresh;
use crate::gallery::records::{NewPicture, Picture};
use crate::gallery::salvage::{self, Survey};
use crate::gallery::{repair, stored_edits, write};
use std::path::Path;
use std::sync::Mutex;

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

    /// Adds pictures as [`Gallery::add`] does, in one transaction with the removal of the pictures
    /// with the contents `gone`: whose files have other content now.
    ///
    /// # Errors
    /// [`GalleryError`]; then nothing was added or removed.
    pub fn replace(
        &self,
        gone: &[[u8; 32]],
        pictures: &[NewPicture],
    ) -> Result<Vec<bool>, GalleryError> {
        self.write(|writing| write::replace(writing, gone, pictures))
    }

    /// Removes the pictures for which `chosen` returns `true`, with all their faces. Returns how
    /// many were removed. A hidden one stays hidden if it is added again: the hash of its content
    /// is kept.
    ///
    /// # Errors
    /// [`GalleryError`]; then nothing was removed.
    pub fn remove(&self, chosen: impl Fn(&Picture) -> bool) -> Result<usize, GalleryError> {
        // Read first, in a transaction of its own: `chosen` may take long, and readers do not
        // block.
        let pictures = self.collect(chosen)?;
        if !pictures.is_empty() {
            self.write(|writing| write::remove(writing, &pictures))?;
        }
        Ok(pictures.len())
    }

    /// Changes path, label, caption, words, tags and source of the pictures for which `change` returns
    /// `true`. Returns how many.
    ///
    /// # Errors
    /// [`GalleryError`]; then nothing was changed.
    pub fn update(
        &self,
        mut change: impl FnMut(&mut Picture) -> bool,
    ) -> Result<usize, GalleryError> {
        let mut changed = Vec::new();
        self.for_each_picture(|before| {
            let mut after = before.clone();
            if change(&mut after) {
                changed.push((before, after));
            }
            Ok::<(), GalleryError>(())
        })?;
        if !changed.is_empty() {
            self.write(|writing| {
                changed.iter().try_for_each(|(before, after)| {
                    stored_edits::change(writing, before, after).map(drop)
                })
            })?;
        }
        Ok(changed.len())
    }

    /// Changes path, label, caption, words, tags and source of the picture that has the face `face`. Reads
    /// one record, where [`Gallery::update`] reads all. Returns the picture as it is now; `None` if
    /// there is no such face.
    ///
    /// ```
    /// use moue::gallery::{Gallery, MemoryStorage, NewPicture};
    /// use moue::{Expression, Face};
    /// let gallery = Gallery::with_storage(MemoryStorage::default(), "memory")?;
    /// gallery.add(&[NewPicture {
    ///     faces: vec![(Face::whole(), Expression([0.125; 64])).into()],
    ///     ..NewPicture::default()
    /// }])?;
    /// let face = gallery.entries()?[0].id;
    /// let changed = gallery.edit(face, |picture| picture.label = "cat".into())?;
    /// assert_eq!(changed.unwrap().label, "cat");
    /// assert!(gallery.edit(face + 1, |_| {})?.is_none());
    /// # Ok::<(), moue::gallery::GalleryError>(())
    /// ```
    ///
    /// # Errors
    /// [`GalleryError`]; then nothing was changed.
    pub fn edit(
        &self,
        face: u64,
        change: impl FnOnce(&mut Picture),
    ) -> Result<Option<Picture>, GalleryError> {
        let Some(before) = self.picture_of(face)? else {
            return Ok(None);
        };
        let mut after = before.clone();
        change(&mut after);
        self.write(|writing| stored_edits::change(writing, &before, &after))
    }

    /// Stores the words that are written in the picture with this content, unless its words were read
    /// before; returns whether it did.
    ///
    /// # Errors
    /// [`GalleryError`]; then nothing was changed.
    pub fn add_words(&self, hash: &[u8; 32], words: &str) -> Result<bool, GalleryError> {
        let unread = self.find_hash(hash)?.filter(|p| p.words.is_none());
        let Some(before) = unread else {
            return Ok(false);
        };
        let after = Picture {
            words: Some(words.to_owned()),
            ..before.clone()
        };
        let changed = self.write(|writing| stored_edits::change(writing, &before, &after))?;
        Ok(changed.is_some())
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
        self.write(|writing| stored_edits::relocate(writing, &picture, path, label))
    }

    /// Records what became of files, so that they need not be read again; `None` removes a record.
    ///
    /// # Errors
    /// [`GalleryError`]; then nothing was recorded.
    pub fn record_files(&self, files: &[(String, Option<FileState>)]) -> Result<(), GalleryError> {
        self.write(|writing| write::record_files(writing, files))
    }

    /// Writes the gallery anew, without unused space, in the place of its file: nothing of what was
    /// removed or changed is left in it, but the hashes of hidden pictures. Other programs that have the gallery open go on reading the
    /// old file until they open it again. A gallery on other storage than a file only gives unused
    /// space back.
    ///
    /// # Errors
    /// [`GalleryError`] if the gallery is open for reading only, a record cannot be read, or the
    /// file cannot be written; then the old file stays.
    pub fn compact(&mut self) -> Result<(), GalleryError> {
        if self.is_file {
            self.rewrite().map_err(|f| f.at(&self.path))
        } else {
            self.database.compact().map_err(|f| f.at(&self.path))
        }
    }

    fn rewrite(&mut self) -> Result<(), Fault> {
        if let Database::ReadOnly(_) = self.database {
            return Err(Fault::ReadOnly);
        }
        let fresh = Fresh::beside(&self.path)?;
        self.database.read(|reading| fresh.copy(reading))?;
        // The old file stays locked until the new one, locked too, has its name.
        self.database = fresh.replace(&self.path)?;
        self.cache = Mutex::default();
        Ok(())
    }

    /// Checks every page, record and vector: all checksums are compared, codes with the vectors
    /// that they are of, and counts with what they count. With `repair` the gallery must be open for
    /// writing; pictures and faces that cannot be read are dropped then and all that is derived from
    /// the others is rebuilt. Damaged pages are not repaired here but by [`Gallery::repair`].
    ///
    /// # Errors
    /// [`GalleryError`] if the file cannot be read or written at all.
    pub fn verify(&mut self, repair: bool) -> Result<Report, GalleryError> {
        if self.is_file {
            let damaged = salvage::damaged_pages(&self.path).map_err(|f| f.at(&self.path))?;
            if !damaged.is_empty() {
                let survey = Survey::of(&self.path).map_err(|f| f.at(&self.path))?;
                return Ok(repair::report(&survey));
            }
        }
        let mut report = self.read(check::examine)?;
        if self.is_file && !repair {
            let lost = salvage::lost_end(&self.path).map_err(|f| f.at(&self.path))?;
            report.problems.extend(lost);
        }
        if repair && !report.problems.is_empty() {
            self.write(repair::in_place)?;
            report.repaired = true;
        }
        Ok(report)
    }

    /// Checks the gallery at `path` as [`Gallery::verify`] does and repairs what is wrong. A file
    /// whose pages are damaged, also one that does not open any more, is replaced by a new one with
    /// all that can be read; the damaged one is kept beside it, byte for byte, see [`Report::damaged`].
    ///
    /// # Errors
    /// [`GalleryError`] if there is nothing that can be read, another program writes to it, or the
    /// new file cannot be written; then the old one stays.
    pub fn repair(path: impl AsRef<Path>) -> Result<Report, GalleryError> {
        let path = path.as_ref();
        let copy = repair::copy_if_suspect(path).map_err(|f| f.at(path))?;
        let mut foreign = None;
        match Self::open_for_writing(path) {
            Ok(mut gallery) => {
                let report = gallery.verify(true)?;
                if report.repaired || report.problems.is_empty() {
                    return Ok(report);
                }
            }
            Err(GalleryError::Damaged { .. }) if path.is_file() => {}
            // Opening has looked at its first part only.
            Err(error @ GalleryError::Foreign { .. }) if path.is_file() => foreign = Some(error),
            Err(error) => return Err(error),
        }
        let repaired = guarded(|| repair::by_salvage(path, copy));
        repaired
            .map(|(report, _)| report)
            .map_err(|fault| foreign.unwrap_or_else(|| fault.at(path)))
    }

    /// The pictures for which `chosen` returns `true`.
    fn collect(&self, chosen: impl Fn(&Picture) -> bool) -> Result<Vec<Picture>, GalleryError> {
        let mut pictures = Vec::new();
        self.for_each_picture(|picture| {
            if chosen(&picture) {
                pictures.push(picture);
            }
            Ok::<(), GalleryError>(())
        })?;
        Ok(pictures)
    }
}
