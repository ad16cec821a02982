//! `moue timeline`: the moments of a clip as text, JSON, CSV, subtitles, a page, markers or videos.

mod clip;
mod formats;
mod mark;
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
use moue::video::Person;
use serde_json::{Value, json};

/// Most moments that are shown.
const MAX_MOMENTS: usize = 1000;

pub(crate) fn run(args: &TimelineArgs) -> Result<Outcome> {
    let files = Files::of(args)?;
    let gallery = stores::open(&args.gallery.gallery)?;
    let (clip, is_cut) = clip::read_clip(&args.video, args.frames)?;
    if is_cut {
        message(&inputs::cut_short(&args.video, args.frames));
    }
    // A picture without a face would get no match either.
    ensure!(
        clip.frames > 1 || is_cut || clip.people.is_empty(),
        "{0}: this is a single picture, and a timeline needs a video or an animation; `moue find {0}` finds its match",
        shown(&args.video.to_string_lossy())
    );
    let limit = args.moments.min(MAX_MOMENTS);
    let mut moments = Moments::of(&clip, gallery.as_ref(), &args.ranking.options(), limit)?;
    // Of no moment none can be chosen: that there is none is what to say.
    if !args.only.is_empty() && !moments.rows.is_empty() {
        moments = moments.only(&args.only)?;
    }
    print(args, &moments, is_cut)?;
    files.write(args, gallery.as_ref(), &moments)?;
    Ok(Outcome::found_if(moments.have_a_match()))
}

fn print(args: &TimelineArgs, moments: &Moments<'_>, is_cut: bool) -> Result<()> {
    let name = args.video.to_string_lossy();
    if args.json {
        return print_json(&to_json(&name, moments, is_cut));
    }
    let clip = moments.clip;
    if clip.people.is_empty() {
        return print_line(&format!("{}: {}", shown(&name), moments::faceless(clip)));
    }
    let count = counted_or_no(moments.rows.len(), "moment");
    let frames = counted(clip.frames, "frame");
    let people = match clip.people.len() {
        1 => String::new(),
        people => format!(", {people} people by place and shot"),
    };
    print_line(&format!(
        "{}: {count} in {frames}, {} with a face{people}",
        shown(&name),
        clip.faces
    ))?;
    if let Some(note) = moments.note() {
        print_line(&format!("  {note}"))?;
    }
    moments
        .rows
        .iter()
        .try_for_each(|row| print_row(moments, row))
}

fn print_row(moments: &Moments<'_>, row: &Row) -> Result<()> {
    let number = row.number;
    let time = clock(row.time, '.');
    let person = moments.person(row).map(|person| format!("{person:<10}  "));
    let person = person.unwrap_or_default();
    let label = row.label().unwrap_or("no match");
    let emotion = row.emotions.top();
    print_line(&format!(
        "  {number:>2}  {time}  {person}{:.2}  {emotion:<9}  {}",
        row.strength,
        shown(label)
    ))
}

fn to_json(name: &str, moments: &Moments<'_>, is_cut: bool) -> Value {
    let clip = moments.clip;
    let rows: Vec<Value> = moments.rows.iter().map(row_to_json).collect();
    let people: Vec<Value> = clip.people.iter().map(person_to_json).collect();
    json!({
        "schema": "moue.timeline/1", "video": name, "frames": clip.frames, "faces": clip.faces,
        "complete": !is_cut, "people": people, "moments": rows, "note": moments.note(),
    })
}

fn row_to_json(row: &Row) -> Value {
    json!({
        "number": row.number, "time": seconds(row.time), "person": row.person,
        "box": row.place, "strength": row.strength, "emotions": row.emotions,
        "matches": row.matches,
    })
}

fn person_to_json(person: &Person) -> Value {
    let [start, end] = person.presence().unwrap_or_default().map(seconds);
    json!({ "start": start, "end": end, "faces": person.samples.len() })
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
            file.write(formats::srt(moments)?.as_bytes())?;
        }
        if let Some(file) = &self.html {
            file.write(page::written(args, file.folder(), gallery, moments)?.as_bytes())?;
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
        // As in a picture without a face, nothing is wrong: there is nothing to show.
        if !moments.have_a_match() {
            message(&moments::without_a_part(&args.video));
            return Ok(());
        }
        let reel = reel::Reel::new(&args.video, args.layout, gallery, moments)?;
        reel.write(self.reel.as_ref(), self.clips.as_ref())
    }
}
