//! Reels: the moments of a clip with their pictures, cut together or one file each.

use super::formats::short_clock;
use super::mark::{self, Panel};
use super::moments::{Moments, Row, without_a_part};
use crate::args::timeline::Layout;
use crate::files::{OutputFile, OutputFolder, Unfinished, finish_video};
use crate::output::{message, shown};
use crate::progress::BatchBar;
use crate::stores::Store;
use crate::{matched, raster};
use anyhow::{Context, Result, bail, ensure};
use image::{DynamicImage, ImageFormat, RgbImage};
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

/// The filters that make one frame last so long, at least. It is decoded and scaled once, where an
/// input that repeats a file would do both for every frame: a quarter of a part's time.
fn lasting(time: Duration) -> String {
    // A loop without an end would be worked on after all else has ended.
    let frames = time.as_secs_f64() * f64::from(RATE);
    let count = frames.ceil() as u64;
    // The rate is that of a file of pictures until `fps` states another; `concat` wants equal ones.
    format!("loop={count}:1:0,settb=1/{RATE},setpts=N,fps={RATE}")
}

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
    mark: Option<Mark>,
}

/// What says whose moment it is, where somebody else is in the picture.
struct Mark {
    size: [u32; 2],
    path: mark::Path,
}

/// The moments that have a picture.
pub(super) struct Reel<'a> {
    video: &'a Path,
    layout: Layout,
    moments: &'a Moments<'a>,
    parts: Vec<Part<'a>>,
}

