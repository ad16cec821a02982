//! How much boxes tremble in a video: of a head at rest, and of one that moves evenly.

use crate::peers::Peers;
use crate::truth::Picture;
use anyhow::Result;
use moue::video::{FaceTracker, TrackerOptions};
use moue::{BoundingBox, Effort, Face, FaceDetector, Frame};
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
/// Gray levels of a camera's noise, by hand.
const NOISE: i32 = 6;

/// A portrait that a camera sees, at rest or moving to the left by `step` pixels a frame.
struct Video<'a> {
    picture: &'a Frame<'static>,
    step: usize,
}

/// What a tracker or detector returns for the next frame of a video.
type Find<'a> = &'a mut dyn FnMut(&Frame<'_>, Duration) -> Result<Vec<Face>>;

/// Prints two lines: tracked and untracked in moue, and BlazeFace, in thousandths of the box's width.
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
        let cells = cells(&videos, peers)?;
        println!(
            "| trembling of the box of a head that {what}, thousandths of its width (lower): tracked; untracked | {} |",
            cells.join(" | ")
        );
    }
    Ok(())
}

fn is_a_cameras(portrait: &Picture) -> bool {
    let width = portrait.frame.width();
    let face = portrait.faces[0].bounding_box().width * width as f32;
    width.max(portrait.frame.height()) <= MAX_SIDE && face >= MIN_FACE
}

fn cells(videos: &[Video<'_>], peers: &mut Peers) -> Result<Vec<String>> {
    let mut cells = vec![mean(videos, |video| {
        let mut tracker = FaceTracker::new(peers.moue.clone(), TrackerOptions::default());
        video.trembling(&mut |frame, time| Ok(tracker.update(frame, time)?))
    })?];
    let theirs = peers.blazeface.iter_mut().flatten();
    for detector in std::iter::once(&mut peers.moue).chain(theirs) {
        cells.push(mean(videos, |video| untracked(video, detector))?);
    }
    Ok(cells)
}

fn untracked(video: &Video<'_>, detector: &mut FaceDetector) -> Result<Vec<f32>> {
    video.trembling(&mut |frame, _| Ok(detector.detect_with(frame, &Effort::Live.into())?))
}

fn mean(
    videos: &[Video<'_>],
    mut measure: impl FnMut(&Video<'_>) -> Result<Vec<f32>>,
) -> Result<String> {
    let mut moves = Vec::new();
    for video in videos {
        moves.extend(measure(video)?);
    }
    let mean = moves.iter().sum::<f32>() / moves.len().max(1) as f32;
    Ok(format!("{:.2}", 1000.0 * mean))
}

impl Video<'_> {
    /// How far the largest face's box is in each frame from where the one before would be now.
    fn trembling(&self, find: Find<'_>) -> Result<Vec<f32>> {
        let mut before: Option<BoundingBox> = None;
        let mut moves = Vec::new();
        for i in 0..FRAMES {
            let frame = self.frame(i);
            let time = Duration::from_micros(33_333 * (i as u64 + 1));
            let now = largest(find(&frame, time)?);
            if let (Some(last), Some(now), true) = (before, now, i >= SETTLING) {
                let moved = self.step as f32 / frame.width() as f32;
                moves.push(distance(&last, &now, moved));
            }
            before = now;
        }
        Ok(moves)
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

/// Mean distance of two boxes' numbers, the second being `moved` to the left, relative to the width.
fn distance(a: &BoundingBox, b: &BoundingBox, moved: f32) -> f32 {
    let differences = [
        a.xmin - moved - b.xmin,
        a.ymin - b.ymin,
        a.width - b.width,
        a.height - b.height,
    ];
    differences.iter().map(|v| v.abs()).sum::<f32>() / 4.0 / b.width
}
