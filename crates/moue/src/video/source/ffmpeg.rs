//! Videos and cameras through the program `ffmpeg`, which reads every format and rotates phone
//! videos upright.

use super::camera::{camera_input, cameras, described};
use super::command::{FFMPEG, ffmpeg, passthrough, patience};
use super::error::SourceError;
use super::fragments::{CLOCK, Fragments, Picture};
use super::ppm;
use super::timed::{FrameSource, TimedFrame};
use crate::Frame;
use crate::frame::{DecodeError, DecodeOptions};
use crate::program::{ProgramError, Stream, last_line};
use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

/// The containers that are read, by `ffmpeg`'s names. Its other readers include playlists (HLS,
/// DASH, SDP, concat), which open further files and addresses, or wait for more without an end.
pub(super) const CONTAINERS: &str = "mov,matroska,avi,mpeg,mpegts,mpegvideo,asf,flv,ogg,yuv4mpegpipe,dv,h264,\
                          hevc,m4v,av1,obu,ivf,nut,mxf";

/// What a reader may open: the file itself.
pub(super) const PROTOCOLS: &str = "file,pipe";

/// What `ffmpeg` writes when the container is none of [`CONTAINERS`].
const NOT_LISTED: &str = "Format not on whitelist";

/// What `ffmpeg` writes of a file that it cannot make anything of.
const INVALID: &str = "Invalid data found when processing input";

/// Frames of a video file or camera.
///
/// Frames of a file have the file's own times, from the first frame on: none is repeated or left
/// out where they are not equally far apart.
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
    stream: Stream<TimedFrame>,
    is_live: bool,
    number: u64,
    last: Option<Duration>,
}

impl Ffmpeg {
    /// Opens a video file within the default [`DecodeOptions`].
    ///
    /// # Errors
    /// [`SourceError`] if the file or `ffmpeg` is missing; what is wrong inside the file shows at
    /// the first frame.
    pub fn file(path: impl AsRef<Path>) -> Result<Self, SourceError> {
        Self::file_with(path, &DecodeOptions::default())
    }

    /// As [`Ffmpeg::file`], with the caller's options: the pixels of a frame, how long to wait for
    /// one, and the token that ends the wait.
    ///
    /// # Errors
    /// As for [`Ffmpeg::file`].
    pub fn file_with(path: impl AsRef<Path>, options: &DecodeOptions) -> Result<Self, SourceError> {
        let mut first = None;
        let stream = pictures(path.as_ref(), options, Cut::default(), move |picture| {
            let first = *first.get_or_insert(picture.ticks);
            let time = picture.time_since(first);
            picture.timed(time)
        })?;
        Ok(Self::new(stream, false))
    }

    /// Opens a camera by its number, from 0, or by the name that the system gives it. Frames are
    /// mirrored. On Windows and macOS, [`cameras`](super::cameras) lists the names.
    ///
    /// # Errors
    /// As for [`Ffmpeg::file`].
    pub fn camera(camera: &str) -> Result<Self, SourceError> {
        Self::camera_with(camera, &DecodeOptions::default())
    }

    /// As [`Ffmpeg::camera`], with the caller's options.
    ///
    /// # Errors
    /// As for [`Ffmpeg::file`].
    pub fn camera_with(camera: &str, options: &DecodeOptions) -> Result<Self, SourceError> {
        let patience = patience(options);
        let (format, input) = camera_input(camera, &patience)?;
        let mut command = ffmpeg();
        command
            .args(["-f", format, "-framerate", "30", "-i", &input])
            .args(["-an", "-sn", "-f", "image2pipe", "-c:v", "ppm"])
            .args(["-pix_fmt", "rgb24", "-"]);
        let start = Instant::now();
        let stream = Stream::start(FFMPEG, &mut command, patience, move |stdout| {
            let Some(mut picture) = ppm::read(FFMPEG, stdout)? else {
                return Ok(None);
            };
            let rows = picture.pixels.chunks_exact_mut(picture.width * 3);
            rows.for_each(mirror_row);
            // A camera's frames have the time of their arrival.
            let time = start.elapsed();
            timed(picture.pixels, picture.width, picture.height, time).map(Some)
        })?;
        Ok(Self::new(stream, true))
    }

    fn new(stream: Stream<TimedFrame>, is_live: bool) -> Self {
        Self {
            stream,
            is_live,
            number: 0,
            last: None,
        }
    }

