//! The second table: everything that is measured of moue at both efforts and of BlazeFace.

use crate::held_out::{self, HeldOut};
use crate::peers::Peers;
use crate::score::score;
use crate::truth::{Picture, Truth};
use crate::{changed, measures, still};
use anyhow::{Context, Result};
use moue::{Effort, FaceDetector};

/// A measure for one detector; higher is better unless its name states otherwise.
type Measure<'a> = &'a mut dyn FnMut(&mut FaceDetector, Effort) -> Result<f32>;

/// Prints the table.
pub(crate) fn print(truth: &Truth, held_out: &HeldOut, peers: &mut Peers) -> Result<()> {
    println!(
        "| measure | moue, thorough | moue, live | MediaPipe short range, 0.75 | 0.5 |\n|---|---|---|---|---|"
    );
    let portraits: Vec<&Picture> = truth.pictures.iter().filter(|p| p.is_portrait()).collect();
    print_portraits(&portraits, peers)?;
    print_far(truth, &portraits, peers)?;
    row("built-in drawings: found", peers, &mut measures::drawings)?;
    print_held_out(held_out, peers)?;
    row(
        "eyes, nose, mouth: mean error in eye distances (lower)",
        peers,
        &mut |d, e| measures::key_points(truth, d, e),
    )?;
    still::print(&portraits, peers)?;
    let frame = measures::face_in_frame()?;
    row(
        "CPU ms for a frame of 640 × 480, all in moue (lower)",
        peers,
        &mut |d, e| measures::cost(&frame, d, e),
    )
}

/// Portraits as they are, turned, and cut out closely.
fn print_portraits(portraits: &[&Picture], peers: &mut Peers) -> Result<()> {
    let name = format!("{} pictures with one human face: found", portraits.len());
    row(&name, peers, &mut |d, e| {
        share(portraits, |p| {
            Ok(score(p, &d.detect_with(&p.frame, &e.into())?, |_| true).found > 0)
        })
    })?;
    for angle in [90, 180, 270] {
        let name = format!("turned by {angle}°: found with key points right");
        row(&name, peers, &mut |d, e| {
            share(portraits, |p| changed::is_found_turned(p, angle, d, e))
        })?;
    }
    row(
        "cut out to fill more than 0.9 of the frame: found",
        peers,
        &mut |d, e| share(portraits, |p| changed::is_found_close_up(p, d, e)),
    )
}

/// What is measured on pictures that every training leaves out, and on emoji.
fn print_held_out(held_out: &HeldOut, peers: &mut Peers) -> Result<()> {
    let frames = held_out.cartoon.as_slice();
    let names = [
        &*format!("faces of {} cartoon frames: found", frames.len()),
        "the same: precision",
        "those of humans among them: found",
    ];
    rows(names, peers, |d, e| {
        let [all, humans] = held_out::cartoon(frames, d, e)?;
        Ok([all.recall(), all.precision(), humans.recall()])
    })?;
    row(
        "boxes in 100 everyday photos without a face (lower)",
        peers,
        &mut |d, e| held_out::false_boxes(held_out, d, e),
    )?;
    let Some(emoji) = &held_out.emoji else {
        return Ok(());
    };
    row(
        &format!("{} emoji of Noto, 200 pixels in 320: found", emoji.len()),
        peers,
        &mut |d, e| held_out::emoji_found(emoji, d, e),
    )
}

/// Portraits shrunk into a large photo.
fn print_far(truth: &Truth, portraits: &[&Picture], peers: &mut Peers) -> Result<()> {
    let mut pictures = truth.pictures.iter();
    let background = pictures
        .find(|p| p.name.ends_with("background.jpg"))
        .context("background.jpg")?;
    let photos = portraits.iter().copied();
    let photos: Vec<_> = photos.filter(|p| p.name.starts_with("photos/")).collect();
    row(
        "24 pixels wide in a photo of 1920: found",
        peers,
        &mut |d, e| changed::share_found_far(&photos, &background.frame, d, e),
    )
}

fn row(name: &str, peers: &mut Peers, measure: Measure<'_>) -> Result<()> {
    rows([name], peers, |d, e| Ok([measure(d, e)?]))
}

/// Rows of what one look at the pictures tells.
fn rows<const N: usize>(
    names: [&str; N],
    peers: &mut Peers,
    mut measure: impl FnMut(&mut FaceDetector, Effort) -> Result<[f32; N]>,
) -> Result<()> {
    let thorough = measure(&mut peers.moue, Effort::Thorough)?;
    let live = measure(&mut peers.moue, Effort::Live)?;
    let mut theirs = [None; 2];
    for (column, detector) in theirs.iter_mut().zip(peers.blazeface.iter_mut().flatten()) {
        *column = Some(measure(detector, Effort::Live)?);
    }
    for (i, name) in names.iter().enumerate() {
        let cell =
            |column: Option<[f32; N]>| column.map_or("–".into(), |c| format!("{:.3}", c[i]));
        let theirs = theirs.map(cell).join(" | ");
        println!(
            "| {name} | {:.3} | {:.3} | {theirs} |",
            thorough[i], live[i]
        );
    }
    Ok(())
}

fn share(pictures: &[&Picture], mut right: impl FnMut(&Picture) -> Result<bool>) -> Result<f32> {
    let mut count = 0;
    for picture in pictures {
        count += usize::from(right(picture)?);
    }
    Ok(count as f32 / pictures.len() as f32)
}
