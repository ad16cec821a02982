//! `moue.Gallery`.

pub(crate) mod adding;
pub(crate) mod editing;
mod rows;

use crate::arrays;
use crate::engine::Batch;
use crate::errors::Failure;
use crate::interrupt::{interruptible, token};
use crate::options;
use crate::results::{self, Object};
use moue::cancel::CancelToken;
use moue::gallery::{GalleryError, MemoryStorage, Search, SearchOptions};
use moue::{Expression, Match};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// Pictures with the expressions of their faces: one file, which one program writes and any number
/// read.
///
/// `Gallery.open` opens a file for reading, with `write=True` for changes too; `Gallery.create` makes
/// it if there is none. Galleries may be used by several threads at once, and those that are open for
/// reading can be pickled.
#[pyclass(frozen, weakref, module = "moue")]
pub(crate) struct Gallery {
    /// `None` once it is closed.
    inner: RwLock<Option<Arc<moue::Gallery>>>,
    kind: Kind,
}

/// Where a gallery is.
#[derive(Clone, PartialEq)]
enum Kind {
    Builtin,
    Emoji,
    Memory,
    ReadOnly(PathBuf),
    Writable(PathBuf),
}

/// The compiled-in galleries are opened once.
static BUILTIN: OnceLock<Arc<moue::Gallery>> = OnceLock::new();
static EMOJI: OnceLock<Arc<moue::Gallery>> = OnceLock::new();

fn shared(
    cell: &OnceLock<Arc<moue::Gallery>>,
    open: fn() -> Result<moue::Gallery, GalleryError>,
) -> Result<Arc<moue::Gallery>, GalleryError> {
    if let Some(gallery) = cell.get() {
        return Ok(gallery.clone());
    }
    let gallery = Arc::new(open()?);
    Ok(cell.get_or_init(|| gallery).clone())
}

impl Gallery {
    fn opened(
        py: Python<'_>,
        kind: Kind,
        open: impl FnOnce() -> Result<Arc<moue::Gallery>, GalleryError> + Send,
    ) -> PyResult<Self> {
        let inner = interruptible(py, &CancelToken::default(), open)?;
        let inner = inner.map_err(|error| Failure::from(error).raise(py))?;
        Ok(Self {
            inner: RwLock::new(Some(inner)),
            kind,
        })
    }

    /// The gallery that an argument names: one of this class, a path, `"builtin"`, `"emoji"`, or `None`
    /// for the drawings.
    pub(crate) fn of(
        argument: Option<&Bound<'_, PyAny>>,
        py: Python<'_>,
    ) -> PyResult<Arc<moue::Gallery>> {
        let Some(argument) = argument.filter(|a| !a.is_none()) else {
            return Self::builtin(py)?.get();
        };
        if let Ok(gallery) = argument.cast::<Self>() {
            return gallery.get().get();
        }
        let is_name = argument.is_instance_of::<PyString>();
        if !is_name && !argument.hasattr("__fspath__")? {
            return Err(PyTypeError::new_err(format!(
                "a gallery is a moue.Gallery, a path, \"builtin\" or \"emoji\", not {}",
                argument.get_type().name()?
            )));
        }
        match argument.extract::<PathBuf>()? {
            path if path.as_os_str() == "builtin" => Self::builtin(py)?.get(),
            path if path.as_os_str() == "emoji" => Self::emoji(py)?.get(),
            path => Self::open_path(py, path, false)?.get(),
        }
    }

    fn open_path(py: Python<'_>, path: PathBuf, write: bool) -> PyResult<Self> {
        if write {
            let kind = Kind::Writable(path.clone());
            return Self::opened(py, kind, || {
                moue::Gallery::open_for_writing(path).map(Arc::new)
            });
        }
        let kind = Kind::ReadOnly(path.clone());
        Self::opened(py, kind, || moue::Gallery::open(path).map(Arc::new))
    }

