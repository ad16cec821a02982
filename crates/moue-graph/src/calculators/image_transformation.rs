//! Scales, rotates and mirrors images.

use super::pixels::{MAX_SIDE, image_from, pixel};
use super::ports::{declare_image_input, declare_image_output, image_input, write_image};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::types::{Image, LetterboxPadding};
use moue::detect::Letterbox;

/// Scales, then rotates, then mirrors.
#[derive(Default)]
pub(super) struct ImageTransformationCalculator {
    /// Width and height; `None` keeps those of the image.
    size: Option<(usize, usize)>,
    scale_mode: String,
    quarter_turns: usize,
    flip_horizontally: bool,
    flip_vertically: bool,
}

impl Calculator for ImageTransformationCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        declare_image_input(contract, node);
        declare_image_output(contract, node);
        contract
            .outputs
            .optional::<LetterboxPadding>("LETTERBOX_PADDING");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let options = cx.options();
        let width = options.get_or("output_width", 0);
        let height = options.get_or("output_height", 0);
        if !(0..=MAX_SIDE).contains(&width) || !(0..=MAX_SIDE).contains(&height) {
            return Err(format!(
                "an image of {width}×{height} is out of range; sides go to {MAX_SIDE}"
            )
            .into());
        }
        // The default of both, 0, keeps the image's size, as in MediaPipe.
        self.size = (width > 0 && height > 0).then_some((width as usize, height as usize));
        self.scale_mode = options.get_enum("scale_mode").unwrap_or_default();
        // `RotationMode.Mode`: UNKNOWN = 0, ROTATION_0 = 1, ROTATION_90 = 2, …
        let rotation_mode = options.get_or("rotation_mode", 1i64);
        self.quarter_turns = (rotation_mode.clamp(1, 4) - 1) as usize;
        self.flip_horizontally = options.get_or("flip_horizontally", false);
        self.flip_vertically = options.get_or("flip_vertically", false);
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some(image) = image_input(cx) else {
            return Ok(Flow::Continue);
        };
        let (image, padding) = self.scale(image);
        let image = rotate(image, self.quarter_turns);
        let image = mirror(image, self.flip_horizontally, self.flip_vertically);
        write_image(cx, image);
        cx.output("LETTERBOX_PADDING", Packet::new(padding));
        Ok(Flow::Continue)
    }
}

impl ImageTransformationCalculator {
    fn scale(&self, image: &Image) -> (Image, LetterboxPadding) {
        let Some((width, height)) = self.size else {
            return (image.clone(), [0.0; 4]);
        };
        match self.scale_mode.as_str() {
            "FIT" => {
                let fitted = Letterbox::fit_into(image, width, height);
                let [x, y] = fitted.bars();
                (fitted.into_frame(), [x, y, x, y])
            }
            "FILL_AND_CROP" => (fill_and_crop(image, width, height), [0.0; 4]),
            // STRETCH, which is also the default of MediaPipe.
            _ => (image.resized(width, height), [0.0; 4]),
        }
    }
}

/// Scales until the image covers the size, then cuts out its middle.
fn fill_and_crop(image: &Image, width: usize, height: usize) -> Image {
    let scale = (width as f64 / image.width() as f64).max(height as f64 / image.height() as f64);
    // Rounding may end a pixel below the size that is to be covered.
    let scaled = |side: usize, min: usize| ((side as f64 * scale).round() as usize).max(min);
    let large = image.resized(scaled(image.width(), width), scaled(image.height(), height));
    let left = (large.width() - width) / 2;
    let top = (large.height() - height) / 2;
    image_from(width, height, |x, y| pixel(&large, left + x, top + y))
}

/// Rotates counter-clockwise by quarter turns.
fn rotate(image: Image, quarter_turns: usize) -> Image {
    let width = image.width();
    let height = image.height();
    match quarter_turns {
        1 => image_from(height, width, |x, y| pixel(&image, width - 1 - y, x)),
        2 => image_from(width, height, |x, y| {
            pixel(&image, width - 1 - x, height - 1 - y)
        }),
        3 => image_from(height, width, |x, y| pixel(&image, y, height - 1 - x)),
        _ => image,
    }
}

fn mirror(image: Image, horizontally: bool, vertically: bool) -> Image {
    if !horizontally && !vertically {
        return image;
    }
    let width = image.width();
    let height = image.height();
    image_from(width, height, |x, y| {
        let x = if horizontally { width - 1 - x } else { x };
        let y = if vertically { height - 1 - y } else { y };
        pixel(&image, x, y)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calculators::pixels::tests::{numbered, values};

    #[test]
    fn quarters_go_counter_clockwise() {
        assert_eq!(values(&rotate(numbered(3, 2), 1)), [2, 5, 1, 4, 0, 3]);
        assert_eq!(values(&rotate(numbered(3, 2), 2)), [5, 4, 3, 2, 1, 0]);
        assert_eq!(values(&rotate(numbered(3, 2), 3)), [3, 0, 4, 1, 5, 2]);
        assert_eq!(
            values(&mirror(numbered(3, 2), true, false)),
            [2, 1, 0, 5, 4, 3]
        );
    }

    #[test]
    fn filling_keeps_the_middle() {
        let image = fill_and_crop(&numbered(6, 2), 2, 2);
        assert_eq!(values(&image), [2, 3, 8, 9]);
    }
}
