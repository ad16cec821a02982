//! The files that options name.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// The folder of the files that options name, such as `model_path` of `InferenceCalculator`.
///
/// ```
/// use moue_graph::Resources;
/// let resources = Resources::new(Some("models".into()));
/// let network = resources.read("builtin:face.tflite")?;
/// assert!(!network.is_empty());
/// assert!(resources.read("no_such.tflite").is_err());
/// # Ok::<(), moue_graph::ResourceError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Resources {
    folder: Option<PathBuf>,
}

/// A file named in options that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {source}{hint}", path.display())]
pub struct ResourceError {
    path: PathBuf,
    hint: &'static str,
    source: std::io::Error,
}

impl Resources {
    /// Paths in options are relative to `folder`, or to the working folder for `None`.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder }
    }

    /// Reads a file. `builtin:face.tflite`, `builtin:refine.tflite` and `builtin:expression.tflite`
    /// are moue's own networks, which are compiled in.
    ///
    /// # Errors
    /// [`ResourceError`] with the path that was tried.
    pub fn read(&self, name: &str) -> Result<Cow<'static, [u8]>, ResourceError> {
        match name {
            "builtin:face.tflite" => return Ok(Cow::Borrowed(moue::weights::FACE_MODEL)),
            "builtin:refine.tflite" => return Ok(Cow::Borrowed(moue::weights::REFINE_MODEL)),
            "builtin:expression.tflite" => {
                return Ok(Cow::Borrowed(moue::weights::EXPRESSION_MODEL));
            }
            _ => {}
        }
        let path = self.folder.as_deref().unwrap_or(Path::new("")).join(name);
        let hint = if self.folder.is_none() {
            "; no folder of model files was given"
        } else {
            ""
        };
        std::fs::read(&path)
            .map(Cow::Owned)
            .map_err(|source| ResourceError { path, hint, source })
    }
}
