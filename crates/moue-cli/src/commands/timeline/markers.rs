//! Moments as markers for video editors.

use super::formats::short_clock;
use super::moments::{Moments, Row};
use super::page::escaped;
use crate::files::{EDL_MARK, XML_MARK};
use crate::text::{csv_cell, subtitle};
use moue::video::Clip;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

/// The least time between chapters that YouTube accepts.
const MIN_CHAPTER: Duration = Duration::from_secs(10);

/// The markers in the format that the ending of `path` names; it has been checked.
pub(super) fn written(path: &Path, video: &Path, moments: &Moments<'_>) -> String {
    let ending = path.extension().unwrap_or_default();
    let name = video.file_name().unwrap_or_default().to_string_lossy();
    let markers = Markers {
        name: subtitle(&name),
        rate: rate(moments.clip),
        frames: moments.clip.frames,
        moments,
    };
    match ending.to_string_lossy().to_lowercase().as_str() {
        "edl" => markers.edl(),
        "fcpxml" => markers.fcpxml(video),
        "csv" => markers.premiere(),
        _ => markers.chapters(),
    }
}

/// Whole frames a second, on average; at least 1.
fn rate(clip: &Clip) -> u64 {
    let seconds = clip.end.as_secs_f64().max(f64::MIN_POSITIVE);
    let rate = (clip.frames.saturating_sub(1)) as f64 / seconds;
    rate.round().clamp(1.0, 1000.0) as u64
}

struct Markers<'a> {
    name: String,
    /// Frames a second.
    rate: u64,
    frames: u64,
    moments: &'a Moments<'a>,
}

impl Markers<'_> {
    fn frame(&self, row: &Row) -> u64 {
        (row.time.as_secs_f64() * self.rate as f64).round() as u64
    }

    /// `HH:MM:SS:FF`, without dropped frames.
    fn timecode(&self, frame: u64) -> String {
        let seconds = frame / self.rate;
        format!(
            "{:02}:{:02}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60,
            frame % self.rate
        )
    }

    /// A list of edits (CMX 3600) with the comments that DaVinci Resolve reads as markers.
    fn edl(&self) -> String {
        let mut out = format!("TITLE: {}\n{EDL_MARK}\nFCM: NON-DROP FRAME\n\n", self.name);
        for (i, row) in self.moments.rows.iter().enumerate() {
            let frame = self.frame(row);
            let [start, end] = [frame, frame + 1].map(|frame| self.timecode(frame));
            // A bar would end the text.
            let words = subtitle(&self.moments.words(row)).replace('|', "/");
            let _ = writeln!(
                out,
                "{:03}  001      V     C        {start} {end} {start} {end}\n \
                 |C:ResolveColorYellow |M:{words} |D:1\n",
                i + 1
            );
        }
        out
    }

    /// Final Cut's XML: the whole video in one sequence, with markers.
    fn fcpxml(&self, video: &Path) -> String {
        let rate = self.rate;
        let length = format!("{}/{rate}s", self.frames.max(1));
        let name = escaped(&self.name);
        let path = video.canonicalize().unwrap_or_else(|_| video.to_owned());
        let source = escaped(&super::page::file_url(&path));
        let mut markers = String::new();
        for row in &self.moments.rows {
            let _ = write!(
                markers,
                "<marker start=\"{}/{rate}s\" duration=\"1/{rate}s\" value=\"{}\"/>",
                self.frame(row),
                escaped(&subtitle(&self.moments.words(row)))
            );
        }
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{XML_MARK}\n<!DOCTYPE fcpxml>\n\
             <fcpxml version=\"1.9\"><resources>\
             <format id=\"r1\" frameDuration=\"1/{rate}s\"/>\
             <asset id=\"r2\" name=\"{name}\" start=\"0s\" duration=\"{length}\" hasVideo=\"1\" format=\"r1\">\
             <media-rep kind=\"original-media\" src=\"{source}\"/></asset></resources>\
             <library><event name=\"moue\"><project name=\"{name}\">\
             <sequence format=\"r1\" duration=\"{length}\"><spine>\
             <asset-clip ref=\"r2\" name=\"{name}\" offset=\"0s\" duration=\"{length}\" format=\"r1\">\
             {markers}</asset-clip></spine></sequence></project></event></library></fcpxml>\n"
        )
    }

    /// The columns of Premiere's own export of markers.
    fn premiere(&self) -> String {
        let mut out = String::from("Marker Name,Description,In,Out,Duration,Marker Type\n");
        for row in &self.moments.rows {
            let frame = self.frame(row);
            let [start, end] = [frame, frame + 1].map(|frame| self.timecode(frame));
            let words = csv_cell(&self.moments.words(row));
            let emotion = row.emotions.top();
            let one = self.timecode(1);
            let _ = writeln!(out, "{words},{emotion},{start},{end},{one},Comment");
        }
        out
    }

    /// Lines for a description on YouTube: the first chapter is at 0:00, and they are at least ten
    /// seconds apart.
    fn chapters(&self) -> String {
        let mut out = format!("0:00 {}\n", self.name);
        let mut last = Duration::ZERO;
        for row in &self.moments.rows {
            if row.time < last + MIN_CHAPTER {
                continue;
            }
            last = row.time;
            let clock = short_clock(row.time);
            let whole = clock.split('.').next().unwrap_or(&clock);
            let _ = writeln!(out, "{whole} {}", subtitle(&self.moments.words(row)));
        }
        out
    }
}
