//! Pixels that the module works on.

use crate::error::Error;
use moue::Frame;
use moue::frame::PixelFormat;
use wasm_bindgen::prelude::*;

/// An upright picture.
#[wasm_bindgen]
pub struct Picture(Frame<'static>);

#[wasm_bindgen]
impl Picture {
    /// Decodes a file as moue's other programs do: JPEG, PNG, GIF, WebP, BMP, TIFF, turned upright.
    ///
    /// # Errors
    /// `decode`, also for what browsers can decode and moue cannot, such as AVIF.
    pub fn decode(file: &[u8]) -> Result<Picture, JsValue> {
        Ok(Self(Frame::decode(file).map_err(Error::from)?))
    }

    /// A canvas's pixels: red, green, blue, alpha.
    ///
    /// # Errors
    /// `options` if there are fewer bytes than pixels.
    #[wasm_bindgen(js_name = fromPixels)]
    pub fn from_pixels(rgba: &[u8], width: u32, height: u32) -> Result<Picture, JsValue> {
        Ok(Self::of_canvas(rgba, width, height)?)
    }

    /// Pixels from left to right.
    #[wasm_bindgen(getter)]
    pub fn width(&self) -> u32 {
        self.0.width() as u32
    }

    /// Pixels from top to bottom.
    #[wasm_bindgen(getter)]
    pub fn height(&self) -> u32 {
        self.0.height() as u32
    }
}

impl Picture {
    pub(crate) fn frame(&self) -> &Frame<'static> {
        &self.0
    }

    fn of_canvas(rgba: &[u8], width: u32, height: u32) -> Result<Self, Error> {
        let width = width as usize;
        let stride = width.saturating_mul(PixelFormat::Rgba.bytes());
        let frame = Frame::from_raw(rgba, width, height as usize, stride, PixelFormat::Rgba);
        let frame = frame.map_err(|e| Error::Options(e.to_string()))?;
        Ok(Self(frame.into_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_of_another_size_are_an_error() {
        assert_eq!(Picture::of_canvas(&[0; 4 * 6], 3, 2).unwrap().width(), 3);
        assert!(Picture::of_canvas(&[0; 4 * 6], 4, 2).is_err());
        assert!(Picture::of_canvas(&[], u32::MAX, u32::MAX).is_err());
    }
}
