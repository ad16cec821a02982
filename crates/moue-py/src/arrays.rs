//! NumPy arrays of expressions. They are made and read through Python's own calls: NumPy's C interface
//! would tie a wheel to its versions, and importing it takes longer than all of moue.

use moue::Expression;
use moue::embed::EXPRESSION_LEN;
use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyByteArray;

/// What most calls return.
pub(crate) type Object<'py> = PyResult<Bound<'py, PyAny>>;

/// How far the squared length of an expression may be from 1: some thousand roundings of an f32, which
/// leaves room for tools that store vectors with fewer digits.
const LENGTH_TOLERANCE: f32 = 1e-3;

/// An array over bytes that it then owns, so that they are not copied.
fn over<'py>(py: Python<'py>, bytes: Bound<'py, PyByteArray>, dtype: &str) -> Object<'py> {
    py.import(intern!(py, "numpy"))?
        .call_method1(intern!(py, "frombuffer"), (bytes, dtype))
}

/// `float32` of shape (64,).
pub(crate) fn expression<'py>(py: Python<'py>, expression: &Expression) -> Object<'py> {
    let bytes = expression.0.map(f32::to_ne_bytes);
    over(py, PyByteArray::new(py, bytes.as_flattened()), "float32")
}

/// `float32` of shape (n, 64); a row that is `None` is NaN.
pub(crate) fn expressions<'py>(
    py: Python<'py>,
    rows: impl ExactSizeIterator<Item = Option<Expression>>,
) -> Object<'py> {
    let count = rows.len();
    let row_bytes = EXPRESSION_LEN * size_of::<f32>();
    let bytes = PyByteArray::new_with(py, count * row_bytes, |bytes| {
        for (row, place) in rows.zip(bytes.chunks_exact_mut(row_bytes)) {
            let values = row.map_or([f32::NAN; EXPRESSION_LEN], |e| e.0);
            place.copy_from_slice(values.map(f32::to_ne_bytes).as_flattened());
        }
        Ok(())
    })?;
    over(py, bytes, "float32")?.call_method1(intern!(py, "reshape"), (count, EXPRESSION_LEN))
}

/// `uint64` of shape (n,).
pub(crate) fn ids<'py>(py: Python<'py>, ids: &[u64]) -> Object<'py> {
    let bytes: Vec<u8> = ids.iter().flat_map(|id| id.to_ne_bytes()).collect();
    over(py, PyByteArray::new(py, &bytes), "uint64")
}

/// `float32` of shape (n,).
pub(crate) fn floats<'py>(py: Python<'py>, values: &[f32]) -> Object<'py> {
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_ne_bytes()).collect();
    over(py, PyByteArray::new(py, &bytes), "float32")
}

/// `uint8` of shape (size, size, 3).
pub(crate) fn pixels<'py>(py: Python<'py>, rgb: &[u8], size: u32) -> Object<'py> {
    over(py, PyByteArray::new(py, rgb), "uint8")?
        .call_method1(intern!(py, "reshape"), (size, size, 3))
}

/// The rows of an array of shape (64,) or (n, 64), or of what NumPy makes one of.
pub(crate) fn read_expressions(object: &Bound<'_, PyAny>) -> PyResult<Vec<Expression>> {
    let py = object.py();
    let array = py
        .import(intern!(py, "numpy"))?
        .call_method1(intern!(py, "asarray"), (object, "float32"))?;
    let shape: Vec<usize> = array.getattr(intern!(py, "shape"))?.extract()?;
    if shape.len() > 2 || shape.last() != Some(&EXPRESSION_LEN) {
        return Err(PyValueError::new_err(format!(
            "an expression is an array of shape (64,), several are of shape (n, 64); this one is of \
             shape {shape:?}"
        )));
    }
    let bytes: PyBackedBytes = array.call_method0(intern!(py, "tobytes"))?.extract()?;
    let rows = bytes.as_chunks().0.chunks_exact(EXPRESSION_LEN);
    rows.enumerate()
        .map(|(number, row)| checked(number, row))
        .collect()
}

fn checked(number: usize, row: &[[u8; 4]]) -> PyResult<Expression> {
    let values = std::array::from_fn(|i| f32::from_ne_bytes(row[i]));
    let squared: f32 = values.iter().map(|v| v * v).sum();
    // Not less: what is not a number is refused too.
    if (squared - 1.0).abs() < LENGTH_TOLERANCE {
        return Ok(Expression(values));
    }
    Err(PyValueError::new_err(format!(
        "row {number} has length {}, an expression has length 1; divide it by np.linalg.norm",
        squared.sqrt()
    )))
}
