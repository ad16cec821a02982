//! A picked picture in the clipboard.

use super::item::Item;
use crate::clipboard::{self, Content};
use crate::matched::{self, AnimationOf};
use crate::stores::Store;
use anyhow::{Context, Result};
use image::RgbaImage;
use moue::{Match, digest};
use std::path::{Path, PathBuf};

/// Puts a picture into the clipboard: an emoji as text, an animation as its file, as pixels do not
/// move, and everything else as a picture, together with its file if it has one.
pub(crate) fn copy(gallery: Option<&Store>, item: &Item) -> Result<()> {
    let found = item.to_match();
    let animation = match item.emoji {
        Some(_) => None,
        // What cannot be read may still have a thumbnail.
        None => matched::animation(&found).unwrap_or_default(),
    };
    clipboard::put(match animation {
        Some(animation) => Content::File(file_of(animation, &found)?),
        None => match clipboard::content(gallery, &found)? {
            Content::Picture(picture) => with_file(picture, &found),
            other => other,
        },
    })
}

fn with_file(picture: RgbaImage, found: &Match) -> Content {
    match matched::picture_file(found) {
        Some(file) => Content::PictureFile(picture, file),
        None => Content::Picture(picture),
    }
}

/// A file that other programs can read.
fn file_of(animation: AnimationOf, found: &Match) -> Result<PathBuf> {
    match animation {
        // A gallery may name it from the folder in which it was made.
        AnimationOf::File(path) => Ok(path.canonicalize()?),
        AnimationOf::Member(bytes) => {
            let folder =
                cache_folder().context("there is no folder for what is taken out of a ZIP")?;
            unpack(&folder, &found.path, &bytes)
        }
    }
}

/// Writes an animation into a folder of its content, so that picking it again finds it there.
fn unpack(folder: &Path, path: &str, bytes: &[u8]) -> Result<PathBuf> {
    let content = digest::hex(&digest::sha256(bytes));
    let folder = folder.join(&content[..16]);
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(Path::new(path).file_name().context("it has no name")?);
    std::fs::write(&path, bytes).with_context(|| path.display().to_string())?;
    Ok(path)
}

/// Where the system keeps what can be made again.
fn cache_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let folder = if cfg!(windows) {
        set("LOCALAPPDATA")?
    } else if cfg!(target_os = "macos") {
        set("HOME")?.join("Library/Caches")
    } else {
        set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")))?
    };
    folder.is_absolute().then(|| folder.join("moue/picked"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unpacked_has_its_name_and_stays_in_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = unpack(folder.path(), "../../cat.gif", b"GIF89a").unwrap();
        assert!(path.starts_with(folder.path()) && path.ends_with("cat.gif"));
        assert_eq!(std::fs::read(&path).unwrap(), b"GIF89a");
        assert_eq!(unpack(folder.path(), "cat.gif", b"GIF89a").unwrap(), path);
        assert!(unpack(folder.path(), "..", b"GIF89a").is_err());
    }
}
