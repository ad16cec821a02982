//! The networks as part of the program.

use super::fingerprint::fingerprint_of;
use super::one_side::ONE_SIDE;
use crate::compiled_files::weights_file;
use crate::network::{Loaded, Network, NetworkError};
use std::sync::OnceLock;

/// `crates/moue/models/face_int8.tflite`: finds faces. With the feature `free-weights` this and the
/// others are those of `crates/moue/models/free/`.
pub static FACE_MODEL: &[u8] = include_bytes!(weights_file!("face_int8.tflite"));

/// `crates/moue/models/refine_int8.tflite`: judges a close-up of each proposed face.
pub static REFINE_MODEL: &[u8] = include_bytes!(weights_file!("refine_int8.tflite"));

/// `crates/moue/models/expression_int8.tflite`: embeds expressions.
pub static EXPRESSION_MODEL: &[u8] = include_bytes!(weights_file!("expression_int8.tflite"));

type Once = OnceLock<Result<Loaded, NetworkError>>;

fn session(once: &'static Once, bytes: &[u8]) -> Result<Box<dyn Network>, NetworkError> {
    session_of(once, || Loaded::load(bytes))
}

fn session_of(
    once: &'static Once,
    load: impl FnOnce() -> Result<Loaded, NetworkError>,
) -> Result<Box<dyn Network>, NetworkError> {
    match once.get_or_init(load) {
        Ok(loaded) => Ok(Box::new(loaded.runner()?)),
        Err(error) => Err(error.clone()),
    }
}

pub(crate) fn face() -> Result<Box<dyn Network>, NetworkError> {
    static LOADED: Once = OnceLock::new();
    session(&LOADED, FACE_MODEL)
}

pub(crate) fn refine() -> Result<Box<dyn Network>, NetworkError> {
    static LOADED: Once = OnceLock::new();
    session(&LOADED, REFINE_MODEL)
}

pub(crate) fn expression() -> Result<Box<dyn Network>, NetworkError> {
    static LOADED: Once = OnceLock::new();
    session(&LOADED, EXPRESSION_MODEL)
}

/// The expression network for one side of a face.
pub(crate) fn one_side() -> Result<Box<dyn Network>, NetworkError> {
    static LOADED: Once = OnceLock::new();
    session_of(&LOADED, || Loaded::load_from(EXPRESSION_MODEL, ONE_SIDE, 1))
}

/// The fingerprint of the compiled-in expression network.
pub(super) fn expression_fingerprint() -> &'static str {
    static FINGERPRINT: OnceLock<String> = OnceLock::new();
    FINGERPRINT.get_or_init(|| fingerprint_of(EXPRESSION_MODEL))
}
