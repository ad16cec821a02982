//! Videos and cameras through the program `ffmpeg`, which reads every format and rotates phone
//! videos upright.

use super::error::{FfmpegError, SourceError};
use super::ppm;
use super::timed::{FrameSource, TimedFrame};
use crate::Frame;
use std::ffi::{OsStr, OsString};
use std::io::{BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Frames a second of a file that states none, and of cameras.
const USUAL_RATE: f64 = 30.0;

/// Bytes of messages that are kept when the program fails: its last line is what counts.
const MAX_MESSAGES: u64 = 64 << 10;

/// Size of the buffer between the program and us: a frame of 640×480 in one piece, so that the
/// program seldom waits.
const PIPE_BUFFER: usize = 1 << 20;

/// Frames of a video file or camera.
///
/// ```no_run
/// use moue::video::{Ffmpeg, FrameSource};
/// let mut video = Ffmpeg::file("clip.mp4")?;
/// while let Some(timed) = video.next_frame()? {
///     println!("{:?}: {}×{}", timed.time, timed.frame.width(), timed.frame.height());
/// }
/// # Ok::<(), moue::video::SourceError>(())
/// ```
pub struct Ffmpeg {
    child: Child,
    output: BufReader<ChildStdout>,
    /// Microseconds from frame to frame of a file; `None` for a camera, whose frames have the time
    /// of their arrival.
    interval: Option<f64>,
    start: Instant,
    number: u64,
    last: Option<Duration>,
    mirror: bool,
}

impl Ffmpeg {
    /// Opens a video file.
    ///
    /// # Errors
    /// [`FfmpegError`] if the file or `ffmpeg` is missing; what is wrong inside the file shows at
    /// the first frame.
    pub fn file(path: impl AsRef<Path>) -> Result<Self, FfmpegError> {
        let path = path.as_ref();
        // Opened here too, so that a missing file is the system's error and not a line of ffmpeg's.
        std::fs::File::open(path)?;
        let rate = rate(path)?;
        let input = file_argument(path);
        let fixed = format!("fps={rate}");
        Self::start(
            &[
                OsStr::new("-i"),
                &input,
                OsStr::new("-vf"),
                OsStr::new(&fixed),
            ],
            Some(1e6 / rate),
        )
    }

    /// Opens a camera by its number, from 0, or by the name that the system gives it. Frames are
    /// mirrored.
    ///
    /// # Errors
    /// As for [`Ffmpeg::file`].
    pub fn camera(camera: &str) -> Result<Self, FfmpegError> {
        let number = camera.parse::<u32>().is_ok();
        let (format, input) = match std::env::consts::OS {
            "macos" => ("avfoundation", camera.to_owned()),
            "windows" => ("dshow", format!("video={camera}")),
            _ if number => ("v4l2", format!("/dev/video{camera}")),
            _ => ("v4l2", camera.to_owned()),
        };
        let arguments = ["-f", format, "-framerate", "30", "-i", &input].map(OsStr::new);
        let mut camera = Self::start(&arguments, None)?;
        camera.mirror = true;
        Ok(camera)
    }

    fn start(input: &[&OsStr], interval: Option<f64>) -> Result<Self, FfmpegError> {
        const OUTPUT: [&str; 9] = [
            "-an",
            "-sn",
            "-f",
            "image2pipe",
            "-c:v",
            "ppm",
            "-pix_fmt",
            "rgb24",
            "-",
        ];
        let mut child = Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error"])
            .args(input)
            .args(OUTPUT)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(missing)?;
        let output = child
            .stdout
            .take()
            .ok_or_else(|| std::io::Error::other("no pipe"))?;
        Ok(Self {
            child,
            output: BufReader::with_capacity(PIPE_BUFFER, output),
            interval,
            start: Instant::now(),
            number: 0,
            last: None,
            mirror: false,
        })
    }

    /// Whether the program ended well; an error with its last message if not.
    fn ended(&mut self) -> Result<(), FfmpegError> {
        let mut messages = String::new();
        if let Some(stderr) = self.child.stderr.take() {
            stderr.take(MAX_MESSAGES).read_to_string(&mut messages)?;
        }
        let success = self.child.wait()?.success();
        if success || self.number > 0 && messages.is_empty() {
            return Ok(());
        }
        let last = messages.lines().rev().find(|l| !l.trim().is_empty());
        Err(FfmpegError::Failed(
            last.unwrap_or("it ended without a frame").trim().to_owned(),
        ))
    }

    /// The next picture of the pipe.
    fn picture(&mut self) -> Result<Option<Frame<'static>>, FfmpegError> {
        let Some(mut picture) = ppm::read(&mut self.output)? else {
            return Ok(None);
        };
        if self.mirror {
            let rows = picture.pixels.chunks_exact_mut(picture.width * 3);
            rows.for_each(mirror_row);
        }
        let frame = Frame::from_pixels(picture.pixels, picture.width, picture.height);
        Ok(Some(
            frame.map_err(|e| FfmpegError::Unexpected(e.to_string()))?,
        ))
    }

    /// The time of the frame that was just read: later than the last one's by a microsecond at
    /// least, the unit of a graph's timestamps, which must grow.
    fn time(&mut self) -> Duration {
        let due = match self.interval {
            Some(interval) => Duration::from_micros((self.number as f64 * interval) as u64),
            None => self.start.elapsed(),
        };
        let earliest = self
            .last
            .map_or(Duration::ZERO, |last| last + Duration::from_micros(1));
        let time = due.max(earliest);
        self.last = Some(time);
        self.number += 1;
        time
    }
}

