//! Scales, rotates and mirrors images.

use super::pixels::{MOST_PIXELS, pixel, rebuilt};
use super::ports::{give_picture, gives_picture, picture, takes_picture};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::types::{Image, LetterboxPadding};
use moue::detect::Letterbox;

/// Scales, then turns, then mirrors.
#[derive(Default)]
pub(super) struct ImageTransformationCalculator {
    size: Option<(usize, usize)>,
    mode: String,
    quarters: usize,
    flip_x: bool,
    flip_y: bool,
}

impl Calculator for ImageTransformationCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        takes_picture(contract, node);
        gives_picture(contract, node);
        contract
            .outputs
            .optional::<LetterboxPadding>("LETTERBOX_PADDING");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let options = cx.options();
        let (width, height) = (
            options.get_or("output_width", 0),
            options.get_or("output_height", 0),
        );
        if !(0..=MOST_PIXELS).contains(&width) || !(0..=MOST_PIXELS).contains(&height) {
            return Err(format!(
                "a picture of {width}×{height} is out of range; sides go to {MOST_PIXELS}"
            )
            .into());
        }
        self.size = (width > 0 && height > 0).then_some((width as usize, height as usize));
        self.mode = options.get_enum("scale_mode").unwrap_or_default();
        self.quarters = options
            .get::<i64>("rotation_mode")
            .map_or(0, |mode| (mode.clamp(1, 4) - 1) as usize);
        self.flip_x = options.get_or("flip_horizontally", false);
        self.flip_y = options.get_or("flip_vertically", false);
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some(image) = picture(cx) else {
            return Ok(Flow::Continue);
        };
        let (image, padding) = self.scale(image);
        let image = turn(image, self.quarters);
        give_picture(cx, mirror(image, self.flip_x, self.flip_y));
        cx.output("LETTERBOX_PADDING", Packet::new(padding));
        Ok(Flow::Continue)
    }
}

impl ImageTransformationCalculator {
    fn scale(&self, image: &Image) -> (Image, LetterboxPadding) {
        let Some((width, height)) = self.size else {
            return (image.clone(), [0.0; 4]);
        };
        match self.mode.as_str() {
            "FIT" => {
                let fitted = Letterbox::fit_into(image, width, height);
                let [x, y] = fitted.bars();
                (fitted.into_frame(), [x, y, x, y])
            }
            "FILL_AND_CROP" => (fill(image, width, height), [0.0; 4]),
            _ => (image.resized(width, height), [0.0; 4]),
        }
    }
}

/// Scales until the picture covers the size, then cuts out its middle.
fn fill(image: &Image, width: usize, height: usize) -> Image {
    let scale = (width as f64 / image.width() as f64).max(height as f64 / image.height() as f64);
    let scaled = |side: usize, least: usize| ((side as f64 * scale).round() as usize).max(least);
    let large = image.resized(scaled(image.width(), width), scaled(image.height(), height));
    let (left, top) = ((large.width() - width) / 2, (large.height() - height) / 2);
    rebuilt(width, height, |x, y| pixel(&large, left + x, top + y))
}

/// Turns counter-clockwise by quarters.
fn turn(image: Image, quarters: usize) -> Image {
    let (width, height) = (image.width(), image.height());
    match quarters {
        1 => rebuilt(height, width, |x, y| pixel(&image, width - 1 - y, x)),
        2 => rebuilt(width, height, |x, y| {
            pixel(&image, width - 1 - x, height - 1 - y)
        }),
        3 => rebuilt(height, width, |x, y| pixel(&image, y, height - 1 - x)),
        _ => image,
    }
}

fn mirror(image: Image, x: bool, y: bool) -> Image {
    if !x && !y {
        return image;
    }
    let (width, height) = (image.width(), image.height());
    let along = |at: usize, size: usize, flip: bool| if flip { size - 1 - at } else { at };
    rebuilt(width, height, |u, v| {
        pixel(&image, along(u, width, x), along(v, height, y))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calculators::pixels::tests::{numbered, values};

    #[test]
    fn quarters_go_counter_clockwise() {
        assert_eq!(values(&turn(numbered(3, 2), 1)), [2, 5, 1, 4, 0, 3]);
        assert_eq!(values(&turn(numbered(3, 2), 2)), [5, 4, 3, 2, 1, 0]);
        assert_eq!(values(&turn(numbered(3, 2), 3)), [3, 0, 4, 1, 5, 2]);
        assert_eq!(
            values(&mirror(numbered(3, 2), true, false)),
            [2, 1, 0, 5, 4, 3]
        );
    }

    #[test]
    fn filling_keeps_the_middle() {
        let image = fill(&numbered(6, 2), 2, 2);
        assert_eq!(values(&image), [2, 3, 8, 9]);
    }
}
