//! Any bytes as a gallery file: an error or a gallery that answers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use moue::{Expression, Gallery};

fuzz_target!(init: {
    // The database's panics are caught by the library and become errors; libFuzzer must not end at them.
    std::panic::set_hook(Box::new(|_| {}));
}, |bytes: &[u8]| {
    if let Ok(gallery) = Gallery::from_bytes(bytes.to_vec(), "fuzz".into()) {
        let _ = (gallery.entries(), gallery.nearest(&Expression([0.125; 64]), 3));
    }
});
