//! A gallery in memory, without a database.

use super::answer;
use super::chunks::{CHUNK_ROWS, Chunk, FaceVector, Values};
use super::error::{Fault, GalleryError};
use super::hidden::Hidden;
use super::near_duplicates::{self, BandKey, BandValue};
use super::options::{Filter, SearchOptions};
use super::records::{Entry, Match, NewPicture, Picture};
use super::search::Search;
use super::source::Source;
use crate::embed::Expression;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

/// A collection of faces in memory: for programs that keep no file, and for browsers.
///
/// It answers as a `Gallery` with the same pictures does. Every face is compared in full; beside
/// its record it takes 304 bytes: its 64 floats and the values that a search needs.
///
/// ```
/// use moue::gallery::{MemoryGallery, NewPicture, SearchOptions};
/// use moue::{Expression, Face};
/// let mut expression = Expression([0.0; 64]);
/// expression.0[0] = 1.0;
/// let mut gallery = MemoryGallery::new();
/// let added = gallery.add(&[NewPicture {
///     hash: moue::digest::sha256(b"the file's bytes"),
///     path: "cat.jpg".into(),
///     faces: vec![(Face::whole(), expression).into()],
///     ..NewPicture::default()
/// }]);
/// assert_eq!((added, gallery.len()), (vec![true], 1));
/// let found = gallery.search(&[expression], &SearchOptions::nearest(3))?;
/// assert_eq!(found[0].path, "cat.jpg");
/// # Ok::<(), moue::gallery::GalleryError>(())
/// ```
#[derive(Default)]
pub struct MemoryGallery {
    pictures: BTreeMap<u64, Picture>,
    /// Picture by content hash.
    by_hash: HashMap<[u8; 32], u64>,
    bands: BTreeMap<BandKey, BandValue>,
    thumbnails: HashMap<u64, Vec<u8>>,
    hidden: Hidden,
    /// The ids of `hidden`, which each search needs.
    hidden_ids: HashSet<u64>,
    /// All full but the last, as long as nothing was removed; numbered from 0, ids ascending.
    chunks: Vec<Chunk>,
    /// The next face's id.
    next: u64,
}

impl std::fmt::Debug for MemoryGallery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryGallery")
            .field("pictures", &self.pictures.len())
            .finish_non_exhaustive()
    }
}

impl MemoryGallery {
    /// An empty gallery.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of faces.
    pub fn len(&self) -> u64 {
        self.chunks.iter().map(|c| c.rows.len() as u64).sum()
    }

    /// Whether there is no face in it.
    pub fn is_empty(&self) -> bool {
        self.pictures.is_empty()
    }

    /// Number of pictures.
    pub fn picture_count(&self) -> u64 {
        self.pictures.len() as u64
    }

    /// All pictures, by id.
    pub fn pictures(&self) -> impl Iterator<Item = &Picture> {
        self.pictures.values()
    }

