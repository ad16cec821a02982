//! Pictures as Python has them: paths, bytes of files, PIL images, NumPy arrays.

use crate::errors::Failure;
use moue::Frame;
use moue::frame::{DecodeOptions, PixelFormat};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView, PyString};
use std::path::PathBuf;

/// A picture that a thread without the GIL can read.
pub(crate) struct Picture {
    /// What messages call it.
    pub(crate) name: String,
    content: Content,
}

enum Content {
    Path(PathBuf),
    /// A file's bytes.
    File(PyBackedBytes),
    Pixels(Pixels),
}

/// Rows of 8-bit samples without gaps.
struct Pixels {
    bytes: PyBackedBytes,
    width: usize,
    height: usize,
    /// Samples of a pixel: 1, 3 or 4.
    channels: usize,
}

impl Picture {
    /// Reads what Python gives for a picture.
    ///
    /// # Errors
    /// `TypeError` if it is none of the kinds that are known, `ValueError` for an array that holds no
    /// picture.
    pub(crate) fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Some(bytes) = file_bytes(object)? {
            let name = format!("a file of {} bytes", bytes.len());
            return Ok(Self::new(name, Content::File(bytes)));
        }
        let py = object.py();
        if object.is_instance_of::<PyString>() || object.hasattr(intern!(py, "__fspath__"))? {
            let path: PathBuf = object.extract()?;
            return Ok(Self::new(path.display().to_string(), Content::Path(path)));
        }
        if is_pil_image(object)? {
            return Ok(Self::new("a PIL image".into(), pil(object)?));
        }
        if object.hasattr(intern!(py, "__array__"))? {
            return Ok(Self::new("an array".into(), array(object)?));
        }
        Err(PyTypeError::new_err(format!(
            "a picture is a path, the bytes of a file, a PIL image or a NumPy array, not {}",
            object.get_type().name()?
        )))
    }

    fn new(name: String, content: Content) -> Self {
        Self { name, content }
    }

    /// Its pixels, upright.
    pub(crate) fn frame(&self, options: &DecodeOptions) -> Result<Frame<'_>, Failure> {
        let frame = match &self.content {
            Content::Path(path) => Frame::open_with(path, options),
            Content::File(bytes) => Frame::decode_with(bytes, options),
            Content::Pixels(pixels) => return pixels.frame(&self.name),
        };
        frame.map_err(|error| Failure::decode(&self.name, error))
    }
}

impl Pixels {
    fn frame(&self, name: &str) -> Result<Frame<'_>, Failure> {
        let frame = match self.channels {
            1 => {
                let rgb = self.bytes.iter().flat_map(|gray| [*gray; 3]).collect();
                Frame::from_pixels(rgb, self.width, self.height)
            }
            3 => self.raw(PixelFormat::Rgb),
            _ => self.raw(PixelFormat::Rgba),
        };
        frame.map_err(|error| Failure::Raw(name.to_owned(), error))
    }

    fn raw(&self, format: PixelFormat) -> Result<Frame<'_>, moue::frame::RawError> {
        let stride = self.width * format.bytes();
        Frame::from_raw(&self.bytes, self.width, self.height, stride, format)
    }
}

/// The pictures of an argument.
pub(crate) fn one_or_several(argument: &Bound<'_, PyAny>) -> PyResult<Vec<Picture>> {
    if are_several(argument)? {
        return several(argument);
    }
    Ok(vec![Picture::of(argument)?])
}

/// Whether an argument is several pictures rather than one: a list, a tuple, an iterator, or an array
/// of four dimensions.
fn are_several(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = object.py();
    let is_text = object.is_instance_of::<PyString>() || file_bytes(object)?.is_some();
    if is_text || object.hasattr(intern!(py, "__fspath__"))? || is_pil_image(object)? {
        return Ok(false);
    }
    if object.hasattr(intern!(py, "__array__"))? {
        let dimensions: Vec<usize> = object.getattr(intern!(py, "shape"))?.extract()?;
        return Ok(dimensions.len() == 4);
    }
    object.hasattr(intern!(py, "__iter__"))
}

/// All pictures of an iterable.
pub(crate) fn several(objects: &Bound<'_, PyAny>) -> PyResult<Vec<Picture>> {
    let py = objects.py();
    let objects = objects.try_iter()?;
    objects
        .enumerate()
        .map(|(number, object)| {
            // Copying many takes seconds, and of bytearrays and views no Python code runs that would notice
            // Ctrl-C.
            py.check_signals()?;
            let mut picture = Picture::of(&object?)?;
            if !matches!(picture.content, Content::Path(_)) {
                picture.name = format!("picture {number}, {}", picture.name);
            }
            Ok(picture)
        })
        .collect()
}

