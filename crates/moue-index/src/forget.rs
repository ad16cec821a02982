//! Pictures whose files were deleted.

use crate::files::{other_copy, stored_path};
use moue::Gallery;
use moue::gallery::GalleryError;
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

/// A picture by its id and its path as the gallery stores it.
pub(crate) type Known = (u64, String);

/// Removes the pictures at these paths, whose files were deleted, and what is recorded of files there
/// that had no face. A picture that another file has too stays and gets that file's path. Returns the
/// paths of what the gallery had.
///
/// # Errors
/// [`GalleryError`] if the gallery cannot be read or written.
///
/// ```no_run
/// let gallery = moue::Gallery::open_for_writing("my.moue")?;
/// std::fs::remove_file("memes/old.jpg")?;
/// moue_index::forget(&gallery, &["memes/old.jpg".into()])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn forget(gallery: &Gallery, files: &[PathBuf]) -> Result<Vec<String>, GalleryError> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let paths: HashSet<String> = files.iter().map(|path| stored_path(path)).collect();
    let deleted = at(gallery, &paths)?;
    // First, so that no deleted file counts as another copy.
    let rows: Vec<_> = paths.into_iter().map(|path| (path, None)).collect();
    gallery.record_files(&rows)?;
    remove(gallery, &deleted)?;
    Ok(deleted.into_iter().map(|(_, path)| path).collect())
}

/// The pictures at these paths.
fn at(gallery: &Gallery, paths: &HashSet<String>) -> Result<Vec<Known>, GalleryError> {
    let mut found: Vec<Known> = Vec::new();
    let mut unrecorded = HashSet::new();
    for path in paths {
        let Some(state) = gallery.file(path)? else {
            unrecorded.insert(path);
            continue;
        };
        let hash = moue::digest::from_hex(&state.hash);
        let picture = hash.map(|hash| gallery.find_hash(&hash)).transpose()?;
        let picture = picture.flatten().filter(|picture| picture.path == *path);
        found.extend(picture.map(|picture| (picture.id, picture.path)));
    }
    // Pictures that were imported have no record of their files; they are found by reading all.
    if !unrecorded.is_empty() {
        gallery.for_each_picture(|picture| {
            if unrecorded.contains(&picture.path) {
                found.push((picture.id, picture.path));
            }
            Ok::<(), GalleryError>(())
        })?;
    }
    Ok(found)
}

/// Removes pictures whose files were deleted; one that another file has too gets its path.
pub(crate) fn remove(gallery: &Gallery, deleted: &[Known]) -> Result<(), GalleryError> {
    let files: BTreeMap<_, _> = gallery.files()?;
    let mut gone = HashSet::new();
    for (id, path) in deleted {
        let picture = gallery.picture_of(*id)?;
        let copy = picture.and_then(|picture| {
            let copy = other_copy(&files, &picture.hash, path)?;
            Some((moue::digest::from_hex(&picture.hash)?, copy, picture.label))
        });
        match copy {
            Some((hash, copy, label)) => {
                gallery.relocate(&hash, &copy, &label)?;
            }
            None => {
                gone.insert(*id);
            }
        }
    }
    gallery.remove(|picture| gone.contains(&picture.id))?;
    Ok(())
}