    /// All faces, by id.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        self.pictures.values().flat_map(Picture::entries)
    }

    /// The expression of every face, with its id, by id.
    pub fn expressions(&self) -> impl Iterator<Item = (u64, Expression)> {
        self.chunks.iter().flat_map(|chunk| {
            let ids = chunk.rows.iter().map(|row| row.id);
            ids.zip(exact_values(chunk).iter().map(|v| Expression(*v)))
        })
    }

    /// The picture that a face belongs to.
    pub fn picture_of(&self, face: u64) -> Option<&Picture> {
        // A picture's faces have the ids from its own on, up to the next picture's.
        let (_, picture) = self.pictures.range(..=face).next_back()?;
        picture
            .faces
            .iter()
            .any(|f| f.id == face)
            .then_some(picture)
    }

    /// One face by its id.
    pub fn get(&self, id: u64) -> Option<Entry> {
        self.picture_of(id)?.entry_of(id)
    }

    /// The picture with this content.
    pub fn find_hash(&self, hash: &[u8; 32]) -> Option<&Picture> {
        self.pictures.get(self.by_hash.get(hash)?)
    }

    /// Whether a picture with this content is there already.
    pub fn contains(&self, hash: &[u8; 32]) -> bool {
        self.by_hash.contains_key(hash)
    }

    /// The small picture of a face, if one was added with it.
    pub fn thumbnail(&self, face: u64) -> Option<&[u8]> {
        self.thumbnails.get(&face).map(Vec::as_slice)
    }

    /// The `limit` pictures whose faces are nearest to `expression`, as for
    /// [`MemoryGallery::search`].
    ///
    /// # Errors
    /// None without a [`SearchOptions::cancel`] of its own; as for [`MemoryGallery::search`].
    pub fn nearest(
        &self,
        expression: &Expression,
        limit: usize,
    ) -> Result<Vec<Match>, GalleryError> {
        self.search(&[*expression], &SearchOptions::nearest(limit))
    }

    /// The pictures that match `targets`, lowest [`score`](Match::score) first, equal scores by id.
    /// A picture with several faces counts once, with its best; so do near-duplicates.
    ///
    /// # Errors
    /// [`GalleryError::Cancelled`].
    pub fn search(
        &self,
        targets: &[Expression],
        options: &SearchOptions,
    ) -> Result<Vec<Match>, GalleryError> {
        answer::search(self, targets, options).map_err(|f| f.at(Path::new("memory")))
    }

    /// Adds the pictures whose content is new and that have faces; returns for each whether it was
    /// added. Their [`NewPicture::file`] is not kept.
    pub fn add(&mut self, pictures: &[NewPicture]) -> Vec<bool> {
        pictures.iter().map(|p| self.add_one(p)).collect()
    }

    fn add_one(&mut self, new: &NewPicture) -> bool {
        if new.faces.is_empty() || self.by_hash.contains_key(&new.hash) {
            return false;
        }
        // A picture's id is that of its first face, as in a file.
        let id = self.next;
        let group = self.group_of(new, id);
        let mut picture = Picture::from_new(id, group, new);
        picture.hidden = self.hidden.covers(new);
        if picture.hidden {
            self.hidden.insert_new(new, id);
            // Made here once instead of by each search.
            self.hidden_ids = self.hidden.ids();
        }
        for (stored, face) in picture.faces.iter().zip(&new.faces) {
            self.push(&FaceVector {
                id: stored.id,
                picture: id,
                group,
                expression: face.expression,
            });
            let thumbnail = face.thumbnail.clone();
            self.thumbnails.extend(thumbnail.map(|t| (stored.id, t)));
        }
        self.next += picture.faces.len() as u64;
        self.by_hash.insert(new.hash, id);
        self.pictures.insert(id, picture);
        true
    }

    /// The group of the picture that `new` is a near-duplicate of, else one of its own.
    fn group_of(&mut self, new: &NewPicture, id: u64) -> u64 {
        let (Some(hash), Some(first)) = (&new.perceptual_hash, new.faces.first()) else {
            return id;
        };
        let other = near_duplicates::insert(&mut self.bands, id, hash, &first.expression);
        // A map in memory does not fail.
        let other = other.ok().flatten().and_then(|o| self.pictures.get(&o));
        other.map_or(id, |p| p.group)
    }

    fn push(&mut self, face: &FaceVector) {
        let full = |chunk: &Chunk| chunk.rows.len() >= CHUNK_ROWS;
        if self.chunks.last().is_none_or(full) {
            self.chunks.push(Chunk::empty(self.chunks.len() as u64));
        }
        if let Some(last) = self.chunks.last_mut() {
            last.push(face);
        }
    }

    /// Removes the pictures for which `chosen` returns `true`, with all their faces. Returns how
    /// many were removed.
    pub fn remove(&mut self, chosen: impl Fn(&Picture) -> bool) -> usize {
        let removed: Vec<Picture> = self
            .pictures
            .extract_if(.., |_, p| chosen(p))
            .map(|(_, p)| p)
            .collect();
        let faces = removed.iter().flat_map(|p| p.faces.iter().map(|f| f.id));
        let faces: HashSet<u64> = faces.collect();
        for picture in &removed {
            if let Some(hash) = crate::digest::from_hex(&picture.hash) {
                self.by_hash.remove(&hash);
            }
            if let Some(hash) = &picture.perceptual_hash {
                // A map in memory does not fail.
                let _ = near_duplicates::remove(&mut self.bands, picture.id, hash);
            }
        }
        self.thumbnails.retain(|face, _| !faces.contains(face));
        // Passing over all chunks is worth it only if something goes.
        if !faces.is_empty() {
            self.remove_vectors(&faces);
        }
        removed.len()
    }

    fn remove_vectors(&mut self, faces: &HashSet<u64>) {
        // Rows keep their order, so ids still ascend over all chunks.
        for chunk in &mut self.chunks {
            chunk.retain(|id| !faces.contains(&id));
        }
        self.chunks.retain(|chunk| !chunk.rows.is_empty());
        // `expression_at` finds a chunk by its number as an index.
        for (number, chunk) in self.chunks.iter_mut().enumerate() {
            chunk.number = number as u64;
        }
    }

    /// Hides the pictures for which `chosen` returns `true`, with their near-duplicates, or shows
    /// them again. No search returns a hidden picture, also after it was removed and added again.
    /// Returns how many pictures changed.
    pub fn set_hidden(&mut self, hidden: bool, chosen: impl Fn(&Picture) -> bool) -> usize {
        let chosen = self.pictures.values().filter(|p| chosen(p));
        let groups: HashSet<u64> = chosen.map(|picture| picture.group).collect();
        // A picture has the id of its first face.
        let first: HashMap<u64, Expression> = self.expressions().collect();
        let mut count = 0;
        for picture in self.pictures.values_mut() {
            if !groups.contains(&picture.group) || picture.hidden == hidden {
                continue;
            }
            picture.hidden = hidden;
            count += 1;
            let content = crate::digest::from_hex(&picture.hash).unwrap_or_default();
            if hidden {
                let similar = picture.perceptual_hash.as_ref().zip(first.get(&picture.id));
                self.hidden.insert(content, picture.id, similar);
            } else {
                self.hidden.remove(&content);
            }
        }
        self.hidden_ids = self.hidden.ids();
        count
    }

    /// Changes path, label, caption, words, tags and source of the pictures for which `change` returns
    /// `true`. Returns how many. Other pictures stay as they were, whatever `change` did to them.
    pub fn update(&mut self, mut change: impl FnMut(&mut Picture) -> bool) -> usize {
        let mut count = 0;
        for picture in self.pictures.values_mut() {
            // A copy, so that a picture that `change` refuses stays as it was.
            let mut changed = picture.clone();
            if change(&mut changed) {
                let before = picture.clone();
                picture.take_changes(&before, &changed);
                count += 1;
            }
        }
        count
    }
}

