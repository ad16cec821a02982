//! Opening and making galleries.

use super::Gallery;
#[cfg(feature = "drawings")]
use crate::compiled_files::gallery_file;
use crate::gallery::database::Database;
use crate::gallery::error::{Fault, GalleryError};
use crate::gallery::open;
use crate::gallery::storage::Storage;
use std::borrow::Cow;
use std::path::Path;

/// Opening and making.
impl Gallery {
    /// The built-in drawings.
    ///
    /// # Errors
    /// [`GalleryError`] if the compiled-in file does not open, which the tests rule out.
    #[cfg(feature = "drawings")]
    pub fn builtin() -> Result<Self, GalleryError> {
        static BUILTIN: &[u8] = include_bytes!(gallery_file!("builtin.moue"));
        Self::from_bytes(BUILTIN, "builtin")
    }

    /// The face emoji of Unicode: one entry each, whose label is the short name of Unicode's Common
    /// Locale Data Repository and whose [`Match::emoji`](crate::gallery::Match::emoji) is the
    /// character.
    ///
    /// ```
    /// use moue::Gallery;
    /// let gallery = Gallery::emoji()?;
    /// let entry = &gallery.entries()?[0];
    /// assert_eq!((entry.label.as_str(), entry.emoji()), ("grinning face", Some("😀")));
    /// # Ok::<(), moue::gallery::GalleryError>(())
    /// ```
    ///
    /// # Errors
    /// [`GalleryError`] if the compiled-in file does not open, which the tests rule out.
    #[cfg(feature = "drawings")]
    pub fn emoji() -> Result<Self, GalleryError> {
        static EMOJI: &[u8] = include_bytes!(gallery_file!("emoji.moue"));
        Self::from_bytes(EMOJI, "emoji")
    }

    /// Opens a gallery for reading, also while another program writes to it.
    ///
    /// A file that a killed program left behind is repaired first, one of an older format is
    /// brought up to date.
    ///
    /// # Errors
    /// [`GalleryError`], with what is wrong and what to do.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, GalleryError> {
        let path = path.as_ref();
        opened(open::for_reading(path), path, true)
    }

    /// Opens an existing gallery for writing.
    ///
    /// # Errors
    /// As for [`Gallery::open_or_create`], and [`GalleryError::Missing`].
    pub fn open_for_writing(path: impl AsRef<Path>) -> Result<Self, GalleryError> {
        let path = path.as_ref();
        opened(open::for_writing(path), path, true)
    }

    /// Opens an existing gallery for writing, also if its expressions were made with other weights.
    /// They cannot be compared with new ones, so all that can be done is to read its pictures and
    /// to give its faces new expressions with [`Gallery::replace_expressions`].
    ///
    /// # Errors
    /// As for [`Gallery::open_for_writing`], but not [`GalleryError::OtherWeights`].
    pub fn open_with_other_weights(path: impl AsRef<Path>) -> Result<Self, GalleryError> {
        let path = path.as_ref();
        opened(open::of_any_weights(path), path, true)
    }

    /// Opens a gallery for writing; makes it if there is none, under a temporary name until it is
    /// complete.
    ///
    /// # Errors
    /// [`GalleryError::Busy`] if another program writes to it, and as for [`Gallery::open`].
    pub fn open_or_create(path: impl AsRef<Path>) -> Result<Self, GalleryError> {
        let path = path.as_ref();
        // Two programs may both see none; in `create` the second then uses what the first made.
        let made = if path.exists() {
            Ok(())
        } else {
            open::create(path)
        };
        opened(made.and_then(|()| open::for_writing(path)), path, true)
    }

    /// A gallery in memory, for reading: the bytes of a gallery's file. `name` is what errors call
    /// it.
    ///
    /// # Errors
    /// [`GalleryError`] if the bytes are no gallery for this program's weights.
    pub fn from_bytes(
        bytes: impl Into<Cow<'static, [u8]>>,
        name: impl AsRef<Path>,
    ) -> Result<Self, GalleryError> {
        opened(open::from_bytes(bytes.into()), name.as_ref(), false)
    }

    /// Opens a gallery on other storage than a file, for writing; makes it if the storage is empty.
    /// `name` is what errors call it.
    ///
    /// ```
    /// use moue::gallery::{Gallery, MemoryStorage};
    /// let gallery = Gallery::with_storage(MemoryStorage::default(), "memory")?;
    /// assert_eq!(gallery.len()?, 0);
    /// # Ok::<(), moue::gallery::GalleryError>(())
    /// ```
    ///
    /// # Errors
    /// As for [`Gallery::open_or_create`].
    pub fn with_storage(
        storage: impl Storage,
        name: impl AsRef<Path>,
    ) -> Result<Self, GalleryError> {
        opened(open::with_storage(storage), name.as_ref(), false)
    }
}

fn opened(
    database: Result<Database, Fault>,
    path: &Path,
    is_file: bool,
) -> Result<Gallery, GalleryError> {
    match database {
        Ok(database) => Ok(Gallery::new(database, path, is_file)),
        Err(fault) => Err(fault.at(path)),
    }
}
