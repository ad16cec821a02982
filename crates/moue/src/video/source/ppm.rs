//! Portable pixmaps (`P6`), whose header has the size of each frame. A raw stream has none, and the
//! size differs from the file's where `ffmpeg` has rotated a phone's video.

use crate::program::{ProgramError, Tool};
use std::io::{ErrorKind, Read};

/// The longest side that frames may have, in pixels: beyond 8K video, and a bound on what a broken
/// header makes the reader allocate.
const MAX_SIDE: usize = 16_384;

/// Longest header that is read before it is given up: the one that `ffmpeg` writes has 17 bytes at
/// most.
const MAX_HEADER: usize = 64;

/// One picture of a stream.
pub(super) struct Ppm {
    pub(super) width: usize,
    pub(super) height: usize,
    /// RGB rows without gaps.
    pub(super) pixels: Vec<u8>,
}

/// The next picture; `None` at the end of the stream, also in the middle of a picture.
pub(super) fn read(tool: Tool, input: &mut impl Read) -> Result<Option<Ppm>, ProgramError> {
    let Some((width, height)) = header(tool, input)? else {
        return Ok(None);
    };
    let mut pixels = vec![0; width * height * 3];
    match input.read_exact(&mut pixels) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(tool.io(error)),
        Ok(()) => Ok(Some(Ppm {
            width,
            height,
            pixels,
        })),
    }
}

/// Reads `P6 WIDTH HEIGHT 255` and the one space after it; `None` at the end of the stream.
fn header(tool: Tool, input: &mut impl Read) -> Result<Option<(usize, usize)>, ProgramError> {
    let mut text = Vec::new();
    let mut words = 0;
    while words < 4 {
        let mut byte = [0];
        if input.read(&mut byte).map_err(|error| tool.io(error))? == 0 {
            return if text.is_empty() {
                Ok(None)
            } else {
                Err(unexpected(tool, &text))
            };
        }
        let in_word = text.last().is_some_and(|b: &u8| !b.is_ascii_whitespace());
        words += usize::from(in_word && byte[0].is_ascii_whitespace());
        text.push(byte[0]);
        if text.len() > MAX_HEADER {
            return Err(unexpected(tool, &text));
        }
    }
    dimensions(&text)
        .map(Some)
        .ok_or_else(|| unexpected(tool, &text))
}

/// Width and height of a header, if it is a possible one.
fn dimensions(text: &[u8]) -> Option<(usize, usize)> {
    let text = std::str::from_utf8(text).ok()?;
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let ["P6", width, height, "255"] = words[..] else {
        return None;
    };
    Some((side(width)?, side(height)?))
}

fn side(word: &str) -> Option<usize> {
    let side = word.parse().ok()?;
    (1..=MAX_SIDE).contains(&side).then_some(side)
}

fn unexpected(tool: Tool, text: &[u8]) -> ProgramError {
    tool.unexpected(format!(
        "no picture but {:?}",
        String::from_utf8_lossy(text)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOOL: Tool = Tool {
        name: "test",
        missing: "",
    };

    #[test]
    fn headers_say_the_size() {
        assert_eq!(
            header(TOOL, &mut &b"P6\n640 480\n255\nxyz"[..]).unwrap(),
            Some((640, 480))
        );
        assert_eq!(header(TOOL, &mut &b""[..]).unwrap(), None);
        for broken in [
            &b"P5\n1 1\n255\n"[..],
            b"P6\n0 4\n255\n",
            b"P6\n99999 4\n255\n",
            b"P6 1",
            &[b'9'; 100],
        ] {
            assert!(header(TOOL, &mut &broken[..]).is_err());
        }
    }
}
