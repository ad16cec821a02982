//! Frames with their own times from a pipe: a fragmented QuickTime file (ISO/IEC 14496-12) of raw
//! RGB pictures, one to a fragment, as `ffmpeg -f mov -movflags frag_every_frame` writes it.
//!
//! A stream of pictures alone has no times, so that a program must repeat and drop frames until
//! they are equally far apart. Of the simplest containers that have them, this is the one that can
//! be read box by box, in a few lines.

use crate::program::{ProgramError, Tool};
use std::io::{ErrorKind, Read};
use std::time::Duration;

/// Ticks of a second: the clock of MPEG streams, in which the frames of all usual rates last a
/// whole number of ticks.
pub(super) const CLOCK: u32 = 90_000;

/// Bytes of the largest box other than a picture that is read. Those that `ffmpeg` writes for one
/// stream have less than a kilobyte, but its comments may be longer.
const MAX_HEADER: usize = 1 << 20;

/// Where a sample description has its width and height, from the start of the `stsd` box's content:
/// version, count, size, format, 6 bytes reserved, an index, 16 bytes of versions.
const SIZE_IN_DESCRIPTION: usize = 4 + 4 + 4 + 4 + 6 + 2 + 16;

/// A picture and its time, still in ticks.
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    /// RGB rows without gaps.
    pub(super) pixels: Vec<u8>,
    pub(super) ticks: u64,
}

impl Picture {
    /// Its time after `first`, the ticks of the first picture.
    pub(super) fn time_since(&self, first: u64) -> Duration {
        let ticks = self.ticks.saturating_sub(first);
        Duration::from_nanos((u128::from(ticks) * 1_000_000_000 / u128::from(CLOCK)) as u64)
    }
}

/// Reads the boxes of a pipe.
pub(super) struct Fragments {
    tool: Tool,
    /// Pixels that a picture may have.
    max_pixels: u64,
    size: Option<[usize; 2]>,
    ticks: u64,
}

impl Fragments {
    pub(super) fn new(tool: Tool, max_pixels: u64) -> Self {
        Self {
            tool,
            max_pixels,
            size: None,
            ticks: 0,
        }
    }

    /// The next picture; `None` at the end, also in the middle of one.
    pub(super) fn next(&mut self, input: &mut impl Read) -> Result<Option<Picture>, ProgramError> {
        while let Some((name, length)) = self.box_header(input)? {
            if &name == b"mdat" {
                return self.picture(input, length);
            }
            if length > MAX_HEADER {
                return Err(self.tool.unexpected("a header that is too long"));
            }
            let Some(content) = self.bytes(input, length)? else {
                return Ok(None);
            };
            self.read_header(&name, &content)?;
        }
        Ok(None)
    }

    /// Name and length of the content of the next box.
    fn box_header(&self, input: &mut impl Read) -> Result<Option<([u8; 4], usize)>, ProgramError> {
        let Some(header) = self.bytes(input, 8)? else {
            return Ok(None);
        };
        let [a, b, c, d, name @ ..] = *header.first_chunk::<8>().expect("eight bytes were read");
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        // Lengths of 0 and 1 stand for "to the end" and for 64 bits, which no picture needs.
        match length.checked_sub(8) {
            Some(length) => Ok(Some((name, length))),
            None => Err(self.tool.unexpected("no picture")),
        }
    }

    fn bytes(&self, input: &mut impl Read, length: usize) -> Result<Option<Vec<u8>>, ProgramError> {
        let mut bytes = vec![0; length];
        match input.read_exact(&mut bytes) {
            Ok(()) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(self.tool.io(error)),
        }
    }

