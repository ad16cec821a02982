//! A moment as a file and in the clipboard.

use crate::args::MomentForm;
use crate::files::{Kind, Outputs};
use crate::raster;
use crate::view::{self, View};
use anyhow::{Context, Result};
use image::codecs::gif::{GifEncoder, Repeat};
use image::{DynamicImage, RgbImage};
use moue::{Frame, Match};
use moue_graph::{Canvas, Image};
use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

/// Files that are saved in one folder: enough for an evening, and few enough to search for a free
/// name.
const MAX_FILES: usize = 9999;

/// How much of the past an animation has.
const LENGTH: Duration = Duration::from_secs(2);
/// Time between its frames: 12 a second, as many as a chat needs, and the memory of
/// [`Recent`] stays below 10 MB whatever the camera's size.
const STEP: Duration = Duration::from_millis(80);
/// How long the last frame stays before the animation begins anew.
const PAUSE: Duration = Duration::from_millis(600);
/// Pixels of the camera's height and of the side of a match.
const HEIGHT: usize = 240;
/// Pixels of the camera's width at most: a little more than 16 by 9.
const MAX_WIDTH: usize = 432;
/// Pixels around the caption, and of the dots of its letters, whose lines are 8 dots high.
const SPACE: i64 = 12;
const CAPTION_DOT: i64 = 2;
const LINE_HEIGHT: i64 = 22;
const MAX_LINES: usize = 2;
/// How coarsely colors are sampled for the palette of a frame, 1 to 30: at 10, the usual value, a
/// frame takes some 30 ms, and the difference to 1 cannot be seen.
const PALETTE_SPEED: i32 = 10;

/// A frame of the past and the match that was shown with it.
struct Past {
    time: Duration,
    camera: Image,
    found: Option<Match>,
}

/// The last two seconds of a live view, reduced.
#[derive(Default)]
pub(super) struct Recent(VecDeque<Past>);

impl Recent {
    /// Keeps a frame, unless the last one has just been kept.
    pub(super) fn record(&mut self, time: Duration, frame: &Frame<'_>, found: Option<&Match>) {
        let is_due = |last: &Past| time.saturating_sub(last.time) >= STEP;
        if !self.0.back().is_none_or(is_due) {
            return;
        }
        let old = |past: &Past| time.saturating_sub(past.time) > LENGTH;
        while self.0.front().is_some_and(old) {
            self.0.pop_front();
        }
        let width = frame.width() * HEIGHT / frame.height().max(1);
        self.0.push_back(Past {
            time,
            camera: frame.resized(width.clamp(1, MAX_WIDTH), HEIGHT),
            found: found.cloned(),
        });
    }

    /// The frames of an animation with the times that they last.
    fn frames(&self, view: &View) -> Vec<(Image, Duration)> {
        let mut pictures: HashMap<u64, Image> = HashMap::new();
        let mut frames = Vec::new();
        let times = self.0.iter().skip(1).map(|past| past.time);
        let ends = times.map(Some).chain([None]);
        for (past, end) in self.0.iter().zip(ends) {
            let found = past.found.as_ref();
            if let Some(found) = found {
                let picture = || view.picture(found, HEIGHT);
                pictures.entry(found.id).or_insert_with(picture);
            }
            let picture = found.and_then(|found| pictures.get(&found.id));
            let lasts = end.map_or(PAUSE, |end| end.saturating_sub(past.time));
            frames.push((drawn(&past.camera, found, picture), lasts));
        }
        frames
    }

    /// Begins to write what the key `s` saves. It is drawn now and written on a thread of its own,
    /// as the palettes of an animation take up to a second.
    pub(super) fn save(&self, view: &View) -> Saving {
        let frames = self.frames(view);
        Saving(std::thread::spawn(move || {
            save(MomentForm::Gif, |_| encoded(&frames))
        }))
    }
}

/// A file that is being written.
pub(super) struct Saving(JoinHandle<Result<String>>);

impl Saving {
    pub(super) fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    /// What became of it, in words. Waits for its end.
    pub(super) fn outcome(self) -> String {
        let failed = |_| Err(anyhow::anyhow!("saving failed"));
        in_words(self.0.join().unwrap_or_else(failed))
    }
}

/// Writes a picture of the whole view; returns what became of it, in words.
pub(super) fn save_picture(picture: &Image) -> String {
    in_words(save(MomentForm::Png, |file| {
        file.encode(&raster::image_of(picture))
    }))
}

fn in_words(saved: Result<String>) -> String {
    match saved {
        Ok(name) => format!("saved {name}"),
        Err(error) => crate::report::chain(&error),
    }
}

/// Puts a match into the clipboard.
#[cfg(feature = "clipboard")]
pub(super) fn copy(found: &Match) -> Result<()> {
    crate::clipboard::copy(None, found)
}

