//! The folder into which a collection is fetched: pictures, each with a side-car file.

use super::fetch::FetchError;
use super::listing::ListedPicture;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Endings of pictures that collections have, of which a kept one may have any.
const ENDINGS: [&str; 4] = ["jpg", "png", "gif", "webp"];

/// Characters of a file's name that are taken from an id. File systems allow 255 bytes, of which
/// endings and the prefix of temporary files take a part.
const MAX_NAME_CHARS: usize = 80;

/// An id as the name of a file: letters, digits, `-` and `_`. Every other character becomes `_`, so
/// that no id leads out of the folder. `None` if no other than `_` is left.
pub(super) fn file_name(id: &str) -> Option<String> {
    let name: String = id.chars().take(MAX_NAME_CHARS).map(harmless).collect();
    name.chars().any(|c| c != '_').then_some(name)
}

fn harmless(c: char) -> char {
    if c.is_ascii_alphanumeric() || c == '-' {
        c
    } else {
        '_'
    }
}

/// The picture of an earlier run, if its content is still the one that its side-car records.
pub(super) fn find_kept(folder: &Path, name: &str) -> Option<PathBuf> {
    ENDINGS
        .iter()
        .map(|ending| folder.join(format!("{name}.{ending}")))
        .find(|file| is_intact(file))
}

fn is_intact(file: &Path) -> bool {
    let Ok(bytes) = std::fs::read(file) else {
        return false;
    };
    let sidecar = std::fs::read(sidecar_path(file)).ok();
    let sidecar: Option<Value> = sidecar.and_then(|json| serde_json::from_slice(&json).ok());
    sidecar.is_some_and(|sidecar| sidecar["sha256"] == moue::digest::sha256_hex(&bytes))
}

fn sidecar_path(file: &Path) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(".json");
    path.into()
}

/// Writes a picture and its side-car, with title, tags, address and SHA-256.
///
/// # Errors
/// [`FetchError`] if the bytes are no picture or cannot be written.
pub(super) fn write_picture(
    folder: &Path,
    name: &str,
    listed: &ListedPicture,
    bytes: &[u8],
) -> Result<PathBuf, FetchError> {
    let about = json!({ "title": listed.title, "tags": listed.tags, "url": listed.url });
    write_with(folder, name, bytes, about)
}

/// Writes a picture, and a side-car with what is known about it and its SHA-256.
///
/// # Errors
/// As for [`write_picture`].
pub(super) fn write_with(
    folder: &Path,
    name: &str,
    bytes: &[u8],
    mut sidecar: Value,
) -> Result<PathBuf, FetchError> {
    let format = image::guess_format(bytes)
        .map_err(|_| FetchError::Refused("the answer is no picture".into()))?;
    let ending = format.extensions_str().first().copied().unwrap_or("bin");
    let file = folder.join(format!("{name}.{ending}"));
    sidecar["sha256"] = moue::digest::sha256_hex(bytes).into();
    // The side-car goes last: without it the picture would be fetched again.
    write_atomically(&file, bytes)?;
    write_atomically(&sidecar_path(&file), sidecar.to_string().as_bytes())?;
    Ok(file)
}

/// Deletes a picture and its side-car. One that cannot be deleted is only a file too many.
pub(super) fn delete(file: &Path) {
    let _ = std::fs::remove_file(file);
    let _ = std::fs::remove_file(sidecar_path(file));
}

/// The tags in the side-car of a picture.
pub(super) fn sidecar_tags(file: &Path) -> Option<Vec<String>> {
    let bytes = std::fs::read(sidecar_path(file)).ok()?;
    Some(crate::metadata::read_sidecar(&bytes)?.tags)
}

/// Writes a file under a temporary name and renames it, so that it is complete or absent.
fn write_atomically(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut temporary = tempfile::Builder::new()
        .prefix(".moue-")
        .tempfile_in(folder)?;
    temporary.write_all(bytes)?;
    temporary.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_harmless_names() {
        assert_eq!(
            file_name("../../etc/passwd").as_deref(),
            Some("______etc_passwd")
        );
        assert_eq!(file_name("../.."), None);
        assert_eq!(file_name("a-1").as_deref(), Some("a-1"));
    }
}
