//! Reading parts.

use crate::error::PartError;
use crate::rejected::Rejected;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int32Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use moue::gallery::{NewFace, NewPicture, PictureHash, stored_text};
use moue::weights::expression_fingerprint;
use moue::{BoundingBox, Expression, Face, Point};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::FileMetaData;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Rows that are read at a time, of about as many pictures.
pub const BATCH: usize = 512;

/// How far the squared length of an expression may be from 1: some thousand roundings of an f32.
const LENGTH_TOLERANCE: f32 = 1e-3;

/// The largest coordinate of a box or key point, in sides of the picture: as for what is imported.
const MAX_COORDINATE: f32 = 100.0;

/// The parts in a folder, by name.
///
/// # Errors
/// [`PartError::File`] if the folder cannot be read.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, PartError> {
    let entries = std::fs::read_dir(folder).map_err(|e| PartError::file(folder, e))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| PartError::file(folder, e))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("part-") && name.ends_with(".parquet") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The pictures of a part, some hundred at a time.
pub struct Reader {
    path: PathBuf,
    batches: ParquetRecordBatchReader,
    rejected: Vec<Rejected>,
    /// The picture whose faces may go on in the next batch.
    open: Option<NewPicture>,
    has_failed: bool,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Reader").field(&self.path).finish()
    }
}

impl Reader {
    /// Opens a part.
    ///
    /// # Errors
    /// [`PartError::OtherWeights`] if its expressions cannot be compared with this program's, and
    /// [`PartError::Damaged`] if it is no part.
    pub fn open(path: &Path) -> Result<Self, PartError> {
        let file = File::open(path).map_err(|e| PartError::file(path, e))?;
        let damaged = |error: parquet::errors::ParquetError| PartError::damaged(path, error);
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(damaged)?;
        Ok(Self {
            rejected: checked(path, builder.metadata().file_metadata())?,
            batches: builder.with_batch_size(BATCH).build().map_err(damaged)?,
            path: path.to_owned(),
            open: None,
            has_failed: false,
        })
    }

    /// The pictures that the part leaves out.
    pub fn rejected(&self) -> &[Rejected] {
        &self.rejected
    }

    /// The pictures that a batch of rows completes.
    fn pictures(&mut self, batch: &RecordBatch) -> Result<Vec<NewPicture>, String> {
        let columns = Columns::of(batch)?;
        let mut finished = Vec::new();
        for row in 0..batch.num_rows() {
            let face = columns.face(row)?;
            let number = columns.number(row)?;
            match &mut self.open {
                Some(picture) if number > 0 && number as usize == picture.faces.len() => {
                    picture.faces.push(face);
                }
                open if number == 0 => {
                    let mut picture = columns.picture(row)?;
                    picture.faces.push(face);
                    finished.extend(open.replace(picture));
                }
                _ => return Err(format!("face {number} of a picture comes out of order")),
            }
        }
        Ok(finished)
    }
}

impl Iterator for Reader {
    type Item = Result<Vec<NewPicture>, PartError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed {
            return None;
        }
        let Some(batch) = self.batches.next() else {
            return self.open.take().map(|last| Ok(vec![last]));
        };
        let batch = batch.map_err(|error| error.to_string());
        let pictures = batch.and_then(|batch| self.pictures(&batch));
        self.has_failed = pictures.is_err();
        Some(pictures.map_err(|reason| PartError::damaged(&self.path, reason)))
    }
}

/// Checks that a part is of this program's weights; returns what it leaves out.
fn checked(path: &Path, metadata: &FileMetaData) -> Result<Vec<Rejected>, PartError> {
    let value = |key: &str| {
        let mut pairs = metadata.key_value_metadata().into_iter().flatten();
        pairs.find(|pair| pair.key == key)?.value.clone()
    };
    let found = value("moue.weights").unwrap_or_default();
    let expected = expression_fingerprint().to_owned();
    if found != expected {
        return Err(PartError::OtherWeights {
            path: path.to_owned(),
            found,
            expected,
        });
    }
    let rejected = value("moue.rejected").unwrap_or_else(|| "[]".into());
    serde_json::from_str(&rejected).map_err(|e| PartError::damaged(path, e))
}

/// The columns of a batch, by their names.
struct Columns<'a> {
    batch: &'a RecordBatch,
}

impl<'a> Columns<'a> {
    fn of(batch: &'a RecordBatch) -> Result<Self, String> {
        Ok(Self { batch })
    }

