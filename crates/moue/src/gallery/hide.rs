//! Hiding pictures of a gallery's file.

use super::api::Gallery;
use super::database::WriteTxn;
use super::error::{Fault, GalleryError};
use super::records::Picture;
use super::tables::{FLOATS, ROWS};
use super::{hidden_list, stored_edits, vectors, write};
use crate::embed::Expression;
use std::collections::HashSet;

/// Hiding.
impl Gallery {
    /// Hides the pictures for which `chosen` returns `true`, with their near-duplicates, or shows
    /// them again. No search returns a hidden picture. It is known by its content and by what it
    /// shows, so that it stays hidden when it is removed and added again, also in another size or
    /// compression. Returns how many pictures changed.
    ///
    /// ```
    /// use moue::gallery::{Gallery, MemoryStorage, NewPicture, SearchOptions};
    /// use moue::{Expression, Face};
    /// let mut expression = Expression([0.0; 64]);
    /// expression.0[0] = 1.0;
    /// let gallery = Gallery::with_storage(MemoryStorage::default(), "memory")?;
    /// gallery.add(&[NewPicture {
    ///     faces: vec![(Face::whole(), expression).into()],
    ///     ..NewPicture::default()
    /// }])?;
    /// assert_eq!(gallery.set_hidden(true, |_| true)?, 1);
    /// assert!(gallery.search(&[expression], &SearchOptions::varied())?.is_empty());
    /// # Ok::<(), moue::gallery::GalleryError>(())
    /// ```
    ///
    /// # Errors
    /// [`GalleryError`]; then nothing was changed.
    pub fn set_hidden(
        &self,
        hidden: bool,
        mut chosen: impl FnMut(&Picture) -> bool,
    ) -> Result<usize, GalleryError> {
        // Groups first: a near-duplicate may come before the picture that was chosen.
        let mut groups = HashSet::new();
        self.for_each_picture(|picture| {
            if chosen(&picture) {
                groups.insert(picture.group);
            }
            Ok::<(), GalleryError>(())
        })?;
        let mut changed = Vec::new();
        self.for_each_picture(|picture| {
            if groups.contains(&picture.group) && picture.hidden != hidden {
                changed.push(picture.id);
            }
            Ok::<(), GalleryError>(())
        })?;
        // No change is no transaction: each one has readers load their chunks again.
        if !changed.is_empty() {
            self.write(|writing| set(writing, &changed, hidden))?;
        }
        Ok(changed.len())
    }
}

/// Hides these pictures, or shows them again.
fn set(writing: &WriteTxn, ids: &[u64], hidden: bool) -> Result<(), Fault> {
    // Read in this transaction, as the pictures are: others may have been hidden or removed since.
    let mut list = hidden_list::load(writing)?;
    for id in ids {
        let Some(mut picture) = stored_edits::stored(writing, *id)? else {
            continue;
        };
        picture.hidden = hidden;
        write::put_picture(writing, &picture)?;
        // A hash that cannot be read cannot be known again either; `verify` reports it.
        let Some(content) = crate::digest::from_hex(&picture.hash) else {
            continue;
        };
        if picture.hidden {
            let first = first_expression(writing, &picture)?;
            let similar = picture.perceptual_hash.as_ref().zip(first.as_ref());
            list.insert(content, picture.id, similar);
        } else {
            list.remove(&content);
        }
    }
    hidden_list::store(writing, &list)
}

fn first_expression(writing: &WriteTxn, picture: &Picture) -> Result<Option<Expression>, Fault> {
    let Some(face) = picture.faces.first() else {
        return Ok(None);
    };
    let place = vectors::locate(&writing.table(ROWS)?, face.id)?;
    place
        .map(|(chunk, index)| vectors::expression_at(&writing.table(FLOATS)?, chunk, index))
        .transpose()
}
