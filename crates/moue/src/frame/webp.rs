//! Sizes in WebP files. The decoder learns the size of the canvas and of each frame from headers, by
//! which limits are checked, but decodes what is in a frame at the size that its bitstream states, and
//! compares the two only afterwards: a file of 300 bytes could ask for 400 MB.

use super::limits::DecodeError;

/// Bytes of a frame's chunk before the chunks in it: place, size, duration, flags.
const FRAME_HEADER: usize = 16;

/// The mark of a key frame of VP8, behind three bytes of its header.
const VP8_START: &[u8] = b"\x9D\x01\x2A";

/// The first byte of a lossless bitstream.
const VP8L_SIGNATURE: u8 = 0x2F;

/// Refuses a file in which a bitstream has another size than its frame, or than the canvas of a still
/// picture. What is cut off or damaged otherwise is left to the decoder.
pub(crate) fn check_sizes(bytes: &[u8]) -> Result<(), DecodeError> {
    let mut canvas = None;
    for (name, content) in Chunks(bytes.get(12..).unwrap_or_default()) {
        match name {
            b"VP8X" => canvas = size_at(content, 4),
            b"ANMF" => {
                let frame = size_at(content, 6);
                let inner = content.get(FRAME_HEADER..).unwrap_or_default();
                for (name, content) in Chunks(inner) {
                    check(name, content, frame)?;
                }
            }
            _ => check(name, content, canvas)?,
        }
    }
    Ok(())
}

/// Compares the size of a bitstream with that of its frame.
fn check(name: &[u8; 4], content: &[u8], frame: Option<[u32; 2]>) -> Result<(), DecodeError> {
    let own = match name {
        b"VP8 " => lossy_size(content),
        b"VP8L" => lossless_size(content),
        _ => None,
    };
    match (own, frame) {
        (Some([w, h]), Some([width, height])) if [w, h] != [width, height] => {
            Err(DecodeError::Damaged(format!(
                "a picture of {w}×{h} in a frame of {width}×{height}"
            )))
        }
        _ => Ok(()),
    }
}

/// Width and height, less one in three bytes each.
fn size_at(content: &[u8], at: usize) -> Option<[u32; 2]> {
    let bytes = content.get(at..)?.first_chunk::<6>()?;
    let side = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], 0]) + 1;
    Some([side(0), side(3)])
}

/// The size of a VP8 key frame: 14 bits each, above them a scale for display.
fn lossy_size(content: &[u8]) -> Option<[u32; 2]> {
    let [a, b, c, d] = *content
        .get(3..)?
        .strip_prefix(VP8_START)?
        .first_chunk::<4>()?;
    let side = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
    Some([side(a, b), side(c, d)])
}

/// The size of a lossless picture, less one in 14 bits each.
fn lossless_size(content: &[u8]) -> Option<[u32; 2]> {
    let [VP8L_SIGNATURE, bits @ ..] = content.first_chunk::<5>()? else {
        return None;
    };
    let bits = u32::from_le_bytes(*bits);
    Some([(bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1])
}

/// RIFF chunks with their names; the last one may be cut off.
struct Chunks<'a>(&'a [u8]);

impl<'a> Iterator for Chunks<'a> {
    type Item = (&'a [u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, rest) = self.0.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        let content = &rest[..length.min(rest.len())];
        // Chunks begin at even places.
        let next = content.len() + content.len() % 2;
        self.0 = rest.get(next..).unwrap_or_default();
        Some((name, content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let length = (content.len() as u32).to_le_bytes();
        let padding = vec![0; content.len() % 2];
        [name, &length[..], content, &padding].concat()
    }

    fn lossy(width: u16, height: u16) -> Vec<u8> {
        let sides = [width.to_le_bytes(), height.to_le_bytes()].concat();
        chunk(
            b"VP8 ",
            &[b"\0\0\0\x9D\x01\x2A", &sides[..], &[0; 5]].concat(),
        )
    }

    fn lossless(width: u32, height: u32) -> Vec<u8> {
        let sides = ((width - 1) | (height - 1) << 14).to_le_bytes();
        chunk(b"VP8L", &[&[VP8L_SIGNATURE], &sides[..]].concat())
    }

    fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
        let canvas = chunk(b"VP8X", &[2, 0, 0, 0, 15, 0, 0, 11, 0, 0]);
        let body = [&b"WEBP"[..], &canvas, &chunks.concat()].concat();
        chunk(b"RIFF", &body)
    }

    fn frame(inner: &[u8]) -> Vec<u8> {
        let header = [0, 0, 0, 0, 0, 0, 7, 0, 0, 3, 0, 0, 40, 0, 0, 0];
        chunk(b"ANMF", &[&header[..], inner].concat())
    }

    #[test]
    fn bitstreams_are_as_large_as_their_frames() {
        let right = [lossy(16, 12), lossless(16, 12)];
        for still in right {
            assert!(check_sizes(&file(&[still])).is_ok());
        }
        let moving = file(&[frame(&lossy(8, 4)), frame(&lossless(8, 4))]);
        assert!(check_sizes(&moving).is_ok());
        let wrong = [
            lossy(16_383, 16_383),
            lossless(16_384, 16_384),
            frame(&lossy(16, 12)),
            frame(&lossless(16, 12)),
            frame(&[chunk(b"ALPH", &[0; 3]), lossy(9, 4)].concat()),
        ];
        for wrong in wrong {
            let refused = check_sizes(&file(&[lossy(16, 12), wrong]));
            assert!(matches!(refused, Err(DecodeError::Damaged(_))));
        }
        // What is cut off is the decoder's to refuse.
        for length in 0..moving.len() {
            assert!(check_sizes(&moving[..length]).is_ok());
        }
    }
}
