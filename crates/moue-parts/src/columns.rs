//! The columns of a part: the same as those of the Python package's `moue.parts`.

use arrow_array::builder::{
    BinaryBuilder, FixedSizeBinaryBuilder, FixedSizeListBuilder, Float32Builder, Float64Builder,
    Int32Builder, ListBuilder, StringBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use moue::Expression;
use moue::embed::EXPRESSION_LEN;
use moue::gallery::{Picture, StoredFace, path_of};
use std::sync::Arc;

/// Bytes of a SHA-256 and of a perceptual hash.
const HASH: i32 = 32;

pub(crate) fn schema() -> Schema {
    let list = |of: DataType| DataType::List(Arc::new(Field::new_list_field(of, true)));
    let vector = Arc::new(Field::new_list_field(DataType::Float32, true));
    let columns = [
        ("hash", DataType::FixedSizeBinary(HASH)),
        // Bytes, as paths are where they need not be UTF-8.
        ("path", DataType::Binary),
        ("face", DataType::Int32),
        ("label", DataType::Utf8),
        ("caption", DataType::Utf8),
        ("words", DataType::Utf8),
        ("tags", list(DataType::Utf8)),
        ("source", DataType::Utf8),
        ("perceptual_hash", DataType::FixedSizeBinary(HASH)),
        ("xmin", DataType::Float32),
        ("ymin", DataType::Float32),
        ("width", DataType::Float32),
        ("height", DataType::Float32),
        ("score", DataType::Float32),
        ("key_points", list(DataType::Float32)),
        ("time", DataType::Float64),
        ("thumbnail", DataType::Binary),
        (
            "expression",
            DataType::FixedSizeList(vector, EXPRESSION_LEN as i32),
        ),
    ];
    let fields = columns.map(|(name, of)| Field::new(name, of, true));
    Schema::new(fields.to_vec())
}

/// A face with its picture and its number there.
pub(crate) struct Row<'a> {
    pub(crate) picture: &'a Picture,
    pub(crate) number: usize,
    pub(crate) face: &'a StoredFace,
    pub(crate) expression: &'a Expression,
    pub(crate) thumbnail: Option<&'a [u8]>,
}

/// The columns that are numbers or bytes of the face.
#[derive(Default)]
struct Floats([Float32Builder; 5]);

impl Floats {
    fn push(&mut self, face: &StoredFace) {
        let b = face.bounding_box;
        let floats = [b.xmin, b.ymin, b.width, b.height, face.score];
        for (column, value) in self.0.iter_mut().zip(floats) {
            column.append_value(value);
        }
    }
}

/// Columns under way.
pub(crate) struct Columns {
    hash: FixedSizeBinaryBuilder,
    path: BinaryBuilder,
    face: Int32Builder,
    label: StringBuilder,
    caption: StringBuilder,
    words: StringBuilder,
    tags: ListBuilder<StringBuilder>,
    source: StringBuilder,
    perceptual_hash: FixedSizeBinaryBuilder,
    floats: Floats,
    key_points: ListBuilder<Float32Builder>,
    time: Float64Builder,
    thumbnail: BinaryBuilder,
    expression: FixedSizeListBuilder<Float32Builder>,
}

impl Columns {
    pub(crate) fn new() -> Self {
        Self {
            hash: FixedSizeBinaryBuilder::new(HASH),
            path: BinaryBuilder::new(),
            face: Int32Builder::new(),
            label: StringBuilder::new(),
            caption: StringBuilder::new(),
            words: StringBuilder::new(),
            tags: ListBuilder::new(StringBuilder::new()),
            source: StringBuilder::new(),
            perceptual_hash: FixedSizeBinaryBuilder::new(HASH),
            floats: Floats::default(),
            key_points: ListBuilder::new(Float32Builder::new()),
            time: Float64Builder::new(),
            thumbnail: BinaryBuilder::new(),
            expression: FixedSizeListBuilder::new(Float32Builder::new(), EXPRESSION_LEN as i32),
        }
    }

    pub(crate) fn push(&mut self, row: &Row<'_>) -> Result<(), ArrowError> {
        let picture = row.picture;
        let hash = moue::digest::from_hex(&picture.hash).unwrap_or_default();
        self.hash.append_value(hash)?;
        let path = path_of(&picture.path);
        self.path.append_value(path.as_os_str().as_encoded_bytes());
        self.face.append_value(row.number as i32);
        self.label.append_value(&picture.label);
        self.caption.append_option(picture.caption.as_ref());
        self.words.append_option(picture.words.as_ref());
        for tag in &picture.tags {
            self.tags.values().append_value(tag);
        }
        self.tags.append(true);
        self.source.append_value(&picture.source);
        self.push_face(row)
    }

    fn push_face(&mut self, row: &Row<'_>) -> Result<(), ArrowError> {
        match &row.picture.perceptual_hash {
            Some(hash) => self.perceptual_hash.append_value(hash.0)?,
            None => self.perceptual_hash.append_null(),
        }
        self.floats.push(row.face);
        for point in &row.face.key_points {
            self.key_points.values().append_slice(point);
        }
        self.key_points.append(true);
        self.time
            .append_option(row.face.time.map(|time| time.as_secs_f64()));
        self.thumbnail.append_option(row.thumbnail);
        self.expression.values().append_slice(&row.expression.0);
        self.expression.append(true);
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<RecordBatch, ArrowError> {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.hash.finish()),
            Arc::new(self.path.finish()),
            Arc::new(self.face.finish()),
            Arc::new(self.label.finish()),
            Arc::new(self.caption.finish()),
            Arc::new(self.words.finish()),
            Arc::new(self.tags.finish()),
            Arc::new(self.source.finish()),
            Arc::new(self.perceptual_hash.finish()),
        ];
        columns.extend(
            self.floats
                .0
                .iter_mut()
                .map(|c| Arc::new(c.finish()) as ArrayRef),
        );
        columns.extend([
            Arc::new(self.key_points.finish()) as ArrayRef,
            Arc::new(self.time.finish()),
            Arc::new(self.thumbnail.finish()),
            Arc::new(self.expression.finish()),
        ]);
        RecordBatch::try_new(Arc::new(schema()), columns)
    }
}
