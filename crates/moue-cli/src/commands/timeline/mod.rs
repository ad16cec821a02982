//! `moue timeline`: the moments of a clip as text, JSON, CSV, subtitles, a page, markers or videos.

mod formats;
mod markers;
mod moments;
mod page;
mod reel;

use crate::args::timeline::TimelineArgs;
use crate::files::{Kind, OutputFile, OutputFolder, Outputs};
use crate::inputs;
use crate::output::{counted, counted_or_no, message, print_json, print_line, shown};
use crate::report::Outcome;
use crate::stores::{self, Store};
use anyhow::{Result, ensure};
use formats::{clock, seconds};
use moments::{Moments, Row};
use serde_json::{Value, json};
use std::time::Duration;

/// Most moments that are shown.
const MAX_MOMENTS: usize = 1000;

pub(crate) fn run(args: &TimelineArgs) -> Result<Outcome> {
    let files = Files::of(args)?;
    let gallery = stores::open(&args.gallery.gallery)?;
    let clip = moments::read_clip(&args.video, args.frames)?;
    if clip.is_cut {
        message(&inputs::cut_short(&args.video, args.frames));
    }
    ensure!(
        !clip.samples.is_empty(),
        "{}: no face in {}",
        shown(&args.video.to_string_lossy()),
        match clip.frames {
            1 => "its only frame".to_owned(),
            frames => format!("any of its {frames} frames"),
        }
    );
    ensure!(
        clip.frames > 1 || clip.is_cut,
        "{0}: this is a single picture, and a timeline needs a video or an animation; `moue find {0}` finds its match",
        shown(&args.video.to_string_lossy())
    );
    let limit = args.moments.min(MAX_MOMENTS);
    let moments = Moments::of(&clip, gallery.as_ref(), &args.ranking.options(), limit)?;
    print(args, &moments)?;
    files.write(args, gallery.as_ref(), &moments)?;
    Ok(Outcome::found_if(!moments.rows.is_empty()))
}

fn print(args: &TimelineArgs, moments: &Moments<'_>) -> Result<()> {
    let name = args.video.to_string_lossy();
    let frames = moments.clip.frames;
    let faces = moments.clip.samples.len();
    if args.json {
        let objects: Vec<Value> = moments.rows.iter().map(to_json).collect();
        return print_json(&json!({
            "schema": "moue.timeline/1", "video": name, "frames": frames, "faces": faces,
            "complete": !moments.clip.is_cut, "moments": objects,
            "note": moments.note(),
        }));
    }
    let count = counted_or_no(moments.rows.len(), "moment");
    let frames = counted(frames, "frame");
    print_line(&format!(
        "{}: {count} in {frames}, {faces} with a face",
        shown(&name)
    ))?;
    if let Some(note) = moments.note() {
        print_line(&format!("  {note}"))?;
    }
    moments.rows.iter().try_for_each(print_row)
}

fn print_row(row: &Row) -> Result<()> {
    let time = clock(row.time, '.');
    let label = row.label().unwrap_or("no match");
    let emotion = row.emotions.top();
    print_line(&format!(
        "  {time}  {:.2}  {emotion:<9}  {}",
        row.strength,
        shown(label)
    ))
}

fn to_json(row: &Row) -> Value {
    json!({
        "time": seconds(row.time), "strength": row.strength, "emotions": row.emotions,
        "matches": row.matches,
    })
}

/// The files that the options name.
struct Files {
    csv: Option<OutputFile>,
    srt: Option<OutputFile>,
    html: Option<OutputFile>,
    markers: Option<OutputFile>,
    reel: Option<OutputFile>,
    clips: Option<OutputFolder>,
}

impl Files {
    fn of(args: &TimelineArgs) -> Result<Self> {
        let outputs = Outputs::new(args.overwrite.force, [&args.video, &args.gallery.gallery]);
        Ok(Self {
            csv: outputs.optional("--csv", args.csv.as_deref(), Kind::Csv)?,
            srt: outputs.optional("--srt", args.srt.as_deref(), Kind::Subtitles)?,
            html: outputs.optional("--html", args.html.as_deref(), Kind::Html)?,
            markers: outputs.optional("--markers", args.markers.as_deref(), Kind::Markers)?,
            reel: outputs.optional("--reel", args.reel.as_deref(), Kind::Video)?,
            // Last, as it takes all outputs.
            clips: args
                .clips
                .as_deref()
                .map(|folder| outputs.folder("--clips", folder))
                .transpose()?,
        })
    }

    fn write(&self, args: &TimelineArgs, gallery: &Store, moments: &Moments<'_>) -> Result<()> {
        if let Some(file) = &self.csv {
            file.write(formats::csv(&moments.rows)?.as_bytes())?;
        }
        if let Some(file) = &self.srt {
            file.write(formats::srt(&moments.rows)?.as_bytes())?;
        }
        if let Some(file) = &self.html {
            let title = args.video.file_name().unwrap_or_default();
            let times: Vec<Duration> = moments.rows.iter().map(|row| row.time).collect();
            let clip = page::Clip {
                title: title.to_string_lossy().into_owned(),
                video: page::video_url(&args.video, file.folder()),
                thumbnails: moments::read_thumbnails(&args.video, &times)?,
            };
            file.write(page::html(&clip, gallery, moments)?.as_bytes())?;
        }
        if let (Some(file), Some(path)) = (&self.markers, &args.markers) {
            file.write(markers::written(path, &args.video, moments).as_bytes())?;
        }
        self.write_videos(args, gallery, moments)
    }

    fn write_videos(
        &self,
        args: &TimelineArgs,
        gallery: &Store,
        moments: &Moments<'_>,
    ) -> Result<()> {
        if self.reel.is_none() && self.clips.is_none() {
            return Ok(());
        }
        let reel = reel::Reel::new(&args.video, args.layout, gallery, moments)?;
        reel.write(self.reel.as_ref(), self.clips.as_ref())
    }
}
