//! Addresses of files in a page.

use std::path::Path;

/// The address of a video in a page of this folder: relative if it is in the folder or below, so
/// that both can be moved together. `None` for animations, in which browsers cannot seek.
pub(super) fn video_url(video: &Path, folder: &Path) -> Option<String> {
    if !moue::video::is_video(video) {
        return None;
    }
    let here = Path::new(".");
    let folder = if folder.as_os_str().is_empty() {
        here
    } else {
        folder
    };
    let video = video.canonicalize().ok()?;
    let below = video.strip_prefix(folder.canonicalize().ok()?);
    Some(below.map_or_else(
        |_| file_url(&video),
        |below| format!("./{}", url_path(below)),
    ))
}

/// The address of a file with an absolute path.
pub(crate) fn file_url(path: &Path) -> String {
    format!("file://{}", url_path(path))
}

/// A path as a URL has it: parts after slashes, all but letters, digits and `-._~` as percent codes
/// (RFC 3986).
fn url_path(path: &Path) -> String {
    let mut text = path.to_string_lossy().into_owned();
    // Elsewhere a backslash is a letter of a name.
    if cfg!(windows) {
        text = text.replace('\\', "/");
    }
    // Windows' canonical paths begin with `//?/`, which no URL has.
    let text = text.strip_prefix("//?").unwrap_or(&text);
    let is_kept = |b: u8| b.is_ascii_alphanumeric() || b"-._~/:".contains(&b);
    text.bytes().fold(String::new(), |url, byte| {
        if is_kept(byte) {
            url + char::from(byte).encode_utf8(&mut [0])
        } else {
            url + &format!("%{byte:02X}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_video_beside_the_page_has_a_relative_address() {
        let folder = tempfile::tempdir().unwrap();
        let video = folder.path().join("a clip #1.mp4");
        std::fs::write(&video, b"").unwrap();
        let beside = video_url(&video, folder.path());
        assert_eq!(beside.as_deref(), Some("./a%20clip%20%231.mp4"));
        let other = tempfile::tempdir().unwrap();
        let away = video_url(&video, other.path()).unwrap();
        assert!(away.starts_with("file:///") && away.ends_with("/a%20clip%20%231.mp4"));
        assert_eq!(video_url(Path::new("clip.gif"), folder.path()), None);
    }
}
