//! A perceptual hash: a picture's appearance in 256 bits that survive another size and another
//! compression.

use crate::Frame;
use crate::embed::Expression;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A gradient hash (also called difference hash): each bit tells whether a cell of the gray picture
/// is clearly lighter than its left neighbor. The first 64 bits are of 8 × 8 cells, the others of
/// 16 × 12.
///
/// Perceptual hashes are compared in C. Zauner, "Implementation and Benchmarking of Perceptual
/// Image Hash Functions" (2010); the gradient hash followed it. Here a cell must be lighter by a
/// margin, which keeps flat areas from giving random bits.
///
/// ```
/// use moue::Frame;
/// use moue::frame::PixelFormat;
/// use moue::gallery::PictureHash;
/// let gray = Frame::from_raw(&[128; 300], 10, 10, 30, PixelFormat::Rgb)?;
/// assert_eq!(PictureHash::of(&gray), PictureHash([0; 32]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureHash(pub [u8; 32]);

/// The size that a picture is brought to first: four times the cells of the finer part, 17 × 12,
/// and about as many of the coarser. More pixels would be averaged away, fewer would leave no
/// average.
const SMALL: [usize; 2] = [68, 48];
/// Gray levels by which a cell must be lighter. Chosen by hand: above the noise of compression in
/// flat areas, below the gradients of faint drawings.
const MARGIN: i32 = 3;
/// Bits of 256 in which two copies of one picture may differ. Chosen by hand; the tests check it on
/// copies of other sizes (at most this) and on other pictures (more than three times this).
const MAX_BITS_APART: u32 = 12;
/// How far apart the first faces' expressions of two copies may be. Chosen by hand, well below the
/// distance of different expressions, whose default limit for a match is several times this.
const MAX_EXPRESSION_DISTANCE: f32 = 0.25;

impl PictureHash {
    /// The hash of a picture.
    pub fn of(frame: &Frame<'_>) -> Self {
        // Reading all pixels once is enough for both parts.
        let small = frame.resized(SMALL[0].min(frame.width()), SMALL[1].min(frame.height()));
        let mut bits = gradients(&small, 8, 8);
        bits.extend(gradients(&small, 16, 12));
        Self(std::array::from_fn(|i| {
            (0..8).fold(0, |byte, b| byte | u8::from(bits[i * 8 + b]) << b)
        }))
    }

    /// Number of bits in which two hashes differ, 0 to 256.
    pub fn distance(&self, other: &Self) -> u32 {
        self.0
            .iter()
            .zip(other.0)
            .map(|(a, b)| (a ^ b).count_ones())
            .sum()
    }
}

impl Serialize for PictureHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&crate::digest::hex(&self.0))
    }
}

impl<'de> Deserialize<'de> for PictureHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        crate::digest::from_hex(&text)
            .map(Self)
            .ok_or_else(|| D::Error::custom("64 hexadecimal digits are expected"))
    }
}

/// Whether each of `columns × rows` cells is lighter than its left neighbor by the margin.
fn gradients(frame: &Frame<'_>, columns: usize, rows: usize) -> Vec<bool> {
    let small = frame.resized(columns + 1, rows);
    let (pixels, _) = small.pixels().as_chunks::<3>();
    let gray: Vec<i32> = pixels.iter().map(luma).collect();
    // One column more than bits in a row: each cell is compared with its left neighbor.
    let mut lighter = Vec::with_capacity(columns * rows);
    for row in gray.chunks(columns + 1) {
        lighter.extend(row.windows(2).map(|pair| pair[1] - pair[0] >= MARGIN));
    }
    lighter
}

/// Brightness, 0 to 255, by the weights of ITU-R BT.601 (0.299, 0.587, 0.114) in 256ths.
fn luma(&[r, g, b]: &[u8; 3]) -> i32 {
    (i32::from(r) * 77 + i32::from(g) * 150 + i32::from(b) * 29) >> 8
}

/// Whether two pictures are near-duplicates, copies of one picture: their perceptual hashes differ
/// in few bits, and the expressions of their first faces are near.
///
/// Drawings of one character differ in little else than the face, so hashes alone do not suffice.
pub fn same_picture(a: (&PictureHash, &Expression), b: (&PictureHash, &Expression)) -> bool {
    a.0.distance(b.0) <= MAX_BITS_APART && a.1.distance(b.1) <= MAX_EXPRESSION_DISTANCE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::PixelFormat;

    fn drawn(name: &str, size: u32) -> Frame<'static> {
        let pixels = moue_drawings::find(name).unwrap().render(size);
        let side = size as usize;
        Frame::from_raw(&pixels, side, side, side * 3, PixelFormat::Rgb)
            .unwrap()
            .into_owned()
    }

    #[test]
    fn another_size_has_the_same_hash_and_another_picture_does_not() {
        let hash = |name, size| PictureHash::of(&drawn(name, size));
        assert!(hash("mina-smile", 512).distance(&hash("mina-smile", 200)) <= MAX_BITS_APART);
        assert!(hash("mina-smile", 512).distance(&hash("gus-smile", 512)) > 3 * MAX_BITS_APART);
    }

    #[test]
    fn a_hash_survives_json() {
        let hash = PictureHash::of(&drawn("rex-wink", 128));
        let text = serde_json::to_string(&hash).unwrap();
        assert_eq!(text.len(), 66);
        assert_eq!(serde_json::from_str::<PictureHash>(&text).unwrap(), hash);
        assert!(serde_json::from_str::<PictureHash>("\"00\"").is_err());
    }
}