    /// A column, in the row where it has a value.
    fn column(&self, name: &str, row: usize) -> Result<Option<&'a ArrayRef>, String> {
        let column = self.batch.column_by_name(name);
        let column = column.ok_or_else(|| format!("it has no column {name}"))?;
        Ok((!column.is_null(row)).then_some(column))
    }

    fn wrong(name: &str) -> String {
        format!("the column {name} is missing a value or has another type")
    }

    fn bytes(&self, name: &str, row: usize) -> Result<Option<&'a [u8]>, String> {
        let Some(column) = self.column(name, row)? else {
            return Ok(None);
        };
        let bytes = (column.as_binary_opt::<i32>().map(|c| c.value(row)))
            .or_else(|| Some(column.as_fixed_size_binary_opt()?.value(row)))
            .or_else(|| Some(column.as_binary_opt::<i64>()?.value(row)));
        bytes.map(Some).ok_or_else(|| Self::wrong(name))
    }

    fn hash(&self, name: &str, row: usize) -> Result<Option<[u8; 32]>, String> {
        let bytes = self.bytes(name, row)?;
        let hash = bytes.map(|bytes| bytes.try_into().map_err(|_| Self::wrong(name)));
        hash.transpose()
    }

    fn text(&self, name: &str, row: usize) -> Result<Option<String>, String> {
        let Some(column) = self.column(name, row)? else {
            return Ok(None);
        };
        let text = (column.as_string_opt::<i32>().map(|c| c.value(row)))
            .or_else(|| Some(column.as_string_opt::<i64>()?.value(row)));
        text.map(|text| Some(text.to_owned()))
            .ok_or_else(|| Self::wrong(name))
    }

    /// The words in a picture. Parts of before moue read words have no such column.
    fn words(&self, row: usize) -> Result<Option<String>, String> {
        match self.batch.column_by_name("words") {
            Some(_) => self.text("words", row),
            None => Ok(None),
        }
    }

    /// The values of a list in one row.
    fn list(&self, name: &str, row: usize) -> Result<Option<ArrayRef>, String> {
        let Some(column) = self.column(name, row)? else {
            return Ok(None);
        };
        let list = (column.as_list_opt::<i32>().map(|c| c.value(row)))
            .or_else(|| Some(column.as_fixed_size_list_opt()?.value(row)))
            .or_else(|| Some(column.as_list_opt::<i64>()?.value(row)));
        list.map(Some).ok_or_else(|| Self::wrong(name))
    }

    fn floats(&self, name: &str, row: usize) -> Result<Vec<f32>, String> {
        let Some(list) = self.list(name, row)? else {
            return Ok(Vec::new());
        };
        let floats = list.as_primitive_opt::<Float32Type>();
        let floats = floats.filter(|floats| floats.null_count() == 0);
        Ok(floats.ok_or_else(|| Self::wrong(name))?.values().to_vec())
    }

    fn float(&self, name: &str, row: usize) -> Result<f32, String> {
        let column = self.column(name, row)?;
        let floats = column.and_then(|c| c.as_primitive_opt::<Float32Type>());
        let value = floats.map(|floats| floats.value(row));
        let value = value.filter(|value| value.abs() <= MAX_COORDINATE);
        value.ok_or_else(|| Self::wrong(name))
    }

    fn number(&self, row: usize) -> Result<i32, String> {
        let column = self.column("face", row)?;
        let numbers = column.and_then(|c| c.as_primitive_opt::<Int32Type>());
        numbers
            .map(|numbers| numbers.value(row))
            .ok_or_else(|| Self::wrong("face"))
    }

    fn time(&self, row: usize) -> Result<Option<Duration>, String> {
        let Some(column) = self.column("time", row)? else {
            return Ok(None);
        };
        let seconds = column
            .as_primitive_opt::<Float64Type>()
            .map(|c| c.value(row));
        let seconds = seconds.filter(|seconds| (0.0..1e9).contains(seconds));
        // Galleries have whole microseconds.
        seconds
            .map(|seconds| Some(Duration::from_micros((seconds * 1e6).round() as u64)))
            .ok_or_else(|| Self::wrong("time"))
    }

    fn tags(&self, row: usize) -> Result<Vec<String>, String> {
        let Some(list) = self.list("tags", row)? else {
            return Ok(Vec::new());
        };
        let texts = list.as_string_opt::<i32>();
        let texts = texts.ok_or_else(|| Self::wrong("tags"))?;
        Ok(texts.iter().flatten().map(str::to_owned).collect())
    }

    /// The picture of a row, without faces.
    fn picture(&self, row: usize) -> Result<NewPicture, String> {
        let hash = self.hash("hash", row)?;
        let path = self.bytes("path", row)?;
        Ok(NewPicture {
            hash: hash.ok_or_else(|| Self::wrong("hash"))?,
            path: text_of(path.ok_or_else(|| Self::wrong("path"))?),
            label: self.text("label", row)?.unwrap_or_default(),
            caption: self.text("caption", row)?,
            words: self.words(row)?,
            tags: self.tags(row)?,
            source: self.text("source", row)?.unwrap_or_default(),
            perceptual_hash: self.hash("perceptual_hash", row)?.map(PictureHash),
            ..NewPicture::default()
        })
    }

    fn expression(&self, row: usize) -> Result<Expression, String> {
        let values = self.floats("expression", row)?;
        let expression = values.try_into().map(Expression);
        let expression = expression.map_err(|_| Self::wrong("expression"))?;
        let length: f32 = expression.0.iter().map(|v| v * v).sum();
        // Not less: what is not a number is refused too.
        if (length - 1.0).abs() >= LENGTH_TOLERANCE || length.is_nan() {
            return Err("an expression has not length 1".into());
        }
        Ok(expression)
    }

    fn bounding_box(&self, row: usize) -> Result<BoundingBox, String> {
        Ok(BoundingBox {
            xmin: self.float("xmin", row)?,
            ymin: self.float("ymin", row)?,
            width: self.float("width", row)?,
            height: self.float("height", row)?,
        })
    }

    fn face(&self, row: usize) -> Result<NewFace, String> {
        let points = self.floats("key_points", row)?;
        if !points.iter().all(|value| value.abs() <= MAX_COORDINATE) {
            return Err(Self::wrong("key_points"));
        }
        let points: Vec<Point> = points.as_chunks::<2>().0.to_vec();
        Ok(NewFace {
            face: Face {
                bounding_box: self.bounding_box(row)?,
                score: self.float("score", row)?,
                key_points: points.try_into().ok(),
            },
            expression: self.expression(row)?,
            time: self.time(row)?,
            thumbnail: self.bytes("thumbnail", row)?.map(<[u8]>::to_vec),
        })
    }
}

/// The text by which a gallery stores a path that is given as bytes.
fn text_of(bytes: &[u8]) -> String {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        stored_text(Path::new(std::ffi::OsStr::from_bytes(bytes)))
    }
    #[cfg(not(unix))]
    stored_text(Path::new(&*String::from_utf8_lossy(bytes)))
}
