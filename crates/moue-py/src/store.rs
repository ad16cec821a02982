//! `moue.Store`.

use crate::arrays;
use crate::errors::Failure;
use crate::gallery::adding::{Reporter, Wishes, paths, summary};
use crate::gallery::editing::Selection;
use crate::gallery::search;
use crate::interrupt::{interruptible, token};
use crate::options;
use crate::results::{self, Object};
use moue::Expression;
use moue::cancel::CancelToken;
use moue::gallery::{Entry, Filter, Search};
use moue_index::AddSummary;
use moue_milvus::MilvusStore;
use moue_postgres::PostgresStore;
use moue_store::{Address, GalleryStore, Searched, Selector, StoreError, for_each};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple};
use std::sync::{Arc, PoisonError, RwLock};

/// A gallery on a server: in PostgreSQL with pgvector, or in Milvus.
///
/// `Store.open` opens one, `Store.create` makes it if there is none; both take its address,
/// `postgres://USER@HOST/DATABASE` or `milvus://HOST/COLLECTION`. Any number of programs may use one at the
/// same time, and stores can be pickled.
#[pyclass(frozen, weakref, module = "moue")]
pub(crate) struct Store {
    /// `None` once it is closed.
    inner: RwLock<Option<Arc<dyn GalleryStore>>>,
    /// With the password: workers that are sent it open it themselves.
    address: String,
}

fn connect(text: &str, creates: bool) -> Result<Arc<dyn GalleryStore>, StoreError> {
    let address = Address::parse(text)?;
    Ok(match (address.scheme.as_str(), creates) {
        ("postgres" | "postgresql", true) => Arc::new(PostgresStore::create(&address)?),
        ("postgres" | "postgresql", false) => Arc::new(PostgresStore::open(&address)?),
        ("milvus", true) => Arc::new(MilvusStore::create(&address)?),
        ("milvus", false) => Arc::new(MilvusStore::open(&address)?),
        _ => {
            return Err(
                address.refused("write postgres://HOST/DATABASE or milvus://HOST/COLLECTION")
            );
        }
    })
}

/// All faces of a store, by id.
fn faces(store: &dyn GalleryStore) -> Result<Vec<(Entry, Expression)>, StoreError> {
    let mut all = Vec::new();
    for_each(store, &Filter::default(), |stored| {
        all.extend(stored.picture.entries().zip(stored.expressions));
        Ok::<(), StoreError>(())
    })?;
    Ok(all)
}

impl Store {
    fn connected(py: Python<'_>, address: String, creates: bool) -> PyResult<Self> {
        let opened = interruptible(py, &CancelToken::default(), || connect(&address, creates))?;
        let inner = opened.map_err(|error| Failure::from(error).raise(py))?;
        Ok(Self {
            inner: RwLock::new(Some(inner)),
            address,
        })
    }

    /// The store that an argument is, or whose address it is.
    pub(crate) fn named(
        argument: &Bound<'_, PyAny>,
    ) -> PyResult<Option<Arc<dyn Search + Send + Sync>>> {
        if let Ok(store) = argument.cast::<Self>() {
            return Ok(Some(Arc::new(Searched(store.get().get()?))));
        }
        let Ok(text) = argument.cast::<PyString>() else {
            return Ok(None);
        };
        // A path need not be Unicode.
        let text = text.to_string_lossy().into_owned();
        if Address::scheme_of(&text).is_none() {
            return Ok(None);
        }
        let store = Self::connected(argument.py(), text, false)?;
        Ok(Some(Arc::new(Searched(store.get()?))))
    }

    fn get(&self) -> PyResult<Arc<dyn GalleryStore>> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        inner
            .clone()
            .ok_or_else(|| PyValueError::new_err("the store is closed"))
    }

    /// Runs `work` without the GIL.
    fn run<T: Send, E: Into<Failure> + Send>(
        &self,
        py: Python<'_>,
        token: &CancelToken,
        work: impl FnOnce(&dyn GalleryStore) -> Result<T, E> + Send,
    ) -> PyResult<T> {
        let store = self.get()?;
        let result = interruptible(py, token, || work(&*store))?;
        result.map_err(|error| error.into().raise(py))
    }

    fn read<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&dyn GalleryStore) -> Result<T, StoreError> + Send,
    ) -> PyResult<T> {
        self.run(py, &CancelToken::default(), work)
    }
}

/// What an argument selects.
fn selected(argument: &Bound<'_, PyAny>) -> PyResult<moue_store::Selection> {
    let chosen = Selection::of(argument)?;
    let ids = chosen.ids.into_iter().map(Selector::Face);
    let paths = chosen.paths.into_iter().map(Selector::Path);
    Ok(moue_store::Selection {
        any_of: ids.chain(paths).collect(),
        filter: Filter::default(),
    })
}

#[pymethods]
impl Store {
    /// Opens a gallery on a server.
    #[staticmethod]
    fn open(py: Python<'_>, address: String) -> PyResult<Self> {
        Self::connected(py, address, false)
    }

    /// Opens a gallery on a server, and makes it if there is none.
    #[staticmethod]
    fn create(py: Python<'_>, address: String) -> PyResult<Self> {
        Self::connected(py, address, true)
    }

    /// Its address without user and password.
    #[getter]
    fn name(&self) -> PyResult<String> {
        Ok(self.get()?.name().to_owned())
    }

