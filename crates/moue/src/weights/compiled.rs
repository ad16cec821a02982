//! The networks as part of the program.

use super::fingerprint::fingerprint_of;
use super::one_side::load_one_side;
use crate::network::{Network, NetworkError};
use moue_nn::Model;
use std::sync::OnceLock;

/// `crates/moue/models/face_int8.tflite`: finds faces.
pub static FACE_MODEL: &[u8] = include_bytes!("../../models/face_int8.tflite");

/// `crates/moue/models/refine.tflite`: judges a close-up of each proposed face.
pub static REFINE_MODEL: &[u8] = include_bytes!("../../models/refine.tflite");

/// `crates/moue/models/refine_int8.tflite`: the same for cameras, where half the time counts for
/// more than one face in 200.
pub static LIVE_REFINE_MODEL: &[u8] = include_bytes!("../../models/refine_int8.tflite");

/// `crates/moue/models/expression_int8.tflite`: embeds expressions.
pub static EXPRESSION_MODEL: &[u8] = include_bytes!("../../models/expression_int8.tflite");

type Loaded = OnceLock<Result<Model, moue_nn::Error>>;

fn session(loaded: &'static Loaded, bytes: &[u8]) -> Result<Box<dyn Network>, NetworkError> {
    session_of(loaded, || Model::load(bytes))
}

fn session_of(
    loaded: &'static Loaded,
    load: impl FnOnce() -> Result<Model, moue_nn::Error>,
) -> Result<Box<dyn Network>, NetworkError> {
    match loaded.get_or_init(load) {
        Ok(model) => Ok(Box::new(model.session())),
        Err(error) => Err(error.clone().into()),
    }
}

pub(crate) fn face() -> Result<Box<dyn Network>, NetworkError> {
    static LOADED: Loaded = OnceLock::new();
    session(&LOADED, FACE_MODEL)
}

pub(crate) fn refine() -> Result<Box<dyn Network>, NetworkError> {
    static LOADED: Loaded = OnceLock::new();
    session(&LOADED, REFINE_MODEL)
}

pub(crate) fn live_refine() -> Result<Box<dyn Network>, NetworkError> {
    static LOADED: Loaded = OnceLock::new();
    session(&LOADED, LIVE_REFINE_MODEL)
}

pub(crate) fn expression() -> Result<Box<dyn Network>, NetworkError> {
    static LOADED: Loaded = OnceLock::new();
    session(&LOADED, EXPRESSION_MODEL)
}

/// The expression network for one side of a face.
pub(crate) fn one_side() -> Result<Box<dyn Network>, NetworkError> {
    static LOADED: Loaded = OnceLock::new();
    session_of(&LOADED, || load_one_side(EXPRESSION_MODEL))
}

/// The fingerprint of the compiled-in expression network.
pub(super) fn expression_fingerprint() -> &'static str {
    static FINGERPRINT: OnceLock<String> = OnceLock::new();
    FINGERPRINT.get_or_init(|| fingerprint_of(EXPRESSION_MODEL))
}
