//! Adding pictures to a gallery on a server.

use crate::add::{AddError, AddOptions, Event, Status, add};
use crate::walk::{Candidate, CandidateKind};
use moue::Gallery;
use moue::gallery::{Filter, GalleryError, MemoryStorage, NewPicture, stored_text};
use moue_store::{FileStore, GalleryStore, StoreError, for_each};
use std::collections::HashMap;
use std::fs::File;

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
/// extracted again.
///
/// # Errors
/// [`StoreAddError`] if the store fails. A candidate that fails is an event, never an error.
pub fn add_to_store(
    store: &dyn GalleryStore,
    candidates: &[Candidate],
    options: &AddOptions,
    mut on_event: impl FnMut(Event),
) -> Result<(), StoreAddError> {
    for batch in candidates.chunks(BATCH) {
        if options.cancel.is_cancelled() {
            break;
        }
        let new = without_known(store, batch, &mut on_event)?;
        let gallery = Gallery::with_storage(MemoryStorage::default(), "batch")?;
        let mut events = Vec::new();
        add(&gallery, new, options, |event| events.push(event))?;
        let added = put(store, gallery)?;
        for mut event in events {
            // Another program has added the same content meanwhile.
            if event.status == Status::Added && added.get(&stored_text(&event.path)) == Some(&false)
            {
                event.status = Status::Known;
                event.faces = 0;
            }
            on_event(event);
        }
    }
    Ok(())
}

/// The candidates whose content is not in the store; the others are reported.
fn without_known(
    store: &dyn GalleryStore,
    batch: &[Candidate],
    on_event: &mut impl FnMut(Event),
) -> Result<Vec<Candidate>, StoreError> {
    let hashes: Vec<Option<[u8; 32]>> = batch.iter().map(hash_of).collect();
    let contents: Vec<[u8; 32]> = hashes.iter().flatten().copied().collect();
    let mut known = store.contains(&contents)?.into_iter();
    let mut new = Vec::new();
    for (candidate, hash) in batch.iter().zip(hashes) {
        if hash.is_some() && known.next() == Some(true) {
            on_event(known_event(candidate));
        } else {
            new.push(candidate.clone());
        }
    }
    Ok(new)
}

fn known_event(candidate: &Candidate) -> Event {
    Event {
        path: candidate.path.clone(),
        status: Status::Known,
        faces: 0,
        detail: None,
    }
}

/// The content of a file; members of ZIP files are read when they are extracted, and what cannot be
/// read is reported then.
fn hash_of(candidate: &Candidate) -> Option<[u8; 32]> {
    match candidate.kind {
        CandidateKind::Picture | CandidateKind::Video => {
            let mut file = File::open(&candidate.path).ok()?;
            moue::digest::sha256_of(&mut file).ok()
        }
        _ => None,
    }
}

/// Puts all pictures of a gallery in memory; returns for each path whether it was new.
fn put(store: &dyn GalleryStore, gallery: Gallery) -> Result<HashMap<String, bool>, StoreError> {
    let mut pictures: Vec<NewPicture> = Vec::new();
    for_each(&FileStore::new(gallery), &Filter::default(), |stored| {
        pictures.extend(stored.to_new());
        Ok::<(), StoreError>(())
    })?;
    let added = store.put(&pictures)?;
    let paths = pictures.into_iter().map(|picture| picture.path);
    Ok(paths.zip(added).collect())
}
