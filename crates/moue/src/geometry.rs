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

/// A grid that numbers are rounded to, so that what differs in the last digits becomes equal, but
/// for the few numbers that lie in the middle between two of its steps.
///
/// Its step is a power of two, so rounding is exact and the same on every processor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    step: f32,
}

impl Grid {
    /// A grid with at least `steps` steps along `length`, and less than twice as many.
    pub(crate) fn of(length: f32, steps: f32) -> Self {
        // The exponent alone is the largest power of two that is no larger.
        let exponent_bits = f32::INFINITY.to_bits();
        let step = f32::from_bits((length / steps).to_bits() & exponent_bits);
        Self { step }
    }

    /// The grid's number that is nearest to `value`; `value` itself where the grid has no step, as
    /// one along nothing.
    pub(crate) fn nearest(&self, value: f32) -> f32 {
        if self.step.is_normal() {
            (value / self.step).round() * self.step
        } else {
            value
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_has_steps_of_a_power_of_two() {
        for length in [0.3f32, 1.0, 77.0, 5000.0] {
            let grid = Grid::of(length, 64.0);
            assert!(length / grid.step >= 64.0 && length / grid.step < 128.0);
            assert_eq!(grid.step.log2().fract(), 0.0);
        }
    }

    #[test]
    fn last_digits_do_not_matter() {
        let grid = Grid::of(40.0, 512.0);
        let value = 123.456_f32;
        assert_eq!(grid.nearest(value), grid.nearest(value * 1.000_001));
        assert!((grid.nearest(value) - value).abs() <= grid.step / 2.0);
    }

    #[test]
    fn a_grid_along_nothing_changes_nothing() {
        assert_eq!(Grid::of(0.0, 64.0).nearest(0.3), 0.3);
        assert_eq!(Grid::of(f32::INFINITY, 64.0).nearest(0.3), 0.3);
        assert!(Grid::of(f32::NAN, 64.0).nearest(f32::NAN).is_nan());
    }
}
