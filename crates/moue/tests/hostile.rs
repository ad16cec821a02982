//! Damaged pictures and animations of every format: errors or frames, within the limits.

use image::{Delay, DynamicImage, ImageFormat, RgbaImage};
use moue::Frame;
use moue::frame::DecodeOptions;
use moue::video::{Animation, FrameSource};
use std::io::Cursor;

/// Changed files of each kind.
const ROUNDS: u32 = 400;

/// Pixels that all frames together may have.
const MAX_TOTAL_PIXELS: u64 = 1 << 20;

/// Numbers that look random and are the same in each run (xorshift, Marsaglia 2003).
struct Random(u32);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        self.next() as usize % limit
    }
}

fn drawing(shift: u32) -> RgbaImage {
    RgbaImage::from_fn(24, 16, |x, y| {
        let alpha = if x < 8 { 128 } else { 255 };
        image::Rgba([
            (x * 10) as u8,
            ((y + shift) * 9) as u8,
            (x * y) as u8,
            alpha,
        ])
    })
}

fn gif() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
    for shift in 0..3 {
        let delay = Delay::from_numer_denom_ms(100, 1);
        let frame = image::Frame::from_parts(drawing(shift), 0, 0, delay);
        encoder.encode_frame(frame).unwrap();
    }
    drop(encoder);
    bytes
}

fn apng() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 24, 16);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_animated(3, 0).unwrap();
    encoder.set_blend_op(png::BlendOp::Over).unwrap();
    encoder.set_dispose_op(png::DisposeOp::Previous).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for shift in 0..3 {
        writer.write_image_data(&drawing(shift)).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

fn still(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = DynamicImage::from(drawing(0));
    // BMP and TIFF take any; transparency matters to WebP.
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Two frames of lossless WebP, each on a part of the canvas, the first one disposed of.
fn animated_webp() -> Vec<u8> {
    let still = still(ImageFormat::WebP);
    let chunk = |name: &[u8; 4], content: &[u8]| {
        let length = (content.len() as u32).to_le_bytes();
        let padding = vec![0; content.len() % 2];
        [name, &length[..], content, &padding].concat()
    };
    // The only chunk of a plain file stands behind `RIFF`, a length and `WEBP`.
    let picture = &still[12..];
    let frame = |dispose: u8| {
        let place = [&[0; 6][..], &[23, 0, 0, 15, 0, 0, 100, 0, 0, dispose]].concat();
        chunk(b"ANMF", &[&place, picture].concat())
    };
    let features = chunk(b"VP8X", &[0x12, 0, 0, 0, 23, 0, 0, 15, 0, 0]);
    let animation = chunk(b"ANIM", &[0; 6]);
    let body = [&b"WEBP"[..], &features, &animation, &frame(1), &frame(0)].concat();
    chunk(b"RIFF", &body)
}

/// Changes a few bytes, often to values at which sizes and counts are extreme, or cuts the end off.
fn damaged(whole: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..1 + random.below(6) {
        let at = random.below(bytes.len());
        match random.below(4) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = [0, 1, 0x7F, 0x80, 0xFF][random.below(5)],
            2 => bytes[at..].iter_mut().take(4).for_each(|b| *b = 0xFF),
            // Blocks, chunks and scans come twice.
            _ => {
                let end = (at + 1 + random.below(60)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
        }
    }
    if random.below(8) == 0 {
        bytes.truncate(random.below(bytes.len()));
    }
    bytes
}

/// Decodes a file as a picture and as an animation.
fn decode(bytes: Vec<u8>, options: &DecodeOptions) {
    if let Ok(frame) = Frame::decode_with(&bytes, options) {
        assert_eq!(frame.pixels().len(), frame.width() * frame.height() * 3);
    }
    let Ok(Some(mut animation)) = Animation::decode_with(bytes, options) else {
        return;
    };
    let mut pixels = 0;
    let mut last = None;
    while let Ok(Some(timed)) = animation.next_frame() {
        let frame = timed.frame;
        assert_eq!(frame.pixels().len(), frame.width() * frame.height() * 3);
        pixels += (frame.width() * frame.height()) as u64;
        assert!(pixels <= MAX_TOTAL_PIXELS);
        assert!(last < Some(timed.time), "times grow");
        last = Some(timed.time);
    }
}

#[test]
fn damaged_files_are_errors_or_frames_within_the_limits() {
    let options = DecodeOptions {
        max_side: 2000,
        max_pixels: 1 << 18,
        max_memory: 16 << 20,
        max_total_pixels: MAX_TOTAL_PIXELS,
        ..DecodeOptions::default()
    };
    let animations = [gif(), apng(), animated_webp()];
    for whole in &animations {
        let frames = Animation::decode_with(whole.clone(), &options).unwrap();
        let mut frames = frames.unwrap();
        assert!(frames.next_frame().unwrap().is_some());
        assert!(frames.next_frame().unwrap().is_some());
    }
    let stills = [
        ImageFormat::Png,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
        ImageFormat::WebP,
    ]
    .map(still);
    let jpeg = include_bytes!("data/corners.jpg").to_vec();
    let mut random = Random(7);
    for whole in animations.iter().chain(&stills).chain([&jpeg]) {
        for _ in 0..ROUNDS {
            decode(damaged(whole, &mut random), &options);
        }
    }
}
