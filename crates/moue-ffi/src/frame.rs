//! Pixels that faces are sought in.

use crate::error::MoueError;
use crate::pixels::{self, PackedLayout, PixelFormat, PlanarLayout, Planes, Rotation};
use moue::frame::DecodeOptions;
use std::sync::Arc;

/// An upright picture.
#[derive(Debug, uniffi::Object)]
pub struct Frame {
    inner: moue::Frame<'static>,
}

/// Photos are decoded at a fraction of their size if so many pixels are left along the longer side:
/// beyond it, detection shrinks the picture anyway.
const LONGER_SIDE: u16 = 2048;

#[uniffi::export]
impl Frame {
    /// Decodes a picture file and turns it upright: JPEG, PNG, GIF (its first picture), WebP, BMP,
    /// TIFF. What the phone alone can read, such as HEIC, comes as pixels.
    ///
    /// Errors: `Decode`.
    #[uniffi::constructor]
    pub fn decode(file: &[u8]) -> Result<Arc<Self>, MoueError> {
        let frame = moue::Frame::decode(file)?;
        Ok(Arc::new(Self { inner: frame }))
    }

    /// As `decode`, but a large JPEG at half, a quarter or an eighth of its size as long as 2,048
    /// pixels are left, which is several times faster and finds the same faces.
    ///
    /// Errors: `Decode`.
    #[uniffi::constructor]
    pub fn decode_reduced(file: &[u8]) -> Result<Arc<Self>, MoueError> {
        let options = DecodeOptions {
            min_longer_side: Some(LONGER_SIDE),
            ..DecodeOptions::default()
        };
        let frame = moue::Frame::decode_with(file, &options)?;
        Ok(Arc::new(Self { inner: frame }))
    }

    /// Takes a buffer of one plane: a bitmap, or a camera's BGRA frame. The bytes are borrowed for
    /// the call.
    ///
    /// Errors: `Options` if the buffer does not hold such a picture.
    #[uniffi::constructor]
    pub fn from_pixels(bytes: &[u8], layout: PackedLayout) -> Result<Arc<Self>, MoueError> {
        pixels::check_size(layout.width, layout.height)?;
        let [width, height] = [layout.width as usize, layout.height as usize];
        let format = match layout.format {
            PixelFormat::Rgb => moue::frame::PixelFormat::Rgb,
            PixelFormat::Rgba => moue::frame::PixelFormat::Rgba,
            PixelFormat::Bgra => moue::frame::PixelFormat::Bgra,
        };
        let stride = match layout.stride {
            0 => width * format.bytes(),
            stride => stride as usize,
        };
        let frame = moue::Frame::from_raw(bytes, width, height, stride, format)?;
        Self::upright(
            frame.into_owned().into_pixels(),
            [width, height],
            layout.rotation.unwrap_or_default(),
            layout.mirrored,
        )
    }

    /// Takes the planes of a YUV picture, as cameras give them. The bytes are borrowed for the call;
    /// the planes may overlap.
    ///
    /// Errors: `Options` if a plane is too short for the layout.
    #[uniffi::constructor]
    pub fn from_planes(
        luma: &[u8],
        u: &[u8],
        v: &[u8],
        layout: PlanarLayout,
    ) -> Result<Arc<Self>, MoueError> {
        let rgb = pixels::yuv_to_rgb(&Planes { luma, u, v }, &layout)?;
        let size = [layout.width as usize, layout.height as usize];
        Self::upright(
            rgb,
            size,
            layout.rotation.unwrap_or_default(),
            layout.mirrored,
        )
    }

    /// Pixels from left to right of the upright picture.
    pub fn width(&self) -> u32 {
        self.inner.width() as u32
    }

    /// Pixels from top to bottom of the upright picture.
    pub fn height(&self) -> u32 {
        self.inner.height() as u32
    }

    /// The pixels: rows of red, green, blue without gaps.
    pub fn pixels(&self) -> Vec<u8> {
        self.inner.pixels().to_vec()
    }

    /// The pixels for a bitmap: rows of red, green, blue and an alpha of 255, at a smaller size if
    /// the longer side is more than `max_side` (0 for any size).
    pub fn bitmap(&self, max_side: u32) -> Bitmap {
        let [width, height] = [self.inner.width(), self.inner.height()];
        let longer = width.max(height);
        let side = max_side as usize;
        if side == 0 || longer <= side {
            return Bitmap::of(&self.inner);
        }
        let scaled = |v: usize| (v * side / longer).max(1);
        Bitmap::of(&self.inner.resized(scaled(width), scaled(height)))
    }
}

/// Pixels for a bitmap.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Bitmap {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green, blue, alpha for each pixel, without gaps.
    pub rgba: Vec<u8>,
}

impl Bitmap {
    fn of(frame: &moue::Frame<'_>) -> Self {
        let pixels = frame.pixels().as_chunks::<3>().0.iter();
        Self {
            width: frame.width() as u32,
            height: frame.height() as u32,
            rgba: pixels.flat_map(|[r, g, b]| [*r, *g, *b, 255]).collect(),
        }
    }
}

impl Frame {
    pub(crate) fn inner(&self) -> &moue::Frame<'static> {
        &self.inner
    }

    fn upright(
        rgb: Vec<u8>,
        size: [usize; 2],
        rotation: Rotation,
        mirrored: bool,
    ) -> Result<Arc<Self>, MoueError> {
        let ([width, height], rgb) = pixels::turned(rgb, size, rotation, mirrored);
        let inner = moue::Frame::from_pixels(rgb, width, height)?;
        Ok(Arc::new(Self { inner }))
    }
}
