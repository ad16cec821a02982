//! Adding pictures to a gallery on a server.

use crate::add::{AddError, AddOptions, Event, Status, add};
use crate::files::{hash_file, stored_path};
use crate::walk::{Candidate, CandidateKind};
use moue::cancel::CancelToken;
use moue::gallery::{Filter, GalleryError, MemoryStorage, NewPicture};
use moue::{Expression, Face, Gallery};
use moue_store::{FileStore, GalleryStore, StoreError, for_each};
use std::collections::{HashMap, HashSet};

/// Candidates that are read before their pictures are put: enough that all cores stay busy at the end
/// of a batch, few enough that an interrupted run loses little.
const BATCH: usize = 256;

/// Why adding to a store has ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreAddError {
    /// The networks do not load.
    #[error(transparent)]
    Add(#[from] AddError),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<GalleryError> for StoreAddError {
    fn from(error: GalleryError) -> Self {
        Self::Add(error.into())
    }
}

/// Extracts the faces of all candidates and puts the pictures that have some, as [`add`] does for a
/// gallery in a file. What the store knows is hashed, as a server has no record of files, and not
/// extracted again; the words in it are read if they are asked for and were not read before.
///
/// # Errors
/// [`StoreAddError`] if the store fails. A candidate that fails is an event, never an error.
pub fn add_to_store(
    store: &dyn GalleryStore,
    candidates: &[Candidate],
    options: &AddOptions,
    mut on_event: impl FnMut(Event),
) -> Result<(), StoreAddError> {
    for candidates in candidates.chunks(BATCH) {
        if options.cancel.is_cancelled() {
            break;
        }
        let mut batch = Batch::new(store)?;
        let unfinished = batch.without_finished(candidates, options, &mut on_event)?;
        let mut events = Vec::new();
        add(&batch.gallery, unfinished, options, |event| {
            events.push(event)
        })?;
        let stored = batch.put()?;
        for event in events {
            let status = stored.get(&stored_path(&event.path)).copied();
            on_event(with_status(event, status));
        }
    }
    Ok(())
}

/// An event with what became of its picture in the store.
fn with_status(event: Event, status: Option<Status>) -> Event {
    match (event.status, status) {
        (Status::Added | Status::WordsRead, Some(status)) if status != event.status => Event {
            status,
            faces: 0,
            ..event
        },
        _ => event,
    }
}

/// Some of the candidates, and the gallery in memory into which they are read.
struct Batch<'a> {
    store: &'a dyn GalleryStore,
    gallery: Gallery,
    /// Contents of pictures that the store has, and of which only the words are read. The gallery has
    /// placeholders for them.
    wordless: HashSet<[u8; 32]>,
}

impl<'a> Batch<'a> {
    fn new(store: &'a dyn GalleryStore) -> Result<Self, GalleryError> {
        Ok(Self {
            store,
            gallery: Gallery::with_storage(MemoryStorage::default(), "batch")?,
            wordless: HashSet::new(),
        })
    }

    /// The candidates of which the store has not all that is asked for; the others are reported.
    fn without_finished(
        &mut self,
        candidates: &[Candidate],
        options: &AddOptions,
        on_event: &mut impl FnMut(Event),
    ) -> Result<Vec<Candidate>, StoreAddError> {
        let hashes = candidates.iter().map(|c| hash_of(c, &options.cancel));
        let hashes: Vec<Option<[u8; 32]>> = hashes.collect();
        let contents: Vec<[u8; 32]> = hashes.iter().flatten().copied().collect();
        let mut known = self.store.contains(&contents)?.into_iter();
        let mut unfinished = Vec::new();
        for (candidate, hash) in candidates.iter().zip(hashes) {
            match hash.filter(|_| known.next() == Some(true)) {
                Some(hash) if !self.is_wordless(candidate, &hash, options)? => {
                    on_event(known_event(candidate));
                }
                Some(hash) => {
                    self.gallery.add(&[placeholder(candidate, hash)])?;
                    self.wordless.insert(hash);
                    unfinished.push(candidate.clone());
                }
                None => unfinished.push(candidate.clone()),
            }
        }
        Ok(unfinished)
    }

    /// Whether the words in a picture of the store are to be read.
    fn is_wordless(
        &self,
        candidate: &Candidate,
        hash: &[u8; 32],
        options: &AddOptions,
    ) -> Result<bool, StoreError> {
        if options.words.is_none() || matches!(candidate.kind, CandidateKind::Video) {
            return Ok(false);
        }
        let picture = self.store.find(hash)?;
        Ok(picture.is_some_and(|picture| picture.words.is_none()))
    }

    /// Puts what is new into the store; returns for each path what became of it.
    fn put(self) -> Result<HashMap<String, Status>, StoreError> {
        let mut pictures: Vec<NewPicture> = Vec::new();
        let gallery = FileStore::new(self.gallery);
        for_each(&gallery, &Filter::default(), |stored| {
            pictures.extend(stored.to_new());
            Ok::<(), StoreError>(())
        })?;
        // New ones first; behind them those of which only the words were read.
        pictures.sort_by_key(|picture| self.wordless.contains(&picture.hash));
        let new = pictures.partition_point(|picture| !self.wordless.contains(&picture.hash));
        let added = self.store.put(&pictures[..new])?;
        let added = added.into_iter().chain(std::iter::repeat(false));
        let pictures = pictures.into_iter().zip(added);
        let statuses = pictures.map(|(picture, is_new)| {
            let status = status(self.store, &picture, is_new)?;
            Ok((picture.path, status))
        });
        statuses.collect()
    }
}

/// What became of a picture that was put; the words of one that was there are stored.
fn status(
    store: &dyn GalleryStore,
    picture: &NewPicture,
    is_new: bool,
) -> Result<Status, StoreError> {
    let words = picture.words.as_ref();
    Ok(match words {
        _ if is_new => Status::Added,
        Some(words) if store.add_words(&picture.hash, words)? => Status::WordsRead,
        _ => Status::Known,
    })
}

/// What makes [`add`] read the words of a candidate, and nothing else.
fn placeholder(candidate: &Candidate, hash: [u8; 32]) -> NewPicture {
    NewPicture {
        hash,
        path: stored_path(&candidate.path),
        faces: vec![(Face::whole(), Expression([0.125; 64])).into()],
        ..NewPicture::default()
    }
}

fn known_event(candidate: &Candidate) -> Event {
    Event {
        path: candidate.path.clone(),
        status: Status::Known,
        faces: 0,
        detail: None,
        as_before: false,
    }
}

/// The content of a file; members of ZIP files are read when they are extracted, and what cannot be
/// read is reported then.
fn hash_of(candidate: &Candidate, cancel: &CancelToken) -> Option<[u8; 32]> {
    match candidate.kind {
        CandidateKind::Picture | CandidateKind::Video => hash_file(&candidate.path, cancel).ok(),
        _ => None,
    }
}
