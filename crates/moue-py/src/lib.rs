//! The native module of the Python package `moue`: `moue._moue`.
//!
//! What users import is in `python/moue`, whose types are the public interface. Here is what crosses the
//! border: pictures of all kinds in, dataclasses of `moue._types` out.
//!
//! Every call runs on threads of its own without the GIL. The calling thread waits and asks Python for
//! signals meanwhile, so that Ctrl-C ends any work. No thread outlives its call: a program may fork
//! between two calls, as `multiprocessing` does.

// Imports go from right to left: `errors`, `arrays` → `results`, `interrupt`, `options`, `picture` →
// `engine` → `gallery` → `store` → `finder`, `timeline` → `functions`.
mod arrays;
mod engine;
mod errors;
mod finder;
mod functions;
mod gallery;
mod interrupt;
mod options;
mod picture;
mod results;
#[cfg(feature = "stores")]
mod store;
mod timeline;

use pyo3::prelude::*;

/// The module.
#[pymodule(gil_used = false)]
mod _moue {
    #[pymodule_export]
    use crate::finder::Finder;
    #[pymodule_export]
    use crate::functions::{detect, detect_many, drawing, emotions, represent};
    #[pymodule_export]
    use crate::gallery::Gallery;
    #[cfg(feature = "stores")]
    #[pymodule_export]
    use crate::store::Store;
    #[pymodule_export]
    use crate::timeline::timeline;
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("FINGERPRINT", moue::weights::expression_fingerprint())
    }
}
