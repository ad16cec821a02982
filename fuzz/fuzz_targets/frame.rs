//! Any bytes as a picture file: an error or a picture, within bounds.
#![no_main]

mod bounds;

use libfuzzer_sys::fuzz_target;
use moue::Frame;
use moue::frame::DecodeOptions;

fn try_out(bytes: &[u8]) {
    let options = DecodeOptions {
        max_side: 512,
        max_pixels: 1 << 16,
        max_memory: 4 << 20,
        ..DecodeOptions::default()
    };
    if let Ok(frame) = Frame::decode_with(bytes, &options) {
        assert_eq!(frame.pixels().len(), frame.width() * frame.height() * 3);
    }
}

fuzz_target!(|bytes: &[u8]| bounds::within(bytes.len(), || try_out(bytes)));
