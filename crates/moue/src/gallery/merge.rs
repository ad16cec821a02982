//! One gallery's pictures into another.

use super::open::Gallery;
use super::records::{NewFace, NewPicture, Picture};
use super::{FileState, GalleryError};
use crate::embed::Expression;
use std::collections::{BTreeMap, HashMap};

/// Pictures that are written in one transaction.
const BATCH: usize = 512;

impl Gallery {
    /// Adds all pictures of `other` whose content is not here yet, with their faces, texts and
    /// thumbnails, and what is known of files. Returns how many were added; doing it again adds
    /// none.
    ///
    /// # Errors
    /// [`GalleryError`]; pictures of earlier batches are there then.
    pub fn merge(
        &self,
        other: &Gallery,
        mut progress: impl FnMut(usize),
    ) -> Result<usize, GalleryError> {
        let files = other.files()?;
        let (mut added, mut batch) = (0, Vec::new());
        let mut pictures = Vec::new();
        other.for_each_picture(|picture| {
            pictures.push(picture);
            Ok::<(), GalleryError>(())
        })?;
        let mut waiting: HashMap<u64, (Picture, BTreeMap<u64, Expression>)> = HashMap::new();
        let of: HashMap<u64, u64> = pictures
            .iter()
            .flat_map(|p| p.faces.iter().map(|f| (f.id, p.id)))
            .collect();
        waiting.extend(pictures.into_iter().map(|p| (p.id, (p, BTreeMap::new()))));
        let mut whole = Vec::new();
        other.for_each_expression(|id, expression| {
            let Some((picture, known)) = of.get(&id).and_then(|p| waiting.get_mut(p)) else {
                return;
            };
            known.insert(id, expression);
            if known.len() == picture.faces.len() {
                whole.push(picture.id);
            }
        })?;
        for id in whole {
            let Some((picture, expressions)) = waiting.remove(&id) else {
                continue;
            };
            batch.push(other.to_new(&picture, &expressions, &files)?);
            if batch.len() == BATCH {
                added += self.add_counted(&mut batch, &mut progress)?;
            }
        }
        added += self.add_counted(&mut batch, &mut progress)?;
        let rejected: Vec<_> = files
            .into_iter()
            .filter(|(_, s)| s.rejected.is_some())
            .map(|(p, s)| (p, Some(s)))
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
        expressions: &BTreeMap<u64, Expression>,
        files: &BTreeMap<String, FileState>,
    ) -> Result<NewPicture, GalleryError> {
        let face = |stored: &super::StoredFace| {
            Ok(NewFace {
                face: stored.face(),
                expression: expressions[&stored.id],
                time: stored.time,
                thumbnail: self.thumbnail(stored.id)?,
            })
        };
        let faces = picture
            .faces
            .iter()
            .map(face)
            .collect::<Result<_, GalleryError>>()?;
        let hash = crate::digest::from_hex(&picture.hash).unwrap_or_default();
        let file = files.get(&picture.path).map(|f| f.stamp);
        Ok(NewPicture {
            file,
            ..picture.to_new(hash, faces)
        })
    }
}
