//! What a file is, by the ending of its name or its first bytes.

use crate::files::read_at_most;
use moue::frame::looks_like_picture;
use moue::video::looks_like_video;
use std::path::Path;

/// Bytes that identify the format of a picture or video: a transport stream shows in the distance
/// of two packets of at most 192 bytes.
pub(crate) const SIGNATURE_BYTES: u64 = 400;

/// Endings of pictures that other programs decode for moue, beside those that `image` knows.
const FURTHER_ENDINGS: [&str; 7] = ["heic", "heif", "hif", "avif", "jxl", "jpe", "jfif"];

/// Endings of sound in containers of videos, which their first bytes do not tell.
const SOUND_ENDINGS: [&str; 3] = ["wma", "mka", "weba"];

/// Endings of videos that programs' sources have too: TypeScript and its modules, Go's modules. A
/// file in a folder is taken for a video only if it begins as one.
const SHARED_ENDINGS: [&str; 3] = ["ts", "mts", "mod"];

/// Whether a name has an ending of pictures that are read, or of others that can be named.
pub(crate) fn has_picture_ending(path: &Path) -> bool {
    image::ImageFormat::from_path(path).is_ok() || has_ending(path, &FURTHER_ENDINGS)
}

/// Whether a name has an ending that only videos have.
pub(crate) fn has_video_ending(path: &Path) -> bool {
    moue::video::is_video(path) && !has_ending(path, &SHARED_ENDINGS)
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|found| {
        endings
            .iter()
            .any(|known| found.eq_ignore_ascii_case(known))
    })
}

/// Whether a file begins as a picture or video.
pub(crate) fn begins_as_media(path: &Path) -> bool {
    !has_ending(path, &SOUND_ENDINGS)
        && read_at_most(path, SIGNATURE_BYTES)
            .is_ok_and(|start| looks_like_picture(&start) || looks_like_video(&start))
}

/// Whether a file is read as a video: by its ending, or by its first bytes if its ending is not that of
/// a picture.
pub(crate) fn is_video_file(path: &Path) -> bool {
    let begins_as_video =
        || read_at_most(path, SIGNATURE_BYTES).is_ok_and(|start| looks_like_video(&start));
    moue::video::is_video(path) || !has_picture_ending(path) && begins_as_video()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_that_sources_share_are_no_proof() {
        let picture = |name: &str| has_picture_ending(Path::new(name));
        let video = |name: &str| has_video_ending(Path::new(name));
        assert!(picture("a.JPE") && picture("a.heic") && picture("a.tif") && !picture("a.txt"));
        assert!(video("a.m2ts") && video("a.VOB") && !video("a.ts") && !video("go.mod"));
    }
}
