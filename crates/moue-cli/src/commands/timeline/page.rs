//! Moments as one HTML page without references to other files.

use super::formats::clock;
use super::moments::{Moments, Row};
use crate::files::HTML_MARK;
use crate::matched;
use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, RgbImage};
use moue::Gallery;
use std::fmt::Write;
use std::io::Cursor;
use std::time::Duration;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:62rem;padding:0 1rem;\
background:#16181f;color:#e8e9f0}h1{font-size:1.4rem}svg{width:100%;height:auto;background:#242732;border-radius:8px}\
ol{list-style:none;padding:0;display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(19rem,1fr))}\
li{background:#242732;border-radius:8px;padding:.8rem;display:grid;grid-template-columns:1fr 1fr;gap:.6rem}\
img{width:100%;aspect-ratio:1;object-fit:contain;background:#16181f;border-radius:6px}p{margin:0;grid-column:1/3}\
time{color:#ffc43d;font-variant-numeric:tabular-nums}";

/// Pixels that a matched picture has at most along a side: twice those that its place in the grid
/// has on common screens.
const MATCH_SIDE: u32 = 256;

/// Units of the chart's view box.
const CHART_WIDTH: f32 = 1000.0;
const CHART_HEIGHT: f32 = 180.0;
/// Units above and below the curve, which a moment's dot may reach into.
const CHART_MARGIN_TOP: f32 = 20.0;
const CHART_MARGIN_BOTTOM: f32 = 10.0;
/// The smallest distance that fills the chart. Without it, the noise of a calm face would fill
/// it as a large change does.
const MIN_CHART_DISTANCE: f32 = 0.1;

/// The curve with its moments, and each moment, with its small picture, beside its match.
pub(super) fn html(
    title: &str,
    gallery: &Gallery,
    moments: &Moments<'_>,
    thumbnails: &[RgbImage],
) -> Result<String> {
    let title = escaped(title);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">{HTML_MARK}\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <style>{STYLE}</style>\n<h1>{title}: {} moments</h1>\n{}\n<ol>\n",
        moments.rows.len(),
        chart(moments)?
    );
    for (row, thumbnail) in moments.rows.iter().zip(thumbnails) {
        write_row(&mut out, gallery, row, thumbnail)?;
    }
    Ok(out + "</ol></html>\n")
}

fn write_row(
    out: &mut String,
    gallery: &Gallery,
    row: &Row<'_>,
    thumbnail: &RgbImage,
) -> Result<()> {
    let label = escaped(row.label().unwrap_or("no match"));
    let face = data_url(thumbnail)?;
    write!(out, "<li><img alt=\"the face\" src=\"{face}\">")?;
    // Inlined, so that the page is complete wherever it is sent.
    let best = row.matches.first();
    // A picture that is no longer there is left out.
    if let Some(image) = best.and_then(|best| matched::image(gallery, best).ok()) {
        let image = data_url(&image::imageops::thumbnail(&image, MATCH_SIDE, MATCH_SIDE))?;
        write!(out, "<img alt=\"{label}\" src=\"{image}\">")?;
    }
    let time = clock(row.sample.time, '.');
    writeln!(out, "<p><time>{time}</time> {label}</p></li>")?;
    Ok(())
}

/// A picture as PNG inside the page.
fn data_url(image: &RgbImage) -> Result<String> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png)?;
    let data = STANDARD.encode(bytes.into_inner());
    Ok(format!("data:image/png;base64,{data}"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Scales of the chart.
struct Axes {
    /// The time at the right edge, in microseconds.
    last: f32,
    /// The distance at the top.
    largest: f32,
}

impl Axes {
    fn place(&self, time: Duration, distance: f32) -> [f32; 2] {
        let height = CHART_HEIGHT - CHART_MARGIN_TOP - CHART_MARGIN_BOTTOM;
        [
            time.as_micros() as f32 / self.last * CHART_WIDTH,
            CHART_HEIGHT - CHART_MARGIN_BOTTOM - distance / self.largest * height,
        ]
    }
}

/// The distance of the face from its usual expression over time.
fn chart(moments: &Moments<'_>) -> Result<String> {
    let samples = &moments.clip.samples;
    let last = samples.last().map_or(1, |s| s.time.as_micros().max(1));
    let axes = Axes {
        last: last as f32,
        largest: moments
            .curve
            .iter()
            .copied()
            .fold(MIN_CHART_DISTANCE, f32::max),
    };
    let mut points = String::new();
    for (sample, distance) in samples.iter().zip(&moments.curve) {
        let [x, y] = axes.place(sample.time, *distance);
        let space = if points.is_empty() { "" } else { " " };
        write!(points, "{space}{x:.1},{y:.1}")?;
    }
    let mut out = format!(
        "<svg viewBox=\"0 0 {CHART_WIDTH} {CHART_HEIGHT}\" role=\"img\" aria-label=\"distance from the usual expression\">\
         <polyline fill=\"none\" stroke=\"#8c91a2\" stroke-width=\"2\" points=\"{points}\"/>"
    );
    for row in &moments.rows {
        let [x, y] = axes.place(row.sample.time, row.strength);
        write!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"6\" fill=\"#ffc43d\"/>"
        )?;
    }
    Ok(out + "</svg>")
}
