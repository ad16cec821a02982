//! One search over all chunks. Its answer is that of comparing every face in full; codes only save
//! work.

use super::GalleryError;
use super::chunks::Row;
use super::kernels::{self, Code};
use super::open::{ReadTxn, damaged, storage};
use super::query::Query;
use super::records::Picture;
use super::tables::{FLOATS, PICTURES};
use super::top_k::{Hit, Nearest};
use super::vectors::{self, Chunk, Values};
use crate::embed::{EXPRESSION_LEN, Expression, squared_distance};
use redb::{ReadOnlyTable, TableDefinition};
use std::cell::OnceCell;
use std::collections::HashMap;

type Bytes = ReadOnlyTable<u64, &'static [u8]>;

/// What rounding in the arithmetic may add to a distance, for vectors of length 1.
const SLACK: f32 = 2e-3;

/// A face that may be among the nearest, known by its codes.
struct Candidate {
    /// It is not nearer than this.
    least: f32,
    chunk: u64,
    index: usize,
    id: u64,
    group: u64,
}

/// A search on its way through the chunks.
pub(super) struct Scan<'a> {
    query: &'a Query,
    center: [f32; EXPRESSION_LEN],
    lacking: f32,
    coded: CodedQuery,
    /// The nearest, by exact distance or, with codes, by the most that it can be.
    nearest: Nearest,
    candidates: Vec<Candidate>,
    gate: RowFilter<'a>,
    squares: Vec<f32>,
    products: Vec<i32>,
}

/// The query in 16-bit numbers.
struct CodedQuery {
    code: Code,
    scale: f32,
    squared: f32,
    /// What rounding of query and arithmetic may add to a distance.
    error: f32,
}

impl CodedQuery {
    fn new(center: &[f32; EXPRESSION_LEN]) -> Self {
        let largest = center.iter().fold(0f32, |m, v| m.max(v.abs()));
        let scale = if largest > 0.0 {
            largest / 32_767.0
        } else {
            1.0
        };
        let code = center.map(|v| (v / scale).round().clamp(-32_767.0, 32_767.0) as i16);
        let said = code.map(|c| f32::from(c) * scale);
        let lost = center
            .iter()
            .zip(&said)
            .map(|(a, b)| (a - b) * (a - b))
            .sum::<f32>()
            .sqrt();
        let squared = said.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() as f32;
        Self {
            code,
            scale,
            squared,
            error: lost + SLACK * (1.0 + squared.sqrt()),
        }
    }
}

impl<'a> Scan<'a> {
    pub(super) fn new(query: &'a Query, reading: &'a ReadTxn<'a>) -> Self {
        let (center, lacking) = query.center();
        let most = query
            .max_distance
            .map_or(f32::MAX, |d| if d < 0.0 { -1.0 } else { d * d - lacking });
        Self {
            query,
            center,
            lacking,
            coded: CodedQuery::new(&center),
            nearest: Nearest::new(query.top, most),
            candidates: Vec::new(),
            gate: RowFilter::new(query, reading),
            squares: Vec::new(),
            products: Vec::new(),
        }
    }

    /// Looks at a chunk.
    pub(super) fn chunk(&mut self, chunk: &Chunk) -> Result<(), GalleryError> {
        match &chunk.values {
            Values::Exact(values) => self.exact(&chunk.rows, values),
            Values::Codes(codes) => self.codes(chunk, codes),
        }
    }

    fn exact(
        &mut self,
        rows: &[Row],
        values: &[[f32; EXPRESSION_LEN]],
    ) -> Result<(), GalleryError> {
        self.squares.resize(rows.len(), 0.0);
        kernels::distances(&self.center, values, &mut self.squares);
        for (i, row) in rows.iter().enumerate() {
            let squared = self.squares[i];
            if squared <= self.nearest.worst()
                && self
                    .gate
                    .lets(row, || Ok(Expression(values[i])), squared + self.lacking)?
            {
                self.nearest.insert(Hit {
                    squared,
                    id: row.id,
                    group: row.group,
                });
            }
        }
        Ok(())
    }

    fn codes(&mut self, chunk: &Chunk, codes: &[[i8; EXPRESSION_LEN]]) -> Result<(), GalleryError> {
        self.products.resize(codes.len(), 0);
        kernels::products(&self.coded.code, codes, &mut self.products);
        let twice = 2.0 * self.coded.scale;
        self.squares.clear();
        let query = self.coded.squared;
        let square =
            |(p, [scale, squared]): (&i32, &[f32; 2])| query + squared - twice * scale * *p as f32;
        self.squares
            .extend(self.products.iter().zip(&chunk.scales).map(square));
        let mut bound = self.bound(chunk.error);
        for i in 0..chunk.rows.len() {
            if self.squares[i] <= bound {
                self.candidate(chunk, i)?;
                bound = self.bound(chunk.error);
            }
        }
        Ok(())
    }

