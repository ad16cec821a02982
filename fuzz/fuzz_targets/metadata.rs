//! Any bytes as a side-car file and as a picture with metadata.
#![no_main]

mod bounds;

use libfuzzer_sys::fuzz_target;
use moue_index::{metadata_of, read_sidecar};

fn try_out(bytes: &[u8]) {
    for metadata in [read_sidecar(bytes).unwrap_or_default(), metadata_of(bytes)] {
        assert!(metadata.tags.len() <= 64 && metadata.caption.is_none_or(|c| !c.contains('\n')));
    }
    let _ = metadata_of(&[b"\x89PNG\r\n\x1a\n", bytes].concat());
}

fuzz_target!(|bytes: &[u8]| bounds::within(bytes.len(), || try_out(bytes)));
