//! What the steps of both efforts cost: CPU time with them and without, in turns.

use crate::measures;
use crate::peers::Peers;
use anyhow::{Context, Result};
use cpu_time::ProcessTime;
use moue::video::{FaceTracker, TrackerOptions};
use moue::{Effort, ExpressionEmbedder, FaceDetector, Frame, Gallery};
use std::time::Duration;

/// Rounds, each of both detectors in turn; the fastest counts.
const ROUNDS: usize = 40;

/// Frames of a round of tracking, at 30 a second: several searches of the whole frame.
const TRACKED_FRAMES: u32 = 60;

/// Matches that are looked up in the built-in gallery.
const MATCHES: usize = 3;

/// A way to use a detector; returns milliseconds of CPU time.
type Way<'a> = &'a mut dyn FnMut(&mut FaceDetector) -> Result<f64>;

/// Prints a table for a frame of 640 × 480 with one face.
pub(crate) fn print(peers: &Peers) -> Result<()> {
    let frame = measures::face_in_frame()?;
    let mut detectors = [peers.plain()?, peers.moue.clone()];
    println!(
        "\n| CPU ms, one face in 640 × 480 | one run; everywhere | refined; ends early | ratio |\n|---|---|---|---|"
    );
    let mut embedder = ExpressionEmbedder::new()?;
    let gallery = Gallery::builtin()?;
    let mut to_matches = |faces: &[moue::Face]| -> Result<()> {
        let face = faces.first().context("the frame has a face")?;
        let expression = embedder.embed(&frame, face)?;
        gallery.nearest(&expression, MATCHES)?;
        Ok(())
    };
    row("live, detection alone", &mut detectors, &mut |d| {
        timed(|| detect(&frame, d, Effort::Live).map(drop))
    })?;
    row("live, first frame to matches", &mut detectors, &mut |d| {
        timed(|| to_matches(&detect(&frame, d, Effort::Live)?))
    })?;
    row("live, a tracked frame", &mut detectors, &mut |d| {
        tracked(&frame, d)
    })?;
    row("thorough", &mut detectors, &mut |d| {
        timed(|| detect(&frame, d, Effort::Thorough).map(drop))
    })
}

fn row(name: &str, detectors: &mut [FaceDetector; 2], way: Way<'_>) -> Result<()> {
    // Other programs only ever add time, so the least is the nearest to the truth.
    let mut least = [f64::INFINITY; 2];
    for _ in 0..ROUNDS {
        // In turns, so that a busy minute of the machine meets both.
        for (least, detector) in least.iter_mut().zip(detectors.iter_mut()) {
            *least = least.min(way(detector)?);
        }
    }
    let [plain, now] = least;
    println!("| {name} | {plain:.3} | {now:.3} | {:.2} |", now / plain);
    Ok(())
}

fn timed(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let start = ProcessTime::now();
    work()?;
    Ok(start.elapsed().as_secs_f64() * 1e3)
}

fn detect(
    frame: &Frame<'_>,
    detector: &mut FaceDetector,
    effort: Effort,
) -> Result<Vec<moue::Face>> {
    Ok(detector.detect_with(frame, &effort.into())?)
}

/// The mean over frames in which the face is known already.
fn tracked(frame: &Frame<'_>, detector: &FaceDetector) -> Result<f64> {
    let mut tracker = FaceTracker::new(detector.clone(), TrackerOptions::default());
    let mut at = |i: u32| tracker.update(frame, Duration::from_secs(u64::from(i)) / 30);
    anyhow::ensure!(!at(0)?.is_empty(), "the frame has a face");
    let all = timed(|| {
        for i in 1..=TRACKED_FRAMES {
            at(i)?;
        }
        Ok(())
    })?;
    Ok(all / f64::from(TRACKED_FRAMES))
}
