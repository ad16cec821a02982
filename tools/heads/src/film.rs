//! What happens to a picture on its way: blur, noise, exposure, compression.

use crate::math::{V3, add, mix, scale};
use crate::random::Random;
use crate::raster::Picture;
use anyhow::{Context, Result};

/// How a picture is damaged.
#[derive(Clone, Debug)]
pub(crate) struct Film {
    /// The radius of the blur in shares of the side.
    blur: f32,
    noise: f32,
    contrast: f32,
    brightness: f32,
    gray: bool,
    /// JPEG quality, where there is compression.
    quality: Option<u8>,
}

impl Film {
    /// Most pictures are good, some are not.
    pub(crate) fn sample(random: &mut Random, gray: bool) -> Self {
        Self {
            blur: if random.chance(0.4) {
                random.range(0.0, 0.016)
            } else {
                0.0
            },
            noise: if random.chance(0.4) {
                random.range(0.0, 0.06)
            } else {
                0.008
            },
            contrast: 1.0 + random.normal(0.15),
            brightness: random.normal(0.05),
            quality: random.chance(0.5).then(|| random.range(25.0, 95.0) as u8),
            gray,
        }
    }

    /// A picture as it is.
    pub(crate) fn clean() -> Self {
        Self {
            blur: 0.0,
            noise: 0.006,
            contrast: 1.0,
            brightness: 0.0,
            gray: false,
            quality: None,
        }
    }

    /// Applies all to a picture of display colors; returns RGB bytes.
    pub(crate) fn develop(&self, picture: Picture, random: &mut Random) -> Result<Vec<u8>> {
        let size = picture.size;
        let radius = (self.blur * size as f32).round() as usize;
        let picture = if radius > 0 {
            blurred(&picture, radius)
        } else {
            picture
        };
        let bytes: Vec<u8> = picture
            .pixels
            .iter()
            .flat_map(|p| self.expose(*p, random))
            .collect();
        match self.quality {
            Some(quality) => compressed(&bytes, size, quality),
            None => Ok(bytes),
        }
    }

    fn expose(&self, color: V3, random: &mut Random) -> [u8; 3] {
        let gray = 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2];
        let color = if self.gray { [gray; 3] } else { color };
        let grain = random.normal(self.noise);
        color.map(|c| {
            let c = (c - 0.5) * self.contrast + 0.5 + self.brightness + grain;
            (c * 255.0).round().clamp(0.0, 255.0) as u8
        })
    }
}

/// The mean over squares, once across and once down.
fn blurred(picture: &Picture, radius: usize) -> Picture {
    let once = |picture: &Picture, dx: usize, dy: usize| {
        let last = picture.size - 1;
        Picture::new(picture.size, |x, y| {
            let mut sum = [0.0; 3];
            for step in 0..=2 * radius {
                let shift =
                    |v: usize, d: usize| (v + step * d).saturating_sub(radius * d).min(last);
                sum = add(sum, picture.at(shift(x, dx), shift(y, dy)));
            }
            scale(sum, 1.0 / (2 * radius + 1) as f32)
        })
    };
    once(&once(picture, 1, 0), 0, 1)
}

fn compressed(bytes: &[u8], size: usize, quality: u8) -> Result<Vec<u8>> {
    let jpeg = jpeg(bytes, size, quality)?;
    let mut decoder = jpeg_decoder::Decoder::new(jpeg.as_slice());
    decoder.decode().context("our own JPEG cannot be decoded")
}

/// A JPEG of RGB bytes.
pub(crate) fn jpeg(bytes: &[u8], size: usize, quality: u8) -> Result<Vec<u8>> {
    let mut jpeg = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut jpeg, quality);
    let side = u16::try_from(size).context("a picture of more than 65535 pixels")?;
    encoder.encode(bytes, side, side, jpeg_encoder::ColorType::Rgb)?;
    Ok(jpeg)
}

/// Few colors: each component has so many values.
pub(crate) fn posterized(picture: &Picture, levels: f32) -> Picture {
    let near = |c: f32| (c * (levels - 1.0)).round() / (levels - 1.0);
    Picture {
        size: picture.size,
        pixels: picture
            .pixels
            .iter()
            .map(|p| mix(*p, p.map(near), 0.9))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blur_keeps_the_mean_and_spreads_a_point() {
        let point = Picture::new(9, |x, y| [f32::from(u8::from(x == 4 && y == 4)); 3]);
        let soft = blurred(&point, 1);
        assert!((soft.at(3, 3)[0] - 1.0 / 9.0).abs() < 1e-6);
        let sum: f32 = soft.pixels.iter().map(|p| p[0]).sum();
        assert!((sum - 1.0).abs() < 1e-5);
    }

    #[test]
    fn gray_film_has_no_colors() {
        let picture = Picture::new(16, |x, _| [x as f32 / 16.0, 0.5, 0.2]);
        let mut random = Random::new(1, 0, 0);
        let film = Film {
            gray: true,
            ..Film::clean()
        };
        let bytes = film.develop(picture, &mut random).unwrap();
        assert_eq!(bytes.len(), 16 * 16 * 3);
        assert!(bytes.chunks(3).all(|p| p[0] == p[1] && p[1] == p[2]));
    }
}
