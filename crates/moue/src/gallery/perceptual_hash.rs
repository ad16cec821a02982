//! How a picture looks, as 256 bits that survive another size and another compression.

use crate::Frame;
use crate::embed::{EXPRESSION_LEN, Expression};
use redb::{ReadableTable, Table};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Gradients of a picture's grays: each bit says whether a cell is clearly lighter than its left
/// neighbor. The first 64 bits are of 8 × 8 cells, the others of 16 × 12.
///
/// After D. Zauner, "Implementation and benchmarking of perceptual image hash functions" (2010),
/// and the difference hashes that followed it; "clearly" keeps flat areas from giving random bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureHash(pub [u8; 32]);

/// The size that a picture is brought to first: four times the cells of the finer part, and about
/// as many of the coarser.
const SMALL: [usize; 2] = [68, 48];
/// Gray levels by which a cell must be lighter.
const CLEARLY: i32 = 3;
/// Bits in which copies of one picture may differ.
const COPIES_DIFFER: u32 = 12;
/// How far apart the first faces' expressions of two copies may lie.
const COPIES_APART: f32 = 0.25;
/// Bits of one band of the coarse part; two hashes that differ in three bits there share one of
/// four bands.
const BANDS: usize = 4;
/// Pictures that are compared within one band: flat pictures all look alike.
const COMPARED: usize = 256;

impl PictureHash {
    /// The hash of a picture.
    pub fn of(frame: &Frame<'_>) -> Self {
        // One look at all the pixels is enough for both.
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
            .ok_or_else(|| D::Error::custom("64 hexadecimal digits are wanted"))
    }
}

fn gradients(frame: &Frame<'_>, columns: usize, rows: usize) -> Vec<bool> {
    let small = frame.resized(columns + 1, rows);
    let gray: Vec<i32> = small
        .pixels()
        .as_chunks::<3>()
        .0
        .iter()
        .map(|[r, g, b]| (i32::from(*r) * 77 + i32::from(*g) * 150 + i32::from(*b) * 29) >> 8)
        .collect();
    gray.chunks(columns + 1)
        .flat_map(|row| {
            row.windows(2)
                .map(|w| w[1] - w[0] >= CLEARLY)
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Whether two pictures are copies of one: they look alike, and so do the faces in them.
///
/// Drawings of one character differ in little else than the face, so looks alone would not do.
pub fn same_picture(a: (&PictureHash, &Expression), b: (&PictureHash, &Expression)) -> bool {
    a.0.distance(b.0) <= COPIES_DIFFER && a.1.distance(b.1) <= COPIES_APART
}

/// The group of a picture already there that is a copy of this one, and leaves word of this one.
pub(super) fn join(
    table: &mut Table<'_, &'static [u8; 11], &'static [u8; 96]>,
    picture: u64,
    looks: &PictureHash,
    expression: &Expression,
) -> Result<Option<u64>, redb::StorageError> {
    let mut found = None;
    for band in 0..BANDS {
        let (from, to) = (key(band, looks, 0), key(band, looks, u64::MAX));
        for near in table.range::<&[u8; 11]>(&from..=&to)?.take(COMPARED) {
            let (key, value) = near?;
            let (other, told) = read_value(value.value());
            if same_picture((looks, expression), (&other, &told)) {
                let id: [u8; 8] = std::array::from_fn(|i| key.value()[3 + i]);
                found = found.max(Some(u64::from_be_bytes(id)));
            }
        }
        table.insert(&key(band, looks, picture), &value(looks, expression))?;
    }
    Ok(found)
}

/// Takes the word back.
pub(super) fn leave(
    table: &mut Table<'_, &'static [u8; 11], &'static [u8; 96]>,
    picture: u64,
    looks: &PictureHash,
) -> Result<(), redb::StorageError> {
    for band in 0..BANDS {
        table.remove(&key(band, looks, picture))?;
    }
    Ok(())
}

fn key(band: usize, looks: &PictureHash, picture: u64) -> [u8; 11] {
    let id = picture.to_be_bytes();
    std::array::from_fn(|i| match i {
        0 => band as u8,
        1 | 2 => looks.0[band * 2 + i - 1],
        _ => id[i - 3],
    })
}

fn value(looks: &PictureHash, expression: &Expression) -> [u8; 96] {
    let code = |v: f32| ((v * 127.0).round().clamp(-127.0, 127.0) as i8).cast_unsigned();
    std::array::from_fn(|i| {
        if i < 32 {
            looks.0[i]
        } else {
            code(expression.0[i - 32])
        }
    })
}

fn read_value(value: &[u8; 96]) -> (PictureHash, Expression) {
    let float = |i: usize| f32::from(value[32 + i].cast_signed()) / 127.0;
    let expression: [f32; EXPRESSION_LEN] = std::array::from_fn(float);
    (
        PictureHash(std::array::from_fn(|i| value[i])),
        Expression(expression),
    )
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
    fn another_size_looks_the_same_and_another_picture_does_not() {
        let hash = |name, size| PictureHash::of(&drawn(name, size));
        assert!(hash("mina-smile", 512).distance(&hash("mina-smile", 200)) <= COPIES_DIFFER);
        assert!(hash("mina-smile", 512).distance(&hash("gus-smile", 512)) > 3 * COPIES_DIFFER);
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
