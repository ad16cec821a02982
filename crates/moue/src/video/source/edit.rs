//! Cutting scenes out of a video and joining them, through the program `ffmpeg`.

use super::command::{FFMPEG, ffmpeg, patience};
use super::error::SourceError;
use super::ffmpeg::{CONTAINERS, PROTOCOLS, file_argument, require_regular};
use crate::frame::DecodeOptions;
use crate::program::{ProgramError, last_line, run};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Containers of animations, which are videos to an editor; [`CONTAINERS`] are those of videos.
const ANIMATIONS: &str = "gif,apng";

/// Ticks a second of what is written. All scenes have the same, so that they can be joined.
const TIMESCALE: &str = "90000";

/// A part of a video, shown together with pictures.
///
/// All scenes of the same filter and size are alike in format, so [`join_scenes`] can put them one
/// after the other. Sound is kept; the part of a scene behind the end of the sound is silent.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The video, GIF or APNG.
    pub video: &'a Path,
    /// Where the scene starts in it.
    pub start: Duration,
    /// How much of the video is shown.
    pub length: Duration,
    /// PNG files, which the filter sees as videos of one frame.
    pub pictures: &'a [&'a Path],
    /// A filter graph of `ffmpeg` from `[0:v]`, the video, and `[1:v]`, `[2:v]` …, the pictures, to
    /// `[v]`. What is longer than `total` is cut off.
    pub filter: &'a str,
    /// How long the result is, if the filter makes it longer than `length`.
    pub total: Duration,
}

impl Scene<'_> {
    /// Writes the scene as H.264 and AAC in MP4; a file of that name is overwritten.
    ///
    /// # Errors
    /// [`SourceError`] if a file or `ffmpeg` is missing, it fails, or the call is canceled.
    pub fn encode(&self, out: &Path, options: &DecodeOptions) -> Result<(), SourceError> {
        require_regular(self.video)?;
        let mut command = overwriting();
        command
            .args(["-max_pixels", &options.max_pixels.to_string()])
            .args(["-ss", &seconds(self.start), "-t", &seconds(self.length)])
            .args(["-protocol_whitelist", PROTOCOLS])
            .args(["-format_whitelist", &format!("{CONTAINERS},{ANIMATIONS}")])
            .arg("-i")
            .arg(file_argument(self.video));
        for picture in self.pictures {
            command
                .args(["-f", "png_pipe", "-protocol_whitelist", PROTOCOLS, "-i"])
                .arg(file_argument(picture));
        }
        command
            .args(["-filter_complex", self.filter, "-map", "[v]"])
            // The first sound, if there is any; silence fills the scene up.
            .args(["-map", "0:a:0?", "-af", "apad", "-t", &seconds(self.total)])
            .args(["-c:v", "libx264", "-preset", "veryfast", "-crf", "20"])
            .args(["-pix_fmt", "yuv420p", "-video_track_timescale", TIMESCALE])
            .args(["-c:a", "aac", "-ar", "48000", "-ac", "2"]);
        write_mp4(&mut command, out, options)
    }
}

/// Joins scenes without encoding them again. `list` is a file that this function writes, with their
/// names.
///
/// # Errors
/// As for [`Scene::encode`].
pub fn join_scenes<P: AsRef<Path>>(
    scenes: &[P],
    list: &Path,
    out: &Path,
    options: &DecodeOptions,
) -> Result<(), SourceError> {
    write_list(scenes, list).map_err(|error| FFMPEG.io(error))?;
    let mut command = overwriting();
    command
        .args(["-f", "concat", "-safe", "0", "-protocol_whitelist", "file"])
        .arg("-i")
        .arg(file_argument(list))
        .args(["-c", "copy", "-movflags", "+faststart"]);
    write_mp4(&mut command, out, options)
}

/// The names in quotes, as the reader of such lists unquotes them: a quote ends them, so it is
/// written outside.
fn write_list<P: AsRef<Path>>(scenes: &[P], list: &Path) -> std::io::Result<()> {
    let mut file = std::fs::File::create(list)?;
    for scene in scenes {
        let path = std::path::absolute(scene)?;
        file.write_all(b"file '")?;
        let parts: Vec<&[u8]> = path
            .as_os_str()
            .as_encoded_bytes()
            .split(|byte| *byte == b'\'')
            .collect();
        file.write_all(&parts.join(&br"'\''"[..]))?;
        file.write_all(b"'\n")?;
    }
    Ok(())
}

/// The program, allowed to overwrite; it reports its progress, which shows that it works.
fn overwriting() -> Command {
    let mut command = ffmpeg();
    command.args(["-y", "-progress", "pipe:1"]);
    command
}

fn write_mp4(
    command: &mut Command,
    out: &Path,
    options: &DecodeOptions,
) -> Result<(), SourceError> {
    // The name may end in anything, so the format is named.
    command.args(["-f", "mp4"]).arg(file_argument(out));
    let (success, messages) = run(FFMPEG, command, patience(options))?;
    if success {
        return Ok(());
    }
    let message = if messages.contains("Unknown encoder") {
        "this build of it cannot write H.264 video with AAC sound"
    } else {
        last_line(&messages).unwrap_or("it failed without a message")
    };
    Err(ProgramError::Failed {
        program: FFMPEG.name,
        message: message.to_owned(),
    }
    .into())
}

fn seconds(time: Duration) -> String {
    format!("{:.6}", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_in_names_survive_the_list() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("list");
        write_list(&["/tmp/it's.mp4"], &list).unwrap();
        let text = std::fs::read_to_string(list).unwrap();
        assert_eq!(text, "file '/tmp/it'\\''s.mp4'\n");
    }
}