/// The bytes of `bytes`, without a copy, of `bytearray` and of `memoryview`.
fn file_bytes(object: &Bound<'_, PyAny>) -> PyResult<Option<PyBackedBytes>> {
    if object.is_instance_of::<PyBytes>() || object.is_instance_of::<PyByteArray>() {
        return Ok(Some(object.extract()?));
    }
    if object.is_instance_of::<PyMemoryView>() {
        let bytes = object.call_method0(intern!(object.py(), "tobytes"))?;
        return Ok(Some(bytes.extract()?));
    }
    Ok(None)
}

fn is_pil_image(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = object.py();
    let modules = py
        .import(intern!(py, "sys"))?
        .getattr(intern!(py, "modules"))?;
    // Pillow is not imported for this: without it there is no image of it.
    match modules.get_item(intern!(py, "PIL.Image")) {
        Ok(module) => object.is_instance(&module.getattr(intern!(py, "Image"))?),
        Err(_) => Ok(false),
    }
}

/// Modes of PIL with more than 8 bits a sample, which it would cut off.
const DEEP_MODES: [&str; 6] = ["I", "F", "I;16", "I;16L", "I;16B", "I;16N"];

fn check_mode(mode: &str) -> PyResult<()> {
    if DEEP_MODES.contains(&mode) {
        return Err(PyValueError::new_err(format!(
            "a PIL image of mode {mode:?} has more than 8 bits a pixel; scale it to 0 to 255 and convert \
             it to \"L\""
        )));
    }
    Ok(())
}

fn pil(image: &Bound<'_, PyAny>) -> PyResult<Content> {
    let py = image.py();
    // Files that moue reads itself are turned upright too.
    let upright = py
        .import(intern!(py, "PIL.ImageOps"))?
        .call_method1(intern!(py, "exif_transpose"), (image,))?;
    let mode: String = upright.getattr(intern!(py, "mode"))?.extract()?;
    check_mode(&mode)?;
    let is_transparent = mode.ends_with(['A', 'a'])
        || upright
            .getattr(intern!(py, "info"))?
            .contains(intern!(py, "transparency"))?;
    let channels = if is_transparent { 4 } else { 3 };
    let target = if is_transparent { "RGBA" } else { "RGB" };
    let converted = upright.call_method1(intern!(py, "convert"), (target,))?;
    let size: [usize; 2] = converted.getattr(intern!(py, "size"))?.extract()?;
    let bytes = converted.call_method0(intern!(py, "tobytes"))?.extract()?;
    Ok(Content::Pixels(Pixels {
        bytes,
        width: size[0],
        height: size[1],
        channels,
    }))
}

fn array(object: &Bound<'_, PyAny>) -> PyResult<Content> {
    let py = object.py();
    let array = py
        .import(intern!(py, "numpy"))?
        .call_method1(intern!(py, "asarray"), (object,))?;
    check_type(&array.getattr(intern!(py, "dtype"))?.str()?.to_string())?;
    let shape: Vec<usize> = array.getattr(intern!(py, "shape"))?.extract()?;
    let [height, width, channels] = dimensions(&shape)?;
    // A copy, which costs a hundredth of a detection: another thread may write into the array while
    // this one works without the GIL.
    let bytes = array.call_method0(intern!(py, "tobytes"))?.extract()?;
    Ok(Content::Pixels(Pixels {
        bytes,
        width,
        height,
        channels,
    }))
}

fn check_type(dtype: &str) -> PyResult<()> {
    let advice = match dtype {
        "uint8" => return Ok(()),
        "float16" | "float32" | "float64" => {
            "; of values from 0 to 1, pass (255 * array).astype(\"uint8\")"
        }
        _ => "",
    };
    Err(PyTypeError::new_err(format!(
        "pixels are uint8, not {dtype}{advice}"
    )))
}

/// Height, width and channels of an array's shape.
fn dimensions(shape: &[usize]) -> PyResult<[usize; 3]> {
    let advice = match *shape {
        [height, width] => return Ok([height, width, 1]),
        [height, width, channels @ (1 | 3 | 4)] => return Ok([height, width, channels]),
        [1 | 3 | 4, _, _] => "; channels come last: array.transpose(1, 2, 0)",
        [_, _, _, _] => "; several pictures go to detect_many, find_many and represent",
        _ => "",
    };
    Err(PyValueError::new_err(format!(
        "a picture is an array of shape (height, width), (height, width, 3) or (height, width, 4), not \
         {shape:?}{advice}"
    )))
}
