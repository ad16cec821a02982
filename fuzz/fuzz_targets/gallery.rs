//! Any bytes as a gallery file: an error or a gallery that answers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use moue::{Expression, Gallery};

fuzz_target!(init: {
    // The database's panics are caught by the library and become errors; libFuzzer must not end at them.
    std::panic::set_hook(Box::new(|_| {}));
}, |bytes: &[u8]| {
    // Galleries in memory are for compiled-in ones, hence the leak, which a fuzz run can afford.
    let bytes: &'static [u8] = Box::leak(bytes.to_vec().into_boxed_slice());
    if let Ok(gallery) = Gallery::from_bytes(bytes, "fuzz".into()) {
        let _ = (gallery.entries(), gallery.nearest(&Expression([0.125; 64]), 3));
    }
});
