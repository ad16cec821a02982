//! Reels: the moments of a clip with their pictures, cut together or one file each.

use super::formats::short_clock;
use super::moments::{Moments, Row};
use crate::args::timeline::Layout;
use crate::files::{OutputFile, OutputFolder, Unfinished, finish_video};
use crate::output::{message, shown};
use crate::progress::BatchBar;
use crate::stores::Store;
use crate::{matched, raster};
use anyhow::{Context, Result, bail, ensure};
use image::{ImageFormat, RgbImage};
use moue::Match;
use moue::frame::DecodeOptions;
use moue::video::{Scene, join_scenes};
use std::io::{Cursor, Write};
use std::path::Path;
use std::time::Duration;

/// Pixels of a reel, as most players and chats show without scaling.
const WIDTH: u32 = 1280;
const HEIGHT: u32 = 720;

/// Frames a second.
const RATE: u32 = 30;

/// What is shown before a moment and after it: the expression has to be seen to come, and a caption
/// to be read.
const LEAD: Duration = Duration::from_millis(1500);
const TAIL: Duration = Duration::from_millis(2000);

/// With a cutaway the moment is left soon, and the picture stays for this long.
const CUT_TAIL: Duration = Duration::from_millis(800);
const CUTAWAY: Duration = Duration::from_millis(1500);

/// A moment with its picture.
struct Part<'a> {
    row: &'a Row,
    image: RgbImage,
    start: Duration,
    length: Duration,
}

/// The moments that have a picture.
pub(super) struct Reel<'a> {
    video: &'a Path,
    layout: Layout,
    parts: Vec<Part<'a>>,
}

impl<'a> Reel<'a> {
    /// Reads the pictures. A moment whose picture is no longer there is left out, with a message.
    pub(super) fn new(
        video: &'a Path,
        layout: Layout,
        gallery: &Store,
        moments: &'a Moments<'_>,
    ) -> Result<Self> {
        let mut parts = Vec::new();
        let spans = spans(moments, layout);
        for (row, (start, length)) in moments.rows.iter().zip(spans) {
            let Some(best) = row.matches.first() else {
                continue;
            };
            match picture(gallery, best) {
                Ok(image) => parts.push(Part {
                    row,
                    image,
                    start,
                    length,
                }),
                Err(error) => message(&format!("{}: {error:#}", shown(&best.label))),
            }
        }
        ensure!(
            !parts.is_empty(),
            "{}: there is no moment with a picture to cut a video from",
            shown(&video.to_string_lossy())
        );
        Ok(Self {
            video,
            layout,
            parts,
        })
    }

    /// Writes each moment into a file of `clips`, and all of them into `reel`, as far as they are
    /// asked for. A moment is encoded once.
    pub(super) fn write(
        &self,
        reel: Option<&OutputFile>,
        clips: Option<&OutputFolder>,
    ) -> Result<()> {
        let bar = BatchBar::new(self.parts.len(), "moments");
        let mut scenes = Vec::new();
        for (i, part) in self.parts.iter().enumerate() {
            let scene = match clips {
                Some(folder) => begin_clip(folder, i, part)?,
                None => scratch(reel, clips)?,
            };
            self.encode(part, &scratch(reel, clips)?, scene.path())?;
            bar.inc();
            match reel {
                Some(_) => scenes.push(scene),
                None => finish_video(scene)?,
            }
        }
        if let Some(file) = reel {
            join(file, &scenes)?;
        }
        match clips {
            Some(_) => scenes.into_iter().try_for_each(finish_video),
            None => Ok(()),
        }
    }

    /// Encodes one moment; its picture goes into `scratch`.
    fn encode(&self, part: &Part<'_>, scratch: &Unfinished, out: &Path) -> Result<()> {
        let mut png = Cursor::new(Vec::new());
        part.image.write_to(&mut png, ImageFormat::Png)?;
        std::fs::File::create(scratch.path())?.write_all(png.get_ref())?;
        let extra = match self.layout {
            Layout::Cutaway => CUTAWAY,
            _ => Duration::ZERO,
        };
        let offset = part.row.time.saturating_sub(part.start);
        let scene = Scene {
            video: self.video,
            start: part.start,
            length: part.length,
            picture: scratch.path(),
            filter: &filter(self.layout, offset),
            total: part.length + extra,
        };
        let encoded = scene.encode(out, &DecodeOptions::default());
        encoded.with_context(|| shown(&self.video.to_string_lossy()))
    }
}

