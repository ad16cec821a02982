//! Content hashes: a gallery identifies a picture by the SHA-256 of its file.

use sha2::{Digest, Sha256};

/// SHA-256 of `bytes`, by which galleries identify pictures.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Bytes that are read at once: much more than a system call costs, and small enough for caches.
const BUFFER: usize = 1 << 16;

/// SHA-256 of all bytes of `reader`, which are never in memory as a whole.
///
/// # Errors
/// The error of the reader.
pub fn sha256_of(reader: &mut impl std::io::Read) -> std::io::Result<[u8; 32]> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(digest.finalize().into()),
            read => digest.update(&buffer[..read]),
        }
    }
}

/// SHA-256 of `bytes` in hexadecimal.
///
/// ```
/// use moue::digest::{from_hex, sha256, sha256_hex};
/// assert_eq!(from_hex(&sha256_hex(b"a picture")), Some(sha256(b"a picture")));
/// ```
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&sha256(bytes))
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The 32 bytes of 64 hexadecimal digits, as SHA-256 sums are written.
pub fn from_hex(text: &str) -> Option<[u8; 32]> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    pairs
        .iter()
        .map(byte)
        .collect::<Option<Vec<u8>>>()?
        .try_into()
        .ok()
}
