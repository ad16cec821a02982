//! Changes of pictures' descriptions. What they are made from was read in an earlier transaction, so
//! what others have changed or removed since is looked at again.

use super::database::WriteTxn;
use super::error::Fault;
use super::records::Picture;
use super::seal;
use super::tables::{FILES, PICTURES};
use super::write::put_picture;
use redb::ReadableTable;

impl Picture {
    /// Takes over what differs between two states of this picture, of what users may change: path, label,
    /// caption, words, tags and source.
    pub(super) fn take_changes(&mut self, before: &Self, after: &Self) {
        fn take<T: Clone + PartialEq>(value: &mut T, before: &T, after: &T) {
            if before != after {
                value.clone_from(after);
            }
        }
        take(&mut self.path, &before.path, &after.path);
        take(&mut self.label, &before.label, &after.label);
        take(&mut self.caption, &before.caption, &after.caption);
        take(&mut self.words, &before.words, &after.words);
        take(&mut self.source, &before.source, &after.source);
        if self.tags == before.tags {
            take(&mut self.tags, &before.tags, &after.tags);
        } else {
            self.take_tags(&before.tags, &after.tags);
        }
    }

    /// Adds and removes tags; those that others have added meanwhile stay.
    fn take_tags(&mut self, before: &[String], after: &[String]) {
        self.tags
            .retain(|tag| !before.contains(tag) || after.contains(tag));
        for tag in after {
            if !before.contains(tag) && !self.tags.contains(tag) {
                self.tags.push(tag.clone());
            }
        }
    }
}

/// The picture with this id, as it is in this transaction; `None` if it was removed.
pub(super) fn stored(writing: &WriteTxn, id: u64) -> Result<Option<Picture>, Fault> {
    let pictures = writing.table(PICTURES)?;
    let record = pictures.get(id)?;
    record
        .map(|record| seal::picture(id, record.value()))
        .transpose()
}

/// Writes what differs between two states of a picture, and returns it as it is now; `None` if it was
/// removed.
pub(super) fn change(
    writing: &WriteTxn,
    before: &Picture,
    after: &Picture,
) -> Result<Option<Picture>, Fault> {
    let Some(mut picture) = stored(writing, before.id)? else {
        return Ok(None);
    };
    picture.take_changes(before, after);
    put_picture(writing, &picture)?;
    Ok(Some(picture))
}

/// Gives a picture another place; `false` if it was removed meanwhile.
pub(super) fn relocate(
    writing: &WriteTxn,
    picture: &Picture,
    path: &str,
    label: &str,
) -> Result<bool, Fault> {
    // The old path's record would make another file that appears there count as known.
    writing.table(FILES)?.remove(picture.path.as_str())?;
    let moved = Picture {
        path: path.into(),
        label: label.into(),
        ..picture.clone()
    };
    Ok(change(writing, picture, &moved)?.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::NewPicture;

    fn picture(label: &str, tags: &[&str]) -> Picture {
        let new = NewPicture {
            label: label.into(),
            tags: tags.iter().map(|tag| (*tag).into()).collect(),
            ..NewPicture::default()
        };
        Picture::from_new(1, 1, &new)
    }

    #[test]
    fn changes_of_two_go_together() {
        let before = picture("a", &["cat", "old"]);
        let mut now = picture("b", &["cat", "old", "theirs"]);
        let after = picture("a", &["cat", "ours"]);
        now.take_changes(&before, &after);
        assert_eq!(now, picture("b", &["cat", "theirs", "ours"]));
        // What nobody else has changed is taken as it is, order and all.
        let mut now = before.clone();
        now.take_changes(&before, &picture("c", &["ours", "cat"]));
        assert_eq!(now, picture("c", &["ours", "cat"]));
    }

    #[test]
    fn what_others_rely_on_is_not_changed() {
        let before = picture("a", &[]);
        let mut after = picture("b", &[]);
        after.hash = "0".into();
        (after.id, after.group, after.hidden) = (7, 7, true);
        let mut now = before.clone();
        now.take_changes(&before, &after);
        assert_eq!(now, picture("b", &[]));
    }
}
