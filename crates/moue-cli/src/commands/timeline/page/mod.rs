//! Moments as one HTML page without references to other files: to look at, and to tick those that
//! a reel shall have.

mod address;
mod chart;
mod command;

pub(super) use address::file_url;

use super::clip;
use super::formats::{seconds, short_clock};
use super::mark;
use super::moments::{Moments, Row};
use super::reel;
use crate::args::timeline::{Layout, TimelineArgs};
use crate::files::HTML_MARK;
use crate::output::counted_or_no;
use crate::stores::Store;
use crate::{captions, emotions, matched, raster};
use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::ValueEnum;
use image::{ImageFormat, RgbImage};
use moue::Match;
use std::fmt::Write;
use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

const STYLE: &str = include_str!("page.css");

/// What makes a click on a moment or on the curve go there in the video, and the command follow the
/// ticks.
const SCRIPT: &str = include_str!("page.js");

/// Pixels that a matched picture has at most along a side: twice those that its place in the grid
/// has on common screens.
const MATCH_SIDE: u32 = 256;

/// The page, for a file in this folder.
pub(super) fn written(
    args: &TimelineArgs,
    folder: &Path,
    gallery: &Store,
    moments: &Moments<'_>,
) -> Result<String> {
    let title = args.video.file_name().unwrap_or_default();
    let title = escaped(&title.to_string_lossy());
    let count = counted_or_no(moments.rows.len(), "moment");
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">{HTML_MARK}\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
         <style>{STYLE}</style>\n<main><h1>{title}: {count}</h1>\n"
    );
    write_video(&mut out, address::video_url(&args.video, folder))?;
    writeln!(out, "{}", chart::svg(moments)?)?;
    if let Some(note) = moments.note() {
        writeln!(
            out,
            "<p>No moment: {}. A moment is an expression that is held and stands out from the person's usual face.</p></main>",
            escaped(&note)
        )?;
    } else {
        write_parts(&mut out, args, gallery, moments)?;
    }
    Ok(out + "<script>" + SCRIPT + "</script></html>\n")
}

fn write_video(out: &mut String, url: Option<String>) -> Result<()> {
    let Some(url) = url else { return Ok(()) };
    writeln!(
        out,
        "<video controls preload=\"metadata\" src=\"{}\"></video>\
         <label class=\"choose\" hidden>The video is not where it was. Choose it: \
         <input type=\"file\" accept=\"video/*\"></label>",
        escaped(&url)
    )?;
    Ok(())
}

/// The moments with their ticks, and the command that cuts the ticked ones. Without scripts it is
/// the one for all of them.
fn write_parts(
    out: &mut String,
    args: &TimelineArgs,
    gallery: &Store,
    moments: &Moments<'_>,
) -> Result<()> {
    writeln!(
        out,
        "<div class=\"choice\"><button type=\"button\" id=\"all\">All</button>\
         <button type=\"button\" id=\"none\">None</button><span id=\"chosen\" role=\"status\"></span></div>"
    )?;
    out.push_str("<ol>\n");
    let times: Vec<Duration> = moments.rows.iter().map(|row| row.time).collect();
    let thumbnails = clip::read_thumbnails(&args.video, &times)?;
    let spans = reel::spans(moments, Layout::Beside);
    for ((row, thumbnail), (_, length)) in moments.rows.iter().zip(thumbnails).zip(spans) {
        write_row(out, gallery, moments, (row, thumbnail, length))?;
    }
    write_command(out, args)
}

/// The command that cuts the ticked moments.
fn write_command(out: &mut String, args: &TimelineArgs) -> Result<()> {
    let [start, reel] = [command::start(args), command::reel(&args.video)].map(|t| escaped(&t));
    // The page has some of the moments that the command finds, and has to name them always.
    let numbers = args.only.iter().map(usize::to_string).collect::<Vec<_>>();
    let [some, only] = if numbers.is_empty() {
        Default::default()
    } else {
        [
            "data-some ".to_owned(),
            format!(" --only {}", numbers.join(",")),
        ]
    };
    writeln!(
        out,
        "</ol></main><footer><p>To cut the ticked moments into a video, run:</p>\
         <div><code id=\"command\" tabindex=\"0\" {some}data-start=\"{start}\" data-end=\"--reel {reel}\">{start} --reel {reel}{only}</code>\
         <label>layout <select id=\"layout\">{}</select></label>\
         <button type=\"button\" id=\"copy\">Copy</button></div></footer>",
        layouts(args.layout)
    )?;
    Ok(())
}

fn layouts(chosen: Layout) -> String {
    let option = |layout: &Layout| {
        let value = layout.to_possible_value();
        let name = value.as_ref().map_or("", |value| value.get_name());
        let selected = if *layout == chosen { " selected" } else { "" };
        format!("<option{selected}>{name}</option>")
    };
    Layout::value_variants().iter().map(option).collect()
}

fn write_row(
    out: &mut String,
    gallery: &Store,
    moments: &Moments<'_>,
    (row, mut thumbnail, length): (&Row, RgbImage, Duration),
) -> Result<()> {
    if moments.is_among_others(row) {
        mark::draw(&mut thumbnail, &row.place, mark::color(row.person));
    }
    let face = data_url(&thumbnail)?;
    let (number, time) = (row.number, short_clock(row.time));
    let [at, lasts] = [row.time, length].map(seconds);
    write!(
        out,
        "<li data-time=\"{at}\" data-length=\"{lasts}\">\
         <label><input type=\"checkbox\" checked value=\"{number}\"> {number}<span class=\"hidden\"> in the reel</span></label>\
         <button type=\"button\" title=\"play from here\"><time>{time}</time></button>{}\
         <img alt=\"the face\" src=\"{face}\">",
        person(moments, row)
    )?;
    // Inlined, so that the page is complete wherever it is sent.
    let label = escaped(row.label().unwrap_or("no match"));
    let best = row.matches.first();
    // A picture that is no longer there is left out.
    if let Some(shown) = best.and_then(|best| matched::image(gallery, best).ok()) {
        let image = data_url(&raster::within(&shown.image, MATCH_SIDE))?;
        write!(out, "<img alt=\"{label}\" src=\"{image}\">")?;
    }
    let emotion = emotions::leading(&row.emotions);
    let words = best.map_or_else(String::new, words);
    writeln!(out, "<p>{label}{words}<small>{emotion}</small></p></li>")?;
    Ok(())
}

/// Whose moment it is, in the color of the person's curve and mark.
fn person(moments: &Moments<'_>, row: &Row) -> String {
    let color = mark::html_color(row.person);
    let words = moments.person(row);
    let shown = words.map(|words| format!("<b style=\"--person:{color}\">{words}</b>"));
    shown.unwrap_or_default()
}

/// What people have written about a match.
fn words(m: &Match) -> String {
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
