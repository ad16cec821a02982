//! How much the box of a still head moves from frame to frame of a video.

use crate::peers::Peers;
use crate::truth::Truth;
use anyhow::Result;
use moue::video::{FaceTracker, TrackerOptions, open_source};
use moue::{BoundingBox, Face, Frame};
use std::time::Duration;

/// Gray levels of mean difference below which two frames show the head at the same place. Chosen by
/// hand: larger, and real movement counts as jitter; smaller, and few pairs are left.
const STILL: f32 = 2.0;

/// Prints a line: tracked and untracked in moue, and BlazeFace, in thousandths of the box's width.
pub(crate) fn print(truth: &Truth, peers: &mut Peers) -> Result<()> {
    let mut tracker = FaceTracker::new(peers.moue.clone(), TrackerOptions::default());
    let ours = movement(truth, |frame, time| Ok(tracker.update(frame, time)?))?;
    let live = movement(truth, |frame, _| {
        Ok(peers.moue.detect_with(frame, &moue::Effort::Live.into())?)
    })?;
    let mut theirs = Vec::new();
    for detector in peers.blazeface.iter_mut().flatten() {
        let moves = movement(truth, |frame, _| {
            Ok(detector.detect_with(frame, &moue::Effort::Live.into())?)
        })?;
        theirs.push(format!("{moves:.2}"));
    }
    println!(
        "| movement of a still head's box, thousandths of its width (lower): tracked; untracked | {ours:.2} | {live:.2} | {} |",
        theirs.join(" | ")
    );
    Ok(())
}

/// Mean movement over all pairs of frames between which the picture hardly changes.
fn movement(
    truth: &Truth,
    mut find: impl FnMut(&Frame<'_>, Duration) -> Result<Vec<Face>>,
) -> Result<f32> {
    let mut video = open_source(&truth.video)?;
    let mut before: Option<(Frame<'static>, BoundingBox)> = None;
    let mut moves = Vec::new();
    while let Some(timed) = video.next_frame()? {
        let face = largest(find(&timed.frame, timed.time)?);
        if let (Some((frame, last)), Some(now)) = (&before, &face)
            && change(frame, &timed.frame, last) < STILL
        {
            moves.push(distance(last, now));
        }
        before = face.map(|face| (timed.frame, face));
    }
    Ok(1000.0 * moves.iter().sum::<f32>() / moves.len().max(1) as f32)
}

fn largest(faces: Vec<Face>) -> Option<BoundingBox> {
    let boxes = faces.into_iter().map(|face| face.bounding_box);
    boxes.max_by(|a, b| a.area().total_cmp(&b.area()))
}

/// Mean distance of two boxes' numbers, relative to the width.
fn distance(a: &BoundingBox, b: &BoundingBox) -> f32 {
    let differences = [
        a.xmin - b.xmin,
        a.ymin - b.ymin,
        a.width - b.width,
        a.height - b.height,
    ];
    differences.iter().map(|v| v.abs()).sum::<f32>() / 4.0 / b.width
}

/// Mean difference of gray levels inside of a box.
fn change(a: &Frame<'_>, b: &Frame<'_>, area: &BoundingBox) -> f32 {
    let [a, b] = [a, b].map(|frame| grays(&part(frame, area)));
    let differences = a.iter().zip(&b).map(|(a, b)| (a - b).abs());
    differences.sum::<f32>() / a.len().max(1) as f32
}

fn part(frame: &Frame<'_>, area: &BoundingBox) -> Frame<'static> {
    let [w, h] = [frame.width() as f32, frame.height() as f32];
    let at = |v: f32, size: f32| (v.max(0.0) * size) as usize;
    frame.cropped(
        at(area.xmin, w),
        at(area.ymin, h),
        at(area.width, w),
        at(area.height, h),
    )
}

fn grays(frame: &Frame<'_>) -> Vec<f32> {
    let pixels = frame.pixels().as_chunks::<3>().0.iter();
    pixels
        .map(|p| p.iter().map(|v| f32::from(*v)).sum::<f32>() / 3.0)
        .collect()
}
