//! Rows of the table of faces, read.

use crate::vector;
use moue::gallery::{Picture, PictureHash, Shortlisted, StoredFace};
use moue::{BoundingBox, Expression};
use postgres::Row;
use std::time::Duration;

/// The columns that [`Face::of`] reads.
pub(crate) const COLUMNS: &str = "f.id, f.picture, f.hash, f.path, f.label, f.caption, f.tags, \
    f.source, f.added, f.hidden, f.perceptual_hash, f.bounds, f.score, f.key_points, f.micros, \
    vector_send(f.expression), f.written";

/// A row that is not what a program of ours has written.
pub(crate) type Damage = String;

/// A face with its picture, of whose faces it is the only one.
pub(crate) struct Face {
    pub(crate) picture: Picture,
    pub(crate) expression: Expression,
}

impl Face {
    pub(crate) fn of(row: &Row) -> Result<Self, Damage> {
        let read = Self::read(row).map_err(|error| error.to_string())?;
        read.ok_or_else(|| "a row of a face cannot be read".to_owned())
    }

    fn read(row: &Row) -> Result<Option<Self>, postgres::Error> {
        let face = stored_face(row)?;
        let expression = vector::decode(row.try_get(15)?);
        let Some((face, expression)) = face.zip(expression) else {
            return Ok(None);
        };
        Ok(Some(Self {
            picture: picture(row, face)?,
            expression,
        }))
    }

    pub(crate) fn shortlisted(self) -> Shortlisted {
        Shortlisted {
            id: self.picture.faces[0].id,
            expression: self.expression,
            picture: self.picture,
        }
    }
}

/// The picture of a row's face.
fn picture(row: &Row, face: StoredFace) -> Result<Picture, postgres::Error> {
    let id: i64 = row.try_get(1)?;
    let hash: &[u8] = row.try_get(2)?;
    let added: i64 = row.try_get(8)?;
    let perceptual_hash: Option<&[u8]> = row.try_get(10)?;
    let perceptual_hash = perceptual_hash.and_then(|bytes| bytes.try_into().ok());
    Ok(Picture {
        id: id as u64,
        hash: moue::digest::hex(hash),
        path: row.try_get(3)?,
        label: row.try_get(4)?,
        caption: row.try_get(5)?,
        words: row.try_get(16)?,
        tags: row.try_get(6)?,
        source: row.try_get(7)?,
        added: added as u64,
        hidden: row.try_get(9)?,
        perceptual_hash: perceptual_hash.map(PictureHash),
        // Near-duplicates are told during a search.
        group: id as u64,
        faces: vec![face],
    })
}

fn stored_face(row: &Row) -> Result<Option<StoredFace>, postgres::Error> {
    let id: i64 = row.try_get(0)?;
    let bounds: Vec<f32> = row.try_get(11)?;
    let Some(bounding_box) = bounding_box(&bounds) else {
        return Ok(None);
    };
    let key_points: Vec<f32> = row.try_get(13)?;
    let (points, _) = key_points.as_chunks::<2>();
    let micros: Option<i64> = row.try_get(14)?;
    Ok(Some(StoredFace {
        id: id as u64,
        bounding_box,
        score: row.try_get(12)?,
        key_points: points.to_vec(),
        time: micros.map(|micros| Duration::from_micros(micros as u64)),
    }))
}

fn bounding_box(bounds: &[f32]) -> Option<BoundingBox> {
    let [xmin, ymin, width, height] = *bounds else {
        return None;
    };
    Some(BoundingBox {
        xmin,
        ymin,
        width,
        height,
    })
}
