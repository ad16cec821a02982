//! `moue timeline`: the moments of a clip as text, JSON, CSV, subtitles or a page.

use crate::args::TimelineArgs;
use crate::commands::open_gallery;
use crate::output::{print_json, print_line, shown};
use crate::raster;
use crate::report::Outcome;
use anyhow::{Context, Result, ensure};
use base64::Engine;
use image::RgbImage;
use indicatif::{ProgressBar, ProgressStyle};
use moue::finder::{FaceChoice, chosen};
use moue::video::{FaceTracker, Timeline, TimelineOptions, TrackerOptions, open_source};
use moue::{Expression, ExpressionEmbedder, FaceDetector, Frame, Match};
use serde_json::{Value, json};
use std::fmt::Write;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A frame with a face: time, expression, and a small picture of it.
struct Sample {
    time: Duration,
    expression: Expression,
    thumbnail: RgbImage,
}

/// A moment with its matches, nearest first.
struct Row<'a> {
    sample: &'a Sample,
    strength: f32,
    matches: Vec<Match>,
}

pub(crate) fn run(args: &TimelineArgs) -> Result<Outcome> {
    let gallery = open_gallery(&args.gallery.gallery)?;
    let (samples, frames) = samples(&args.video)?;
    ensure!(
        !samples.is_empty(),
        "{}: no face in any of its {frames} frames",
        shown(&args.video.to_string_lossy())
    );
    let faces: Vec<(Duration, Expression)> =
        samples.iter().map(|s| (s.time, s.expression)).collect();
    let timeline = Timeline::of(
        &faces,
        &TimelineOptions {
            limit: args.moments,
            ..TimelineOptions::default()
        },
    );
    let mut rows = Vec::new();
    for moment in &timeline.moments {
        let sample = &samples[moment.index];
        let matches = gallery.nearest(&sample.expression, 3)?;
        rows.push(Row {
            sample,
            strength: moment.strength,
            matches,
        });
    }
    print(args, &rows, frames, samples.len())?;
    let write = |path: &Option<PathBuf>, text: &dyn Fn() -> Result<String>| match path {
        Some(path) => save(path, &text()?),
        None => Ok(()),
    };
    write(&args.csv, &|| csv(&rows))?;
    write(&args.srt, &|| Ok(srt(&rows)))?;
    write(&args.html, &|| html(args, &rows, &faces, &timeline.curve))?;
    Ok(if rows.is_empty() {
        Outcome::Missing
    } else {
        Outcome::Found
    })
}

/// Every frame with a face, and how many frames there were.
fn samples(video: &Path) -> Result<(Vec<Sample>, usize)> {
    let name = || video.display().to_string();
    let mut source = open_source(video).with_context(name)?;
    let mut tracker = FaceTracker::new(FaceDetector::new()?, TrackerOptions::default());
    let mut embedder = ExpressionEmbedder::new()?;
    let (mut samples, mut frames) = (Vec::new(), 0);
    let style = ProgressStyle::with_template("{spinner} {pos} frames, {per_sec}, {msg}")?;
    let progress = ProgressBar::new_spinner().with_style(style);
    while let Some(timed) = source.next_frame().with_context(name)? {
        frames += 1;
        progress.inc(1);
        progress.set_message(format!("{:.1} s", seconds(timed.time)));
        let faces = tracker.update(&timed.frame, timed.time)?;
        let Some(face) = chosen(faces, FaceChoice::Largest, &timed.frame).pop() else {
            continue;
        };
        let Ok(expression) = embedder.embed(&timed.frame, &face) else {
            continue;
        };
        samples.push(Sample {
            time: timed.time,
            expression,
            thumbnail: small(&timed.frame),
        });
    }
    progress.finish_and_clear();
    Ok((samples, frames))
}

const THUMBNAIL: f32 = 160.0;

fn small(frame: &Frame<'_>) -> RgbImage {
    let scale = THUMBNAIL / frame.width().max(frame.height()) as f32;
    let side = |length: usize| ((length as f32 * scale).round() as usize).max(1);
    raster::image_of(&frame.resized(side(frame.width()), side(frame.height())))
}

