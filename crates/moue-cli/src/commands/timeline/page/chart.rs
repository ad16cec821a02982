//! The strength of the expressions over time, as SVG.

use super::super::formats::short_clock;
use super::super::mark;
use super::super::moments::Moments;
use crate::emotions;
use anyhow::Result;
use std::fmt::Write;
use std::time::Duration;

/// Units of the chart's view box.
const WIDTH: f32 = 1000.0;
const HEIGHT: f32 = 180.0;
/// Units above and below the curve, which a moment's dot may reach into.
const MARGIN_TOP: f32 = 20.0;
const MARGIN_BOTTOM: f32 = 10.0;

/// A face that is away for longer leaves a gap in its curve.
const GAP: Duration = Duration::from_secs(1);

/// Scales of the chart.
struct Axes {
    /// The time at the right edge, in microseconds.
    last: f32,
}

impl Axes {
    fn place(&self, time: Duration, strength: f32) -> [f32; 2] {
        let height = HEIGHT - MARGIN_TOP - MARGIN_BOTTOM;
        [
            time.as_micros() as f32 / self.last * WIDTH,
            HEIGHT - MARGIN_BOTTOM - strength * height,
        ]
    }
}

/// A curve for each person, from 0 at the bottom to 1, with a dot for each moment.
pub(super) fn svg(moments: &Moments<'_>) -> Result<String> {
    let last = moments.clip.end.as_micros().max(1) as f32;
    let axes = Axes { last };
    let mut out = format!(
        "<figure><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"strength of the expression\" data-seconds=\"{}\">\
         <line id=\"now\" y2=\"{HEIGHT}\"/>",
        last / 1e6
    );
    write_curves(&mut out, moments, &axes)?;
    for row in &moments.rows {
        let [x, y] = axes.place(row.time, row.strength);
        // A line of no length with round ends is a dot that stays round however the chart is
        // stretched.
        write!(
            out,
            "<path d=\"M{x:.1} {y:.1}h0\" stroke-width=\"13\" stroke-linecap=\"round\" stroke=\"{}\"/>",
            emotions::html_color(row.emotions.top())
        )?;
    }
    let end = short_clock(moments.clip.end);
    Ok(out
        + &format!(
            "</svg><figcaption><span>0:00</span><span>how strong the expression is</span><span>{end}</span></figcaption></figure>"
        ))
}

fn write_curves(out: &mut String, moments: &Moments<'_>, axes: &Axes) -> Result<()> {
    let is_told = moments.has_several();
    for (i, (person, curve)) in moments.clip.people.iter().zip(&moments.curves).enumerate() {
        let color = if is_told {
            format!(" stroke=\"{}\"", mark::html_color(i + 1))
        } else {
            String::new()
        };
        let samples: Vec<(Duration, f32)> = person
            .samples
            .iter()
            .zip(curve)
            .map(|((time, _), strength)| (*time, *strength))
            .collect();
        for part in samples.chunk_by(|a, b| b.0 - a.0 < GAP) {
            let mut points = String::new();
            for (time, strength) in part {
                let [x, y] = axes.place(*time, *strength);
                let space = if points.is_empty() { "" } else { " " };
                write!(points, "{space}{x:.1},{y:.1}")?;
            }
            write!(out, "<polyline{color} points=\"{points}\"/>")?;
        }
    }
    Ok(())
}