/// The file of a moment. One that moue wrote is replaced.
fn begin_clip(folder: &OutputFolder, index: usize, part: &Part<'_>) -> Result<Unfinished> {
    // Colons are no part of a file's name on every system.
    let time = short_clock(part.row.time).replace(':', ".");
    let name = format!("{:02}-{time}.mp4", index + 1);
    folder.begin(&name, &name)
}

/// A file that is gone afterwards, beside one of the results.
fn scratch(reel: Option<&OutputFile>, clips: Option<&OutputFolder>) -> Result<Unfinished> {
    match (reel, clips) {
        (Some(file), _) => file.scratch(),
        (None, Some(folder)) => folder.scratch(),
        (None, None) => bail!("there is no video to write"),
    }
}

fn join(file: &OutputFile, scenes: &[Unfinished]) -> Result<()> {
    let reel = file.begin()?;
    let list = file.scratch()?;
    let paths: Vec<&Path> = scenes.iter().map(Unfinished::path).collect();
    join_scenes(&paths, list.path(), reel.path(), &DecodeOptions::default())
        .context("cannot join the moments")?;
    finish_video(reel)
}

/// Where the moments start in the clip and how long they are. Neighbors that would overlap meet in
/// the middle between them.
fn spans(moments: &Moments<'_>, layout: Layout) -> Vec<(Duration, Duration)> {
    let tail = match layout {
        Layout::Cutaway => CUT_TAIL,
        _ => TAIL,
    };
    let times: Vec<Duration> = moments.rows.iter().map(|row| row.time).collect();
    // The last frame is shown for a while too.
    let end = moments.clip.end + Duration::from_secs(1) / RATE;
    let span = |i: usize| {
        let time = times[i];
        let before = i.checked_sub(1).map(|i| (times[i] + time) / 2);
        let after = times.get(i + 1).map(|next| (time + *next) / 2);
        let start = time.saturating_sub(LEAD).max(before.unwrap_or_default());
        let stop = (time + tail).min(after.unwrap_or(Duration::MAX)).min(end);
        (start, stop.saturating_sub(start))
    };
    (0..times.len()).map(span).collect()
}

/// The picture of a match, no larger than a reel.
fn picture(gallery: &Store, m: &Match) -> Result<RgbImage> {
    let image = matched::image(gallery, m)?.image;
    Ok(raster::within(&image, HEIGHT))
}

/// The filter graph of a layout; the moment comes after `offset`.
fn filter(layout: Layout, offset: Duration) -> String {
    let at = offset.as_secs_f64();
    let fit = |width: u32| {
        format!(
            "fps={RATE},scale={width}:{HEIGHT}:force_original_aspect_ratio=decrease,\
             pad={width}:{HEIGHT}:-1:-1,setsar=1,format=yuv420p"
        )
    };
    match layout {
        Layout::Beside => {
            let half = fit(WIDTH / 2);
            format!("[0:v]{half}[a];[1:v]{half},fade=in:st={at:.3}:d=0.2[b];[a][b]hstack[v]")
        }
        Layout::Corner => {
            let video = fit(WIDTH);
            let small = HEIGHT * 2 / 5;
            let margin = HEIGHT / 30;
            format!(
                "[0:v]{video}[a];[1:v]fps={RATE},scale={small}:{small}:\
                 force_original_aspect_ratio=decrease[b];\
                 [a][b]overlay=W-w-{margin}:H-h-{margin}:enable='gte(t,{at:.3})'[v]"
            )
        }
        Layout::Cutaway => {
            let whole = fit(WIDTH);
            let stay = CUTAWAY.as_secs_f64();
            format!(
                "[0:v]{whole}[a];[1:v]{whole},trim=duration={stay},setpts=PTS-STARTPTS[b];\
                 [a][b]concat=n=2:v=1:a=0[v]"
            )
        }
    }
}
