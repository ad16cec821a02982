//! The values that packets carry between calculators, under MediaPipe's names.

use moue::embed::EXPRESSION_LEN;
use moue::gallery::GalleryError;
use moue::{BoundingBox, Face, Frame, Gallery, Point};
use serde::{Serialize, Serializer};
use std::collections::HashMap;

/// An image that owns its pixels.
pub type Image = Frame<'static>;

/// The labels of classes or of the rows of a collection, by index.
pub type Labels = Vec<String>;

/// Numbers in a shape, in row-major order: the last dimension runs fastest.
///
/// ```
/// use moue_graph::Tensor;
/// let gray = Tensor { shape: vec![1, 2, 2, 1], values: vec![0.0, 0.25, 0.5, 1.0] };
/// assert_eq!(gray.shape.iter().product::<usize>(), gray.values.len());
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tensor {
    /// Sizes of the dimensions.
    pub shape: Vec<usize>,
    /// The numbers.
    pub values: Vec<f32>,
}

/// The inputs or outputs of a network, in the order of its file.
pub type Tensors = Vec<Tensor>;

/// The padding of a letterboxed image, as shares of its sides: left, top, right, bottom.
pub type LetterboxPadding = [f32; 4];

/// Where points of a tensor lie in the image that it was made of, both as shares of their sides: a
/// matrix of four rows and columns, row by row, that multiplies `(x, y, 0, 1)`.
pub type ProjectionMatrix = [f32; 16];

/// A box from which a network measures its own; relative to the network's input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Anchor {
    /// Center.
    pub center: Point,
    /// Width and height.
    pub size: [f32; 2],
}

/// A thing found in an image.
///
/// ```
/// use moue::BoundingBox;
/// use moue_graph::Detection;
/// let eyes_only = Detection {
///     score: 0.9,
///     bounding_box: BoundingBox { xmin: 0.25, ymin: 0.25, width: 0.5, height: 0.5 },
///     key_points: vec![[0.4, 0.4], [0.6, 0.4]],
///     ..Detection::default()
/// };
/// assert!(eyes_only.as_face().is_none(), "a face has six key points");
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Detection {
    /// The network's confidence, 0 to 1.
    pub score: f32,
    /// The numbers of its classes.
    pub label_id: Vec<i32>,
    /// The names of its classes.
    pub label: Vec<String>,
    /// Its box, relative to the image.
    pub bounding_box: BoundingBox,
    /// Its key points, relative to the image.
    pub key_points: Vec<Point>,
}

impl Detection {
    /// The detection as a face, if it has the six key points of one.
    pub fn as_face(&self) -> Option<Face> {
        let key_points = Some(self.key_points.as_slice().try_into().ok()?);
        Some(Face {
            bounding_box: self.bounding_box,
            score: self.score,
            key_points,
        })
    }
}

impl From<&Face> for Detection {
    fn from(face: &Face) -> Self {
        Self {
            score: face.score,
            bounding_box: face.bounding_box,
            key_points: face.key_points.map_or_else(Vec::new, Vec::from),
            ..Self::default()
        }
    }
}

/// As a face is written elsewhere in moue: `box`, `score` and `key_points`.
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

/// A rectangle relative to the image, rotated about its center.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Default)]
pub struct NormRect {
    /// The center, as a share of the image's width.
    pub x_center: f32,
    /// The center, as a share of the image's height.
    pub y_center: f32,
    /// The width, as a share of the image's.
    pub width: f32,
    /// The height, as a share of the image's.
    pub height: f32,
    /// The rotation, clockwise, in radians.
    pub rotation: f32,
}

/// One of several answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Classification {
    /// Its number.
    pub index: usize,
    /// How it scores; of the closest embeddings, the distance.
    pub score: f32,
    /// Its name.
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
    /// faces of one picture are one group, and so are those of its near-duplicates; hidden pictures
    /// are left out.
    ///
    /// # Errors
    /// [`GalleryError`] if the gallery can't be read.
    pub fn from_gallery(gallery: &Gallery) -> Result<(Self, Labels), GalleryError> {
        let mut pictures = HashMap::new();
        gallery.for_each_picture(|picture| {
            if picture.hidden {
                return Ok(());
            }
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

    /// Sets which rows belong together; of each group only the nearest row is an answer.
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

/// A shape to draw, in coordinates relative to the image.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A rectangle's outline.
    Box(BoundingBox),
    /// A dot.
    Point(Point),
    /// Text whose upper left corner is at the point.
    Text(Point, String),
}

/// Shapes to draw onto an image, in one color.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RenderData {
    /// The shapes, in the order of drawing.
    pub shapes: Vec<Shape>,
    /// Their color.
    pub color: Color,
    /// The width of lines, in pixels.
    pub thickness: f32,
}
