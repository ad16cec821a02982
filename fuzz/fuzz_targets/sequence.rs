//! Animations put together from blocks, frames and sizes of the fuzzer's choice: every frame is within
//! the limits.
//!
//! The first byte chooses the format; the others are the parts, so that mutations stay inside of what
//! decoders look at.
#![no_main]

mod bounds;

use libfuzzer_sys::fuzz_target;
use moue::frame::DecodeOptions;
use moue::video::{Animation, FrameSource};

/// Takes bytes from the input; zeros when it has ended.
struct Parts<'a>(&'a [u8]);

impl<'a> Parts<'a> {
    fn byte(&mut self) -> u8 {
        let first = self.0.split_off_first();
        first.copied().unwrap_or(0)
    }

    fn bytes(&mut self, count: usize) -> &'a [u8] {
        let count = count.min(self.0.len());
        self.0.split_off(..count).unwrap_or_default()
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A GIF: a screen, then extensions and images with any content.
fn gif(parts: &mut Parts<'_>) -> Vec<u8> {
    let mut file = b"GIF89a".to_vec();
    let [width, height] = [parts.byte(), parts.byte()];
    file.extend([width, 0, height, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
    while !parts.is_empty() {
        match parts.byte() % 4 {
            0 => {
                let [flags, delay, clear] = [parts.byte(), parts.byte(), parts.byte()];
                file.extend([0x21, 0xF9, 4, flags, delay, 0, clear, 0]);
            }
            1 => {
                file.extend([0x21, parts.byte()]);
                sub_blocks(&mut file, parts);
            }
            _ => gif_image(&mut file, parts),
        }
    }
    file.push(0x3B);
    file
}

fn gif_image(file: &mut Vec<u8>, parts: &mut Parts<'_>) {
    let place = [0; 4].map(|_| parts.byte());
    file.push(0x2C);
    place.iter().for_each(|side| file.extend([*side, 0]));
    file.extend([0, 2 + parts.byte() % 8]);
    sub_blocks(file, parts);
}

fn sub_blocks(file: &mut Vec<u8>, parts: &mut Parts<'_>) {
    let length = usize::from(parts.byte());
    let content = parts.bytes(length);
    if !content.is_empty() {
        file.push(content.len() as u8);
        file.extend(content);
    }
    file.push(0);
}

/// A WebP: features, then frames at any place with any content.
fn webp(parts: &mut Parts<'_>) -> Vec<u8> {
    let [width, height] = [parts.byte(), parts.byte()];
    let mut body = b"WEBP".to_vec();
    body.extend(chunk(b"VP8X", &[0x12, 0, 0, 0, width, 0, 0, height, 0, 0]));
    body.extend(chunk(b"ANIM", &[0; 6]));
    while !parts.is_empty() {
        let [x, y, width, height, delay, flags] = [0; 6].map(|_| parts.byte());
        let mut frame = vec![
            x, 0, 0, y, 0, 0, width, 0, 0, height, 0, 0, delay, 0, 0, flags,
        ];
        let name = [b"VP8L", b"VP8 ", b"ALPH", b"EXIF"][usize::from(flags >> 6)];
        let length = usize::from(parts.byte());
        frame.extend(chunk(name, parts.bytes(length)));
        body.extend(chunk(b"ANMF", &frame));
    }
    chunk(b"RIFF", &body)
}

fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u32).to_le_bytes();
    let padding = vec![0; content.len() % 2];
    [name, &length[..], content, &padding].concat()
}

/// A PNG: a header, an animation control, then frames with any content. Checksums are right, or no
/// change would come past them.
fn apng(parts: &mut Parts<'_>) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1A\n".to_vec();
    file.extend(png_header(parts));
    file.extend(png_chunk(b"PLTE", &[0, 0, 0, 255, 255, 255]));
    file.extend(png_chunk(b"acTL", &[0, 0, 0, parts.byte(), 0, 0, 0, 0]));
    let mut number = 0;
    while !parts.is_empty() {
        apng_frame(&mut file, parts, &mut number);
    }
    file.extend(png_chunk(b"IEND", &[]));
    file
}

fn png_header(parts: &mut Parts<'_>) -> Vec<u8> {
    // Sides of one byte: larger ones are refused by their number alone.
    let [width, height, depth, color, interlace] = [0; 5].map(|_| parts.byte());
    let depth = [1, 2, 4, 8, 16][usize::from(depth % 5)];
    let sides = [0, 0, 0, width, 0, 0, 0, height];
    let rest = [depth, color % 8, 0, 0, interlace % 2];
    png_chunk(b"IHDR", &[&sides[..], &rest].concat())
}

/// A frame control and its data; `number` is the next sequence number.
fn apng_frame(file: &mut Vec<u8>, parts: &mut Parts<'_>, number: &mut u8) {
    let [width, height, x, y, ops] = [0; 5].map(|_| parts.byte());
    let sides = [*number, width, height, x, y];
    let mut control: Vec<u8> = sides.iter().flat_map(|v| [0, 0, 0, *v]).collect();
    control.extend([0, 1, 0, 10, ops % 4, ops >> 4 & 1]);
    file.extend(png_chunk(b"fcTL", &control));
    let length = usize::from(parts.byte());
    let content = parts.bytes(length);
    if *number == 0 {
        file.extend(png_chunk(b"IDAT", content));
        *number += 1;
    } else {
        let content = [&[0, 0, 0, number.wrapping_add(1)], content].concat();
        file.extend(png_chunk(b"fdAT", &content));
        *number = number.wrapping_add(2);
    }
}

fn png_chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u32).to_be_bytes();
    let checked = [name, content].concat();
    let sum = crc32(&checked).to_be_bytes();
    [&length[..], &checked, &sum].concat()
}

/// The checksum of PNG chunks (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| {
            if c & 1 == 1 {
                c >> 1 ^ 0xEDB8_8320
            } else {
                c >> 1
            }
        })
    };
    !bytes.iter().fold(!0, step)
}

fn try_out(input: &[u8]) {
    let mut parts = Parts(input);
    let file = match parts.byte() % 4 {
        0 => gif(&mut parts),
        1 => webp(&mut parts),
        2 => apng(&mut parts),
        _ => parts.0.to_vec(),
    };
    let options = DecodeOptions {
        max_side: 512,
        max_pixels: 1 << 16,
        max_memory: 16 << 20,
        max_total_pixels: 1 << 20,
        ..DecodeOptions::default()
    };
    let Ok(Some(mut animation)) = Animation::decode_with(file, &options) else {
        return;
    };
    let mut pixels = 0;
    // The limit counts whole canvases, so frames of a few pixels cannot hide what they cost.
    while let Ok(Some(timed)) = animation.next_frame() {
        let frame = timed.frame;
        assert_eq!(frame.pixels().len(), frame.width() * frame.height() * 3);
        pixels += frame.width() * frame.height();
        assert!(pixels <= 1 << 20);
    }
}

fuzz_target!(|input: &[u8]| bounds::within(input.len(), || try_out(input)));
