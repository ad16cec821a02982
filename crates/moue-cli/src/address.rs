//! Addresses of galleries on servers, as far as they are told from files.

use anyhow::{Result, bail};
use std::path::Path;

#[cfg(feature = "stores")]
pub(crate) use moue_store::Address;

/// Whether this is an address of a server, such as `postgres://host/database`.
pub(crate) fn is_address(path: &Path) -> bool {
    path.to_str().is_some_and(has_scheme)
}

#[cfg(feature = "stores")]
fn has_scheme(text: &str) -> bool {
    Address::scheme_of(text).is_some()
}

/// Whether a moue with the feature `stores` knows it. Others are names of files here.
#[cfg(not(feature = "stores"))]
fn has_scheme(text: &str) -> bool {
    const SCHEMES: [&str; 3] = ["milvus", "postgres", "postgresql"];
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| SCHEMES.contains(&scheme))
}

/// Refuses an address where a file is needed.
pub(crate) fn require_file(path: &Path) -> Result<()> {
    if !is_address(path) {
        return Ok(());
    }
    #[cfg(feature = "stores")]
    bail!(
        "this command needs a gallery's file; `moue gallery merge mine.moue {}` copies a gallery into one",
        shown(path)
    );
    #[cfg(not(feature = "stores"))]
    bail!(
        "this moue was built without galleries on servers; release binaries have them, and \
         `cargo install --locked --path crates/moue-cli --features stores`"
    );
}

/// What a gallery is called in messages: an address without its password.
pub(crate) fn shown(path: &Path) -> String {
    let text = path.to_string_lossy().into_owned();
    #[cfg(feature = "stores")]
    if is_address(path) {
        return Address::parse(&text)
            .map_or_else(|_| "ADDRESS".to_owned(), |a| a.shown().to_owned());
    }
    text
}