/// Without the feature there is no clipboard.
#[cfg(not(feature = "clipboard"))]
pub(super) fn copy(_: &Match) -> Result<()> {
    anyhow::bail!("this moue was built without the clipboard")
}

/// Writes a file under a free name into the current folder; returns the name.
fn save(
    form: MomentForm,
    encode: impl FnOnce(&crate::files::OutputFile) -> Result<Vec<u8>>,
) -> Result<String> {
    let ending = match form {
        MomentForm::Gif => "gif",
        MomentForm::Png => "png",
    };
    let name = free_name(ending)
        .with_context(|| format!("there are too many moue-….{ending} in this folder"))?;
    let outputs = Outputs::new(false, [""; 0]);
    let file = outputs.file("s", &PathBuf::from(&name), Kind::Picture)?;
    file.write_new(&encode(&file)?)?;
    Ok(name)
}

fn free_name(ending: &str) -> Option<String> {
    let mut names = (1..=MAX_FILES).map(|number| format!("moue-{number}.{ending}"));
    names.find(|name| std::fs::symlink_metadata(name).is_err())
}

/// The camera beside the match, and below them its caption.
fn drawn(camera: &Image, found: Option<&Match>, picture: Option<&Image>) -> Image {
    let left = camera.width() as i64;
    let width = left + HEIGHT as i64;
    let height = HEIGHT as i64 + 2 * SPACE + MAX_LINES as i64 * LINE_HEIGHT - 6;
    let mut canvas = Canvas::new(width as usize, height as usize, view::BACKGROUND);
    canvas.paste(camera, [0, 0]);
    if let Some(picture) = picture {
        canvas.paste(picture, [left, 0]);
    }
    let caption = found.map_or("", view::caption);
    let lines = view::wrapped(caption, width - 2 * SPACE, MAX_LINES);
    // A single line is in the middle of the place for two.
    let missing = (MAX_LINES - lines.len()) as i64;
    let top = HEIGHT as i64 + SPACE + missing * LINE_HEIGHT / 2;
    for (number, line) in lines.iter().enumerate() {
        let indent = (width - Canvas::text_width(line, CAPTION_DOT)) / 2;
        let at = [indent, top + number as i64 * LINE_HEIGHT];
        canvas.text(at, line, CAPTION_DOT, view::TEXT);
    }
    canvas.into_image()
}

/// An animation that runs for ever.
fn encoded(frames: &[(Image, Duration)]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut bytes, PALETTE_SPEED);
    encoder.set_repeat(Repeat::Infinite)?;
    for (frame, lasts) in frames {
        let image: RgbImage = raster::image_of(frame);
        let delay = image::Delay::from_saturating_duration(*lasts);
        let image = DynamicImage::ImageRgb8(image).into_rgba8();
        encoder.encode_frame(image::Frame::from_parts(image, 0, 0, delay))?;
    }
    drop(encoder);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use moue::frame::PixelFormat;

    fn gray(value: u8, width: usize) -> Frame<'static> {
        let pixels = vec![value; width * 30 * 3];
        let frame = Frame::from_raw(&pixels, width, 30, width * 3, PixelFormat::Rgb);
        frame.unwrap().into_owned()
    }

    #[test]
    fn the_last_two_seconds_are_kept() {
        let mut recent = Recent::default();
        // A clip of 25 frames a second, which is twice as many as are kept.
        for i in 0..200 {
            let time = Duration::from_millis(i * 40);
            recent.record(time, &gray(i as u8, 40), None);
        }
        let first = recent.0[0].time;
        let last = recent.0[recent.0.len() - 1].time;
        assert_eq!(recent.0.len(), 26);
        assert_eq!(last - first, LENGTH);
        let frames = recent.frames(&View::default());
        assert!(frames[..25].iter().all(|(_, lasts)| *lasts == STEP));
        assert_eq!(frames[25].1, PAUSE);
    }

    #[test]
    fn an_animation_has_all_frames_in_one_size() {
        let mut recent = Recent::default();
        let found = Match {
            label: "a long caption, ".repeat(9),
            path: "no such file".into(),
            ..Match::default()
        };
        recent.record(Duration::ZERO, &gray(9, 40), None);
        recent.record(Duration::from_millis(100), &gray(90, 40), Some(&found));
        let bytes = encoded(&recent.frames(&View::default())).unwrap();
        use image::AnimationDecoder;
        let decoder = image::codecs::gif::GifDecoder::new(std::io::Cursor::new(bytes)).unwrap();
        let frames = decoder.into_frames().collect_frames().unwrap();
        let sizes: Vec<_> = frames.iter().map(|f| f.buffer().dimensions()).collect();
        assert_eq!(sizes, [(320 + 240, 302); 2]);
    }
}