    /// Whether every face is compared. Without, an index is searched, and some of the nearest may be missed.
    #[getter]
    fn exact(&self) -> PyResult<bool> {
        Ok(self.get()?.is_exact())
    }

    /// Names the weights that made its expressions.
    #[getter]
    fn fingerprint(&self, py: Python<'_>) -> PyResult<String> {
        self.read(py, |store| store.fingerprint())
    }

    /// Closes its connections. Calls that are running end first.
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

    /// Faces.
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.read(py, |store| store.count())?.faces as usize)
    }

    /// An empty one is one too: without this, `if store` would ask for its length.
    fn __bool__(&self) -> bool {
        true
    }

    fn __repr__(&self) -> String {
        let name = self.name().unwrap_or_else(|_| "closed".into());
        format!("<moue.Store {name:?}>")
    }

    /// By its address, with the password, so that workers of `multiprocessing` and Ray open it themselves.
    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let address = PyTuple::new(slf.py(), [&slf.get().address])?;
        Ok((slf.get_type().getattr("open")?, address))
    }

    /// Adds pictures, animations, videos, ZIP files, and folders of them. What is known is not added
    /// again. `on_event` is called with an `Event` for each, once the server has it.
    #[pyo3(signature = (paths, *, tags=Vec::new(), source=None, thumbnails=true, effort="thorough",
        threads=0, on_event=None, timeout=None))]
    #[allow(clippy::too_many_arguments)] // They are keywords in Python.
    fn add<'py>(
        &self,
        py: Python<'py>,
        paths: &Bound<'py, PyAny>,
        tags: Vec<String>,
        source: Option<String>,
        thumbnails: bool,
        effort: &str,
        threads: usize,
        on_event: Option<Py<PyAny>>,
        timeout: Option<f64>,
    ) -> Object<'py> {
        let paths = self::paths(paths)?;
        let cancel = token(timeout)?;
        let wishes = Wishes {
            tags,
            source,
            thumbnails,
            effort,
            full_size: false,
            threads,
        };
        let options = wishes.options(&cancel)?;
        let candidates = interruptible(py, &cancel, || moue_index::walk(&paths))?;
        let mut reporter = Reporter::new(on_event, &cancel);
        let mut counts = AddSummary::default();
        self.run(py, &cancel, |store| {
            moue_index::add_to_store(store, &candidates, &options, |event| {
                counts.count(event.status);
                reporter.report(&event);
            })
        })?;
        reporter.end(py)?;
        summary(py, counts)
    }

    /// Ends the loading of many pictures: makes an index where there are enough to need one.
    fn finish_load(&self, py: Python<'_>) -> PyResult<()> {
        self.read(py, |store| store.finish_load())
    }

    /// Removes pictures with all their faces; their files stay. Returns how many.
    fn remove(&self, py: Python<'_>, pictures: &Bound<'_, PyAny>) -> PyResult<u64> {
        let selection = selected(pictures)?;
        // Without selectors it would be all of them.
        if selection.any_of.is_empty() {
            return Ok(0);
        }
        self.read(py, |store| store.remove(&selection))
    }

    /// Adds tags to pictures and drops others. Returns how many pictures changed.
    #[pyo3(signature = (pictures, *, add=Vec::new(), drop=Vec::new()))]
    fn tag(
        &self,
        py: Python<'_>,
        pictures: &Bound<'_, PyAny>,
        add: Vec<String>,
        drop: Vec<String>,
    ) -> PyResult<u64> {
        let selection = selected(pictures)?;
        if selection.any_of.is_empty() {
            return Ok(0);
        }
        self.read(py, |store| store.tag(&selection, &add, &drop))
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
        let searched = Searched(self.get()?);
        let found = interruptible(py, &token, || {
            self::search(&searched, &targets, &options, &token)
        })?;
        results::matches(py, &found.map_err(|failure| failure.raise(py))?)
    }

    /// All faces, by id.
    fn entries<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let all = self.read(py, faces)?;
        all.iter().map(|(e, _)| results::entry(py, e)).collect()
    }

    /// One face; `None` if there is none with this id.
    fn get_entry<'py>(&self, py: Python<'py>, id: u64) -> PyResult<Option<Bound<'py, PyAny>>> {
        let picture = self.read(py, |store| store.record(id))?;
        let entry = picture.and_then(|picture| picture.entries().find(|entry| entry.id == id));
        entry.map(|e| results::entry(py, &e)).transpose()
    }

    /// The small JPEG of a face; `None` if none was stored.
    fn thumbnail<'py>(&self, py: Python<'py>, id: u64) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let jpeg = self.read(py, |store| store.thumbnail(id))?;
        Ok(jpeg.map(|bytes| PyBytes::new(py, &bytes)))
    }

    /// The ids of all faces, `uint64` of shape (n,), and their expressions, `float32` of shape (n, 64).
    fn to_numpy<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let all = self.read(py, faces)?;
        let ids: Vec<u64> = all.iter().map(|(entry, _)| entry.id).collect();
        let rows = all.into_iter().map(|(_, expression)| Some(expression));
        Ok((arrays::ids(py, &ids)?, arrays::expressions(py, rows)?))
    }

    /// All faces as a `pyarrow.Table`, with their expressions. Needs the package `pyarrow`.
    fn to_arrow<'py>(slf: &Bound<'py, Self>) -> Object<'py> {
        let module = slf.py().import("moue._arrow")?;
        module.call_method1("table", (slf,))
    }
}
