//! Moments as one HTML page without references to other files.

use super::formats::{seconds, short_clock};
use super::moments::{Moments, Row};
use crate::files::HTML_MARK;
use crate::output::counted_or_no;
use crate::stores::Store;
use crate::{captions, emotions, matched, raster};
use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, RgbImage};
use moue::Match;
use std::fmt::Write;
use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:62rem;padding:0 1rem;\
background:#16181f;color:#e8e9f0}h1{font-size:1.4rem}figure{margin:0 0 1rem}svg{display:block;width:100%;height:clamp(6rem,12vw,10rem);background:#242732;border-radius:8px}\
figcaption{display:flex;justify-content:space-between;gap:1rem;color:#8c91a2;font-size:.85rem;margin-top:.3rem}\
svg *{vector-effect:non-scaling-stroke}\
ol{list-style:none;padding:0;display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(19rem,1fr))}\
li{background:#242732;border-radius:8px;padding:.8rem;display:grid;grid-template-columns:1fr 1fr;gap:.6rem}\
img{width:100%;aspect-ratio:1;object-fit:contain;background:#16181f;border-radius:6px}p{margin:0;grid-column:1/3}\
time{color:#ffc43d;font-variant-numeric:tabular-nums}button{background:none;border:0;padding:0;font:inherit;cursor:inherit}\
small{display:block;color:#8c91a2}q,i{display:block;font-style:normal;overflow-wrap:anywhere}q::before,q::after{content:none}\
i{color:#8cc4ff}video{display:block;max-width:100%;max-height:60vh;margin:0 auto 1rem}\
video~figure svg,video~ol li{cursor:pointer}";

/// Pixels that a matched picture has at most along a side: twice those that its place in the grid
/// has on common screens.
const MATCH_SIDE: u32 = 256;

/// Units of the chart's view box.
const CHART_WIDTH: f32 = 1000.0;
const CHART_HEIGHT: f32 = 180.0;
/// Units above and below the curve, which a moment's dot may reach into.
const CHART_MARGIN_TOP: f32 = 20.0;
const CHART_MARGIN_BOTTOM: f32 = 10.0;
/// What makes a click on a moment or on the curve go there in the video.
const SCRIPT: &str = include_str!("seek.js");

/// What the page shows beside the moments.
pub(super) struct Clip {
    pub(super) title: String,
    /// The video's address, if a browser may play it.
    pub(super) video: Option<String>,
    /// The small picture of each moment.
    pub(super) thumbnails: Vec<RgbImage>,
}

/// The curve with its moments, and each moment, with its small picture, beside its match.
pub(super) fn html(clip: &Clip, gallery: &Store, moments: &Moments<'_>) -> Result<String> {
    let title = escaped(&clip.title);
    let count = counted_or_no(moments.rows.len(), "moment");
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">{HTML_MARK}\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <style>{STYLE}</style>\n<h1>{title}: {count}</h1>\n"
    );
    if let Some(video) = &clip.video {
        writeln!(
            out,
            "<video controls preload=\"metadata\" src=\"{}\"></video>\
             <label hidden>The video is not where it was. Choose it: \
             <input type=\"file\" accept=\"video/*\"></label>",
            escaped(video)
        )?;
    }
    writeln!(out, "{}", chart(moments)?)?;
    if let Some(note) = moments.note() {
        writeln!(
            out,
            "<p>No moment: {}. A moment is an expression that is held and stands out from the person's usual face.</p>",
            escaped(&note)
        )?;
    }
    out.push_str("<ol>\n");
    for (row, thumbnail) in moments.rows.iter().zip(&clip.thumbnails) {
        write_row(&mut out, gallery, row, thumbnail)?;
    }
    out.push_str("</ol>");
    if clip.video.is_some() {
        write!(out, "<script>{SCRIPT}</script>")?;
    }
    Ok(out + "</html>\n")
}

/// The address of a video in a page of this folder: relative if it is in the folder or below, so
/// that both can be moved together. `None` for animations, in which browsers cannot seek.
pub(super) fn video_url(video: &Path, folder: &Path) -> Option<String> {
    if !moue::video::is_video(video) {
        return None;
    }
    let here = Path::new(".");
    let folder = if folder.as_os_str().is_empty() {
        here
    } else {
        folder
    };
    let video = video.canonicalize().ok()?;
    let below = video.strip_prefix(folder.canonicalize().ok()?);
    Some(below.map_or_else(
        |_| file_url(&video),
        |below| format!("./{}", url_path(below)),
    ))
}

/// The address of a file with an absolute path.
pub(super) fn file_url(path: &Path) -> String {
    format!("file://{}", url_path(path))
}

/// A path as a URL has it: parts after slashes, all but letters, digits and `-._~` as percent codes
/// (RFC 3986).
fn url_path(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    // Windows' canonical paths begin with `//?/`, which no URL has.
    let text = text.strip_prefix("//?").unwrap_or(&text);
    let is_kept = |b: u8| b.is_ascii_alphanumeric() || b"-._~/:".contains(&b);
    text.bytes().fold(String::new(), |url, byte| {
        if is_kept(byte) {
            url + char::from(byte).encode_utf8(&mut [0])
        } else {
            url + &format!("%{byte:02X}")
        }
    })
}

fn write_row(out: &mut String, gallery: &Store, row: &Row, thumbnail: &RgbImage) -> Result<()> {
    let label = escaped(row.label().unwrap_or("no match"));
    let face = data_url(thumbnail)?;
    let seconds = seconds(row.time);
    write!(
        out,
        "<li data-time=\"{seconds}\"><img alt=\"the face\" src=\"{face}\">"
    )?;
    // Inlined, so that the page is complete wherever it is sent.
    let best = row.matches.first();
    // A picture that is no longer there is left out.
    if let Some(shown) = best.and_then(|best| matched::image(gallery, best).ok()) {
        let image = data_url(&raster::within(&shown.image, MATCH_SIDE))?;
        write!(out, "<img alt=\"{label}\" src=\"{image}\">")?;
    }
    let time = short_clock(row.time);
    let emotion = emotions::leading(&row.emotions);
    let words = best.map_or_else(String::new, written);
    writeln!(
        out,
        "<p><button type=\"button\"><time>{time}</time></button> {label}{words}<small>{emotion}</small></p></li>"
    )?;
    Ok(())
}

/// What people have written about a match.
fn written(m: &Match) -> String {
    let caption = captions::description(&m.label, m.caption.as_deref()).unwrap_or_default();
    let tags = captions::tags(&m.path, &m.tags);
    let parts = [("q", caption), ("i", &tags)];
    let parts = parts.iter().filter(|(_, text)| !text.is_empty());
    parts
        .map(|(name, text)| format!("<{name}>{}</{name}>", escaped(text)))
        .collect()
}

/// A picture as PNG inside the page.
fn data_url(image: &RgbImage) -> Result<String> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png)?;
    let data = STANDARD.encode(bytes.into_inner());
    Ok(format!("data:image/png;base64,{data}"))
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Scales of the chart.
struct Axes {
    /// The time at the right edge, in microseconds.
    last: f32,
}

impl Axes {
    fn place(&self, time: Duration, strength: f32) -> [f32; 2] {
        let height = CHART_HEIGHT - CHART_MARGIN_TOP - CHART_MARGIN_BOTTOM;
        [
            time.as_micros() as f32 / self.last * CHART_WIDTH,
            CHART_HEIGHT - CHART_MARGIN_BOTTOM - strength * height,
        ]
    }
}

/// The strength of the expression over time, from 0 at the bottom to 1.
fn chart(moments: &Moments<'_>) -> Result<String> {
    let samples = &moments.clip.samples;
    let last = samples
        .last()
        .map_or(1, |(time, _)| time.as_micros().max(1));
    let axes = Axes { last: last as f32 };
    let mut points = String::new();
    for ((time, _), strength) in samples.iter().zip(&moments.curve) {
        let [x, y] = axes.place(*time, *strength);
        let space = if points.is_empty() { "" } else { " " };
        write!(points, "{space}{x:.1},{y:.1}")?;
    }
    let mut out = format!(
        "<figure><svg viewBox=\"0 0 {CHART_WIDTH} {CHART_HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"strength of the expression\" data-seconds=\"{}\">\
         <line id=\"now\" y2=\"{CHART_HEIGHT}\" stroke=\"#ffc43d\"/>\
         <polyline fill=\"none\" stroke=\"#8c91a2\" stroke-width=\"2\" points=\"{points}\"/>",
        axes.last / 1e6
    );
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
    let end = short_clock(Duration::from_micros(axes.last as u64));
    Ok(out
        + &format!(
            "</svg><figcaption><span>0:00</span><span>how strong the expression is</span><span>{end}</span></figcaption></figure>"
        ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_video_beside_the_page_has_a_relative_address() {
        let folder = tempfile::tempdir().unwrap();
        let video = folder.path().join("a clip #1.mp4");
        std::fs::write(&video, b"").unwrap();
        let beside = video_url(&video, folder.path());
        assert_eq!(beside.as_deref(), Some("./a%20clip%20%231.mp4"));
        let other = tempfile::tempdir().unwrap();
        let away = video_url(&video, other.path()).unwrap();
        assert!(away.starts_with("file:///") && away.ends_with("/a%20clip%20%231.mp4"));
        assert_eq!(video_url(Path::new("clip.gif"), folder.path()), None);
    }
}
