//! One gallery's pictures into another.

use super::api::Gallery;
use super::error::GalleryError;
use super::file_state::FileState;
use super::records::{NewFace, NewPicture, Picture, StoredFace};
use crate::embed::Expression;
use std::collections::{BTreeMap, HashMap};

/// Pictures that are written in one transaction: each waits for the disk once, and this many with
/// their thumbnails still are a few megabytes.
const BATCH: usize = 512;

impl Gallery {
    /// Adds all pictures of `other` whose content is not here yet, with their faces, descriptions
    /// and thumbnails, and what is recorded about files. Calls `progress` with the number of
    /// pictures of each batch. Returns how many were added; doing it again adds none.
    ///
    /// # Errors
    /// [`GalleryError`]; pictures of earlier batches are there then.
    pub fn merge(
        &self,
        other: &Gallery,
        mut progress: impl FnMut(usize),
    ) -> Result<usize, GalleryError> {
        // All at once: a lookup for each picture would open a transaction each.
        let files = other.files()?;
        let mut added = 0;
        let mut batch = Vec::with_capacity(BATCH);
        for (picture, expressions) in pictures_with_expressions(other)? {
            batch.push(other.to_new(&picture, &expressions, &files)?);
            if batch.len() == BATCH {
                added += self.add_counted(&mut batch, &mut progress)?;
            }
        }
        added += self.add_counted(&mut batch, &mut progress)?;
        // Added pictures brought their files' states with them; rejected files have no picture.
        let rejected: Vec<_> = files
            .into_iter()
            .filter(|(_, state)| state.rejected.is_some())
            .map(|(path, state)| (path, Some(state)))
            .collect();
        self.record_files(&rejected)?;
        Ok(added)
    }

    fn add_counted(
        &self,
        batch: &mut Vec<NewPicture>,
        progress: &mut impl FnMut(usize),
    ) -> Result<usize, GalleryError> {
        let added = self.add(batch)?.into_iter().filter(|added| *added).count();
        progress(batch.len());
        batch.clear();
        Ok(added)
    }

    /// A stored picture as one to be added elsewhere.
    fn to_new(
        &self,
        picture: &Picture,
        expressions: &Expressions,
        files: &BTreeMap<String, FileState>,
    ) -> Result<NewPicture, GalleryError> {
        let faces = picture
            .faces
            .iter()
            .map(|f| self.to_new_face(f, expressions));
        let faces = faces.collect::<Result<_, _>>()?;
        // A hash that cannot be read becomes zeros; `verify` reports it.
        let hash = crate::digest::from_hex(&picture.hash).unwrap_or_default();
        Ok(NewPicture {
            file: files.get(&picture.path).map(|f| f.stamp),
            ..picture.to_new(hash, faces)
        })
    }

    fn to_new_face(
        &self,
        stored: &StoredFace,
        expressions: &Expressions,
    ) -> Result<NewFace, GalleryError> {
        Ok(NewFace {
            face: stored.face(),
            expression: expressions[&stored.id],
            time: stored.time,
            thumbnail: self.thumbnail(stored.id)?,
        })
    }
}

/// A picture's expressions by its faces' ids.
type Expressions = BTreeMap<u64, Expression>;

/// The pictures all of whose faces have an expression, in the order in which their last one is
/// stored.
fn pictures_with_expressions(
    gallery: &Gallery,
) -> Result<Vec<(Picture, Expressions)>, GalleryError> {
    let mut picture_of = HashMap::new();
    let mut incomplete = HashMap::new();
    gallery.for_each_picture(|picture| {
        picture_of.extend(picture.faces.iter().map(|f| (f.id, picture.id)));
        incomplete.insert(picture.id, (picture, Expressions::new()));
        Ok::<(), GalleryError>(())
    })?;
    // In the order of the vectors, so that near-duplicates keep the first of them as their group.
    let mut complete = Vec::with_capacity(incomplete.len());
    gallery.for_each_expression(|face, expression| {
        if let Some(picture) = picture_of.get(&face)
            && let Some((stored, expressions)) = incomplete.get_mut(picture)
        {
            expressions.insert(face, expression);
            if expressions.len() == stored.faces.len() {
                complete.extend(incomplete.remove(picture));
            }
        }
        Ok::<(), GalleryError>(())
    })?;
    Ok(complete)
}
