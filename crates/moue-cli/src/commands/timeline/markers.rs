//! Moments as markers for video editors.

use super::formats::short_clock;
use super::moments::{Moments, Row};
use super::page::escaped;
use crate::files::{EDL_MARK, XML_MARK};
use crate::text::{csv_cell, subtitle};
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
        rate: Rate::of(moments.clip.frames, moments.clip.end),
        moments,
    };
    match ending.to_string_lossy().to_lowercase().as_str() {
        "edl" => markers.edl(),
        "fcpxml" => markers.fcpxml(video),
        "csv" => markers.premiere(),
        _ => markers.chapters(),
    }
}

/// Frames a second. NTSC video has 1000/1001 of a whole number; counted as 30, its hour would be 3.6 s
/// off.
#[derive(Debug, Clone, Copy)]
struct Rate {
    /// On average, 1 to 1000.
    exact: f64,
    /// The frames of a second of timecode.
    whole: u64,
}

impl Rate {
    /// The rate of a clip with so many frames, the last of which is at `end`.
    fn of(frames: u64, end: Duration) -> Self {
        let seconds = end.as_secs_f64().max(f64::MIN_POSITIVE);
        let exact = (frames.saturating_sub(1) as f64 / seconds).clamp(1.0, 1000.0);
        Self {
            exact,
            whole: exact.round() as u64,
        }
    }

    /// The number of the frame that is shown at `time`.
    fn frame(self, time: Duration) -> u64 {
        (time.as_secs_f64() * self.exact).round() as u64
    }

    /// `HH:MM:SS:FF`, without dropped frames.
    fn timecode(self, frame: u64) -> String {
        let seconds = frame / self.whole;
        format!(
            "{:02}:{:02}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60,
            frame % self.whole
        )
    }

    /// The duration of a frame in seconds, as numerator and denominator.
    fn frame_duration(self) -> [u64; 2] {
        let ntsc = self.whole as f64 * 1000.0 / 1001.0;
        if (self.exact - ntsc).abs() < (self.exact - self.whole as f64).abs() {
            [1001, self.whole * 1000]
        } else {
            [1, self.whole]
        }
    }

    /// A time in whole frames, as a fraction of seconds.
    fn fraction(self, time: Duration, more_frames: u64) -> String {
        let [numerator, denominator] = self.frame_duration();
        let frames = time.as_secs_f64() * denominator as f64 / numerator as f64;
        let frames = frames.round() as u64 + more_frames;
        format!("{}/{denominator}s", frames * numerator)
    }
}

struct Markers<'a> {
    name: String,
    rate: Rate,
    moments: &'a Moments<'a>,
}

impl Markers<'_> {
    /// The timecodes of a moment's frame and of the next one.
    fn timecodes(&self, row: &Row) -> [String; 2] {
        let frame = self.rate.frame(row.time);
        [frame, frame + 1].map(|frame| self.rate.timecode(frame))
    }

    /// A list of edits (CMX 3600) with the comments that DaVinci Resolve reads as markers.
    fn edl(&self) -> String {
        let mut out = format!("TITLE: {}\n{EDL_MARK}\nFCM: NON-DROP FRAME\n\n", self.name);
        for (i, row) in self.moments.rows.iter().enumerate() {
            let [start, end] = self.timecodes(row);
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
        let frame = self.rate.fraction(Duration::ZERO, 1);
        let length = self.rate.fraction(self.moments.clip.end, 1);
        let name = escaped(&self.name);
        let path = video.canonicalize().unwrap_or_else(|_| video.to_owned());
        let source = escaped(&super::page::file_url(&path));
        let mut markers = String::new();
        for row in &self.moments.rows {
            let _ = write!(
                markers,
                "<marker start=\"{}\" duration=\"{frame}\" value=\"{}\"/>",
                self.rate.fraction(row.time, 0),
                escaped(&subtitle(&self.moments.words(row)))
            );
        }
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{XML_MARK}\n<!DOCTYPE fcpxml>\n\
             <fcpxml version=\"1.9\"><resources>\
             <format id=\"r1\" frameDuration=\"{frame}\"/>\
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
            let [start, end] = self.timecodes(row);
            let words = csv_cell(&self.moments.words(row));
            let emotion = row.emotions.top();
            let one = self.rate.timecode(1);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_of_ntsc_is_an_hour() {
        let hour = Duration::from_secs(3600);
        let rate = Rate::of(107_893, hour);
        assert_eq!(rate.frame(hour), 107_892);
        assert_eq!(rate.timecode(107_892), "00:59:56:12");
        assert_eq!(rate.frame_duration(), [1001, 30_000]);
        let [frames, scale] = [107_892, 30_000];
        assert_eq!(
            rate.fraction(hour, 0),
            format!("{}/{scale}s", frames * 1001)
        );
    }

    #[test]
    fn whole_rates_and_stills_have_whole_frames() {
        let rate = Rate::of(251, Duration::from_secs(10));
        assert_eq!(
            rate.timecode(rate.frame(Duration::from_millis(1040))),
            "00:00:01:01"
        );
        assert_eq!(rate.fraction(Duration::from_secs(10), 1), "251/25s");
        assert_eq!(
            Rate::of(1, Duration::ZERO).fraction(Duration::ZERO, 1),
            "1/1s"
        );
    }
}
