//! The frames of an APNG, of every color type and depth, composed as the PNG specification (third
//! edition, section 11.3.6) has it.

use super::canvas::check_canvas;
use crate::frame::{DecodeError, DecodeOptions, explain};
use image::error::{DecodingError, ImageFormatHint};
use image::{Delay, Frame, ImageError, ImageFormat, ImageResult, RgbaImage};
use png::{BlendOp, ColorType, Decoder, DisposeOp, FrameControl, Reader, Transformations};
use std::io::Cursor;

type File = Reader<Cursor<Vec<u8>>>;

/// An iterator over whole frames.
pub(super) struct Apng {
    reader: File,
    /// Frames that are left.
    left: u32,
    canvas: RgbaImage,
    /// What the next frame is laid on, where that is not the canvas: the canvas before a frame that
    /// is disposed of.
    restored: Option<RgbaImage>,
    /// The pixels of one frame as the file has them.
    samples: Vec<u8>,
}

/// Opens a PNG; `None` if it is no animation.
pub(super) fn open(bytes: Vec<u8>, options: &DecodeOptions) -> Result<Option<Apng>, DecodeError> {
    let explain = |error| explain(image_error(error), options);
    let memory = usize::try_from(options.max_memory).unwrap_or(usize::MAX);
    // The decoder's own limit is 64 MB, less than ours.
    let limits = png::Limits { bytes: memory };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    // RGB or gray of 8 bits, with transparency where the file has some.
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let reader = decoder.read_info().map_err(explain)?;
    let info = reader.info();
    options.check_size(info.width, info.height)?;
    let Some(control) = info.animation_control else {
        return Ok(None);
    };
    let size = [info.width, info.height];
    // Before any memory is taken for it.
    check_canvas(size, options)?;
    // A first picture without a frame control is for programs that know no animations.
    let has_other_still = info.frame_control.is_none();
    let mut apng = Apng {
        left: control.num_frames,
        canvas: RgbaImage::new(size[0], size[1]),
        restored: None,
        samples: vec![
            0;
            reader
                .output_buffer_size()
                .unwrap_or(usize::MAX)
                .min(memory)
        ],
        reader,
    };
    if has_other_still {
        apng.reader.next_frame(&mut apng.samples).map_err(explain)?;
    }
    Ok(Some(apng))
}

impl Apng {
    /// Pixels of the canvas.
    pub(super) fn pixels(&self) -> u64 {
        u64::from(self.canvas.width()) * u64::from(self.canvas.height())
    }

    fn compose(&mut self) -> ImageResult<Frame> {
        let output = self.reader.next_frame(&mut self.samples);
        let output = output.map_err(image_error)?;
        let control = self.reader.info().frame_control;
        let control = control.ok_or_else(|| damaged("a frame without its place"))?;
        if let Some(canvas) = self.restored.take() {
            self.canvas = canvas;
        }
        // The first frame has nothing before it to return to.
        match control.dispose_op {
            DisposeOp::None => {}
            DisposeOp::Background | DisposeOp::Previous => {
                self.restored = Some(self.canvas.clone());
            }
        }
        let samples = &self.samples[..output.buffer_size()];
        lay(&mut self.canvas, &control, samples, output.color_type)?;
        if let Some(restored) = self
            .restored
            .as_mut()
            .filter(|_| control.dispose_op == DisposeOp::Background)
        {
            clear(restored, &control);
        }
        let numerator = 1000 * u32::from(control.delay_num);
        // A denominator of 0 stands for 100.
        let denominator = match control.delay_den {
            0 => 100,
            den => u32::from(den),
        };
        let delay = Delay::from_numer_denom_ms(numerator, denominator);
        Ok(Frame::from_parts(self.canvas.clone(), 0, 0, delay))
    }
}

impl Iterator for Apng {
    type Item = ImageResult<Frame>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let frame = self.compose();
        if frame.is_err() {
            self.left = 0;
        }
        Some(frame)
    }
}

/// Lays the samples of a frame on the canvas.
fn lay(
    canvas: &mut RgbaImage,
    control: &FrameControl,
    samples: &[u8],
    color: ColorType,
) -> ImageResult<()> {
    let pixel: fn(&[u8]) -> [u8; 4] = match color {
        ColorType::Grayscale => |s| [s[0], s[0], s[0], 255],
        ColorType::GrayscaleAlpha => |s| [s[0], s[0], s[0], s[1]],
        ColorType::Rgb => |s| [s[0], s[1], s[2], 255],
        ColorType::Rgba => |s| [s[0], s[1], s[2], s[3]],
        ColorType::Indexed => return Err(damaged("a palette that was not applied")),
    };
    let row = control.width as usize * color.samples();
    let fits = control.x_offset.checked_add(control.width) <= Some(canvas.width())
        && control.y_offset.checked_add(control.height) <= Some(canvas.height());
    if !fits || samples.len() < row * control.height as usize {
        return Err(damaged("a frame beyond the picture"));
    }
    for (y, line) in (control.y_offset..).zip(samples.chunks_exact(row)) {
        for (x, sample) in (control.x_offset..).zip(line.chunks_exact(color.samples())) {
            let under = canvas.get_pixel_mut(x, y);
            under.0 = match control.blend_op {
                BlendOp::Source => pixel(sample),
                BlendOp::Over => over(pixel(sample), under.0),
            };
        }
    }
    Ok(())
}

/// A color over another one, neither premultiplied (Porter and Duff 1984).
fn over(color: [u8; 4], under: [u8; 4]) -> [u8; 4] {
    let [above, below] = [color[3], under[3]].map(u32::from);
    if above == 255 || below == 0 {
        return color;
    }
    // Weights in units of 1/255².
    let above = above * 255;
    let below = below * (255 - u32::from(color[3]));
    let whole = above + below;
    if whole == 0 {
        return [0; 4];
    }
    let mixed = |i: usize| {
        let sum = u32::from(color[i]) * above + u32::from(under[i]) * below;
        ((sum + whole / 2) / whole) as u8
    };
    [mixed(0), mixed(1), mixed(2), ((whole + 127) / 255) as u8]
}

/// Makes the place of a frame transparent.
fn clear(canvas: &mut RgbaImage, control: &FrameControl) {
    for y in control.y_offset..control.y_offset + control.height {
        for x in control.x_offset..control.x_offset + control.width {
            canvas.get_pixel_mut(x, y).0 = [0; 4];
        }
    }
}

fn damaged(what: &'static str) -> ImageError {
    ImageError::Decoding(DecodingError::new(
        ImageFormatHint::Exact(ImageFormat::Png),
        what,
    ))
}

fn image_error(error: png::DecodingError) -> ImageError {
    match error {
        png::DecodingError::IoError(error) => ImageError::IoError(error),
        png::DecodingError::LimitsExceeded => ImageError::Limits(
            image::error::LimitError::from_kind(image::error::LimitErrorKind::InsufficientMemory),
        ),
        other => ImageError::Decoding(DecodingError::new(
            ImageFormatHint::Exact(ImageFormat::Png),
            other,
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparent_colors_mix() {
        let red = |alpha| [255, 0, 0, alpha];
        let blue = [0, 0, 255, 255];
        assert_eq!(over(red(255), blue), red(255));
        assert_eq!(over(red(0), blue), blue);
        assert_eq!(over(red(128), [0; 4]), red(128));
        assert_eq!(over(red(128), blue), [128, 0, 127, 255]);
        assert_eq!(over(red(128), [0, 0, 255, 128]), [170, 0, 85, 192]);
    }
}
