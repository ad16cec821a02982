//! The command that cuts what was ticked on a page.

use crate::address;
use crate::args::timeline::TimelineArgs;
use moue::video::TimelineOptions;
use std::ffi::OsStr;
use std::path::Path;

/// The command up to the options that the page adds: whatever decides which moments there are.
pub(super) fn start(args: &TimelineArgs) -> String {
    let mut words = vec!["moue timeline".to_owned(), path(&args.video)];
    if args.gallery.gallery != Path::new("builtin") {
        // The page may be sent around: an address goes without its password.
        let gallery = address::shown(&args.gallery.gallery);
        words.push(format!("--gallery {}", path(Path::new(&gallery))));
    }
    if args.ranking.pure {
        words.push("--pure".into());
    }
    if args.moments != TimelineOptions::default().limit {
        words.push(format!("--moments {}", args.moments));
    }
    if args.frames != crate::inputs::MAX_VIDEO_FRAMES {
        words.push(format!("--frames {}", args.frames));
    }
    words.join(" ")
}

/// The name of the reel, in the folder where the command is run: that of the video may be one that
/// cannot be written.
pub(super) fn reel(video: &Path) -> String {
    let mut name = video.file_stem().unwrap_or_default().to_owned();
    name.push("-reel.mp4");
    path(Path::new(&name))
}

/// A file's name as a shell takes it; one that begins with a dash is no option.
fn path(path: &Path) -> String {
    let text = path.to_string_lossy();
    quoted(
        if text.starts_with('-') {
            OsStr::new("./").to_string_lossy() + text
        } else {
            text
        }
        .as_ref(),
    )
}

/// In single quotes where a shell would not take the word as it is. A quote inside ends them, and
/// PowerShell has it twice instead.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-._/:@%+=,".contains(c);
    let is_windows = cfg!(windows);
    if !word.is_empty() && word.chars().all(|c| is_plain(c) || is_windows && c == '\\') {
        return word.to_owned();
    }
    let quote = if is_windows { "''" } else { r"'\''" };
    format!("'{}'", word.replace('\'', quote))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_a_name_as_it_is() {
        assert_eq!(path(Path::new("a/clip.mp4")), "a/clip.mp4");
        assert_eq!(path(Path::new("-clip.mp4")), "./-clip.mp4");
        assert_eq!(path(Path::new("a $clip.mp4")), "'a $clip.mp4'");
        let quote = if cfg!(windows) { "''" } else { r"'\''" };
        assert_eq!(path(Path::new("it's.mp4")), format!("'it{quote}s.mp4'"));
        assert_eq!(reel(Path::new("a/my clip.mov")), "'my clip-reel.mp4'");
        assert_eq!(reel(Path::new("a/-clip.mov")), "./-clip-reel.mp4");
    }
}
