//! Points and boxes, relative to the upright picture: 0 is its left or top edge, 1 the right or
//! bottom one.

use serde::{Deserialize, Serialize};

/// A position: x to the right, y down.
pub type Point = [f32; 2];

/// An upright rectangle; it may reach beyond the picture.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct BoundingBox {
    /// Left edge.
    pub xmin: f32,
    /// Top edge.
    pub ymin: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

impl BoundingBox {
    /// The whole picture.
    pub const WHOLE: Self = Self {
        xmin: 0.0,
        ymin: 0.0,
        width: 1.0,
        height: 1.0,
    };

    /// The rectangle around a middle, with its width and height.
    pub fn centered(center: Point, [width, height]: [f32; 2]) -> Self {
        Self {
            xmin: center[0] - width / 2.0,
            ymin: center[1] - height / 2.0,
            width,
            height,
        }
    }

    /// Width times height, 0 where either is negative.
    pub fn area(&self) -> f32 {
        self.width.max(0.0) * self.height.max(0.0)
    }

    /// The middle.
    pub fn center(&self) -> Point {
        [self.xmin + self.width / 2.0, self.ymin + self.height / 2.0]
    }

    /// The area that two boxes have in common.
    pub fn intersection(&self, other: &Self) -> f32 {
        let span = |a: f32, al: f32, b: f32, bl: f32| ((a + al).min(b + bl) - a.max(b)).max(0.0);
        span(self.xmin, self.width, other.xmin, other.width)
            * span(self.ymin, self.height, other.ymin, other.height)
    }

    /// The share of this box that lies inside of another one, 0 to 1.
    pub fn share_inside(&self, other: &Self) -> f32 {
        // A box without area lies inside of nothing, rather than dividing by zero.
        self.intersection(other) / self.area().max(f32::MIN_POSITIVE)
    }

    /// Intersection over union, from 0 (apart) to 1 (equal).
    ///
    /// ```
    /// use moue::BoundingBox;
    /// let a = BoundingBox { xmin: 0.0, ymin: 0.0, width: 0.2, height: 0.1 };
    /// let b = BoundingBox { xmin: 0.1, ..a };
    /// assert!((a.iou(&b) - 1.0 / 3.0).abs() < 1e-6);
    /// ```
    pub fn iou(&self, other: &Self) -> f32 {
        let intersection = self.intersection(other);
        let union = self.area() + other.area() - intersection;
        if union > 0.0 {
            intersection / union
        } else {
            0.0
        }
    }
}
