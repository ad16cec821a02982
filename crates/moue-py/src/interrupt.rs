//! Work without the GIL that Ctrl-C and timeouts end.

use moue::cancel::CancelToken;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::panic::resume_unwind;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// How often Python is asked for signals: soon enough for a hand on the keyboard, and seldom beside
/// the time that taking the GIL needs.
const POLL: Duration = Duration::from_millis(50);

/// A token for a call: canceled by Ctrl-C, and after `timeout` seconds.
pub(crate) fn token(timeout: Option<f64>) -> PyResult<CancelToken> {
    let Some(seconds) = timeout else {
        return Ok(CancelToken::new());
    };
    Duration::try_from_secs_f64(seconds)
        .map(CancelToken::with_timeout)
        .map_err(|_| PyValueError::new_err(format!("{seconds} is no timeout in seconds")))
}

/// Runs `work` on a thread of its own while this one waits for it without the GIL, and asks Python for
/// signals: only the main thread runs their handlers, and work that it did itself would keep it from
/// that. After Ctrl-C `token` is canceled, the work's end is awaited, and `KeyboardInterrupt` raised.
pub(crate) fn interruptible<T: Send>(
    py: Python<'_>,
    token: &CancelToken,
    work: impl FnOnce() -> T + Send,
) -> PyResult<T> {
    std::thread::scope(|scope| {
        let (done, mut waiting) = mpsc::channel();
        let worker = scope.spawn(move || {
            let result = work();
            // Nobody waits any more after a signal.
            let _ = done.send(());
            result
        });
        let mut signaled = Ok(());
        while signaled.is_ok() {
            let receiver = &mut waiting;
            let ended = py.detach(move || receiver.recv_timeout(POLL));
            if ended != Err(RecvTimeoutError::Timeout) {
                break;
            }
            signaled = py.check_signals().inspect_err(|_| token.cancel());
        }
        // Without the GIL: the work may call back into Python.
        let result = py.detach(|| worker.join());
        signaled?;
        Ok(result.unwrap_or_else(|panic| resume_unwind(panic)))
    })
}
