//! The faces that a detector returns.

use crate::geometry::{BoundingBox, Point};

/// The order of [`Face::key_points`]; right and left are the subject's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum KeyPoint {
    /// Center of the right eye.
    RightEye = 0,
    /// Center of the left eye.
    LeftEye = 1,
    /// Tip of the nose.
    NoseTip = 2,
    /// Center of the mouth.
    MouthCenter = 3,
    /// Tragion of the right ear.
    RightEar = 4,
    /// Tragion of the left ear.
    LeftEar = 5,
}

/// A face in a picture, in coordinates relative to it.
///
/// ```
/// use moue::{BoundingBox, Face};
/// let crop = Face::whole();
/// assert_eq!((crop.bounding_box, crop.key_points), (BoundingBox::WHOLE, None));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Face {
    /// About square in pixels, from the brows to the chin, without hair and ears.
    pub bounding_box: BoundingBox,
    /// How certain the detector is, 0 to 1.
    pub score: f32,
    /// Six points in the order of [`KeyPoint`]; `None` for a picture that is a face crop already.
    pub key_points: Option<[Point; 6]>,
}

impl Face {
    /// A picture that is a face crop as a whole: the box covers it, the score is 1, and the key
    /// points are unknown.
    pub fn whole() -> Self {
        Self {
            bounding_box: BoundingBox::WHOLE,
            score: 1.0,
            key_points: None,
        }
    }

    /// One of the six points; `None` where they are unknown.
    pub fn key_point(&self, which: KeyPoint) -> Option<Point> {
        self.key_points.map(|points| points[which as usize])
    }
}
