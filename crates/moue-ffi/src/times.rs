//! Times as seconds.

use crate::error::MoueError;
use std::time::Duration;

/// A time from the start.
pub(crate) fn seconds(time: f64) -> Result<Duration, MoueError> {
    Duration::try_from_secs_f64(time).map_err(|e| MoueError::Options(format!("time: {e}")))
}
