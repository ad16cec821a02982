//! Keys: who may do what. The file has their hashes alone.

use crate::lock::Lock;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};
use utoipa::ToSchema;

/// What a key's text begins with, so that it is recognized where it should not be, as in a
/// repository.
const PREFIX: &str = "moue_";

/// Bytes of a key. 256 bits cannot be guessed, so that a fast hash without salt protects them.
const KEY_BYTES: usize = 32;

/// Characters of a name.
const MAX_NAME: usize = 64;

/// What a key allows.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Search, and see the pictures.
    Read,
    /// Add, change and remove pictures.
    Write,
    /// All of it, and the metrics.
    Admin,
}

impl FromStr for Scope {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        match text {
            "read" => Ok(Self::Read),
            "write" => Ok(Self::Write),
            "admin" => Ok(Self::Admin),
            _ => Err(KeyError::Scope(text.to_owned())),
        }
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        })
    }
}

/// A key as the file has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredKey {
    /// What its owner calls it.
    pub name: String,
    /// What it allows.
    pub scopes: BTreeSet<Scope>,
    /// SHA-256 of its text, in hexadecimal.
    pub sha256: String,
    /// When it was made, in seconds since 1970.
    pub created: u64,
}

impl StoredKey {
    /// Whether it allows `scope`.
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope) || self.scopes.contains(&Scope::Admin)
    }
}

/// Why keys cannot be read or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system reported.
        source: std::io::Error,
    },
    /// The file has another content.
    #[error("{path} is no file of keys: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// There is a key of this name.
    #[error("there is a key called {0}; revoke it first, or take another name")]
    Exists(String),
    /// There is no key of this name.
    #[error("there is no key called {0}; moue serve key list shows them")]
    Unknown(String),
    /// It is no scope.
    #[error("{0:?} is no scope; there are read, write and admin")]
    Scope(String),
    /// It is no name.
    #[error(
        "{0:?} is no name of a key; it has 1 to 64 letters, digits, dots, dashes or underscores"
    )]
    Name(String),
    /// Another program changes the keys and does not end.
    #[error("{0} is locked: another program changes the keys; try again when it has ended")]
    Locked(PathBuf),
    /// The system has no random numbers.
    #[error("the system has no random numbers: {0}")]
    Random(getrandom::Error),
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyList {
    keys: Vec<StoredKey>,
}

/// A file of keys.
///
/// ```
/// use moue_server::keys::{KeyFile, Scope};
/// let folder = tempfile::tempdir()?;
/// let file = KeyFile::new(folder.path().join("keys.json"));
/// let text = file.add("phone", [Scope::Read].into())?;
/// assert!(text.starts_with("moue_"));
/// assert_eq!(file.list()?[0].name, "phone");
/// file.revoke("phone")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// The file at this path, which need not exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The keys, in the order in which they were added; none without a file.
    ///
    /// # Errors
    /// [`KeyError`] if the file cannot be read.
    pub fn list(&self) -> Result<Vec<StoredKey>, KeyError> {
        match std::fs::read(&self.path) {
            Ok(bytes) => {
                let list: KeyList =
                    serde_json::from_slice(&bytes).map_err(|error| self.damaged(&error))?;
                Ok(list.keys)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Makes a key and returns its text, which is stored nowhere. Changes by several programs at once
    /// wait for each other.
    ///
    /// # Errors
    /// [`KeyError`] if the name is taken or the file cannot be written.
    pub fn add(&self, name: &str, scopes: BTreeSet<Scope>) -> Result<String, KeyError> {
        check_name(name)?;
        let _lock = self.lock()?;
        let mut keys = self.list()?;
        if keys.iter().any(|key| key.name == name) {
            return Err(KeyError::Exists(name.to_owned()));
        }
        let mut random = [0; KEY_BYTES];
        getrandom::fill(&mut random).map_err(KeyError::Random)?;
        let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random));
        let created = SystemTime::now().duration_since(UNIX_EPOCH);
        keys.push(StoredKey {
            name: name.to_owned(),
            scopes,
            sha256: hash(&text),
            created: created.map_or(0, |time| time.as_secs()),
        });
        self.write(keys)?;
        Ok(text)
    }

    /// Removes a key.
    ///
    /// # Errors
    /// [`KeyError`] if there is none of this name or the file cannot be written.
    pub fn revoke(&self, name: &str) -> Result<(), KeyError> {
        let _lock = self.lock()?;
        let mut keys = self.list()?;
        let before = keys.len();
        keys.retain(|key| key.name != name);
        if keys.len() == before {
            return Err(KeyError::Unknown(name.to_owned()));
        }
        self.write(keys)
    }

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    /// Locks the keys against changes by other programs, from before they are read until the changed
    /// file is in place: else the slower of two would write over what the faster has added.
    fn lock(&self) -> Result<Lock, KeyError> {
        std::fs::create_dir_all(self.folder()).map_err(|error| self.failed(error))?;
        let lock = Lock::take(&self.path).map_err(|error| self.failed(error))?;
        lock.ok_or_else(|| KeyError::Locked(self.path.clone()))
    }

    /// Writes a new file and renames it, so that a server never reads half a file.
    fn write(&self, keys: Vec<StoredKey>) -> Result<(), KeyError> {
        let bytes = serde_json::to_vec_pretty(&KeyList { keys }).map_err(|e| self.damaged(&e))?;
        let folder = self.folder();
        // Temporary files can be read by their owner alone.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|e| self.failed(e))?;
        file.write_all(&bytes).map_err(|error| self.failed(error))?;
        file.as_file()
            .sync_all()
            .map_err(|error| self.failed(error))?;
        file.persist(&self.path)
            .map_err(|error| self.failed(error.error))?;
        Ok(())
    }

    fn failed(&self, source: std::io::Error) -> KeyError {
        let path = self.path.clone();
        KeyError::File { path, source }
    }

    fn damaged(&self, error: &serde_json::Error) -> KeyError {
        KeyError::Damaged {
            path: self.path.clone(),
            reason: error.to_string(),
        }
    }
}

