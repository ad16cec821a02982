//! What moue's calculators send one another, under MediaPipe's names.

use moue::{BoundingBox, Face, Frame, Gallery, Point};

use moue::embed::EXPRESSION_LEN;

use moue::gallery::GalleryError;
use serde::{Serialize, Serializer};
use std::collections::HashMap;

/// A picture that owns its pixels.
pub type Image = Frame<'static>;

/// Labels of classes or of a collection, the first for number 0.
pub type Labels = Vec<String>;

/// Numbers in a shape, the last dimension running fastest.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tensor {
    /// Sizes of the dimensions.
    pub shape: Vec<usize>,
    /// The numbers.
    pub values: Vec<f32>,
}

/// What goes into a network and what comes out.
pub type Tensors = Vec<Tensor>;

/// The bars of a picture that was fitted into a frame, as shares of it: left, top, right, bottom.
pub type LetterboxPadding = [f32; 4];

/// A box from which a network measures; all relative to its input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Anchor {
    /// Center.
    pub center: Point,
    /// Width and height.
    pub size: [f32; 2],
}

/// Something found in a picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Detection {
    /// How sure, 0 to 1.
    pub score: f32,
    /// What it is, by number.
    pub label_id: Vec<i32>,
    /// What it is, by name.
    pub label: Vec<String>,
    /// Where it is, relative to the picture.
    pub bounding_box: BoundingBox,
    /// Points of it, relative to the picture.
    pub key_points: Vec<Point>,
}

impl Detection {
    /// The detection as a face, if it has a face's six key points.
    pub fn as_face(&self) -> Option<Face> {
        let key_points = Some(self.key_points.as_slice().try_into().ok()?);
        Some(Face {
            bounding_box: self.bounding_box,
            score: self.score,
            key_points,
        })
    }
}

/// As `moue detect --json` shows a face.
impl Serialize for Detection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("box", &self.bounding_box)?;
        map.serialize_entry("score", &self.score)?;
        map.serialize_entry("key_points", &self.key_points)?;
        map.end()
    }
}

/// A rectangle relative to the picture, turned about its center.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Default)]
pub struct NormRect {
    /// Center, 0..1 of the width.
    pub x_center: f32,
    /// Center, 0..1 of the height.
    pub y_center: f32,
    /// Width, relative to the picture's.
    pub width: f32,
    /// Height, relative to the picture's.
    pub height: f32,
    /// Clockwise, in radians.
    pub rotation: f32,
}

/// One of several answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Classification {
    /// Its number.
    pub index: usize,
    /// How it scores; of the closest embeddings, the distance.
    pub score: f32,
    /// What it is called.
    pub label: String,
}

/// Vectors that are searched, all of one length.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Collection {
    length: usize,
    values: Vec<f32>,
    /// Rows of one group count once; empty if each row is a group of its own.
    groups: Vec<u64>,
}

impl Collection {
    /// Vectors of `length` numbers, one after the other; `None` if `values` does not divide so.
    pub fn new(length: usize, values: Vec<f32>) -> Option<Self> {
        (length > 0 && values.len().is_multiple_of(length)).then_some(Self {
            length,
            values,
            groups: Vec::new(),
        })
    }

    /// The faces of a gallery and the labels of their pictures. As in a search of the gallery, the
    /// faces of one picture are one group, and so are those of its near-duplicates.
    ///
    /// # Errors
    /// [`GalleryError`] if the gallery can't be read.
    pub fn from_gallery(gallery: &Gallery) -> Result<(Self, Labels), GalleryError> {
        let mut pictures = HashMap::new();
        gallery.for_each_picture(|picture| {
            let faces = picture.faces.iter().map(|face| face.id);
            pictures.extend(faces.map(|id| (id, (picture.group, picture.label.clone()))));
            Ok::<(), GalleryError>(())
        })?;
        let mut collection = Self {
            length: EXPRESSION_LEN,
            ..Self::default()
        };
        let mut labels = Labels::new();
        gallery.for_each_expression(|id, expression| {
            if let Some((group, label)) = pictures.remove(&id) {
                collection.values.extend(expression.0);
                collection.groups.push(group);
                labels.push(label);
            }
            Ok::<(), GalleryError>(())
        })?;
        Ok((collection, labels))
    }

    /// Says which rows belong together; of each group only the nearest row is an answer.
    pub fn grouped(mut self, groups: Vec<u64>) -> Self {
        self.groups = groups;
        self
    }

    /// Numbers in a vector.
    pub fn length(&self) -> usize {
        self.length
    }

    /// The vectors.
    pub fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.length.max(1))
    }

    /// The group of a row.
    pub fn group(&self, row: usize) -> u64 {
        self.groups.get(row).copied().unwrap_or(row as u64)
    }
}

/// Red, green, blue.
pub type Color = [u8; 3];

/// Something to draw, in coordinates relative to the picture.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A rectangle's outline.
    Box(BoundingBox),
    /// A dot.
    Point(Point),
    /// Text whose upper left corner is at the point.
    Text(Point, String),
}

/// Things to draw over a picture, in one color.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RenderData {
    /// What to draw.
    pub shapes: Vec<Shape>,
    /// In which color.
    pub color: Color,
    /// How thick lines are, in pixels.
    pub thickness: f32,
}