    pub(crate) fn get(&self) -> PyResult<Arc<moue::Gallery>> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        inner
            .clone()
            .ok_or_else(|| PyValueError::new_err("the gallery is closed"))
    }

    /// Runs `work` without the GIL.
    fn run<T: Send, E: Into<Failure> + Send>(
        &self,
        py: Python<'_>,
        token: &CancelToken,
        work: impl FnOnce(&moue::Gallery) -> Result<T, E> + Send,
    ) -> PyResult<T> {
        let gallery = self.get()?;
        let result = interruptible(py, token, || work(&gallery))?;
        result.map_err(|error| error.into().raise(py))
    }

    fn read<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&moue::Gallery) -> Result<T, GalleryError> + Send,
    ) -> PyResult<T> {
        self.run(py, &CancelToken::default(), work)
    }

    fn name(&self) -> String {
        match &self.kind {
            Kind::Builtin => "builtin".into(),
            Kind::Emoji => "emoji".into(),
            Kind::Memory => "memory".into(),
            Kind::ReadOnly(path) | Kind::Writable(path) => path.display().to_string(),
        }
    }
}

/// Searches with a call's own token.
pub(crate) fn search(
    gallery: &(impl Search + ?Sized),
    targets: &[Expression],
    options: &SearchOptions,
    cancel: &CancelToken,
) -> Result<Vec<Match>, Failure> {
    let options = SearchOptions {
        cancel: cancel.clone(),
        ..options.clone()
    };
    Ok(gallery.search(targets, &options)?)
}

#[pymethods]
impl Gallery {
    /// Opens a gallery's file; with `write` for changes too, which one program at a time may do.
    #[staticmethod]
    #[pyo3(signature = (path, *, write=false))]
    fn open(py: Python<'_>, path: PathBuf, write: bool) -> PyResult<Self> {
        Self::open_path(py, path, write)
    }

    /// Opens a gallery's file for changes, and makes it if there is none.
    #[staticmethod]
    fn create(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let kind = Kind::Writable(path.clone());
        Self::opened(py, kind, || {
            moue::Gallery::open_or_create(path).map(Arc::new)
        })
    }

    /// An empty gallery that lives as long as the object.
    #[staticmethod]
    fn in_memory(py: Python<'_>) -> PyResult<Self> {
        Self::opened(py, Kind::Memory, || {
            moue::Gallery::with_storage(MemoryStorage::default(), "memory").map(Arc::new)
        })
    }

    /// The 940 drawings that come with moue.
    #[staticmethod]
    fn builtin(py: Python<'_>) -> PyResult<Self> {
        Self::opened(py, Kind::Builtin, || {
            shared(&BUILTIN, moue::Gallery::builtin)
        })
    }

    /// The face emoji of Unicode.
    #[staticmethod]
    fn emoji(py: Python<'_>) -> PyResult<Self> {
        Self::opened(py, Kind::Emoji, || shared(&EMOJI, moue::Gallery::emoji))
    }

    /// Where it is; `None` if it is no file.
    #[getter]
    fn path(&self) -> Option<std::ffi::OsString> {
        match &self.kind {
            Kind::ReadOnly(path) | Kind::Writable(path) => Some(path.clone().into_os_string()),
            _ => None,
        }
    }

    /// Whether it can be changed.
    #[getter]
    fn writable(&self) -> bool {
        matches!(self.kind, Kind::Writable(_) | Kind::Memory)
    }

    /// Names the weights that made its expressions: those of others cannot be compared with them.
    #[getter]
    fn fingerprint(&self, py: Python<'_>) -> PyResult<String> {
        self.read(py, moue::Gallery::fingerprint)
    }

    /// Closes it; its file is free for other programs then. Calls that are running end first.
    fn close(&self) {
        *self.inner.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __exit__(
        &self,
        _class: &Bound<'_, PyAny>,
        _error: &Bound<'_, PyAny>,
        _trace: &Bound<'_, PyAny>,
    ) {
        self.close();
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.read(py, moue::Gallery::len)? as usize)
    }

