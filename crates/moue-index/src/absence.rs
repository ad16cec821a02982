//! Whether files that are gone were deleted, or the disk that has them is not there.

use crate::files::{container_of, exists};
use crate::forget::Known;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The file system that a folder is on, where the system can tell.
#[cfg(unix)]
pub(crate) fn device(folder: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(folder).ok().map(|meta| meta.dev())
}

#[cfg(not(unix))]
pub(crate) fn device(_: &Path) -> Option<u64> {
    None
}

/// What of the pictures of a followed folder is gone.
#[derive(Default)]
pub(crate) struct Gone {
    /// Deleted.
    pub(crate) deleted: Vec<Known>,
    /// Absent: their disk is not there.
    pub(crate) away: Vec<Known>,
}

/// Sorts out the pictures of one followed folder. `changed` are the paths whose change the system
/// has reported: a deletion is reported for each file or for its folder, while a disk takes all its
/// files with it in silence. Without a report, files that are all gone at once or whose folder is
/// empty, as the place of an unmounted disk is, count as absent.
pub(crate) fn sort_out(pictures: Vec<Known>, changed: &BTreeSet<PathBuf>) -> Gone {
    let total = pictures.len();
    let missing = pictures.into_iter().filter(|(_, path)| !exists(path));
    let missing: Vec<Known> = missing.collect();
    let all_at_once = missing.len() == total && total > 1;
    let mut gone = Gone::default();
    for picture in missing {
        let path = container_of(&picture.1);
        let is_reported = path.ancestors().any(|above| changed.contains(above));
        if is_reported || !all_at_once && !is_place_empty(&path) {
            gone.deleted.push(picture);
        } else {
            gone.away.push(picture);
        }
    }
    gone
}

/// Whether the nearest folder above that exists is empty.
fn is_place_empty(path: &Path) -> bool {
    let folder = path.ancestors().skip(1).find(|above| above.is_dir());
    let entries = folder.and_then(|folder| std::fs::read_dir(folder).ok());
    entries.is_some_and(|mut entries| entries.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_at_once_is_away_and_what_was_reported_is_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("disk")).unwrap();
        std::fs::write(path("here.png"), b"x").unwrap();
        let known = |names: &[&str]| -> Vec<Known> {
            let stored = names
                .iter()
                .map(|name| moue::gallery::stored_text(&path(name)));
            (0..).zip(stored).collect()
        };
        let none = BTreeSet::new();
        let ids = |gone: &[Known]| gone.iter().map(|(id, _)| *id).collect::<Vec<_>>();
        let gone = sort_out(known(&["a.png", "b.png"]), &none);
        assert_eq!((ids(&gone.deleted), ids(&gone.away)), (vec![], vec![0, 1]));
        let gone = sort_out(known(&["here.png", "b.png", "disk/c.png"]), &none);
        assert_eq!((ids(&gone.deleted), ids(&gone.away)), (vec![1], vec![2]));
        let reported = BTreeSet::from([path("a.png"), path("disk")]);
        let gone = sort_out(known(&["a.png", "disk/c.png"]), &reported);
        assert_eq!((ids(&gone.deleted), ids(&gone.away)), (vec![0, 1], vec![]));
    }
}