    /// The square that a face's codes may say at most if the face, with such an error, is to count.
    fn bound(&self, error: f32) -> f32 {
        let worst = self.nearest.worst();
        if worst < 0.0 {
            -1.0
        } else {
            (worst.sqrt() + error + self.coded.error).powi(2)
        }
    }

    fn candidate(&mut self, chunk: &Chunk, index: usize) -> Result<(), GalleryError> {
        let row = &chunk.rows[index];
        let (said, error) = (
            self.squares[index].max(0.0).sqrt(),
            row.error + self.coded.error,
        );
        let least = (said - error).max(0.0);
        if least * least > self.nearest.worst() {
            return Ok(());
        }
        if !self.gate.may_be_let(row)? {
            return Ok(());
        }
        // Of negatives neighbors only the full expression tells.
        if !self.query.negatives.is_empty() {
            let expression = self.gate.fetch(chunk.number, index)?;
            let squared = squared_distance(&self.center, &expression.0) + self.lacking;
            if self.query.is_unwanted(&expression, squared) {
                return Ok(());
            }
        }
        self.candidates.push(Candidate {
            least,
            chunk: chunk.number,
            index,
            id: row.id,
            group: row.group,
        });
        self.nearest.insert(Hit {
            squared: (said + error).powi(2),
            id: row.id,
            group: row.group,
        });
        Ok(())
    }

    /// The nearest, with their exact squared distances.
    pub(super) fn finish(self) -> Result<Vec<Hit>, GalleryError> {
        let lacking = self.lacking;
        let whole = move |hit: Hit| Hit {
            squared: (hit.squared + lacking).max(0.0),
            ..hit
        };
        if self.candidates.is_empty() {
            return Ok(self.nearest.into_hits().map(whole).collect());
        }
        let worst = self.nearest.worst();
        let most = self
            .query
            .max_distance
            .map_or(f32::MAX, |d| d * d - lacking);
        let mut nearest = Nearest::new(self.query.top, most);
        for c in self
            .candidates
            .iter()
            .filter(|c| c.least * c.least <= worst)
        {
            let expression = self.gate.fetch(c.chunk, c.index)?;
            nearest.insert(Hit {
                squared: squared_distance(&self.center, &expression.0),
                id: c.id,
                group: c.group,
            });
        }
        Ok(nearest.into_hits().map(whole).collect())
    }
}

/// Says which faces count; asks the file only about those that would be among the nearest.
struct RowFilter<'a> {
    query: &'a Query,
    reading: &'a ReadTxn<'a>,
    /// Opened when first asked.
    pictures: OnceCell<Bytes>,
    floats: OnceCell<Bytes>,
    asked: HashMap<u64, bool>,
}

/// Opens a table the first time.
fn opened<'a>(
    cell: &'a OnceCell<Bytes>,
    reading: &ReadTxn<'_>,
    table: TableDefinition<'_, u64, &'static [u8]>,
) -> Result<&'a Bytes, GalleryError> {
    match cell.get() {
        Some(table) => Ok(table),
        None => {
            let table = reading.table(table)?;
            Ok(cell.get_or_init(|| table))
        }
    }
}

impl<'a> RowFilter<'a> {
    fn new(query: &'a Query, reading: &'a ReadTxn<'a>) -> Self {
        Self {
            query,
            reading,
            pictures: OnceCell::new(),
            floats: OnceCell::new(),
            asked: HashMap::new(),
        }
    }

    fn lets(
        &mut self,
        row: &Row,
        expression: impl FnOnce() -> Result<Expression, GalleryError>,
        squared: f32,
    ) -> Result<bool, GalleryError> {
        if !self.query.negatives.is_empty() && self.query.is_unwanted(&expression()?, squared) {
            return Ok(false);
        }
        self.may_be_let(row)
    }

    /// What the filter says of the row's picture.
    fn may_be_let(&mut self, row: &Row) -> Result<bool, GalleryError> {
        if self.query.filter.is_empty() {
            return Ok(true);
        }
        if let Some(known) = self.asked.get(&row.picture) {
            return Ok(*known);
        }
        let path = self.reading.path;
        let value = opened(&self.pictures, self.reading, PICTURES)?
            .get(row.picture)
            .map_err(storage(path))?;
        let value =
            value.ok_or_else(|| damaged(path, format!("picture {} has no record", row.picture)))?;
        let picture: Picture =
            serde_json::from_slice(value.value()).map_err(|e| damaged(path, e))?;
        let lets = self.query.filter.lets(&picture);
        self.asked.insert(row.picture, lets);
        Ok(lets)
    }

    /// The full expression of a row.
    fn fetch(&self, chunk: u64, index: usize) -> Result<Expression, GalleryError> {
        vectors::float(
            opened(&self.floats, self.reading, FLOATS)?,
            chunk,
            index,
            self.reading.path,
        )
    }
}