fn mirror_row(row: &mut [u8]) {
    let pixels = row.as_chunks_mut::<3>().0;
    pixels.reverse();
}

fn missing(error: std::io::Error) -> FfmpegError {
    if error.kind() == std::io::ErrorKind::NotFound {
        FfmpegError::Missing
    } else {
        FfmpegError::Io(error)
    }
}

/// A name that starts with a dash, or that could be a protocol's, is still a file.
fn file_argument(path: &Path) -> OsString {
    let mut input = OsString::from("file:");
    input.push(path);
    input
}

/// Frames a second, as the file states; [`USUAL_RATE`] if it states none.
fn rate(path: &Path) -> Result<f64, FfmpegError> {
    const QUERY: [&str; 8] = [
        "-v",
        "error",
        "-select_streams",
        "v:0",
        "-show_entries",
        "stream=avg_frame_rate",
        "-of",
        "default=nw=1:nk=1",
    ];
    let output = Command::new("ffprobe")
        .args(QUERY)
        .arg(file_argument(path))
        .stdin(Stdio::null())
        .output()
        .map_err(missing)?;
    let text = String::from_utf8_lossy(&output.stdout);
    // Beyond this range a file's rate is a mistake, such as 90000/1, the clock of MPEG streams.
    let rate = text.lines().next().and_then(fraction);
    Ok(rate
        .filter(|rate| (0.01..=1000.0).contains(rate))
        .unwrap_or(USUAL_RATE))
}

/// `30000/1001` as a number.
fn fraction(text: &str) -> Option<f64> {
    let (above, below) = text.split_once('/')?;
    let above = above.trim().parse::<f64>().unwrap_or(USUAL_RATE);
    let below = below.trim().parse::<f64>().unwrap_or(1.0);
    Some(above / below)
}

impl FrameSource for Ffmpeg {
    fn next_frame(&mut self) -> Result<Option<TimedFrame>, SourceError> {
        match self.picture()? {
            Some(frame) => {
                let time = self.time();
                Ok(Some(TimedFrame { frame, time }))
            }
            None => {
                self.ended()?;
                Ok(None)
            }
        }
    }

    fn is_live(&self) -> bool {
        self.interval.is_none()
    }
}

impl Drop for Ffmpeg {
    fn drop(&mut self) {
        // It may have ended already; either way it must not outlive us, and must be reaped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_fractions() {
        assert_eq!(fraction("25/1"), Some(25.0));
        assert_eq!(fraction("30000/1001"), Some(30000.0 / 1001.0));
        assert_eq!(fraction("unknown"), None);
    }

    #[test]
    fn mirroring_keeps_colors() {
        let mut row = [1, 2, 3, 4, 5, 6];
        mirror_row(&mut row);
        assert_eq!(row, [4, 5, 6, 1, 2, 3]);
    }
}
