//! Signatures of Discord's requests.

use anyhow::{Context, Result};
use ring::signature::{ED25519, UnparsedPublicKey};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How old a request may be, or how far ahead of this machine's clock: an answer to a command is taken
/// for 15 minutes, so an older request is of no use to anybody but who has recorded it.
const MAX_AGE: Duration = Duration::from_secs(15 * 60);

/// The public key of an application: Discord has the secret one.
#[derive(Debug)]
pub struct PublicKey(UnparsedPublicKey<[u8; 32]>);

impl PublicKey {
    /// The key in hexadecimal, as the application's page shows it.
    ///
    /// # Errors
    /// If it is no such key.
    ///
    /// ```
    /// use moue_bots::discord::PublicKey;
    /// assert!(PublicKey::parse(&"ab".repeat(32)).is_ok());
    /// assert!(PublicKey::parse("secret").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self> {
        let bytes = bytes_of(text).context("the public key has 64 hexadecimal digits")?;
        Ok(Self(UnparsedPublicKey::new(&ED25519, bytes)))
    }

    /// Whether Discord has signed this body and this time, in seconds since 1970, within the last
    /// minutes.
    pub(super) fn has_signed(&self, signature: &str, timestamp: &str, body: &[u8]) -> bool {
        let Some(signature) = bytes_of::<64>(signature) else {
            return false;
        };
        let signed = [timestamp.as_bytes(), body].concat();
        is_recent(timestamp) && self.0.verify(&signed, &signature).is_ok()
    }
}

fn is_recent(timestamp: &str) -> bool {
    let Ok(then) = timestamp.parse::<u64>() else {
        return false;
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.is_ok_and(|now| now.as_secs().abs_diff(then) <= MAX_AGE.as_secs())
}

/// The bytes of a hexadecimal number of this length; `None` for anything else.
fn bytes_of<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).ok()?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(bytes)
}