    /// An empty gallery is one too: without this, `if gallery` would ask for its length.
    fn __bool__(&self) -> bool {
        true
    }

    fn __repr__(&self) -> String {
        format!("<moue.Gallery {:?}>", self.name())
    }

    /// By its path, so that workers of `multiprocessing` and Ray open it themselves.
    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let py = slf.py();
        let class = slf.get_type();
        match &slf.get().kind {
            Kind::Builtin => Ok((class.getattr("builtin")?, PyTuple::empty(py))),
            Kind::Emoji => Ok((class.getattr("emoji")?, PyTuple::empty(py))),
            Kind::ReadOnly(path) => {
                let path = std::path::absolute(path)?.into_os_string();
                Ok((class.getattr("open")?, PyTuple::new(py, [path])?))
            }
            Kind::Writable(_) | Kind::Memory => Err(PyTypeError::new_err(
                "a gallery that is open for writing or in memory cannot be pickled; open its file for \
                 reading",
            )),
        }
    }

    /// The pictures whose expressions are nearest to `query`: an expression of shape (64,), or several
    /// of shape (n, 64), to all of which a match should be near.
    #[pyo3(signature = (query, *, timeout=None, **search))]
    fn search<'py>(
        &self,
        py: Python<'py>,
        query: &Bound<'py, PyAny>,
        timeout: Option<f64>,
        search: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        let targets = arrays::read_expressions(query)?;
        let options = options::search(search)?;
        let token = token(timeout)?;
        let matches = self.run(py, &token, |gallery| {
            self::search(gallery, &targets, &options, &token)
        })?;
        results::matches(py, &matches)
    }

    /// The answers to many searches, one for each row of `queries`, found on all cores.
    #[pyo3(signature = (queries, *, threads=0, timeout=None, **search))]
    fn search_many<'py>(
        &self,
        py: Python<'py>,
        queries: &Bound<'py, PyAny>,
        threads: usize,
        timeout: Option<f64>,
        search: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let queries = arrays::read_expressions(queries)?;
        let options = options::search(search)?;
        let token = token(timeout)?;
        let batch = Batch::of(threads, "raise", &token)?;
        let gallery = self.get()?;
        let all = batch.run(py, &queries, |_, query| {
            self::search(&gallery, &[*query], &options, &token)
        })?;
        let all = all.into_iter().flatten();
        all.map(|matches| results::matches(py, &matches)).collect()
    }

    /// All faces, by id.
    fn entries<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let entries = self.read(py, moue::Gallery::entries)?;
        entries.iter().map(|e| results::entry(py, e)).collect()
    }

    /// One face; `None` if there is none with this id.
    fn get_entry<'py>(&self, py: Python<'py>, id: u64) -> PyResult<Option<Bound<'py, PyAny>>> {
        let entry = self.read(py, |gallery| gallery.get(id))?;
        entry.map(|e| results::entry(py, &e)).transpose()
    }

    /// The small JPEG of a face; `None` if none was stored.
    fn thumbnail<'py>(&self, py: Python<'py>, id: u64) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let jpeg = self.read(py, |gallery| gallery.thumbnail(id))?;
        Ok(jpeg.map(|bytes| PyBytes::new(py, &bytes)))
    }

    /// The ids of all faces, `uint64` of shape (n,), and their expressions, `float32` of shape (n, 64).
    fn to_numpy<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let all = self.read(py, moue::Gallery::expressions)?;
        let ids: Vec<u64> = all.iter().map(|(id, _)| *id).collect();
        let rows = all.into_iter().map(|(_, expression)| Some(expression));
        Ok((arrays::ids(py, &ids)?, arrays::expressions(py, rows)?))
    }

    /// All faces as a `pyarrow.Table`, with their expressions. Needs the package `pyarrow`.
    fn to_arrow<'py>(slf: &Bound<'py, Self>) -> Object<'py> {
        let module = slf.py().import("moue._arrow")?;
        module.call_method1("table", (slf,))
    }
}
