//! Which picture is in work, and how often a worker died of which.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Result;
use std::path::{Path, PathBuf};

/// The journal of a part: a file that is replaced as a whole for each picture, as a worker may die at
/// any time.
pub(crate) struct Journal {
    file: PathBuf,
    deaths: BTreeMap<String, u32>,
}

#[derive(Serialize, Deserialize)]
struct Record {
    path: String,
    deaths: BTreeMap<String, u32>,
    /// For people who look for the one that hangs.
    pid: u32,
}

impl Journal {
    /// The journal in this file: the picture that was in work when it was left has killed its worker.
    pub(crate) fn open(file: PathBuf) -> Self {
        let before = std::fs::read(&file).ok();
        // One that cannot be read is of a machine that lost its power: its picture is tried again.
        let before = before.and_then(|bytes| serde_json::from_slice::<Record>(&bytes).ok());
        let deaths = before.map_or_else(BTreeMap::new, |record| {
            let mut deaths = record.deaths;
            *deaths.entry(record.path).or_default() += 1;
            deaths
        });
        Self { file, deaths }
    }

    pub(crate) fn deaths(&self, path: &str) -> u32 {
        self.deaths.get(path).copied().unwrap_or(0)
    }

    /// A picture is in work from now on.
    pub(crate) fn starts(&self, path: &str) -> Result<()> {
        let record = Record {
            path: path.to_owned(),
            deaths: self.deaths.clone(),
            pid: std::process::id(),
        };
        replace(&self.file, &serde_json::to_vec(&record)?)
    }

    /// Nothing is in work; deaths are kept.
    pub(crate) fn remove(&self) {
        // One that stays is of a part that is not done again.
        let _ = std::fs::remove_file(&self.file);
    }
}

/// Writes a file under another name first: under its own it is whole.
pub(crate) fn replace(file: &Path, content: &[u8]) -> Result<()> {
    // Two workers may do one part at the same time, as after a network's failure.
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = PathBuf::from(name);
    std::fs::write(&part, content)?;
    std::fs::rename(&part, file)
}
