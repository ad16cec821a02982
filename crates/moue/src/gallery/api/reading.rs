//! What is in a gallery.

use super::Gallery;
use crate::embed::Expression;
use crate::gallery::database::ReadTxn;
use crate::gallery::error::{Fault, GalleryError};
use crate::gallery::file_state::FileState;
use crate::gallery::records::{Entry, GalleryStats, Picture};
use crate::gallery::{open, read, read::Visitor, vectors};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// What is in it.
impl Gallery {
    /// Number of faces.
    ///
    /// # Errors
    /// [`GalleryError`] if the file cannot be read.
    pub fn len(&self) -> Result<u64, GalleryError> {
        self.read(vectors::count)
    }

    /// Whether there is no face in it.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn is_empty(&self) -> Result<bool, GalleryError> {
        Ok(self.picture_count()? == 0)
    }

    /// Number of pictures.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn picture_count(&self) -> Result<u64, GalleryError> {
        self.read(read::picture_count)
    }

    /// Counts and sizes of what it stores.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn stats(&self) -> Result<GalleryStats, GalleryError> {
        self.read(read::stats)
    }

    /// The fingerprint of the weights that made its vectors.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn fingerprint(&self) -> Result<String, GalleryError> {
        open::fingerprint(&self.database).map_err(|f| f.at(&self.path))
    }

    /// Calls `body` with every picture, by id, until it returns an error.
    ///
    /// ```
    /// use moue::Gallery;
    /// use moue::cancel::CancelToken;
    /// use moue::gallery::GalleryError;
    /// let token = CancelToken::new();
    /// let mut tags = 0;
    /// Gallery::builtin()?.for_each_picture(|picture| {
    ///     token.check()?; // Another thread may stop it.
    ///     tags += picture.tags.len();
    ///     Ok::<(), GalleryError>(())
    /// })?;
    /// # Ok::<(), GalleryError>(())
    /// ```
    ///
    /// # Errors
    /// As for [`Gallery::len`], and what `body` returns.
    pub fn for_each_picture<E: From<GalleryError>>(
        &self,
        body: impl FnMut(Picture) -> Result<(), E>,
    ) -> Result<(), E> {
        self.visit(read::for_each_picture, body)
    }

    /// Calls `body` with every picture from the id `first` on, by id, until it returns an error: for
    /// lists that are read page by page.
    ///
    /// ```
    /// use moue::Gallery;
    /// use moue::gallery::GalleryError;
    /// let gallery = Gallery::builtin()?;
    /// let mut ids = Vec::new();
    /// gallery.for_each_picture_from(900, |picture| {
    ///     ids.push(picture.id);
    ///     Ok::<(), GalleryError>(())
    /// })?;
    /// assert!(ids[0] >= 900 && ids.is_sorted());
    /// # Ok::<(), GalleryError>(())
    /// ```
    ///
    /// # Errors
    /// As for [`Gallery::len`], and what `body` returns.
    pub fn for_each_picture_from<E: From<GalleryError>>(
        &self,
        first: u64,
        body: impl FnMut(Picture) -> Result<(), E>,
    ) -> Result<(), E> {
        self.visit(
            |reading, visitor| read::for_each_picture_from(reading, first, visitor),
            body,
        )
    }

    /// All faces, by id.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn entries(&self) -> Result<Vec<Entry>, GalleryError> {
        let mut entries = Vec::new();
        // By picture, so faces of a picture come together; ids put them in the order of adding.
        self.for_each_picture(|picture| {
            entries.extend(picture.entries());
            Ok::<(), GalleryError>(())
        })?;
        entries.sort_by_key(|e| e.id);
        Ok(entries)
    }

    /// The picture that a face belongs to.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn picture_of(&self, face: u64) -> Result<Option<Picture>, GalleryError> {
        self.read(|reading| read::picture_of(reading, face))
    }

    /// One face by its id.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn get(&self, id: u64) -> Result<Option<Entry>, GalleryError> {
        self.read(|reading| read::entry(reading, id))
    }

    /// The picture with this content.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn find_hash(&self, hash: &[u8; 32]) -> Result<Option<Picture>, GalleryError> {
        self.read(|reading| read::find_hash(reading, hash))
    }

    /// Whether a picture with this content is there already.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn contains(&self, hash: &[u8; 32]) -> Result<bool, GalleryError> {
        self.read(|reading| read::contains(reading, hash))
    }

    /// The small picture of a face, if one was stored.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn thumbnail(&self, face: u64) -> Result<Option<Vec<u8>>, GalleryError> {
        self.read(|reading| read::thumbnail(reading, face))
    }

    /// The expression of one face.
    ///
    /// ```
    /// use moue::Gallery;
    /// let gallery = Gallery::builtin()?;
    /// let (id, expression) = gallery.expressions()?[7];
    /// assert_eq!(gallery.expression(id)?, Some(expression));
    /// assert_eq!(gallery.expression(u64::MAX)?, None);
    /// # Ok::<(), moue::gallery::GalleryError>(())
    /// ```
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn expression(&self, face: u64) -> Result<Option<Expression>, GalleryError> {
        self.read(|reading| read::expression(reading, face))
    }

    /// The expression of every face, with its id.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn expressions(&self) -> Result<Vec<(u64, Expression)>, GalleryError> {
        let mut all = Vec::new();
        self.for_each_expression(|id, expression| {
            all.push((id, expression));
            Ok::<(), GalleryError>(())
        })?;
        Ok(all)
    }

    /// Calls `body` with every face's id and expression, by id, until it returns an error. Reads a
    /// chunk at a time.
    ///
    /// # Errors
    /// As for [`Gallery::len`], and what `body` returns.
    pub fn for_each_expression<E: From<GalleryError>>(
        &self,
        mut body: impl FnMut(u64, Expression) -> Result<(), E>,
    ) -> Result<(), E> {
        self.visit(read::for_each_expression, |(id, expression)| {
            body(id, expression)
        })
    }

    /// The record of a file from when it was last read.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn file(&self, path: &str) -> Result<Option<FileState>, GalleryError> {
        self.read(|reading| read::file(reading, path))
    }

    /// The records of all files, by path.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn files(&self) -> Result<BTreeMap<String, FileState>, GalleryError> {
        self.read(read::files)
    }

    /// Has `each` call `body` for every item, until `body` returns an error of the caller's own.
    fn visit<T, E: From<GalleryError>>(
        &self,
        each: impl Fn(&ReadTxn, Visitor<'_, T>) -> Result<(), Fault>,
        mut body: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        // The inner modules know only their own faults, so the caller's error waits out here. And so does
        // the caller's panic, which would be taken for one of a damaged file.
        let mut outcome = Ok(Ok(()));
        self.read(|reading| {
            each(reading, &mut |item| {
                // Unwind safe: the panic goes on below.
                outcome = catch_unwind(AssertUnwindSafe(|| body(item)));
                match outcome {
                    Ok(Ok(())) => ControlFlow::Continue(()),
                    _ => ControlFlow::Break(()),
                }
            })
        })?;
        outcome.unwrap_or_else(|panic| resume_unwind(panic))
    }
}