/// The values of a chunk of ours: all of them are exact.
fn exact_values(chunk: &Chunk) -> &[[f32; crate::embed::EXPRESSION_LEN]] {
    match &chunk.values {
        Values::Exact(values) => values,
        Values::Int8(_) => &[],
    }
}

impl Search for MemoryGallery {
    fn search(
        &self,
        targets: &[Expression],
        options: &SearchOptions,
    ) -> Result<Vec<Match>, GalleryError> {
        self.search(targets, options)
    }
}

impl Source for MemoryGallery {
    fn for_each_chunk(
        &self,
        body: &mut dyn FnMut(&Chunk) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.chunks.iter().try_for_each(body)
    }

    fn picture_matches(&self, picture: u64, filter: &Filter) -> Result<bool, Fault> {
        // Rows and pictures are added and removed together, so a row always has its picture.
        let picture = self.pictures.get(&picture);
        Ok(picture.is_some_and(|p| filter.matches(p)))
    }

    fn hidden(&self) -> &HashSet<u64> {
        &self.hidden_ids
    }

    fn expression_at(&self, chunk: u64, index: usize) -> Result<Expression, Fault> {
        let chunk = usize::try_from(chunk)
            .ok()
            .and_then(|number| self.chunks.get(number));
        chunk
            .and_then(|c| exact_values(c).get(index))
            .map(|v| Expression(*v))
            .ok_or_else(Fault::cut_off)
    }

    fn entry(&self, face: u64) -> Result<Entry, Fault> {
        self.get(face)
            .ok_or_else(|| Fault::damaged(format_args!("face {face} has no entry")))
    }
}
