//! How much boxes tremble in a video, and how often they jump to another place: of a head at rest,
//! and of one that moves evenly.

use crate::peers::Peers;
use crate::truth::Picture;
use anyhow::Result;
use moue::video::{FaceTracker, TrackerOptions};
use moue::{BoundingBox, Effort, Face, Frame};
use std::time::Duration;

/// Pictures of one human face that make the videos.
const VIDEOS: usize = 24;
/// Pictures that are larger than a camera's are left out, and faces so small that a pixel is a jump.
const MAX_SIDE: usize = 1280;
const MIN_FACE: f32 = 60.0;
/// Frames of a video, of 1/30 s.
const FRAMES: usize = 24;
/// The first ones do not count, as filters still settle.
const SETTLING: usize = 6;
/// Pixels that an even movement goes on in each frame.
const STEP: usize = 1;
/// A box that moves by more than this share of its width is one of another face: it jumps.
const MAX_MOVE: f32 = 0.5;
/// Gray levels of a camera's noise, by hand.
const NOISE: i32 = 6;

/// A portrait that a camera sees, at rest or moving to the left by `step` pixels a frame.
struct Video<'a> {
    picture: &'a Frame<'static>,
    step: usize,
}

/// What a tracker or detector returns for the next frame of a video.
type Find<'a> = &'a mut dyn FnMut(&Frame<'_>, Duration) -> Result<Vec<Face>>;

/// How a box moves in the frames of videos.
#[derive(Default)]
struct Moves {
    /// Distances from where the box of the frame before would be now, in widths of the box.
    small: Vec<f32>,
    /// Frames whose box is elsewhere than in the frame before, or in only one of both.
    jumps: usize,
}

/// Prints four lines: tracked and untracked in moue, and BlazeFace. Trembling is the mean over all
/// frames without a jump, in thousandths of the box's width.
pub(crate) fn print(portraits: &[&Picture], peers: &mut Peers) -> Result<()> {
    for (what, step) in [("rests", 0), ("moves evenly", STEP)] {
        let videos = portraits
            .iter()
            .filter(|p| is_a_cameras(p))
            .take(VIDEOS)
            .map(|p| Video {
                picture: &p.frame,
                step,
            });
        let videos: Vec<_> = videos.collect();
        let found = all_moves(&videos, peers)?;
        let line = |measure: &str, cells: Vec<String>| {
            println!(
                "| {measure} (lower): tracked; untracked | {} |",
                cells.join(" | ")
            );
        };
        line(
            &format!("trembling of the box of a head that {what}, thousandths of its width"),
            found.iter().map(Moves::trembling).collect(),
        );
        line(
            &format!(
                "the same: jumps in {} frames",
                videos.len() * (FRAMES - SETTLING)
            ),
            found.iter().map(|moves| moves.jumps.to_string()).collect(),
        );
    }
    Ok(())
}

fn is_a_cameras(portrait: &Picture) -> bool {
    let width = portrait.frame.width();
    let face = portrait.faces[0].bounding_box().width * width as f32;
    width.max(portrait.frame.height()) <= MAX_SIDE && face >= MIN_FACE
}

/// The moves of the tracker, of the detector alone, and of the peers.
fn all_moves(videos: &[Video<'_>], peers: &mut Peers) -> Result<Vec<Moves>> {
    let mut found = vec![sum(videos, |video, moves| {
        let mut tracker = FaceTracker::new(peers.moue.clone(), TrackerOptions::default());
        video.moves(&mut |frame, time| Ok(tracker.update(frame, time)?), moves)
    })?];
    let theirs = peers.blazeface.iter_mut().flatten();
    for detector in std::iter::once(&mut peers.moue).chain(theirs) {
        found.push(sum(videos, |video, moves| {
            let find =
                &mut |frame: &Frame<'_>, _| Ok(detector.detect_with(frame, &Effort::Live.into())?);
            video.moves(find, moves)
        })?);
    }
    Ok(found)
}

/// What `measure` adds for all videos.
fn sum(
    videos: &[Video<'_>],
    mut measure: impl FnMut(&Video<'_>, &mut Moves) -> Result<()>,
) -> Result<Moves> {
    let mut moves = Moves::default();
    for video in videos {
        measure(video, &mut moves)?;
    }
    Ok(moves)
}

impl Moves {
    fn trembling(&self) -> String {
        let mean = self.small.iter().sum::<f32>() / self.small.len().max(1) as f32;
        format!("{:.2}", 1000.0 * mean)
    }

    /// Adds a frame: the face's box in the frame before, moved to where it would be now, and now.
    fn add(&mut self, before: Option<BoundingBox>, now: Option<BoundingBox>) {
        match (before, now) {
            (Some(before), Some(now)) => {
                let moved = distance(&before, &now);
                if moved > MAX_MOVE {
                    self.jumps += 1;
                } else {
                    self.small.push(moved);
                }
            }
            (None, None) => {}
            _ => self.jumps += 1,
        }
    }
}

impl Video<'_> {
    /// Adds how far the largest face's box is in each frame from where it was, as the video moves.
    fn moves(&self, find: Find<'_>, moves: &mut Moves) -> Result<()> {
        let mut before: Option<BoundingBox> = None;
        for i in 0..FRAMES {
            let frame = self.frame(i);
            let time = Duration::from_micros(33_333 * (i as u64 + 1));
            let now = largest(find(&frame, time)?);
            if i >= SETTLING {
                moves.add(before, now);
            }
            // Compared with the next frame where it would be then, so that an even movement counts as none.
            before = now.map(|found| BoundingBox {
                xmin: found.xmin - self.step as f32 / frame.width() as f32,
                ..found
            });
        }
        Ok(())
    }

    fn frame(&self, i: usize) -> Frame<'static> {
        let width = self.picture.width().saturating_sub(self.step * FRAMES);
        let height = self.picture.height();
        let window = self.picture.cropped(self.step * i, 0, width, height);
        let noise = Noise((i as u64).wrapping_mul(0xd134_2543_de82_ef95));
        let pixels = window.pixels().iter().zip(noise);
        let pixels = pixels.map(|(&value, noise)| (i32::from(value) + noise).clamp(0, 255) as u8);
        Frame::from_pixels(pixels.collect(), width, height).expect("as many pixels as before")
    }
}

/// Pseudo-random gray levels (splitmix64), by triangular distribution from -`NOISE` to `NOISE`.
struct Noise(u64);

impl Iterator for Noise {
    type Item = i32;

    fn next(&mut self) -> Option<i32> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let part = |shift: u32| ((mixed >> shift) & 0xff) as i32 * NOISE / 255;
        Some(part(32) - part(48))
    }
}

fn largest(faces: Vec<Face>) -> Option<BoundingBox> {
    let boxes = faces.into_iter().map(|face| face.bounding_box);
    boxes.max_by(|a, b| a.area().total_cmp(&b.area()))
}

/// Mean distance of two boxes' numbers, relative to the width of the second.
fn distance(a: &BoundingBox, b: &BoundingBox) -> f32 {
    let differences = [
        a.xmin - b.xmin,
        a.ymin - b.ymin,
        a.width - b.width,
        a.height - b.height,
    ];
    differences.iter().map(|v| v.abs()).sum::<f32>() / 4.0 / b.width
}
