//! Files that a graph's options name, and those that are built in.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Where files named in options are.
#[derive(Debug, Clone, Default)]
pub struct Resources {
    folder: Option<PathBuf>,
}

/// A file named in options that can't be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {source}{hint}", path.display())]
pub struct ResourceError {
    path: PathBuf,
    hint: &'static str,
    source: std::io::Error,
}

impl Resources {
    /// Files are looked for under `folder`, by the path as it is written; `None` for the working
    /// folder.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder }
    }

    /// Reads a file. `builtin:face.tflite` and `builtin:expression.tflite` are moue's own networks.
    ///
    /// # Errors
    /// [`ResourceError`] with the path that was tried.
    pub fn read(&self, name: &str) -> Result<Cow<'static, [u8]>, ResourceError> {
        match name {
            "builtin:face.tflite" => return Ok(Cow::Borrowed(moue::weights::FACE_MODEL)),
            "builtin:expression.tflite" => {
                return Ok(Cow::Borrowed(moue::weights::EXPRESSION_MODEL));
            }
            _ => {}
        }
        let path = self.folder.as_deref().unwrap_or(Path::new("")).join(name);
        let hint = if self.folder.is_none() {
            "; the folder of model files can be given (--models)"
        } else {
            ""
        };
        std::fs::read(&path)
            .map(Cow::Owned)
            .map_err(|source| ResourceError { path, hint, source })
    }
}
