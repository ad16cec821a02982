//! Every pixel format of every decoder, beside what other programs make of the same files.

mod common;

use moue::Frame;
use moue::video::{Animation, FrameSource};
use std::path::Path;
use std::process::Command;

/// A line of `formats.py`.
struct Expected<'a> {
    name: &'a str,
    size: [usize; 2],
    frames: usize,
    tolerance: u8,
}

impl<'a> Expected<'a> {
    fn parse(line: &'a str) -> Self {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |i: usize| words[i].parse().unwrap();
        Self {
            name: words[0],
            size: [number(1), number(2)],
            frames: number(3),
            tolerance: number(4) as u8,
        }
    }

    fn check(&self, folder: &Path) -> Result<(), String> {
        let pixels = std::fs::read(folder.join(format!("{}.rgb", self.name))).unwrap();
        let frames = self.frames(folder)?;
        if frames.len() != self.frames {
            return Err(format!("{} frames, not {}", frames.len(), self.frames));
        }
        let length = self.size[0] * self.size[1] * 3;
        for (number, frame) in frames.iter().enumerate() {
            if [frame.width(), frame.height()] != self.size {
                return Err(format!("{}×{} pixels", frame.width(), frame.height()));
            }
            let expected = &pixels[number * length..][..length];
            let pairs = frame.pixels().iter().zip(expected);
            let worst = pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            if worst > self.tolerance {
                return Err(format!("frame {number} is off by {worst}"));
            }
        }
        Ok(())
    }

    fn frames(&self, folder: &Path) -> Result<Vec<Frame<'static>>, String> {
        let path = folder.join(self.name);
        if self.frames == 1 {
            let frame = Frame::open(path).map_err(|error| error.to_string())?;
            return Ok(vec![frame]);
        }
        let mut animation = Animation::open(path).unwrap().unwrap();
        let mut frames = Vec::new();
        while let Some(timed) = animation.next_frame().map_err(|error| error.to_string())? {
            frames.push(timed.frame);
        }
        Ok(frames)
    }
}

#[test]
fn pixels_are_those_that_other_programs_see() {
    let Some(python) = common::python_with("PIL") else {
        return;
    };
    for program in ["ffmpeg", "heif-convert", "heif-enc", "webpmux"] {
        common::installed(program);
    }
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(python)
        .arg(common::project().join("crates/moue/tests/formats.py"))
        .arg(folder.path())
        .output()
        .unwrap();
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{messages}");
    let list = String::from_utf8(output.stdout).unwrap();
    let expected: Vec<Expected<'_>> = list.lines().map(Expected::parse).collect();
    assert!(expected.len() > 40, "{list}");
    let failed: Vec<String> = expected
        .iter()
        .filter_map(|picture| {
            let error = picture.check(folder.path()).err()?;
            Some(format!("{}: {error}", picture.name))
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// An animation of 16 bits a channel: two colors, each on half of the picture.
#[test]
fn deep_animations_move() {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Sixteen);
    encoder.set_animated(2, 0).unwrap();
    encoder.set_frame_delay(1, 4).unwrap();
    let mut writer = encoder.write_header().unwrap();
    let colors = [[0xFFFF_u16, 0, 0x8080], [0, 0x4040, 0xFFFF]];
    for [left, right] in [[0, 1], [1, 0]] {
        let samples = [colors[left], colors[right]].concat();
        let samples: Vec<u8> = samples.into_iter().flat_map(u16::to_be_bytes).collect();
        writer.write_image_data(&samples).unwrap();
    }
    writer.finish().unwrap();
    let mut animation = Animation::decode(bytes.clone()).unwrap().unwrap();
    let first = animation.next_frame().unwrap().unwrap();
    let second = animation.next_frame().unwrap().unwrap();
    assert_eq!(first.frame.pixels(), [255, 0, 128, 0, 64, 255]);
    assert_eq!(second.frame.pixels(), [0, 64, 255, 255, 0, 128]);
    assert_eq!(second.time.as_millis(), 250);
    assert!(animation.next_frame().unwrap().is_none());
    assert_eq!(Frame::decode(&bytes).unwrap(), first.frame);
}

/// What libjpeg's cousins write and few programs read is named.
#[test]
fn processes_that_are_not_read_are_named() {
    let jpeg = include_bytes!("data/corners.jpg");
    let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]);
    let frame = frame.expect("a sequential file");
    for (code, name) in [
        (0xC3, "lossless"),
        (0xC5, "hierarchical"),
        (0xC9, "arithmetic"),
    ] {
        let mut changed = jpeg.to_vec();
        changed[frame + 1] = code;
        let error = Frame::decode(&changed).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
    let icon = Frame::decode(b"\0\0\x01\0\x01\0\x10\x10")
        .unwrap_err()
        .to_string();
    assert!(icon.contains("Ico"), "{icon}");
    let mut deep = jpeg.to_vec();
    deep[frame + 4] = 12;
    let error = Frame::decode(&deep).unwrap_err().to_string();
    assert!(error.contains("12 bits"), "{error}");
}

#[test]
fn a_format_without_its_program_names_the_package() {
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    let error = Frame::decode(heic).unwrap_err().to_string();
    // Either the program is missing, or it refuses a file without a picture.
    assert!(error.contains("heif-convert"), "{error}");
}
