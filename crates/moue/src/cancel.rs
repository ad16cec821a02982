//! Stopping long work early: by a flag that another thread sets, by a deadline, or by both.
//!
//! ```
//! use moue::cancel::CancelToken;
//! let token = CancelToken::new();
//! let worker = token.clone();
//! token.cancel();
//! assert!(worker.check().is_err());
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Tells work whether to continue or to stop. Clones share one flag and one deadline.
///
/// The default token is never canceled and costs nothing: it has no flag, no deadline and no memory
/// of its own. Work that takes a token checks it between steps (a chunk of a gallery, a frame of a
/// video), so it stops soon, not at once.
///
/// ```
/// use moue::cancel::CancelToken;
/// use std::time::Duration;
/// assert!(!CancelToken::default().is_cancelled());
/// assert!(CancelToken::with_timeout(Duration::ZERO).is_cancelled());
/// ```
#[derive(Debug, Clone, Default)]
pub struct CancelToken {
    flag: Option<Arc<AtomicBool>>,
    deadline: Option<Instant>,
}

/// The work was canceled, or its deadline has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("canceled, or past its deadline")]
pub struct Cancelled;

impl CancelToken {
    /// A token that [`CancelToken::cancel`] cancels.
    pub fn new() -> Self {
        Self {
            flag: Some(Arc::default()),
            deadline: None,
        }
    }

    /// A token that is canceled from `deadline` on, and by [`CancelToken::cancel`].
    pub fn with_deadline(deadline: Instant) -> Self {
        Self {
            flag: Some(Arc::default()),
            deadline: Some(deadline),
        }
    }

    /// A token that is canceled after `timeout`, and by [`CancelToken::cancel`]. A timeout that is
    /// too long for the clock counts as no deadline.
    ///
    /// # Panics
    /// On `wasm32-unknown-unknown`, which has no clock; [`CancelToken::new`] works there.
    pub fn with_timeout(timeout: Duration) -> Self {
        Self {
            flag: Some(Arc::default()),
            deadline: Instant::now().checked_add(timeout),
        }
    }

    /// Cancels this token and its clones; does nothing to a default token.
    pub fn cancel(&self) {
        if let Some(flag) = &self.flag {
            flag.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the token was canceled or its deadline has passed.
    pub fn is_cancelled(&self) -> bool {
        // Relaxed suffices: the flag guards no other data, and a step more or less does no harm.
        let flagged = self
            .flag
            .as_ref()
            .is_some_and(|flag| flag.load(Ordering::Relaxed));
        // The clock is read only where a deadline was set: wasm32-unknown-unknown has none, and
        // `Instant::now` panics there.
        flagged || self.deadline.is_some_and(|end| Instant::now() >= end)
    }

    /// `Ok` while the work is not canceled, for use with `?`.
    ///
    /// # Errors
    /// [`Cancelled`] once it is.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() {
            return Err(Cancelled);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_the_flag_and_the_default_is_never_canceled() {
        let token = CancelToken::new();
        let clone = token.clone();
        assert_eq!(clone.check(), Ok(()));
        std::thread::spawn(move || token.cancel()).join().unwrap();
        assert_eq!(clone.check(), Err(Cancelled));
        let idle = CancelToken::default();
        idle.cancel();
        assert!(!idle.is_cancelled());
    }

    #[test]
    fn deadlines_pass() {
        assert!(CancelToken::with_timeout(Duration::ZERO).is_cancelled());
        assert!(CancelToken::with_deadline(Instant::now()).is_cancelled());
        let later = CancelToken::with_timeout(Duration::from_secs(3600));
        assert!(!later.is_cancelled());
        later.cancel();
        assert!(later.is_cancelled());
        assert!(!CancelToken::with_timeout(Duration::MAX).is_cancelled());
    }
}
