//! Pictures in formats that other programs decode: HEIC, AVIF, JPEG XL.

use super::buffer::Frame;
use super::files::read;
use super::format::External;
use super::limits::{DecodeError, DecodeOptions};
use super::with_image::with_image;
use crate::program::{Patience, ProgramError, Tool, last_line, run};
use image::ImageFormat;
use std::path::Path;
use std::process::Command;

const HEIF_CONVERT: Tool = Tool {
    name: "heif-convert",
    missing: "HEIC pictures need the program heif-convert, which is not installed: \
              apt install libheif-examples or brew install libheif",
};

const FFMPEG: Tool = Tool {
    name: "ffmpeg",
    missing: "AVIF and JPEG XL pictures need the program ffmpeg, which is not installed: \
              apt install ffmpeg, brew install ffmpeg or winget install ffmpeg",
};

/// Boxes of HEIF that turn or mirror the picture (ISO/IEC 23008-12), and the one with its size.
const TURNS: [&[u8; 4]; 2] = [b"irot", b"imir"];
const SPATIAL_EXTENTS: &[u8; 4] = b"ispe";

/// Bytes of a HEIF file in which its boxes are looked for: they stand before the picture's data.
const MAX_BOXES: usize = 1 << 20;

/// Decodes a picture by a program, through files in a folder of its own.
pub(super) fn decode(
    bytes: &[u8],
    format: External,
    options: &DecodeOptions,
) -> Result<Frame<'static>, DecodeError> {
    let boxes = &bytes[..bytes.len().min(MAX_BOXES)];
    if format != External::Jxl {
        check_stated_sizes(boxes, options)?;
    }
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join(INPUT), bytes)?;
    let png = |name: &str| read(&folder.path().join(name), options);
    let heif = match format {
        External::Jxl => None,
        External::Heic => Some(with_heif_convert(folder.path(), options)),
        External::Avif => Some(with_heif_convert(folder.path(), options))
            // Both read it, and only the first one knows of turns and transparency.
            .filter(|converted| !matches!(converted, Err(ProgramError::Missing(_)))),
    };
    match heif {
        Some(converted) => {
            converted?;
            // Of a file with several pictures, each has its number in its name.
            let png = png(OUTPUT).or_else(|_| png("output-1.png"))?;
            // The standard has boxes for the orientation, and the program obeys them. Where a file
            // has none, its EXIF data, which the program passes on, are all there is.
            let is_turned = TURNS.iter().any(|turn| find(boxes, turn).is_some());
            with_image(&png, ImageFormat::Png, !is_turned, options)
        }
        None => {
            with_ffmpeg(folder.path(), options)?;
            with_image(&png(OUTPUT)?, ImageFormat::Png, false, options)
        }
    }
}

const INPUT: &str = "input";
const OUTPUT: &str = "output.png";

fn with_heif_convert(folder: &Path, options: &DecodeOptions) -> Result<(), ProgramError> {
    let mut command = Command::new(HEIF_CONVERT.name);
    command.args([INPUT, OUTPUT]).current_dir(folder);
    finish(HEIF_CONVERT, &mut command, options)
}

fn with_ffmpeg(folder: &Path, options: &DecodeOptions) -> Result<(), ProgramError> {
    let mut command = Command::new(FFMPEG.name);
    command
        .args(["-nostdin", "-hide_banner", "-v", "error"])
        .args(["-max_pixels", &options.max_pixels.to_string()])
        .args(["-protocol_whitelist", "file"])
        .args(["-format_whitelist", "mov,jpegxl_pipe,jpegxl_anim"])
        .args(["-i", &format!("file:{INPUT}"), "-frames:v", "1"])
        .args(["-c:v", "png", "-f", "image2", &format!("file:{OUTPUT}")])
        .current_dir(folder);
    finish(FFMPEG, &mut command, options)
}

/// Runs a program, which must succeed.
fn finish(tool: Tool, command: &mut Command, options: &DecodeOptions) -> Result<(), ProgramError> {
    let patience = Patience {
        stall: options.max_stall,
        cancel: options.cancel.clone(),
    };
    let (success, messages) = run(tool, command, patience)?;
    if success {
        return Ok(());
    }
    Err(ProgramError::Failed {
        program: tool.name,
        message: last_line(&messages).unwrap_or("it failed").to_owned(),
    })
}

/// Refuses a HEIF file by the sizes that it states, before a program makes pixels of it.
fn check_stated_sizes(boxes: &[u8], options: &DecodeOptions) -> Result<(), DecodeError> {
    let mut rest = boxes;
    while let Some(at) = find(rest, SPATIAL_EXTENTS) {
        rest = &rest[at + SPATIAL_EXTENTS.len()..];
        // Version and flags, width, height.
        let Some([_, _, _, _, size @ ..]) = rest.first_chunk::<12>() else {
            return Ok(());
        };
        let [width, height] =
            [0, 4].map(|i| u32::from_be_bytes([size[i], size[i + 1], size[i + 2], size[i + 3]]));
        options.check_size(width, height)?;
    }
    Ok(())
}

fn find(bytes: &[u8], name: &[u8; 4]) -> Option<usize> {
    bytes.windows(name.len()).position(|window| window == name)
}

/// The programs that decode pictures for moue, and whether each starts.
pub fn picture_programs() -> [(&'static str, bool); 2] {
    [HEIF_CONVERT, FFMPEG].map(|tool| {
        let mut command = Command::new(tool.name);
        let patience = Patience {
            stall: DecodeOptions::default().max_stall,
            cancel: crate::cancel::CancelToken::default(),
        };
        let started = run(tool, command.arg("-version"), patience);
        (tool.name, started.is_ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stated_sizes_are_limited() {
        let stated = |side: u32| {
            let side = side.to_be_bytes();
            [b"\0\0\0\x14ispe\0\0\0\0", &side[..], &side].concat()
        };
        let options = DecodeOptions::default();
        let twice = [stated(4000), stated(30_000)].concat();
        assert!(check_stated_sizes(&stated(4000), &options).is_ok());
        let refused = check_stated_sizes(&twice, &options);
        assert!(matches!(refused, Err(DecodeError::TooLarge { .. })));
        assert!(check_stated_sizes(&twice[..10], &options).is_ok());
    }
}
