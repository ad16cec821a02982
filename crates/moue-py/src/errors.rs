//! What can go wrong, and the Python exception for it: a class of `moue._errors`.

use moue::cancel::Cancelled;
use moue::detect::DetectError;
use moue::embed::EmbedError;
use moue::frame::{DecodeError, RawError};
use moue::gallery::GalleryError;
use moue::network::NetworkError;
use moue::video::SourceError;
use moue_index::AddError;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;

/// Why a call fails. Threads without the GIL make it; [`Failure::raise`] makes the exception of it.
pub(crate) enum Failure {
    /// A picture or video, by its name in messages, cannot be read.
    Decode(String, DecodeError),
    /// Raw frames end early.
    Source(String, SourceError),
    /// An array holds no picture.
    Raw(String, RawError),
    /// A picture has no face.
    NoFace(String),
    /// A picture's face cannot be embedded.
    Embed(String, EmbedError),
    /// A network fails.
    Network(String),
    /// A gallery fails.
    Gallery(GalleryError),
    /// A store fails.
    #[cfg(feature = "stores")]
    Store(moue_store::StoreError),
    /// The timeout has passed.
    Cancelled,
}

impl Failure {
    /// A failed detection.
    pub(crate) fn detect(error: DetectError) -> Self {
        match error {
            DetectError::Cancelled(_) => Self::Cancelled,
            error => Self::Network(error.to_string()),
        }
    }

    /// A picture that cannot be decoded.
    pub(crate) fn decode(name: &str, error: DecodeError) -> Self {
        match error {
            DecodeError::Cancelled(_) => Self::Cancelled,
            error => Self::Decode(name.to_owned(), error),
        }
    }

    /// A source of frames that ends early.
    pub(crate) fn source(name: &str, error: SourceError) -> Self {
        match error {
            SourceError::Decode(error) => Self::decode(name, error),
            error => Self::Source(name.to_owned(), error),
        }
    }

    /// The exception.
    pub(crate) fn raise(self, py: Python<'_>) -> PyErr {
        match self {
            Self::Decode(name, DecodeError::Read(error)) => os_error(&name, &error),
            Self::Decode(name, error) => exception(py, "PictureError", format!("{name}: {error}")),
            Self::Source(name, error) => exception(py, "PictureError", format!("{name}: {error}")),
            Self::Raw(name, error) => exception(py, "PictureError", format!("{name}: {error}")),
            Self::NoFace(name) => exception(py, "NoFaceError", format!("{name}: no face found")),
            Self::Embed(name, error) => exception(py, "NoFaceError", format!("{name}: {error}")),
            Self::Network(error) => exception(py, "NetworkError", error),
            Self::Gallery(error) => gallery_exception(py, &error),
            #[cfg(feature = "stores")]
            Self::Store(error) => store_exception(py, &error),
            Self::Cancelled => exception(py, "DeadlineError", "the timeout has passed".to_owned()),
        }
    }
}

impl From<Cancelled> for Failure {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl From<NetworkError> for Failure {
    fn from(error: NetworkError) -> Self {
        Self::Network(error.to_string())
    }
}

impl From<GalleryError> for Failure {
    fn from(error: GalleryError) -> Self {
        match error {
            GalleryError::Cancelled(_) => Self::Cancelled,
            error => Self::Gallery(error),
        }
    }
}

#[cfg(feature = "stores")]
impl From<moue_store::StoreError> for Failure {
    fn from(error: moue_store::StoreError) -> Self {
        match error {
            moue_store::StoreError::Cancelled(_) => Self::Cancelled,
            moue_store::StoreError::File(error) => error.into(),
            error => Self::Store(error),
        }
    }
}

#[cfg(feature = "stores")]
impl From<moue_index::StoreAddError> for Failure {
    fn from(error: moue_index::StoreAddError) -> Self {
        match error {
            moue_index::StoreAddError::Add(error) => error.into(),
            moue_index::StoreAddError::Store(error) => error.into(),
            other => Self::Network(other.to_string()),
        }
    }
}

impl From<AddError> for Failure {
    fn from(error: AddError) -> Self {
        match error {
            AddError::Gallery(error) => error.into(),
            AddError::Network(error) => error.into(),
            other => Self::Network(other.to_string()),
        }
    }
}

/// An exception of `moue._errors`.
fn exception(py: Python<'_>, class: &str, message: String) -> PyErr {
    let made = py
        .import("moue._errors")
        .and_then(|module| module.getattr(class)?.call1((message,)));
    // Without the package around this module there is no such class; the error of that is as good.
    made.map_or_else(|error| error, PyErr::from_value)
}

fn gallery_exception(py: Python<'_>, error: &GalleryError) -> PyErr {
    let class = match error {
        GalleryError::Missing(_) => "GalleryMissingError",
        GalleryError::Busy(_) => "GalleryBusyError",
        GalleryError::Damaged { .. } | GalleryError::Foreign { .. } => "GalleryDamagedError",
        GalleryError::OtherWeights { .. } => "OtherWeightsError",
        GalleryError::ReadOnly(_) => "GalleryReadOnlyError",
        _ => "GalleryError",
    };
    exception(py, class, error.to_string())
}

#[cfg(feature = "stores")]
fn store_exception(py: Python<'_>, error: &moue_store::StoreError) -> PyErr {
    use moue_store::StoreError;
    let class = match error {
        StoreError::Missing { .. } => "GalleryMissingError",
        StoreError::OtherWeights { .. } => "OtherWeightsError",
        StoreError::Unreachable { .. } => "StoreUnreachableError",
        _ => "GalleryError",
    };
    exception(py, class, error.to_string())
}

/// `FileNotFoundError` and its relatives, with the file's name, as `open` raises them.
fn os_error(name: &str, error: &std::io::Error) -> PyErr {
    let Some(code) = error.raw_os_error() else {
        return PyOSError::new_err(format!("{name}: {error}"));
    };
    // Python adds the number to the text itself.
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text).to_owned();
    PyOSError::new_err((code, text, name.to_owned()))
}
