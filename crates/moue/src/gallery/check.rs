//! Verifying a gallery: all records and vectors are compared with each other.

use super::chunks::Row;
use super::database::ReadTxn;
use super::error::Fault;
use super::near_duplicates;
use super::quantization::Quantized;
use super::seal::{self, Kind};
use super::tables::{BANDS, CODES, FILES, FLOATS, HASHES, PICTURES, ROWS, THUMBNAILS, meta};
use super::{hidden_list, read, vectors};
use crate::embed::{EXPRESSION_LEN, Expression};
use redb::{ReadableTable, ReadableTableMetadata};
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

/// The source of the compiled-in gallery's pictures.
const COMPILED_IN: &str = "builtin";

/// What [`Gallery::verify`](super::Gallery::verify) found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// Pictures without damage.
    pub pictures: u64,
    /// Faces without damage.
    pub faces: u64,
    /// What is wrong.
    pub problems: Vec<String>,
    /// Whether it was repaired: what could be read was kept and derived tables were rebuilt.
    pub repaired: bool,
    /// Where [`Gallery::repair`](super::Gallery::repair) has put the damaged file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damaged: Option<PathBuf>,
}

/// Compares all records and vectors with each other.
pub(super) fn examine(reading: &ReadTxn) -> Result<Report, Fault> {
    let mut examination = Examination::default();
    // Pictures first: faces are then compared with the pictures that name them.
    examination.pictures(reading)?;
    examination.hidden(reading);
    examination.chunks(reading)?;
    examination.counts(reading)?;
    examination.rest(reading)?;
    Ok(examination.report())
}

/// What is known so far.
#[derive(Default)]
struct Examination {
    /// The picture of every face that a picture's record names.
    picture_of: BTreeMap<u64, u64>,
    /// Faces that have a vector.
    with_vector: HashSet<u64>,
    /// Number of all rows.
    rows: u64,
    /// Pictures whose records say that they are hidden.
    hidden: HashSet<u64>,
    /// Pictures that have a perceptual hash.
    with_hash: u64,
    /// Those of them that were added and not compiled in.
    with_bands: u64,
    problems: Vec<String>,
}

impl Examination {
    /// Reads every picture's record and finds it by its content's hash.
    fn pictures(&mut self, reading: &ReadTxn) -> Result<(), Fault> {
        let by_hash = reading.table(HASHES)?;
        for record in reading.table(PICTURES)?.iter()? {
            let (id, json) = record?;
            let id = id.value();
            let picture = match seal::picture(id, json.value()) {
                Ok(picture) => picture,
                Err(fault) => {
                    // All damage is named, not only the first.
                    self.problems.push(fault.text());
                    continue;
                }
            };
            let has_hash = picture.perceptual_hash.is_some();
            self.with_hash += u64::from(has_hash);
            self.with_bands += u64::from(has_hash && picture.source != COMPILED_IN);
            if picture.hidden {
                self.hidden.insert(id);
            }
            self.picture_of
                .extend(picture.faces.iter().map(|f| (f.id, id)));
            if let Some(hash) = crate::digest::from_hex(&picture.hash)
                && by_hash.get(&hash)?.map(|v| v.value()) != Some(id)
            {
                self.problems
                    .push(format!("picture {id} is not found by its content"));
            }
        }
        Ok(())
    }

    /// Compares the list of hidden pictures, by which searches go, with the records.
    fn hidden(&mut self, reading: &ReadTxn) {
        match hidden_list::read(reading) {
            Ok(list) => {
                let listed = list.ids();
                // The list has more: it keeps pictures that were removed.
                let missing = self.hidden.difference(&listed);
                let problem = |id| format!("picture {id} is not in the list of hidden pictures");
                self.problems.extend(missing.map(problem));
            }
            Err(fault) => self.problems.push(fault.text()),
        }
    }