fn check_name(name: &str) -> Result<(), KeyError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    if (1..=MAX_NAME).contains(&name.len()) && name.chars().all(is_plain) {
        return Ok(());
    }
    Err(KeyError::Name(name.to_owned()))
}

pub(crate) fn hash(text: &str) -> String {
    moue::digest::hex(&moue::digest::sha256(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key_ring::KeyRing;

    #[test]
    fn the_file_has_no_key_and_names_are_unique() {
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::new(folder.path().join("deep/keys.json"));
        assert!(file.list().unwrap().is_empty());
        let text = file.add("phone", [Scope::Read].into()).unwrap();
        let stored = std::fs::read_to_string(file.path()).unwrap();
        assert!(!stored.contains(&text) && !stored.contains(&text[PREFIX.len()..]));
        assert!(matches!(
            file.add("phone", [Scope::Read].into()),
            Err(KeyError::Exists(_))
        ));
        let ring = KeyRing::open(file.path()).unwrap();
        assert!(ring.find(&text).unwrap().allows(Scope::Read));
        assert!(!ring.find(&text).unwrap().allows(Scope::Write));
        for wrong in ["", "moue_", &text[..text.len() - 1], &format!("{text}x")] {
            assert_eq!(ring.find(wrong), None, "{wrong}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn the_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::new(folder.path().join("keys.json"));
        file.add("a", [Scope::Admin].into()).unwrap();
        let mode = std::fs::metadata(file.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }

    #[test]
    fn changes_at_once_lose_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let file = KeyFile::new(&path);
                scope.spawn(move || {
                    for number in 0..10 {
                        let name = format!("{thread}-{number}");
                        file.add(&name, [Scope::Read].into()).unwrap();
                    }
                    file.revoke(&format!("{thread}-0")).unwrap();
                });
            }
        });
        assert_eq!(KeyFile::new(&path).list().unwrap().len(), 36);
    }

    #[test]
    fn names_and_scopes_are_checked() {
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::new(folder.path().join("keys.json"));
        let long = "x".repeat(65);
        for name in ["", "a b", "a\nb", "\u{e9}", &long] {
            assert!(matches!(
                file.add(name, [Scope::Read].into()),
                Err(KeyError::Name(_))
            ));
        }
        assert!("root".parse::<Scope>().is_err());
        assert!(matches!(file.revoke("nobody"), Err(KeyError::Unknown(_))));
        std::fs::write(file.path(), "{").unwrap();
        assert!(matches!(file.list(), Err(KeyError::Damaged { .. })));
    }
}