    /// The size of all pictures from `moov`, the time of the next one from `moof`.
    fn read_header(&mut self, name: &[u8; 4], content: &[u8]) -> Result<(), ProgramError> {
        const DESCRIPTION: [&[u8; 4]; 5] = [b"trak", b"mdia", b"minf", b"stbl", b"stsd"];
        match name {
            b"moov" => {
                let size = inside(content, &DESCRIPTION).and_then(described_size);
                let allowed = size.filter(|[w, h]| *w as u64 * *h as u64 <= self.max_pixels);
                self.size = allowed.filter(|[w, h]| *w > 0 && *h > 0);
                self.size.map(|_| ()).ok_or_else(|| {
                    let what = size.map_or("pictures of no size".into(), |[w, h]| {
                        format!("pictures of {w}×{h} pixels, more than is allowed")
                    });
                    self.tool.unexpected(what)
                })
            }
            b"moof" => {
                // Without a time of its own a picture keeps the last one.
                let time = inside(content, &[b"traf", b"tfdt"]).and_then(decode_time);
                self.ticks = time.unwrap_or(self.ticks);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn picture(
        &self,
        input: &mut impl Read,
        length: usize,
    ) -> Result<Option<Picture>, ProgramError> {
        let Some([width, height]) = self.size else {
            return Err(self.tool.unexpected("a picture before its size"));
        };
        let row = width * 3;
        // QuickTime's rows of raw pictures begin at even bytes.
        let stride = row.next_multiple_of(2);
        if length != stride * height && length != row * height {
            return Err(self.tool.unexpected("a picture of another size"));
        }
        let Some(mut pixels) = self.bytes(input, length)? else {
            return Ok(None);
        };
        if length != row * height {
            for y in 1..height {
                pixels.copy_within(y * stride..y * stride + row, y * row);
            }
            pixels.truncate(row * height);
        }
        Ok(Some(Picture {
            width,
            height,
            pixels,
            ticks: self.ticks,
        }))
    }
}

/// The content of the first box along a path of names.
fn inside<'a>(mut content: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    for wanted in path {
        loop {
            let length = u32::from_be_bytes(*content.first_chunk()?) as usize;
            let name = content.get(4..8)?;
            let inner = content.get(8..length)?;
            if name == *wanted {
                content = inner;
                break;
            }
            content = &content[length..];
        }
    }
    Some(content)
}

fn described_size(description: &[u8]) -> Option<[usize; 2]> {
    let [a, b, c, d] = *description.get(SIZE_IN_DESCRIPTION..)?.first_chunk()?;
    Some([[a, b], [c, d]].map(|side| usize::from(u16::from_be_bytes(side))))
}

/// The time of a fragment's first picture: 64 bits in version 1, otherwise 32.
fn decode_time(content: &[u8]) -> Option<u64> {
    let time = content.get(4..)?;
    match content.first()? {
        1 => time.first_chunk().copied().map(u64::from_be_bytes),
        _ => time
            .first_chunk()
            .copied()
            .map(u32::from_be_bytes)
            .map(u64::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOOL: Tool = Tool {
        name: "test",
        missing: "",
    };

    fn named(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let length = (content.len() as u32 + 8).to_be_bytes();
        [&length[..], name, content].concat()
    }

    fn description(width: u16, height: u16) -> Vec<u8> {
        let mut content = vec![0; SIZE_IN_DESCRIPTION];
        content.extend(width.to_be_bytes());
        content.extend(height.to_be_bytes());
        let names: [&[u8; 4]; 4] = [b"stbl", b"minf", b"mdia", b"trak"];
        let table = names
            .iter()
            .fold(named(b"stsd", &content), |inner, name| named(name, &inner));
        named(b"moov", &[named(b"mvhd", &[0; 12]), table].concat())
    }

    fn fragment(ticks: u64, pixels: &[u8]) -> Vec<u8> {
        let time = [&[1, 0, 0, 0][..], &ticks.to_be_bytes()].concat();
        let header = named(b"moof", &named(b"traf", &named(b"tfdt", &time)));
        [header, named(b"mdat", pixels)].concat()
    }

    #[test]
    fn pictures_come_with_their_times_and_without_the_gaps_of_rows() {
        let file = [
            description(1, 2),
            fragment(0, &[1, 2, 3, 0, 4, 5, 6, 0]),
            fragment(3003, &[1, 2, 3, 4, 5, 6]),
            named(b"mfra", &[0; 5]),
        ]
        .concat();
        let mut fragments = Fragments::new(TOOL, 2);
        let mut input = &file[..];
        for micros in [0, 33_366] {
            let picture = fragments.next(&mut input).unwrap().unwrap();
            assert_eq!((picture.width, picture.height), (1, 2));
            assert_eq!(picture.pixels, [1, 2, 3, 4, 5, 6]);
            assert_eq!(picture.time_since(0).as_micros(), micros);
        }
        assert!(fragments.next(&mut input).unwrap().is_none());
    }

    #[test]
    fn broken_streams_are_errors_or_ends() {
        let next = |file: &[u8], max_pixels| {
            let mut input = file;
            Fragments::new(TOOL, max_pixels).next(&mut input)
        };
        let whole = [description(1, 2), fragment(9, &[0; 6])].concat();
        assert!(next(&whole, 1).is_err(), "too many pixels");
        assert!(next(&fragment(0, &[0; 6]), 9).is_err(), "no size");
        let other = [description(2, 2), fragment(0, &[0; 6])].concat();
        assert!(next(&other, 9).is_err(), "another size");
        assert!(next(b"\0\0\0\x01mdat", 9).is_err());
        assert!(next(b"\xFF\0\0\0free", 9).is_err());
        for cut in 0..whole.len() {
            assert!(!matches!(next(&whole[..cut], 9), Ok(Some(_))), "{cut}");
        }
    }
}
