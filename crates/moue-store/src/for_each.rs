//! Every picture of a store, for callers with errors of their own.

use crate::{GalleryStore, StoreError, StoredPicture};
use moue::gallery::Filter;
use std::ops::ControlFlow;

/// Calls `body` with every picture that meets the filter, hidden ones too, by id, until it fails.
///
/// # Errors
/// What `body` returns, and the store's errors.
pub fn for_each<E: From<StoreError>>(
    store: &dyn GalleryStore,
    filter: &Filter,
    mut body: impl FnMut(StoredPicture) -> Result<(), E>,
) -> Result<(), E> {
    // The store has errors of its own, so the caller's waits here.
    let mut error = None;
    store.export(filter, &mut |picture| match body(picture) {
        Ok(()) => ControlFlow::Continue(()),
        Err(e) => {
            error = Some(e);
            ControlFlow::Break(())
        }
    })?;
    error.map_or(Ok(()), Err)
}
