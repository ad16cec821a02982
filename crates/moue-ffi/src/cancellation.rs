//! Ending a call early.

use moue::cancel::CancelToken;
use std::sync::Arc;
use std::time::Duration;

/// Ends the calls that it was passed to, from any thread. They return within some milliseconds, with
/// the error `Cancelled`.
#[derive(Debug, uniffi::Object)]
pub struct Cancellation {
    token: CancelToken,
}

#[uniffi::export]
impl Cancellation {
    /// One that only `cancel` triggers.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            token: CancelToken::new(),
        })
    }

    /// One that triggers by itself after so many milliseconds, or by `cancel`.
    #[uniffi::constructor]
    pub fn after_millis(millis: u64) -> Arc<Self> {
        Arc::new(Self {
            token: CancelToken::with_timeout(Duration::from_millis(millis)),
        })
    }

    /// Ends the calls.
    pub fn cancel(&self) {
        self.token.cancel();
    }

    /// Whether it was triggered.
    pub fn is_cancelled(&self) -> bool {
        self.token.is_cancelled()
    }
}

/// The token of a call.
pub(crate) fn token(cancellation: Option<&Arc<Cancellation>>) -> CancelToken {
    cancellation.map_or_else(CancelToken::default, |c| c.token.clone())
}