fn save(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn print(args: &TimelineArgs, rows: &[Row<'_>], frames: usize, faces: usize) -> Result<()> {
    let name = args.video.to_string_lossy();
    if args.json {
        let moments: Vec<Value> = rows.iter().map(moment).collect();
        return print_json(&json!({
            "schema": "moue.timeline/1", "video": name, "frames": frames, "faces": faces, "moments": moments,
        }));
    }
    print_line(&format!(
        "{}: {} moments in {frames} frames, {faces} with a face",
        shown(&name),
        rows.len()
    ))?;
    for row in rows {
        let best = row.matches.first().map_or("no match", |m| m.label.as_str());
        print_line(&format!(
            "  {}  {:.2}  {}",
            clock(row.sample.time, '.'),
            row.strength,
            shown(best)
        ))?;
    }
    Ok(())
}

fn moment(row: &Row<'_>) -> Value {
    json!({"time": seconds(row.sample.time), "strength": row.strength, "matches": row.matches})
}

/// Seconds with the digits of whole microseconds, as JSON and CSV show them.
fn seconds(time: Duration) -> f64 {
    time.as_micros() as f64 / 1e6
}

/// `00:01:02.345`
fn clock(time: Duration, separator: char) -> String {
    let millis = time.as_millis();
    let (seconds, minutes, hours) = (millis / 1000 % 60, millis / 60_000 % 60, millis / 3_600_000);
    format!(
        "{hours:02}:{minutes:02}:{seconds:02}{separator}{:03}",
        millis % 1000
    )
}

fn csv(rows: &[Row<'_>]) -> Result<String> {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut out = String::from("time,strength,label,path,distance\n");
    for row in rows {
        let Some(best) = row.matches.first() else {
            continue;
        };
        let (time, label, path) = (
            seconds(row.sample.time),
            quoted(&best.label),
            quoted(&best.path),
        );
        writeln!(
            out,
            "{time:.3},{:.4},{label},{path},{:.4}",
            row.strength, best.distance
        )?;
    }
    Ok(out)
}

/// Each match is shown for two seconds, or until the next.
fn srt(rows: &[Row<'_>]) -> String {
    let mut out = String::new();
    for (number, row) in rows.iter().enumerate() {
        let start = row.sample.time;
        let next = rows
            .get(number + 1)
            .map_or(Duration::MAX, |r| r.sample.time);
        let end = (start + Duration::from_secs(2)).min(next);
        let label = row
            .matches
            .first()
            .map_or("", |m| m.label.as_str())
            .replace(['\n', '\r'], " ");
        let _ = write!(
            out,
            "{}\n{} --> {}\n{label}\n\n",
            number + 1,
            clock(start, ','),
            clock(end, ',')
        );
    }
    out
}

/// A picture inside a page.
fn inlined(image: &RgbImage) -> Result<String> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png)?;
    Ok(format!(
        "data:image/png;base64,{}",
        base64::engine::general_purpose::STANDARD.encode(bytes.into_inner())
    ))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:62rem;padding:0 1rem;\
background:#16181f;color:#e8e9f0}h1{font-size:1.4rem}svg{width:100%;height:auto;background:#242732;border-radius:8px}\
ol{list-style:none;padding:0;display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(19rem,1fr))}\
li{background:#242732;border-radius:8px;padding:.8rem;display:grid;grid-template-columns:1fr 1fr;gap:.6rem}\
img{width:100%;aspect-ratio:1;object-fit:contain;background:#16181f;border-radius:6px}p{margin:0;grid-column:1/3}\
time{color:#ffc43d;font-variant-numeric:tabular-nums}";

/// One file: the curve with its moments, and each moment beside its match.
fn html(
    args: &TimelineArgs,
    rows: &[Row<'_>],
    faces: &[(Duration, Expression)],
    curve: &[f32],
) -> Result<String> {
    let title = escaped(&args.video.file_name().unwrap_or_default().to_string_lossy());
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <style>{STYLE}</style>\n<h1>{title}: {} moments</h1>\n{}\n<ol>\n",
        rows.len(),
        chart(rows, faces, curve)
    );
    for row in rows {
        let best = row.matches.first();
        let matched = best.and_then(|m| raster::load(&m.path).ok());
        let matched = matched.map(|image| image::imageops::thumbnail(&image, 256, 256));
        let label = escaped(best.map_or("no match", |m| m.label.as_str()));
        write!(
            out,
            "<li><img alt=\"the face\" src=\"{}\">",
            inlined(&row.sample.thumbnail)?
        )?;
        if let Some(image) = matched {
            write!(out, "<img alt=\"{label}\" src=\"{}\">", inlined(&image)?)?;
        }
        writeln!(
            out,
            "<p><time>{}</time> {label}</p></li>",
            clock(row.sample.time, '.')
        )?;
    }
    Ok(out + "</ol></html>\n")
}

/// How far the face is from its usual expression, over time.
fn chart(rows: &[Row<'_>], faces: &[(Duration, Expression)], curve: &[f32]) -> String {
    let (width, height) = (1000.0, 180.0);
    let last = faces.last().map_or(1, |f| f.0.as_micros().max(1)) as f32;
    let most = curve.iter().copied().fold(0.1, f32::max);
    let place = |time: Duration, value: f32| {
        (
            time.as_micros() as f32 / last * width,
            (height - 10.0) - value / most * (height - 30.0),
        )
    };
    let points: Vec<String> = faces
        .iter()
        .zip(curve)
        .map(|((t, _), v)| place(*t, *v))
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    let mut out = format!(
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"distance from the usual expression\">\
         <polyline fill=\"none\" stroke=\"#8c91a2\" stroke-width=\"2\" points=\"{}\"/>",
        points.join(" ")
    );
    for row in rows {
        let (x, y) = place(row.sample.time, row.strength);
        let _ = write!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"6\" fill=\"#ffc43d\"/>"
        );
    }
    out + "</svg>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_players_read_them() {
        assert_eq!(
            clock(Duration::from_micros(3_725_042_000), ','),
            "01:02:05,042"
        );
        assert_eq!(clock(Duration::ZERO, '.'), "00:00:00.000");
    }
}
