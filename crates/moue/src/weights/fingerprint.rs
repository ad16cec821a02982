//! The name of a file of weights.

use crate::digest::sha256_hex;

/// The fingerprint of an expression network's file: the start of its SHA-256, in hexadecimal.
pub fn fingerprint_of(model: &[u8]) -> String {
    sha256_hex(model)[..16].to_owned()
}
