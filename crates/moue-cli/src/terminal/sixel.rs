//! Pictures as sixels: six pixels of a column in one character, color after color (DEC STD 070).

use color_quant::NeuQuant;
use image::RgbaImage;
use std::fmt::Write;

/// Color registers: what terminals with sixels have; the first ones had fewer.
const COLORS: usize = 255;
/// Pixels that the network of colors is trained with, about: with a third of them the colors of a
/// noisy photo are off by 13.9 instead of 10.7 levels, and these take 0.08 s. Of a small picture each
/// is used several times, of a large one every second or third.
const SAMPLES: usize = 60_000;
/// The largest step between pixels that the crate allows for.
const MAX_STEP: usize = 10;
/// Pixels in a character.
const HEIGHT: u32 = 6;
/// From this alpha on a pixel is drawn; others keep what the terminal shows.
const OPAQUE: u8 = 128;
/// Shorter runs take fewer characters without a count.
const MIN_RUN: usize = 4;

/// The picture, to be drawn from the cursor on.
pub(super) fn encode(image: &RgbaImage) -> String {
    let [width, height] = [image.width(), image.height()];
    // Pixels that are not drawn would take colors from the others.
    let seen = image.pixels().filter(|pixel| pixel.0[3] >= OPAQUE);
    let seen: Vec<u8> = seen.flat_map(|pixel| pixel.0).collect();
    if seen.is_empty() {
        return String::new();
    }
    let count = seen.len() / 4;
    let step = (count / SAMPLES).clamp(1, MAX_STEP);
    let samples = seen.repeat((SAMPLES / count).max(1));
    let colors = NeuQuant::new(step as i32, COLORS, &samples);
    // Undrawn pixels stay as they are (second parameter 1); pixels are square (`1;1`).
    let mut out = format!("\x1bP0;1;0q\"1;1;{width};{height}");
    let map = colors.color_map_rgb();
    for (number, color) in map.as_chunks::<3>().0.iter().enumerate() {
        // Registers take percents.
        let [r, g, b] = color.map(|v| (u32::from(v) * 100 + 127) / 255);
        let _ = write!(out, "#{number};2;{r};{g};{b}");
    }
    for first in (0..height).step_by(HEIGHT as usize) {
        band(&mut out, image, &colors, first);
        out.push('-');
    }
    out.push_str("\x1b\\");
    out
}

/// Six rows of pixels from `first` on.
fn band(out: &mut String, image: &RgbaImage, colors: &NeuQuant, first: u32) {
    let width = image.width() as usize;
    // For each color of the band the bits of each column.
    let mut used: Vec<Option<Vec<u8>>> = vec![None; COLORS + 1];
    for y in first..(first + HEIGHT).min(image.height()) {
        for x in 0..width {
            let pixel = image.get_pixel(x as u32, y);
            if pixel.0[3] >= OPAQUE {
                let columns = &mut used[colors.index_of(&pixel.0)];
                columns.get_or_insert_with(|| vec![0; width])[x] |= 1 << (y - first);
            }
        }
    }
    for (number, columns) in used.iter().enumerate() {
        let Some(columns) = columns else { continue };
        let _ = write!(out, "#{number}");
        for run in columns.chunk_by(|a, b| a == b) {
            let sixel = char::from(b'?' + run[0]);
            if run.len() < MIN_RUN {
                out.extend(std::iter::repeat_n(sixel, run.len()));
            } else {
                let _ = write!(out, "!{}{sixel}", run.len());
            }
        }
        // Back to the beginning of the band.
        out.push('$');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgba;

    /// A decoder of our own, of what the encoder may write.
    struct Decoder<'a> {
        rest: &'a str,
        image: RgbaImage,
        registers: Vec<[u8; 3]>,
        color: usize,
        x: u32,
        row: u32,
    }

    impl<'a> Decoder<'a> {
        fn new(sixels: &'a str) -> Self {
            let body = sixels.strip_prefix("\x1bP0;1;0q\"1;1;").unwrap();
            let body = body.strip_suffix("\x1b\\").unwrap();
            let (size, rest) = body.split_at(body.find('#').unwrap());
            let (width, height) = size.split_once(';').unwrap();
            Self {
                rest,
                image: RgbaImage::new(width.parse().unwrap(), height.parse().unwrap()),
                registers: vec![[0; 3]; 256],
                color: 0,
                x: 0,
                row: 0,
            }
        }

        fn next(&mut self) -> Option<char> {
            let next = self.rest.chars().next()?;
            self.rest = &self.rest[1..];
            Some(next)
        }

        fn number(&mut self) -> u32 {
            let end = self.rest.find(|c: char| !c.is_ascii_digit());
            let (digits, after) = self.rest.split_at(end.unwrap_or(self.rest.len()));
            self.rest = after;
            digits.parse().unwrap()
        }

        fn decode(mut self) -> RgbaImage {
            while let Some(command) = self.next() {
                match command {
                    '#' => self.choose_color(),
                    '$' => self.x = 0,
                    '-' => [self.x, self.row] = [0, self.row + HEIGHT],
                    '!' => {
                        let count = self.number();
                        let sixel = self.next().unwrap();
                        self.draw(sixel, count);
                    }
                    sixel => self.draw(sixel, 1),
                }
            }
            self.image
        }

        fn choose_color(&mut self) {
            self.color = self.number() as usize;
            if self.rest.starts_with(";2;") {
                self.rest = &self.rest[2..];
                self.registers[self.color] = [(); 3].map(|()| {
                    assert_eq!(self.next(), Some(';'));
                    (self.number() * 255 / 100) as u8
                });
            }
        }

        fn draw(&mut self, sixel: char, count: u32) {
            let bits = u32::from(sixel) - u32::from('?');
            let [r, g, b] = self.registers[self.color];
            for x in self.x..self.x + count {
                for bit in (0..HEIGHT).filter(|bit| bits >> bit & 1 == 1) {
                    self.image
                        .put_pixel(x, self.row + bit, Rgba([r, g, b, 255]));
                }
            }
            self.x += count;
        }
    }

    #[test]
    fn a_decoder_gets_the_picture_back() {
        // Bands of gray and color, a transparent corner, and a height that ends within a band.
        let picture = RgbaImage::from_fn(50, 23, |x, y| {
            let alpha = if x < 10 && y < 7 { 0 } else { 255 };
            Rgba([(x * 5) as u8, (y * 11) as u8, 255 - (x * 5) as u8, alpha])
        });
        let back = Decoder::new(&encode(&picture)).decode();
        assert_eq!(back.dimensions(), picture.dimensions());
        let mut sum = 0;
        for (before, after) in picture.pixels().zip(back.pixels()) {
            assert_eq!(before.0[3], after.0[3], "what is transparent stays so");
            if before.0[3] > 0 {
                let parts = before.0.iter().zip(after.0);
                sum += parts.map(|(a, b)| u32::from(a.abs_diff(b))).sum::<u32>();
            }
        }
        let mean = f64::from(sum) / (3.0 * 50.0 * 23.0);
        assert!(mean < 8.0, "colors are off by {mean}");
    }

    #[test]
    fn nothing_is_drawn_of_an_empty_picture() {
        assert_eq!(encode(&RgbaImage::new(8, 8)), "");
    }
}
