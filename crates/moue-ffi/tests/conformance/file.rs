//! The conformance file, as `tests/conformance/README.md` describes it.

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The folder of the file and its pictures.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/conformance"
    ))
}

/// Where the results of this machine's processor go.
pub(crate) fn on_this_machine() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    // target/release/deps/conformance-… → target
    let target = program.ancestors().nth(3).unwrap();
    target.join("conformance.json")
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Conformance {
    pub(crate) schema: String,
    /// Fingerprint of the weights that the distances are of.
    pub(crate) fingerprint: String,
    pub(crate) cases: Vec<Case>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Case {
    pub(crate) file: String,
    /// Of a file that is no picture file but pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) layout: Option<Layout>,
    pub(crate) effort: String,
    pub(crate) nearest: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    #[serde(default)]
    pub(crate) faces: Vec<FaceCase>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Layout {
    pub(crate) format: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) stride: u32,
    pub(crate) chroma_stride: u32,
    pub(crate) range: String,
    pub(crate) matrix: String,
    pub(crate) rotation: u32,
    pub(crate) mirrored: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FaceCase {
    #[serde(rename = "box")]
    pub(crate) bounds: [f32; 4],
    pub(crate) score: f32,
    pub(crate) matches: Vec<MatchCase>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct MatchCase {
    pub(crate) path: String,
    pub(crate) distance: f32,
}

/// What a case is made of.
pub(crate) struct Input;

impl Input {
    pub(crate) const SCHEMA: &str = "moue.conformance/1";
}

impl Case {
    pub(crate) fn has_format(&self, name: &str) -> bool {
        self.layout.as_ref().is_some_and(|l| l.format == name)
    }
}

impl Conformance {
    pub(crate) fn read() -> Self {
        let text = std::fs::read_to_string(folder().join("conformance.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) fn write(&self, path: &Path) {
        let text = serde_json::to_string_pretty(self).unwrap();
        std::fs::write(path, text + "\n").unwrap();
    }

    /// All cases, without their results.
    pub(crate) fn skeleton() -> Self {
        Self {
            schema: Input::SCHEMA.into(),
            fingerprint: moue_ffi::fingerprint(),
            cases: super::pictures::cases(),
        }
    }
}
