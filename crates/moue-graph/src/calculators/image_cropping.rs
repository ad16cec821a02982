//! Cuts a rotated rectangle out of an image.

use super::pixels::{MOST_PIXELS, pixel, rebuilt};
use super::ports::{give_picture, gives_picture, picture, takes_picture};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::types::{Image, NormRect};

/// Cuts out a rectangle, nearest pixel by nearest pixel, black beyond the picture.
#[derive(Default)]
pub(super) struct ImageCroppingCalculator;

impl Calculator for ImageCroppingCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        takes_picture(contract, node);
        contract.inputs.optional::<NormRect>("NORM_RECT");
        gives_picture(contract, node);
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some(image) = picture(cx) else {
            return Ok(Flow::Continue);
        };
        let rect = match cx.input::<NormRect>("NORM_RECT") {
            Some(rect) => *rect,
            None if cx.has_input("NORM_RECT") => return Ok(Flow::Continue),
            None => from_options(cx, image),
        };
        give_picture(cx, crop(image, &rect)?);
        Ok(Flow::Continue)
    }
}

fn from_options(cx: &Context<'_>, image: &Image) -> NormRect {
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

/// An empty rectangle stands for the whole picture, as in MediaPipe.
fn crop(image: &Image, rect: &NormRect) -> Result<Image, CalculatorError> {
    let size = [image.width() as f64, image.height() as f64];
    let whole = rect.width <= 0.0 || rect.height <= 0.0;
    let relative = if whole {
        [0.5, 0.5, 1.0, 1.0]
    } else {
        [rect.x_center, rect.y_center, rect.width, rect.height]
    };
    if relative.iter().any(|v| !v.is_finite() || v.abs() > 100.0) {
        return Err(format!("the rectangle {rect:?} is out of range").into());
    }
    let pixels = |i: usize| f64::from(relative[i]) * size[i % 2];
    let center = if whole {
        [(size[0] / 2.0).trunc(), (size[1] / 2.0).trunc()]
    } else {
        [pixels(0).round(), pixels(1).round()]
    };
    let (width, height) = (pixels(2).round().max(1.0), pixels(3).round().max(1.0));
    if width > MOST_PIXELS as f64 || height > MOST_PIXELS as f64 {
        return Err(format!("a crop of {width}×{height} pixels is too large").into());
    }
    let (sin, cos) = if whole {
        (0.0, 1.0)
    } else {
        f64::from(rect.rotation).sin_cos()
    };
    let span = |at: usize, length: f64| {
        if length > 1.0 {
            (at as f64 / (length - 1.0) - 0.5) * length
        } else {
            0.0
        }
    };
    let at = |x: usize, y: usize| {
        let (dx, dy) = (span(x, width), span(y, height));
        let from = [
            center[0] + cos * dx - sin * dy,
            center[1] + sin * dx + cos * dy,
        ]
        .map(f64::round_ties_even);
        let inside = (0..2).all(|i| (0.0..size[i]).contains(&from[i]));
        if inside {
            pixel(image, from[0] as usize, from[1] as usize)
        } else {
            [0; 3]
        }
    };
    Ok(rebuilt(width as usize, height as usize, at))
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
        let image = crop(&numbered(4, 4), &rect).unwrap();
        assert_eq!(&values(&image)[..2], [0, 0]);
        assert!(
            crop(
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
            crop(
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
