//! A lock on a file that is replaced when it changes.

use std::fs::{File, TryLockError};
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long to wait for another program, which changes a small file in milliseconds.
const TIME: Duration = Duration::from_secs(10);

/// How often to try meanwhile.
const RETRY: Duration = Duration::from_millis(5);

/// Held by one program at a time; the system unlocks it when its holder ends, in whatever way.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a file; `None` if another program holds it for long. It is on a file of its
    /// own beside it, which stays: a lock on the file itself would be lost when a rename replaces it.
    pub(crate) fn take(path: &Path) -> Result<Option<Self>, Error> {
        let mut name = path.as_os_str().to_owned();
        name.push(".lock");
        let file = File::options()
            .create(true)
            .append(true)
            .open(PathBuf::from(name))?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self { _file: file })),
                // Some network file systems have no locks; there it is as it was without.
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                    return Ok(Some(Self { _file: file }));
                }
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) if start.elapsed() < TIME => {
                    std::thread::sleep(RETRY)
                }
                Err(TryLockError::WouldBlock) => return Ok(None),
            }
        }
    }
}
