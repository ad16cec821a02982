//! Pictures of a gallery as rows, out and in: what `moue.parts` keeps in Parquet files.

use super::Gallery;
use crate::arrays;
use crate::errors::Failure;
use moue::digest;
use moue::gallery::{NewFace, NewPicture, Picture, PictureHash};
use moue::{BoundingBox, Expression, Face};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::time::Duration;

/// The largest coordinate of a box or key point, in sides of the picture. Faces at an edge reach beyond
/// it by less than their own size.
const MAX_COORDINATE: f32 = 100.0;

/// A face as a row: its box, score, key points, seconds from the start, and thumbnail. The expressions
/// are in an array beside the rows.
type FaceRow = ([f32; 4], f32, Vec<[f32; 2]>, Option<f64>, Option<Vec<u8>>);

/// A picture as a row: hash, path, label, caption, words, tags, source, perceptual hash, ids of
/// the faces.
type PictureRow<'py> = (
    Bound<'py, PyBytes>,
    std::ffi::OsString,
    String,
    Option<String>,
    Option<String>,
    Vec<String>,
    String,
    Option<Bound<'py, PyBytes>>,
    Vec<u64>,
);

/// What comes in: as [`PictureRow`], with the faces themselves.
#[derive(FromPyObject)]
struct NewRow {
    hash: Vec<u8>,
    path: std::path::PathBuf,
    label: String,
    caption: Option<String>,
    words: Option<String>,
    tags: Vec<String>,
    source: String,
    perceptual_hash: Option<Vec<u8>>,
    faces: Vec<FaceRow>,
}

impl NewRow {
    /// The picture, whose faces take the next expressions.
    fn picture(self, expressions: &mut impl Iterator<Item = Expression>) -> PyResult<NewPicture> {
        // As many as this row has faces: `zip` the other way round would take one too many.
        let faces = self.faces.iter().zip(expressions);
        let faces = faces.map(|(row, expression)| new_face(row, expression));
        let faces = faces.collect::<PyResult<Vec<_>>>()?;
        let perceptual = self.perceptual_hash.as_ref();
        let perceptual = perceptual.map(|hash| bytes32(hash, "a perceptual hash"));
        Ok(NewPicture {
            hash: bytes32(&self.hash, "a hash")?,
            path: moue::gallery::stored_text(&self.path),
            label: self.label,
            caption: self.caption,
            words: self.words,
            tags: self.tags,
            source: self.source,
            perceptual_hash: perceptual.transpose()?.map(PictureHash),
            faces,
            ..NewPicture::default()
        })
    }
}

fn new_face(row: &FaceRow, expression: Expression) -> PyResult<NewFace> {
    Ok(NewFace {
        face: face(row)?,
        expression,
        time: seconds(row.3)?,
        thumbnail: row.4.clone(),
    })
}

fn bytes32(bytes: &[u8], name: &str) -> PyResult<[u8; 32]> {
    let sized = bytes.try_into();
    sized.map_err(|_| PyValueError::new_err(format!("{name} has {} bytes, not 32", bytes.len())))
}

fn picture_row<'py>(py: Python<'py>, picture: &Picture) -> PictureRow<'py> {
    let hash = digest::from_hex(&picture.hash).unwrap_or_default();
    let perceptual = picture.perceptual_hash.as_ref();
    (
        PyBytes::new(py, &hash),
        moue::gallery::path_of(&picture.path).into_os_string(),
        picture.label.clone(),
        picture.caption.clone(),
        picture.words.clone(),
        picture.tags.clone(),
        picture.source.clone(),
        perceptual.map(|hash| PyBytes::new(py, &hash.0)),
        picture.faces.iter().map(|face| face.id).collect(),
    )
}

/// A face that a detector can have found.
fn face(row: &FaceRow) -> PyResult<Face> {
    let ([xmin, ymin, width, height], score, points, ..) = row;
    let numbers = row.0.iter().chain(points.iter().flatten()).chain([score]);
    // Not more: what is not a number is refused too.
    let all_in_range = numbers.copied().all(|n| n.abs() <= MAX_COORDINATE);
    if !all_in_range || *width < 0.0 || *height < 0.0 || ![0, 6].contains(&points.len()) {
        return Err(PyValueError::new_err(format!(
            "a box of {:?} with {} key points is no face",
            row.0,
            points.len()
        )));
    }
    Ok(Face {
        bounding_box: BoundingBox {
            xmin: *xmin,
            ymin: *ymin,
            width: *width,
            height: *height,
        },
        score: *score,
        key_points: points[..].try_into().ok(),
    })
}

fn seconds(time: Option<f64>) -> PyResult<Option<Duration>> {
    let time = time.map(Duration::try_from_secs_f64).transpose();
    time.map_err(|error| PyValueError::new_err(format!("a face's time: {error}")))
}

#[pymethods]
impl Gallery {
    /// Pictures as tuples: hash, path, label, caption, words, tags, source, perceptual hash, ids of the faces.
    fn _pictures<'py>(&self, py: Python<'py>) -> PyResult<Vec<PictureRow<'py>>> {
        let pictures = self.run(py, &moue::cancel::CancelToken::default(), |gallery| {
            let mut pictures = Vec::new();
            gallery.for_each_picture(|picture| {
                pictures.push(picture);
                Ok::<(), Failure>(())
            })?;
            Ok::<_, Failure>(pictures)
        })?;
        Ok(pictures.iter().map(|p| picture_row(py, p)).collect())
    }

    /// Adds pictures that were read elsewhere, in one transaction; `expressions` has a row for each of
    /// their faces, in order. Returns for each whether its content was new.
    fn _add_rows(
        &self,
        py: Python<'_>,
        rows: Vec<NewRow>,
        expressions: &Bound<'_, PyAny>,
    ) -> PyResult<Vec<bool>> {
        let mut expressions = arrays::read_expressions(expressions)?.into_iter();
        let count: usize = rows.iter().map(|row| row.faces.len()).sum();
        if count != expressions.len() {
            return Err(PyValueError::new_err(format!(
                "{count} faces have {} expressions",
                expressions.len()
            )));
        }
        let pictures = rows.into_iter().map(|row| row.picture(&mut expressions));
        let pictures = pictures.collect::<PyResult<Vec<_>>>()?;
        self.read(py, |gallery| gallery.add(&pictures))
    }
}
