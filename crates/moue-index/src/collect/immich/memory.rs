//! What a folder remembers of a server: a line of JSON for each change, the last of an asset counts.

use super::ImmichError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Error, Read, Write};
use std::path::Path;

/// The file, in the folder of the pictures.
const NAME: &str = "assets.jsonl";

/// Bytes of the file that are read: five million assets.
const MAX_BYTES: u64 = 1 << 30;

/// An asset that was fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Remembered {
    /// What of it was fetched; empty if it has to be fetched again.
    pub(super) version: String,
    /// The name of its file; none if there is no face in it.
    pub(super) file: Option<String>,
    /// Bytes of the file.
    pub(super) bytes: u64,
    /// SHA-256 of the file in hexadecimal.
    pub(super) sha256: String,
}

/// A line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Server(String),
    Asset(String, Remembered),
    Gone(String),
}

/// The assets of a folder. Lines are appended, so that a run that is killed loses nothing that it has
/// finished, and a large library is not written anew for each picture; opening compacts them.
pub(super) struct Memory {
    assets: BTreeMap<String, Remembered>,
    file: File,
}

impl Memory {
    pub(super) fn open(folder: &Path, server: &str) -> Result<Self, ImmichError> {
        let failed = |error: Error| ImmichError::Folder(folder.into(), error);
        std::fs::create_dir_all(folder).map_err(failed)?;
        let path = folder.join(NAME);
        let assets = match File::open(&path) {
            Ok(file) => read(file, folder, server)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(failed(error)),
        };
        let file = write(folder, server, &assets).map_err(failed)?;
        Ok(Self { assets, file })
    }

    pub(super) fn get(&self, id: &str) -> Option<&Remembered> {
        self.assets.get(id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Remembered)> {
        self.assets.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.assets.len()
    }

    pub(super) fn put(&mut self, id: &str, asset: Remembered) -> Result<(), Error> {
        let bytes = line(&Line::Asset(id.to_owned(), asset.clone()))?;
        self.file.write_all(&bytes)?;
        self.assets.insert(id.to_owned(), asset);
        Ok(())
    }

    pub(super) fn forget(&mut self, id: &str) -> Result<(), Error> {
        self.file.write_all(&line(&Line::Gone(id.to_owned()))?)?;
        self.assets.remove(id);
        Ok(())
    }
}

/// Writes all that is remembered into a new file, which takes the place of the old one, and opens it for
/// more lines.
fn write(
    folder: &Path,
    server: &str,
    assets: &BTreeMap<String, Remembered>,
) -> Result<File, Error> {
    let mut lines = line(&Line::Server(server.to_owned()))?;
    for (id, asset) in assets {
        lines.extend(line(&Line::Asset(id.clone(), asset.clone()))?);
    }
    let mut made = tempfile::Builder::new();
    let mut file = made.prefix(".moue-").tempfile_in(folder)?;
    file.write_all(&lines)?;
    let path = folder.join(NAME);
    file.persist(&path)?;
    File::options().append(true).open(&path)
}

fn line(line: &Line) -> Result<Vec<u8>, Error> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn read(
    file: File,
    folder: &Path,
    server: &str,
) -> Result<BTreeMap<String, Remembered>, ImmichError> {
    let mut assets = BTreeMap::new();
    for text in BufReader::new(file.take(MAX_BYTES)).split(b'\n') {
        let text = text.map_err(|error| ImmichError::Folder(folder.into(), error))?;
        // A line that was cut off by a kill is one asset that is fetched again.
        match serde_json::from_slice(&text) {
            Ok(Line::Server(known)) if known != server => {
                return Err(ImmichError::OtherServer {
                    folder: folder.into(),
                    server: known,
                });
            }
            Ok(Line::Asset(id, asset)) if is_name(asset.file.as_deref()) => {
                assets.insert(id, asset);
            }
            Ok(Line::Gone(id)) => {
                assets.remove(&id);
            }
            _ => {}
        }
    }
    Ok(assets)
}

/// Whether it is a file of the folder itself, whatever somebody has written into the memory.
fn is_name(file: Option<&str>) -> bool {
    file.is_none_or(|name| !name.contains(['/', '\\']) && !name.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(version: &str) -> Remembered {
        Remembered {
            version: version.into(),
            file: Some("a.jpg".into()),
            bytes: 3,
            sha256: "00".into(),
        }
    }

    #[test]
    fn what_was_put_is_there_after_a_kill() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Memory::open(folder.path(), "https://a").unwrap();
        let mut memory = open();
        memory.put("1", asset("one")).unwrap();
        memory.put("2", asset("two")).unwrap();
        memory.put("1", asset("three")).unwrap();
        memory.forget("2").unwrap();
        let path = folder.path().join(NAME);
        let mut file = File::options().append(true).open(&path).unwrap();
        file.write_all(b"{\"asset\":[\"3\",{\"vers").unwrap();
        let mut memory = open();
        assert_eq!((memory.len(), memory.get("1")), (1, Some(&asset("three"))));
        memory.put("4", asset("four")).unwrap();
        assert_eq!(open().len(), 2);
        let lines = std::fs::read_to_string(&path).unwrap();
        assert_eq!(lines.lines().count(), 3, "{lines}");
    }

    #[test]
    fn another_server_and_paths_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        drop(Memory::open(folder.path(), "https://a").unwrap());
        let other = Memory::open(folder.path(), "https://b");
        assert!(matches!(other, Err(ImmichError::OtherServer { .. })));
        let mut memory = Memory::open(folder.path(), "https://a").unwrap();
        for name in ["../x", "/etc/passwd", ".."] {
            let outside = Remembered {
                file: Some(name.into()),
                ..asset("")
            };
            memory.put(name, outside).unwrap();
        }
        let memory = Memory::open(folder.path(), "https://a").unwrap();
        assert_eq!(memory.len(), 0);
    }
}
