//! What the overlay shows.

use bytes::Bytes;

/// What the page shows.
#[derive(Clone, Default)]
pub(super) struct Shown {
    /// Another one for each change. It begins with the time, so that a page that was left open by
    /// an earlier run sees a change.
    pub(super) number: u64,
    pub(super) found: Option<Found>,
}

/// A picture with its caption.
#[derive(Clone, Default)]
pub(super) struct Found {
    pub(super) caption: String,
    pub(super) media: &'static str,
    pub(super) bytes: Bytes,
}
