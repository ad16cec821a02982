//! The keys of a running server.

use crate::keys::{KeyError, KeyFile, Scope, StoredKey, hash};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use subtle::{Choice, ConstantTimeEq};

/// How often the file is looked at for changes: a revoked key works no longer than this.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The keys of a running server, which follow the file.
pub(crate) struct KeyRing {
    file: KeyFile,
    state: Mutex<RingState>,
}

struct RingState {
    keys: Vec<StoredKey>,
    modified: Option<SystemTime>,
    looked: Instant,
    /// Whether this process has changed the file since.
    is_old: bool,
}

impl KeyRing {
    pub(crate) fn open(path: &Path) -> Result<Self, KeyError> {
        let file = KeyFile::new(path);
        // Before the file is read: what is written meanwhile is read again.
        let modified = modified(path);
        let state = RingState {
            keys: file.list()?,
            modified,
            looked: Instant::now(),
            is_old: false,
        };
        Ok(Self {
            file,
            state: Mutex::new(state),
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().keys.is_empty()
    }

    /// The key with this text. All keys are compared in full, so that the time tells nothing about
    /// how much of a guess is right; what is compared are hashes, which a guess cannot aim at.
    pub(crate) fn find(&self, text: &str) -> Option<StoredKey> {
        let hash = hash(text);
        let state = self.lock();
        let mut found = None;
        for key in &state.keys {
            let equal: Choice = key.sha256.as_bytes().ct_eq(hash.as_bytes());
            if equal.into() {
                found = Some(key.clone());
            }
        }
        found
    }

    /// All keys.
    pub(crate) fn list(&self) -> Result<Vec<StoredKey>, KeyError> {
        self.file.list()
    }

    /// Makes a key, which works from now on.
    pub(crate) fn add(&self, name: &str, scopes: BTreeSet<Scope>) -> Result<String, KeyError> {
        let text = self.file.add(name, scopes)?;
        self.forget();
        Ok(text)
    }

    /// Removes a key, which is refused from now on.
    pub(crate) fn revoke(&self, name: &str) -> Result<(), KeyError> {
        self.file.revoke(name)?;
        self.forget();
        Ok(())
    }

    /// Has the file read again for the next request.
    fn forget(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.is_old = true;
    }

    /// The key with this hash.
    pub(crate) fn with_hash(&self, hash: &str) -> Option<StoredKey> {
        let state = self.lock();
        state.keys.iter().find(|key| key.sha256 == hash).cloned()
    }

    /// The hashes of the keys that may read.
    pub(crate) fn read_hashes(&self) -> Vec<String> {
        let state = self.lock();
        let readers = state.keys.iter().filter(|key| key.allows(Scope::Read));
        readers.map(|key| key.sha256.clone()).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, RingState> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_old || state.looked.elapsed() >= LOOK_AGAIN {
            state.looked = Instant::now();
            let now = modified(self.file.path());
            if state.is_old || now != state.modified {
                self.reload(&mut state, now);
            }
        }
        state
    }

    fn reload(&self, state: &mut RingState, modified: Option<SystemTime>) {
        match self.file.list() {
            Ok(keys) => {
                state.keys = keys;
                state.modified = modified;
                state.is_old = false;
            }
            // Keys stay as they were; without the file none would work, and with it damaged neither.
            Err(error) => tracing::error!(error = %error, "the keys cannot be read again"),
        }
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|m| m.modified()).ok()
}
