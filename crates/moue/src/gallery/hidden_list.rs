//! The list of hidden pictures in a gallery's file.

use super::database::{ReadTxn, WriteTxn};
use super::error::Fault;
use super::hidden::Hidden;
use super::tables::{META, meta};
use redb::ReadableTable;

/// The hidden pictures of the state that is changed; galleries of older programs have no list.
pub(super) fn load(writing: &WriteTxn) -> Result<Hidden, Fault> {
    let table = writing.table(META)?;
    let bytes = table.get(meta::HIDDEN)?;
    match &bytes {
        Some(bytes) => parse(Some(bytes.value())),
        None => parse(None),
    }
}

/// The hidden pictures of the state that is read.
pub(super) fn read(reading: &ReadTxn) -> Result<Hidden, Fault> {
    parse(reading.meta(meta::HIDDEN)?.as_deref())
}

fn parse(bytes: Option<&[u8]>) -> Result<Hidden, Fault> {
    Hidden::from_bytes(bytes.unwrap_or_default())
        .ok_or_else(|| Fault::damaged("the list of hidden pictures is damaged"))
}

pub(super) fn store(writing: &WriteTxn, hidden: &Hidden) -> Result<(), Fault> {
    writing.set(meta::HIDDEN, &hidden.to_bytes())
}
