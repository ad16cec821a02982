//! Where compiled-in files are. The feature `free-weights` has networks of its own, and with them
//! galleries of its own, since embeddings of other networks cannot be compared.

/// The path of a file of the networks.
#[cfg(not(feature = "free-weights"))]
macro_rules! weights_file {
    ($name:literal) => {
        concat!(env!("CARGO_MANIFEST_DIR"), "/models/", $name)
    };
}
#[cfg(feature = "free-weights")]
macro_rules! weights_file {
    ($name:literal) => {
        concat!(env!("CARGO_MANIFEST_DIR"), "/models/free/", $name)
    };
}

/// The path of a gallery.
#[cfg(all(feature = "drawings", not(feature = "free-weights")))]
macro_rules! gallery_file {
    ($name:literal) => {
        concat!(env!("CARGO_MANIFEST_DIR"), "/", $name)
    };
}
#[cfg(all(feature = "drawings", feature = "free-weights"))]
macro_rules! gallery_file {
    ($name:literal) => {
        concat!(env!("CARGO_MANIFEST_DIR"), "/models/free/", $name)
    };
}

#[cfg(feature = "drawings")]
pub(crate) use gallery_file;
pub(crate) use weights_file;
