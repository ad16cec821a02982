//! Cuts a rotated rectangle out of an image.

use super::pixels::{MAX_SIDE, image_from, pixel};
use super::ports::{declare_image_input, declare_image_output, image_input, write_image};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::types::{Image, NormRect};

/// Cuts out the rectangle at `NORM_RECT`, or the one that options give. Each pixel of the crop is
/// the nearest one of the image, and black beyond it.
#[derive(Default)]
pub(super) struct ImageCroppingCalculator;

impl Calculator for ImageCroppingCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        declare_image_input(contract, node);
        contract.inputs.optional::<NormRect>("NORM_RECT");
        declare_image_output(contract, node);
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some(image) = image_input(cx) else {
            return Ok(Flow::Continue);
        };
        let rect = match cx.input::<NormRect>("NORM_RECT") {
            Some(rect) => *rect,
            // A frame without a rectangle, such as one without a face, has no crop.
            None if cx.has_input("NORM_RECT") => return Ok(Flow::Continue),
            None => rect_from_options(cx, image),
        };
        write_image(cx, Crop::new(image, &rect)?.cut(image));
        Ok(Flow::Continue)
    }
}

fn rect_from_options(cx: &Context<'_>, image: &Image) -> NormRect {
    let options = cx.options();
    let pixels = |name: &str, of: usize| options.get::<i64>(name).map(|v| v as f32 / of as f32);
    let norm = |name: &str| options.get::<f32>(name);
    NormRect {
        x_center: norm("norm_center_x").unwrap_or(0.5),
        y_center: norm("norm_center_y").unwrap_or(0.5),
        width: norm("norm_width")
            .or_else(|| pixels("width", image.width()))
            .unwrap_or(1.0),
        height: norm("norm_height")
            .or_else(|| pixels("height", image.height()))
            .unwrap_or(1.0),
        rotation: options.get_or("rotation", 0.0),
    }
}

/// The largest coordinate of a rectangle, in widths or heights of the image.
// Chosen by hand: rectangles around faces reach a little beyond the image, never hundredfold. Other
// values come from a network that diverged, and their products must not overflow below.
const MAX_COORDINATE: f32 = 100.0;

/// A rotated rectangle in pixels of the image.
struct Crop {
    center: [f64; 2],
    size: [f64; 2],
    sin: f64,
    cos: f64,
}

impl Crop {
    // Centers and sizes are rounded to whole pixels before the rotation because MediaPipe does so;
    // `tests/reference.rs` compares the crops.
    fn new(image: &Image, rect: &NormRect) -> Result<Self, CalculatorError> {
        if rect.width <= 0.0 || rect.height <= 0.0 {
            return Ok(Self::whole(image));
        }
        let relative = [rect.x_center, rect.y_center, rect.width, rect.height];
        if relative
            .iter()
            .any(|v| !v.is_finite() || v.abs() > MAX_COORDINATE)
        {
            return Err(format!("the rectangle {rect:?} is out of range").into());
        }
        let image_size = image_size(image);
        let pixels = |i: usize| (f64::from(relative[i]) * image_size[i % 2]).round();
        let size = [pixels(2).max(1.0), pixels(3).max(1.0)];
        if size.iter().any(|side| *side > MAX_SIDE as f64) {
            let [width, height] = size;
            return Err(format!("a crop of {width}×{height} pixels is too large").into());
        }
        let (sin, cos) = f64::from(rect.rotation).sin_cos();
        Ok(Self {
            center: [pixels(0), pixels(1)],
            size,
            sin,
            cos,
        })
    }

    /// The whole image, which an empty rectangle means in MediaPipe.
    fn whole(image: &Image) -> Self {
        let size = image_size(image);
        Self {
            // MediaPipe divides integers here.
            center: size.map(|side| (side / 2.0).trunc()),
            size,
            sin: 0.0,
            cos: 1.0,
        }
    }

    fn cut(&self, image: &Image) -> Image {
        let [width, height] = self.size.map(|side| side as usize);
        image_from(width, height, |x, y| self.color(image, x, y))
    }

    /// The color at column `x` and row `y` of the crop.
    fn color(&self, image: &Image, x: usize, y: usize) -> [u8; 3] {
        let dx = offset(x, self.size[0]);
        let dy = offset(y, self.size[1]);
        let from = [
            self.center[0] + self.cos * dx - self.sin * dy,
            self.center[1] + self.sin * dx + self.cos * dy,
        ]
        .map(f64::round_ties_even);
        let size = image_size(image);
        if (0..2).all(|i| (0.0..size[i]).contains(&from[i])) {
            pixel(image, from[0] as usize, from[1] as usize)
        } else {
            [0; 3]
        }
    }
}

/// The distance of a row or column from the middle of a crop whose side is `length`.
// MediaPipe maps the rectangle's corners to the middles of the corner pixels, not to their outer
// corners. So `length - 1` steps span the whole side, and a single pixel lies in the middle.
fn offset(index: usize, length: f64) -> f64 {
    if length > 1.0 {
        (index as f64 / (length - 1.0) - 0.5) * length
    } else {
        0.0
    }
}

fn image_size(image: &Image) -> [f64; 2] {
    [image.width() as f64, image.height() as f64]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calculators::pixels::tests::{numbered, values};

    #[test]
    fn crops_beyond_the_picture_are_black() {
        let rect = NormRect {
            x_center: 0.0,
            y_center: 0.5,
            width: 1.0,
            height: 1.0,
            rotation: 0.0,
        };
        let image = numbered(4, 4);
        let image = Crop::new(&image, &rect).unwrap().cut(&image);
        assert_eq!(&values(&image)[..2], [0, 0]);
        assert!(
            Crop::new(
                &numbered(4, 4),
                &NormRect {
                    width: f32::NAN,
                    height: 1.0,
                    ..rect
                }
            )
            .is_err()
        );
        assert!(
            Crop::new(
                &numbered(4, 4),
                &NormRect {
                    width: 1e9,
                    height: 1.0,
                    ..rect
                }
            )
            .is_err()
        );
    }
}
