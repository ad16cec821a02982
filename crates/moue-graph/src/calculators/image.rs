//! Calculators on pictures.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::registry::Registry;
use crate::types::{Image, LetterboxPadding, NormRect};
use moue::Frame;
use moue::detect::Letterbox;
use moue::frame::PixelFormat;

pub(super) fn register(registry: &mut Registry) {
    registry.register::<ImageTransformation>("ImageTransformationCalculator");
    registry.register::<ImageCropping>("ImageCroppingCalculator");
    registry.register::<ImageProperties>("ImagePropertiesCalculator");
    // There is no GPU backend: what these would move is where it should be already.
    registry.register::<SamePicture>("GpuBufferToImageFrameCalculator");
    registry.register::<SamePicture>("ImageFrameToGpuBufferCalculator");
}

/// The picture at `IMAGE`, or at `IMAGE_GPU`, which carries the same.
pub(super) fn picture<'a>(cx: &Context<'a>) -> Option<&'a Image> {
    cx.input("IMAGE").or_else(|| cx.input("IMAGE_GPU"))
}

/// Declares a picture in.
pub(super) fn takes_picture(contract: &mut Contract, node: &NodeConfig) {
    let gpu = node.inputs.iter().any(|p| p.tag == "IMAGE_GPU");
    contract
        .inputs
        .one::<Image>(if gpu { "IMAGE_GPU" } else { "IMAGE" });
}

/// Declares a picture out, under the tag that the file uses.
pub(super) fn gives_picture(contract: &mut Contract, node: &NodeConfig) {
    let gpu = node.outputs.iter().any(|p| p.tag == "IMAGE_GPU");
    contract
        .outputs
        .one::<Image>(if gpu { "IMAGE_GPU" } else { "IMAGE" });
}

pub(super) fn give_picture(cx: &mut Context<'_>, image: Image) {
    let tag = if cx.has_output("IMAGE_GPU") {
        "IMAGE_GPU"
    } else {
        "IMAGE"
    };
    cx.output(tag, Packet::new(image));
}

#[derive(Default)]
struct SamePicture;

impl Calculator for SamePicture {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.inputs.one::<Image>("");
        contract.outputs.one::<Image>("");
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        if let Some(packet) = cx.input_packet("", 0).cloned() {
            cx.output_packet("", 0, packet);
        }
        Ok(Flow::Continue)
    }
}

/// Writes width and height at `SIZE`.
#[derive(Default)]
struct ImageProperties;

impl Calculator for ImageProperties {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        takes_picture(contract, node);
        contract.outputs.one::<(usize, usize)>("SIZE");
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        if let Some(image) = picture(cx) {
            cx.output("SIZE", Packet::new((image.width(), image.height())));
        }
        Ok(Flow::Continue)
    }
}

/// The longest side that options may ask for.
const MOST_PIXELS: i64 = 16_384;

/// Scales, then turns, then mirrors.
#[derive(Default)]
struct ImageTransformation {
    size: Option<(usize, usize)>,
    mode: String,
    quarters: usize,
    flip_x: bool,
    flip_y: bool,
}

impl Calculator for ImageTransformation {
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

impl ImageTransformation {
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

fn pixel(image: &Image, x: usize, y: usize) -> [u8; 3] {
    let at = (y * image.width() + x) * 3;
    [
        image.pixels()[at],
        image.pixels()[at + 1],
        image.pixels()[at + 2],
    ]
}

/// A picture made pixel by pixel.
fn rebuilt(width: usize, height: usize, at: impl Fn(usize, usize) -> [u8; 3]) -> Image {
    let pixels: Vec<u8> = (0..width * height)
        .flat_map(|i| at(i % width, i / width))
        .collect();
    Frame::from_raw(&pixels, width, height, width * 3, PixelFormat::Rgb)
        .expect("sides are not zero")
        .into_owned()
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

/// Cuts out a rectangle, nearest pixel by nearest pixel, black beyond the picture.
#[derive(Default)]
struct ImageCropping;

impl Calculator for ImageCropping {
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

    fn numbered(width: usize, height: usize) -> Image {
        rebuilt(width, height, |x, y| [(y * width + x) as u8; 3])
    }

    fn values(image: &Image) -> Vec<u8> {
        image.pixels().chunks(3).map(|p| p[0]).collect()
    }

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
