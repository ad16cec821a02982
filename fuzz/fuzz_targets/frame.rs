//! Any bytes as a picture file: an error or a picture, within bounds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use moue::Frame;
use moue::frame::DecodeLimits;

fuzz_target!(|bytes: &[u8]| {
    let limits = DecodeLimits {
        side: 512,
        pixels: 1 << 16,
        memory: 4 << 20,
        ..DecodeLimits::default()
    };
    if let Ok(frame) = Frame::decode_within(bytes, &limits) {
        assert_eq!(frame.pixels().len(), frame.width() * frame.height() * 3);
    }
});
