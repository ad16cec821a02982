//! The command line of `ffmpeg`, as all of its versions understand it.

use crate::frame::DecodeOptions;
use crate::program::{Patience, Tool, run};
use std::process::Command;
use std::sync::OnceLock;

pub(super) const FFMPEG: Tool = Tool {
    name: "ffmpeg",
    missing: "videos and cameras need the program ffmpeg, which is not installed: \
              apt install ffmpeg, brew install ffmpeg or winget install ffmpeg",
};

/// The first version that has `-fps_mode`; later ones drop `-vsync`, the older name.
const FPS_MODE_SINCE: (u32, u32) = (5, 1);

/// The program, silent but for errors. It must not wait for keys of the terminal that it shares.
pub(super) fn ffmpeg() -> Command {
    let mut command = Command::new(FFMPEG.name);
    command.args(["-nostdin", "-hide_banner", "-v", "error"]);
    command
}

pub(super) fn patience(options: &DecodeOptions) -> Patience {
    Patience {
        stall: options.max_stall,
        cancel: options.cancel.clone(),
    }
}

/// The options with which every frame is written once, with its own time.
pub(super) fn passthrough() -> [&'static str; 2] {
    static OPTION: OnceLock<&str> = OnceLock::new();
    let option = OPTION.get_or_init(|| {
        let patience = patience(&DecodeOptions::default());
        // Where the version is not known, it is one that was built from the newest sources.
        match run(FFMPEG, Command::new(FFMPEG.name).arg("-version"), patience) {
            Ok((_, text)) if version(&text).is_some_and(|v| v < FPS_MODE_SINCE) => "-vsync",
            _ => "-fps_mode",
        }
    });
    [option, "passthrough"]
}

/// Major and minor version of `ffmpeg version 5.1.9-0+deb12u1 …`, also written `n5.1.9`.
fn version(text: &str) -> Option<(u32, u32)> {
    let word = text.strip_prefix("ffmpeg version ")?.split(' ').next()?;
    let mut numbers = word.trim_start_matches('n').split(['.', '-']);
    let major = numbers.next()?.parse().ok()?;
    Some((
        major,
        numbers.next().and_then(|n| n.parse().ok()).unwrap_or(0),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_all_builds() {
        let of = |word: &str| version(&format!("ffmpeg version {word} Copyright (c) 2000"));
        assert_eq!(of("5.1.9-0+deb12u1"), Some((5, 1)));
        assert_eq!(of("4.4.2-0ubuntu0.22.04.1"), Some((4, 4)));
        assert_eq!(of("n7.1"), Some((7, 1)));
        assert_eq!(of("8.0"), Some((8, 0)));
        assert_eq!(of("N-113684-g3cf6ecc"), None);
        assert_eq!(version("something else"), None);
    }
}
