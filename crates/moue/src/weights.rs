//! The networks that are compiled in.

use crate::network::{Network, NetworkError};
use moue_nn::Model;
use sha2::{Digest, Sha256};
use std::sync::OnceLock;

/// `models/face.tflite`: finds faces.
pub const FACE_MODEL: &[u8] = include_bytes!("../../../models/face.tflite");

/// `models/expression.tflite`: embeds expressions.
pub const EXPRESSION_MODEL: &[u8] = include_bytes!("../../../models/expression.tflite");

type Loaded = OnceLock<Result<Model, moue_nn::Error>>;

fn session(loaded: &'static Loaded, bytes: &[u8]) -> Result<Box<dyn Network>, NetworkError> {
    match loaded.get_or_init(|| Model::load(bytes)) {
        Ok(model) => Ok(Box::new(model.session())),
        Err(error) => Err(error.clone().into()),
    }
}

pub(crate) fn face() -> Result<Box<dyn Network>, NetworkError> {
    static LOADED: Loaded = OnceLock::new();
    session(&LOADED, FACE_MODEL)
}

pub(crate) fn expression() -> Result<Box<dyn Network>, NetworkError> {
    static LOADED: Loaded = OnceLock::new();
    session(&LOADED, EXPRESSION_MODEL)
}

/// SHA-256 of `bytes`: galleries know pictures by it.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// SHA-256 of `bytes` in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    sha256(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// Names the weights that made an embedding: vectors of different weights cannot be compared.
pub fn expression_fingerprint() -> &'static str {
    static FINGERPRINT: OnceLock<String> = OnceLock::new();
    FINGERPRINT.get_or_init(|| sha256_hex(EXPRESSION_MODEL)[..16].to_owned())
}
