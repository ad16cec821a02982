//! Changes of stored pictures. What they are made from was read in an earlier transaction, so what others
//! have changed or removed since is looked at again.

use super::database::WriteTxn;
use super::error::Fault;
use super::records::Picture;
use super::seal;
use super::tables::{FILES, PICTURES};
use super::write::put_picture;
use redb::ReadableTable;

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
