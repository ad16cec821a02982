//! Videos and cameras through the program `ffmpeg`, which knows every format and turns phone videos
//! upright.

use super::{FrameSource, SourceError, TimedFrame};
use crate::Frame;
use std::ffi::{OsStr, OsString};
use std::io::{BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Why a video or camera gives no frames.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FfmpegError {
    /// The program is not there.
    #[error(
        "videos and cameras need the program ffmpeg, which is not installed: \
         apt install ffmpeg, brew install ffmpeg or winget install ffmpeg"
    )]
    Missing,
    /// The program can't be started or talked to.
    #[error("ffmpeg: {0}")]
    Io(#[from] std::io::Error),
    /// The program gave up; what it said.
    #[error("ffmpeg: {0}")]
    Failed(String),
    /// The program wrote something that is no picture.
    #[error("ffmpeg wrote no picture but {0:?}")]
    Unexpected(String),
}

/// The longest side that frames may have.
const LONGEST_SIDE: usize = 16_384;

/// Frames of a video file or camera.
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
        // Opened here too, so that a missing file is not ffmpeg's word but the system's.
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
        // Each frame as a PPM picture says how large it is, also where ffmpeg has turned it.
        let mut child = Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error"])
            .args(input)
            .args([
                "-an",
                "-sn",
                "-f",
                "image2pipe",
                "-c:v",
                "ppm",
                "-pix_fmt",
                "rgb24",
                "-",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(missing)?;
        let output = child
            .stdout
            .take()
            .ok_or_else(|| std::io::Error::other("no pipe"))?;
        let output = BufReader::with_capacity(1 << 20, output);
        Ok(Self {
            child,
            output,
            interval,
            start: Instant::now(),
            number: 0,
            last: None,
            mirror: false,
        })
    }

    /// What the program said when it ended without a frame.
    fn ended(&mut self) -> Result<(), FfmpegError> {
        let mut said = String::new();
        if let Some(stderr) = self.child.stderr.take() {
            stderr.take(64 << 10).read_to_string(&mut said)?;
        }
        let success = self.child.wait()?.success();
        if success || self.number > 0 && said.is_empty() {
            return Ok(());
        }
        let last = said.lines().rev().find(|l| !l.trim().is_empty());
        Err(FfmpegError::Failed(
            last.unwrap_or("it ended without a frame").trim().to_owned(),
        ))
    }

    /// The next picture of the pipe.
    fn picture(&mut self) -> Result<Option<Frame<'static>>, FfmpegError> {
        let Some((width, height)) = header(&mut self.output)? else {
            return Ok(None);
        };
        let mut pixels = vec![0; width * height * 3];
        match self.output.read_exact(&mut pixels) {
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        if self.mirror {
            pixels.chunks_exact_mut(width * 3).for_each(mirror_row);
        }
        let frame = Frame::from_pixels(pixels, width, height);
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

/// A name that starts with a dash, or looks like a protocol, is still a file.
fn file_argument(path: &Path) -> OsString {
    let mut input = OsString::from("file:");
    input.push(path);
    input
}

/// Frames a second, as the file says; 30 where it does not.
fn rate(path: &Path) -> Result<f64, FfmpegError> {
    let output = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-select_streams",
            "v:0",
            "-show_entries",
            "stream=avg_frame_rate",
        ])
        .args(["-of", "default=nw=1:nk=1"])
        .arg(file_argument(path))
        .stdin(Stdio::null())
        .output()
        .map_err(missing)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let (above, below) = text
        .lines()
        .next()
        .and_then(|l| l.split_once('/'))
        .unwrap_or(("30", "1"));
    let rate =
        above.trim().parse::<f64>().unwrap_or(30.0) / below.trim().parse::<f64>().unwrap_or(1.0);
    Ok(if rate.is_finite() && (0.01..=1000.0).contains(&rate) {
        rate
    } else {
        30.0
    })
}

/// Reads `P6 WIDTH HEIGHT 255` and the one space after it; `None` at the end of the pipe.
fn header(input: &mut impl Read) -> Result<Option<(usize, usize)>, FfmpegError> {
    let mut text = Vec::new();
    let mut words = 0;
    while words < 4 {
        let mut byte = [0];
        if input.read(&mut byte)? == 0 {
            return if text.is_empty() {
                Ok(None)
            } else {
                Err(unexpected(&text))
            };
        }
        if byte[0].is_ascii_whitespace()
            && text.last().is_some_and(|b: &u8| !b.is_ascii_whitespace())
        {
            words += 1;
        }
        text.push(byte[0]);
        if text.len() > 64 {
            return Err(unexpected(&text));
        }
    }
    let words = String::from_utf8_lossy(&text);
    let words: Vec<&str> = words.split_ascii_whitespace().collect();
    match words[..] {
        ["P6", width, height, "255"] => {
            let sides = (width.parse().unwrap_or(0), height.parse().unwrap_or(0));
            let fits = |side: usize| (1..=LONGEST_SIDE).contains(&side);
            if fits(sides.0) && fits(sides.1) {
                Ok(Some(sides))
            } else {
                Err(unexpected(&text))
            }
        }
        _ => Err(unexpected(&text)),
    }
}

fn unexpected(text: &[u8]) -> FfmpegError {
    FfmpegError::Unexpected(String::from_utf8_lossy(text).into_owned())
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
        // It may have ended already; either way nothing of it is left behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_say_the_size() {
        assert_eq!(
            header(&mut &b"P6\n640 480\n255\nxyz"[..]).unwrap(),
            Some((640, 480))
        );
        assert_eq!(header(&mut &b""[..]).unwrap(), None);
        for broken in [
            &b"P5\n1 1\n255\n"[..],
            b"P6\n0 4\n255\n",
            b"P6\n99999 4\n255\n",
            b"P6 1",
            &[b'9'; 100],
        ] {
            assert!(header(&mut &broken[..]).is_err());
        }
    }

    #[test]
    fn mirroring_keeps_colors() {
        let mut row = [1, 2, 3, 4, 5, 6];
        mirror_row(&mut row);
        assert_eq!(row, [4, 5, 6, 1, 2, 3]);
    }
}