    /// Compares the numbers of what belongs together.
    fn counts(&mut self, reading: &ReadTxn) -> Result<(), Fault> {
        let pictures = read::picture_count(reading)?;
        let hashes = reading.table(HASHES)?.len()?;
        let bands = reading.table(BANDS)?.len()?;
        if hashes != pictures {
            let problem = format!("{hashes} contents are recorded of {pictures} pictures");
            self.problems.push(problem);
        }
        // A picture without a perceptual hash, of an older program, has no bands. The compiled-in gallery,
        // which nothing is added to, has none either: they would be half of its file.
        let expected = self.with_hash * near_duplicates::BANDS as u64;
        let least = self.with_bands * near_duplicates::BANDS as u64;
        if !(least..=expected).contains(&bands) {
            let problem = format!("{bands} of {expected} bands of near-duplicates are recorded");
            self.problems.push(problem);
        }
        let next = reading.number(meta::NEXT)?.unwrap_or(0);
        if self
            .picture_of
            .keys()
            .next_back()
            .is_some_and(|id| *id >= next)
        {
            self.problems
                .push("the next number of a face is taken".into());
        }
        let counted = vectors::count(reading)?;
        if counted != self.rows {
            let problem = format!("{counted} faces are counted, {} are there", self.rows);
            self.problems.push(problem);
        }
        Ok(())
    }

    /// Reads every thumbnail and every file's record.
    fn rest(&mut self, reading: &ReadTxn) -> Result<(), Fault> {
        for record in reading.table(THUMBNAILS)?.iter()? {
            let (face, jpeg) = record?;
            let face = face.value();
            if let Err(fault) = seal::open(Kind::Thumbnail, face, jpeg.value()) {
                self.problems.push(fault.text());
            } else if !self.picture_of.contains_key(&face) {
                self.problems
                    .push(format!("a thumbnail belongs to no face: {face}"));
            }
        }
        for record in reading.table(FILES)?.iter()? {
            let (path, state) = record?;
            if read::file_state(path.value(), state.value()).is_err() {
                let path = path.value();
                self.problems
                    .push(format!("the record of the file {path} is damaged"));
            }
        }
        Ok(())
    }

    /// Reads every chunk's three tables.
    fn chunks(&mut self, reading: &ReadTxn) -> Result<(), Fault> {
        let codes = reading.table(CODES)?;
        let floats = reading.table(FLOATS)?;
        for chunk in reading.table(ROWS)?.iter()? {
            let (number, rows) = chunk?;
            let number = number.value();
            let decoded = vectors::rows_of(number, rows.value());
            let values = vectors::chunk_values(&floats, number);
            let coded = vectors::chunk_codes(&codes, number);
            for fault in [
                decoded.as_ref().err(),
                values.as_ref().err(),
                coded.as_ref().err(),
            ] {
                self.problems.extend(fault.map(Fault::text));
            }
            let rows = decoded.unwrap_or_default();
            let values = values.unwrap_or_default();
            let coded = coded.unwrap_or_default();
            self.rows += rows.len() as u64;
            if rows.is_empty() || rows.len() != values.len() || rows.len() != coded.len() {
                self.problems.push(format!("chunk {number} is cut off"));
            }
            if !are_consistent(&rows, &values, &coded) {
                let problem = format!("codes of chunk {number} are not those of its expressions");
                self.problems.push(problem);
            }
            for (row, value) in rows.iter().zip(values) {
                self.face(row, &Expression(value));
            }
        }
        Ok(())
    }

    fn face(&mut self, row: &Row, expression: &Expression) {
        let id = row.id;
        if !expression.is_unit() {
            self.problems.push(format!("face {id} has no expression"));
        } else if self.picture_of.get(&id) != Some(&row.picture) || !self.with_vector.insert(id) {
            self.problems
                .push(format!("face {id} belongs to no picture"));
        }
    }

    fn report(mut self) -> Report {
        let without_vector = self
            .picture_of
            .keys()
            .filter(|id| !self.with_vector.contains(id));
        self.problems
            .extend(without_vector.map(|id| format!("face {id} has no vector")));
        let pictures: HashSet<u64> = self.picture_of.values().copied().collect();
        Report {
            pictures: pictures.len() as u64,
            faces: self.with_vector.len() as u64,
            problems: self.problems,
            repaired: false,
            damaged: None,
        }
    }
}

/// Whether rows and codes are those that the expressions have.
fn are_consistent(
    rows: &[Row],
    values: &[[f32; EXPRESSION_LEN]],
    codes: &[[i8; EXPRESSION_LEN]],
) -> bool {
    rows.iter()
        .zip(values)
        .zip(codes)
        .all(|((row, value), codes)| {
            let of = Quantized::of(value);
            let stored = [row.scale, row.error, row.squared_norm];
            // To the bit: bounds that are a little too small would lose faces.
            of.codes == *codes
                && stored.map(f32::to_bits)
                    == [of.scale, of.error, of.squared_norm].map(f32::to_bits)
        })
}