    /// Whether the program ended well; an error with its last message if not.
    fn ended(&mut self) -> Result<(), ProgramError> {
        let (success, messages) = self.stream.end()?;
        // A camera is stopped by a signal. A file's decoder that ends so, as one that is killed for its
        // memory, has not read all of it.
        if success || self.is_live && self.number > 0 && messages.is_empty() {
            return Ok(());
        }
        let is_invalid = |line: &str| line.contains(INVALID);
        if !self.is_live && last_line(&messages).is_some_and(is_invalid) {
            return Err(ProgramError::Damaged {
                program: FFMPEG.name,
                message: INVALID,
            });
        }
        let message = if messages.contains(NOT_LISTED) {
            "not a video but a list of others, or in a container that is not read"
        } else if self.is_live && messages.contains("No such file or directory") {
            // What Linux calls a camera's file is nothing that a user has named.
            "there is no such camera"
        } else {
            last_line(&messages).unwrap_or("it ended without a frame")
        };
        let mut message = message.to_owned();
        if self.is_live {
            let listed = cameras().unwrap_or_default();
            message = format!("{message}; {}", described(&listed));
        }
        Err(ProgramError::Failed {
            program: FFMPEG.name,
            message,
        })
    }
}

/// What of a file is read.
#[derive(Default)]
pub(super) struct Cut {
    /// The first position that is read, from the start of the container.
    pub(super) start: Duration,
    /// A filter of `ffmpeg` for the pictures.
    pub(super) filter: Option<&'static str>,
}

/// The pictures of a video file, each as `make` makes it.
pub(super) fn pictures<T: Send + 'static>(
    path: &Path,
    options: &DecodeOptions,
    cut: Cut,
    mut make: impl FnMut(Picture) -> Result<T, ProgramError> + Send + 'static,
) -> Result<Stream<T>, SourceError> {
    require_regular(path)?;
    let mut command = ffmpeg();
    command.args(["-max_pixels", &options.max_pixels.to_string()]);
    if cut.start > Duration::ZERO {
        command.args(["-ss", &format!("{:.6}", cut.start.as_secs_f64())]);
    }
    command
        .args(["-protocol_whitelist", PROTOCOLS])
        .args(["-format_whitelist", CONTAINERS])
        .arg("-i")
        .arg(file_argument(path))
        .args(cut.filter.iter().flat_map(|filter| ["-vf", filter]))
        .args(passthrough())
        // The clock of the encoder, which would otherwise be the rate that the file states.
        .args(["-enc_time_base", &format!("1:{CLOCK}")])
        .args(["-c:v", "rawvideo", "-pix_fmt", "rgb24", "-f", "mov"])
        .args(["-movflags", "empty_moov+frag_every_frame+default_base_moof"])
        .args(["-video_track_timescale", &CLOCK.to_string()])
        .args(["-an", "-sn", "-dn", "-"]);
    let mut fragments = Fragments::new(FFMPEG, options.max_pixels);
    let stream = Stream::start(FFMPEG, &mut command, patience(options), move |stdout| {
        fragments.next(stdout)?.map(&mut make).transpose()
    })?;
    Ok(stream)
}

impl Picture {
    /// The picture as a frame.
    pub(super) fn timed(self, time: Duration) -> Result<TimedFrame, ProgramError> {
        timed(self.pixels, self.width, self.height, time)
    }
}

/// A picture of the pipe as a frame.
fn timed(
    pixels: Vec<u8>,
    width: usize,
    height: usize,
    time: Duration,
) -> Result<TimedFrame, ProgramError> {
    let frame = Frame::from_pixels(pixels, width, height)
        .map_err(|error| FFMPEG.unexpected(error.to_string()))?;
    Ok(TimedFrame { frame, time })
}

fn mirror_row(row: &mut [u8]) {
    let pixels = row.as_chunks_mut::<3>().0;
    pixels.reverse();
}

/// Refuses what is no regular file before it is opened: to open a named pipe is to wait for its
/// other end, and devices need not end.
pub(super) fn require_regular(path: &Path) -> Result<(), DecodeError> {
    // Opened here too, so that a locked file is the system's error and not a line of ffmpeg's.
    crate::frame::open_regular(path).map(drop)
}

/// A name that starts with a dash, or that could be a protocol's, is still a file.
pub(super) fn file_argument(path: &Path) -> OsString {
    let mut input = OsString::from("file:");
    input.push(path);
    input
}

impl FrameSource for Ffmpeg {
    fn next_frame(&mut self) -> Result<Option<TimedFrame>, SourceError> {
        let Some(mut timed) = self.stream.next()? else {
            self.ended()?;
            return Ok(None);
        };
        // Later than the last one by a microsecond at least, the unit of a graph's timestamps,
        // which must grow: a file may give two frames one time.
        let micro = Duration::from_micros(1);
        let earliest = self.last.map_or(Duration::ZERO, |last| last + micro);
        timed.time = timed.time.max(earliest);
        self.last = Some(timed.time);
        self.number += 1;
        Ok(Some(timed))
    }

    fn is_live(&self) -> bool {
        self.is_live
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirroring_keeps_colors() {
        let mut row = [1, 2, 3, 4, 5, 6];
        mirror_row(&mut row);
        assert_eq!(row, [4, 5, 6, 1, 2, 3]);
    }
}