impl<'a> Reel<'a> {
    /// Reads the pictures. A moment whose picture is no longer there is left out, with a message.
    pub(super) fn new(
        video: &'a Path,
        layout: Layout,
        gallery: &Store,
        moments: &'a Moments<'a>,
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
                    mark: mark(moments, row, layout, [start, start + length]),
                }),
                Err(error) => message(&format!("{}: {error:#}", shown(&best.label))),
            }
        }
        ensure!(!parts.is_empty(), without_a_part(video));
        Ok(Self {
            video,
            layout,
            moments,
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
        for part in &self.parts {
            let scene = match clips {
                Some(folder) => begin_clip(folder, self.moments, part)?,
                None => scratch(reel, clips)?,
            };
            self.encode(part, || scratch(reel, clips), scene.path())?;
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

    /// Encodes one moment; its pictures go into files of `scratch`.
    fn encode(
        &self,
        part: &Part<'_>,
        scratch: impl Fn() -> Result<Unfinished>,
        out: &Path,
    ) -> Result<()> {
        let mut files = vec![scratch()?];
        write_png(&files[0], &part.image.clone().into())?;
        if let Some(mark) = &part.mark {
            let corners = mark::corners(mark.size, mark::color(part.row.person));
            files.push(scratch()?);
            write_png(&files[1], &corners.into())?;
        }
        let pictures: Vec<&Path> = files.iter().map(Unfinished::path).collect();
        let scene = Scene {
            video: self.video,
            start: part.start,
            length: part.length,
            pictures: &pictures,
            filter: &filter(self.layout, part),
            total: part.length + self.layout.extra(),
        };
        let encoded = scene.encode(out, &DecodeOptions::default());
        encoded.with_context(|| shown(&self.video.to_string_lossy()))
    }
}

impl Layout {
    /// What comes after a moment.
    fn extra(self) -> Duration {
        match self {
            Self::Cutaway => CUTAWAY,
            _ => Duration::ZERO,
        }
    }

    /// Pixels in which the video is fitted.
    fn panel(self) -> [u32; 2] {
        match self {
            Self::Beside => [WIDTH / 2, HEIGHT],
            _ => [WIDTH, HEIGHT],
        }
    }
}

fn write_png(file: &Unfinished, image: &DynamicImage) -> Result<()> {
    let mut png = Cursor::new(Vec::new());
    image.write_to(&mut png, ImageFormat::Png)?;
    Ok(std::fs::File::create(file.path())?.write_all(png.get_ref())?)
}

/// The mark of a moment that has to be told from others', over a span of the clip.
fn mark(
    moments: &Moments<'_>,
    row: &Row,
    layout: Layout,
    [start, end]: [Duration; 2],
) -> Option<Mark> {
    if !moments.is_among_others(row) {
        return None;
    }
    let panel = Panel::fitted(moments.clip.size, layout.panel());
    let places = moments.clip.people[row.person - 1].places(start, end);
    Some(Mark {
        size: panel.mark(&row.place),
        path: mark::Path::of(places, start, panel)?,
    })
}

/// The file of a moment. One that moue wrote is replaced.
fn begin_clip(folder: &OutputFolder, moments: &Moments<'_>, part: &Part<'_>) -> Result<Unfinished> {
    // Colons are no part of a file's name on every system.
    let time = short_clock(part.row.time).replace(':', ".");
    let person = moments.person(part.row).map(|person| format!("-{person}"));
    let person = person.unwrap_or_default().replace(' ', "-");
    let name = format!("{:02}-{time}{person}.mp4", part.row.number);
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

/// Where the moments start in the clip and how long they are. Neighbors of one person that would
/// overlap meet in the middle between them; those of several people may be the same seconds.
pub(super) fn spans(moments: &Moments<'_>, layout: Layout) -> Vec<(Duration, Duration)> {
    let tail = match layout {
        Layout::Cutaway => CUT_TAIL,
        _ => TAIL,
    };
    // The last frame is shown for a while too.
    let end = moments.clip.end + Duration::from_secs(1) / RATE;
    let span = |i: usize| {
        let (before, [row, after @ ..]) = moments.rows.split_at(i) else {
            return (Duration::ZERO, Duration::ZERO);
        };
        let meeting = |other: &Row| (other.time + row.time) / 2;
        let is_same = |other: &&Row| other.person == row.person;
        let before = before.iter().rfind(is_same).map(meeting);
        let after = after.iter().find(is_same).map(meeting);
        let start = row
            .time
            .saturating_sub(LEAD)
            .max(before.unwrap_or_default());
        let stop = (row.time + tail)
            .min(after.unwrap_or(Duration::MAX))
            .min(end);
        (start, stop.saturating_sub(start))
    };
    (0..moments.rows.len()).map(span).collect()
}

/// The picture of a match, no larger than a reel.
fn picture(gallery: &Store, m: &Match) -> Result<RgbImage> {
    let image = matched::image(gallery, m)?.image;
    Ok(raster::within(&image, HEIGHT))
}

/// The filter graph of a moment: `[0:v]` is the clip, `[1:v]` the match, `[2:v]` the mark.
fn filter(layout: Layout, part: &Part<'_>) -> String {
    let at = part.row.time.saturating_sub(part.start).as_secs_f64();
    let fit = |[width, height]: [u32; 2]| {
        format!(
            "scale={width}:{height}:force_original_aspect_ratio=decrease,\
             pad={width}:{height}:-1:-1,setsar=1,format=yuv420p"
        )
    };
    let panel = fit(layout.panel());
    let lasting = lasting(part.length.max(CUTAWAY));
    let clip = match &part.mark {
        Some(mark) => {
            let overlay = mark.path.overlay();
            format!("[0:v]fps={RATE},{panel}[s];[s][2:v]{overlay}[a]")
        }
        None => format!("[0:v]fps={RATE},{panel}[a]"),
    };
    let found = match layout {
        Layout::Beside => {
            format!("[1:v]{panel},{lasting},fade=in:st={at:.3}:d=0.2[b];[a][b]hstack[v]")
        }
        Layout::Corner => {
            let small = HEIGHT * 2 / 5;
            let margin = HEIGHT / 30;
            format!(
                "[1:v]scale={small}:{small}:force_original_aspect_ratio=decrease,{lasting}[b];\
                 [a][b]overlay=W-w-{margin}:H-h-{margin}:enable='gte(t,{at:.3})'[v]"
            )
        }
        Layout::Cutaway => {
            let stay = CUTAWAY.as_secs_f64();
            format!("[1:v]{panel},{lasting},trim=duration={stay}[b];[a][b]concat=n=2:v=1:a=0[v]")
        }
    };
    format!("{clip};{found}")
}
