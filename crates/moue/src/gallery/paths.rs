//! Paths as text, without loss.
//!
//! A path of Unix is bytes, and records are JSON, which is Unicode. Bytes that are no UTF-8 become
//! characters of a private range, U+10FF80 to U+10FFFF for 0x80 to 0xFF; so do the bytes of names
//! that have such characters already. Every path has one text, and each text leads back to its path.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The character for the byte 0.
const FIRST: u32 = 0x10_FF00;

/// The text by which a gallery stores a path.
///
/// ```
/// use moue::gallery::{path_of, stored_text};
/// use std::path::Path;
/// assert_eq!(stored_text(Path::new("Noël.jpg")), "Noël.jpg");
/// assert_eq!(path_of("Noël.jpg"), Path::new("Noël.jpg"));
/// ```
pub fn stored_text(path: &Path) -> String {
    let mut text = String::new();
    for chunk in bytes_of(path).utf8_chunks() {
        for c in chunk.valid().chars() {
            if byte_of(c).is_some() {
                // As the characters stand for bytes, those of the name itself must too.
                let mut buffer = [0; 4];
                text.extend(c.encode_utf8(&mut buffer).bytes().map(char_of));
            } else {
                text.push(c);
            }
        }
        text.extend(chunk.invalid().iter().map(|byte| char_of(*byte)));
    }
    text
}

/// The path that a stored text is of.
pub fn path_of(text: &str) -> PathBuf {
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match byte_of(c) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend(c.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    PathBuf::from(from_bytes(bytes))
}

/// A stored text as people read it: bytes that are no UTF-8 as `\xEB`.
///
/// ```
/// # #[cfg(unix)] {
/// use moue::gallery::{shown_path, stored_text};
/// use std::os::unix::ffi::OsStrExt;
/// let latin1 = std::ffi::OsStr::from_bytes(b"No\xebl.jpg");
/// assert_eq!(shown_path(&stored_text(latin1.as_ref())), r"No\xEBl.jpg");
/// # }
/// ```
pub fn shown_path(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match byte_of(c) {
            Some(byte) => shown.push_str(&format!("\\x{byte:02X}")),
            None => shown.push(c),
        }
    }
    shown
}

/// The exact bytes of a stored text's path in hexadecimal, if they are no UTF-8.
pub fn path_bytes(text: &str) -> Option<String> {
    let is_escaped = text.chars().any(|c| byte_of(c).is_some());
    is_escaped.then(|| crate::digest::hex(&bytes_of(&path_of(text))))
}

fn char_of(byte: u8) -> char {
    char::from_u32(FIRST + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The byte that a character stands for; no byte below 0x80 needs one.
fn byte_of(c: char) -> Option<u8> {
    let byte = u32::from(c).checked_sub(FIRST + 0x80)?;
    u8::try_from(byte + 0x80).ok()
}

#[cfg(unix)]
fn bytes_of(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes().to_vec()
}

#[cfg(unix)]
fn from_bytes(bytes: Vec<u8>) -> OsString {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(bytes)
}

// Elsewhere names are Unicode, but for halves of surrogate pairs, which no program writes on
// purpose.
#[cfg(not(unix))]
fn bytes_of(path: &Path) -> Vec<u8> {
    path.to_string_lossy().into_owned().into_bytes()
}

#[cfg(not(unix))]
fn from_bytes(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_name_comes_back(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let path = PathBuf::from(from_bytes(bytes.clone()));
            prop_assert_eq!(bytes_of(&path_of(&stored_text(&path))), bytes.clone());
            let is_text = std::str::from_utf8(&bytes).is_ok();
            prop_assert!(is_text || path_bytes(&stored_text(&path)).is_some());
        }

        #[test]
        fn names_with_the_private_characters_come_back(c in 0x10_FF00u32..=0x10_FFFF) {
            let name = format!("a{}b", char::from_u32(c).unwrap());
            let text = stored_text(Path::new(&name));
            prop_assert_eq!(path_of(&text), Path::new(&name));
        }
    }
}
