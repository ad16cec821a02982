//! Any bytes as a ZIP file: its members are described and read within their limits.
#![no_main]

mod bounds;

use libfuzzer_sys::fuzz_target;
use moue_index::{ArchiveLimits, members, read_member};
use std::io::Cursor;
use zip::ZipArchive;

fn try_out(bytes: &[u8]) {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        return;
    };
    let limits = ArchiveLimits {
        members: 100,
        member: 1 << 16,
        ratio: 10,
    };
    let all = members(&mut archive);
    for (index, member) in all.into_iter().enumerate().take(limits.members) {
        if member.may_be_picture
            && let Ok(content) = read_member(&mut archive, index, &limits)
        {
            assert!(content.len() as u64 <= limits.member);
        }
    }
}

fuzz_target!(|bytes: &[u8]| bounds::within(bytes.len(), || try_out(bytes)));
