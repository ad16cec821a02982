//! Changing what is in a gallery.

use super::Gallery;
use moue::gallery::{GalleryError, Picture, stored_text};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyString;
use std::collections::HashSet;
use std::path::PathBuf;

/// Pictures that a call selects: by their path, or by the id of one of their faces.
pub(crate) struct Selection {
    pub(crate) ids: HashSet<u64>,
    pub(crate) paths: HashSet<String>,
}

impl Selection {
    /// An id, a path, or several of them.
    pub(crate) fn of(argument: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut selection = Self {
            ids: HashSet::new(),
            paths: HashSet::new(),
        };
        if selection.take(argument)? {
            return Ok(selection);
        }
        let Ok(items) = argument.try_iter() else {
            return Err(wrong(argument));
        };
        for item in items {
            let item = item?;
            if !selection.take(&item)? {
                return Err(wrong(&item));
            }
        }
        Ok(selection)
    }

    /// Whether it is an id or a path.
    fn take(&mut self, item: &Bound<'_, PyAny>) -> PyResult<bool> {
        if item.is_instance_of::<PyString>() || item.hasattr("__fspath__")? {
            let path: PathBuf = item.extract()?;
            self.paths.insert(stored_text(&path));
            // As the gallery stores paths of files.
            self.paths.insert(stored_text(&std::path::absolute(&path)?));
            return Ok(true);
        }
        let id = item.extract::<u64>();
        self.ids.extend(id.as_ref().ok());
        Ok(id.is_ok())
    }

    fn contains(&self, picture: &Picture) -> bool {
        self.paths.contains(&picture.path) || picture.faces.iter().any(|f| self.ids.contains(&f.id))
    }
}

fn wrong(item: &Bound<'_, PyAny>) -> PyErr {
    let name = item.get_type().name().map(|n| n.to_string());
    PyTypeError::new_err(format!(
        "pictures are selected by the id of a face or by their path, not by {}",
        name.unwrap_or_default()
    ))
}

#[pymethods]
impl Gallery {
    /// Removes pictures with all their faces; their files stay. Returns how many.
    fn remove(&self, py: Python<'_>, pictures: &Bound<'_, PyAny>) -> PyResult<usize> {
        let selection = Selection::of(pictures)?;
        self.read(py, |gallery| gallery.remove(|p| selection.contains(p)))
    }

    /// Adds tags to pictures and drops others. Returns how many pictures changed.
    #[pyo3(signature = (pictures, *, add=Vec::new(), drop=Vec::new()))]
    fn tag(
        &self,
        py: Python<'_>,
        pictures: &Bound<'_, PyAny>,
        add: Vec<String>,
        drop: Vec<String>,
    ) -> PyResult<usize> {
        let selection = Selection::of(pictures)?;
        self.read(py, |gallery| {
            gallery.update(|p| selection.contains(p) && p.retag(&add, &drop))
        })
    }

    /// Gives pictures another label, and another caption unless it is `None`; an empty one removes it.
    /// Returns how many.
    #[pyo3(signature = (pictures, label, *, caption=None))]
    fn rename(
        &self,
        py: Python<'_>,
        pictures: &Bound<'_, PyAny>,
        label: String,
        caption: Option<String>,
    ) -> PyResult<usize> {
        let selection = Selection::of(pictures)?;
        self.read(py, |gallery| {
            gallery.update(|p| {
                let is_chosen = selection.contains(p);
                if is_chosen {
                    p.label.clone_from(&label);
                    let caption = caption.clone().map(|c| Some(c).filter(|c| !c.is_empty()));
                    p.caption = caption.unwrap_or(p.caption.take());
                }
                is_chosen
            })
        })
    }

    /// Hides pictures and their near-duplicates from every search, or shows them again. Returns how
    /// many changed.
    #[pyo3(signature = (pictures, hidden=true))]
    fn hide(&self, py: Python<'_>, pictures: &Bound<'_, PyAny>, hidden: bool) -> PyResult<usize> {
        let selection = Selection::of(pictures)?;
        self.read(py, |gallery| {
            gallery.set_hidden(hidden, |p| selection.contains(p))
        })
    }

    /// Adds all pictures of another gallery whose content is not here yet. Returns how many.
    fn merge(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<usize> {
        let other = Self::of(Some(other), py)?;
        self.read(py, |gallery| -> Result<usize, GalleryError> {
            gallery.merge(&other, |_| {})
        })
    }
}
