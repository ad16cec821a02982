//! Recall and precision at many thresholds, to choose them by.

use crate::held_out::HeldOut;
use crate::score::{Score, above, score};
use crate::truth::{Picture, Truth};
use anyhow::Result;
use moue::{Effort, Face, FaceDetector, Frame};

/// What one effort finds at its lowest threshold.
struct Found<'a> {
    marked: Vec<(&'a Picture, Vec<Face>)>,
    cartoon: Vec<(&'a Picture, Vec<Face>)>,
    /// In photos without a face.
    wrong: Vec<Vec<Face>>,
}

/// Prints a line for each threshold: of all pictures, and of those from one source and from the
/// others, so that a threshold that only suits one source shows; of portraits, and of the pictures
/// that no training has seen.
pub(crate) fn print(truth: &Truth, held_out: &HeldOut, detector: &mut FaceDetector) -> Result<()> {
    println!(
        "| threshold | recall | precision | false | memegen: recall | precision | others: recall | precision | portraits | cartoon frames | boxes in everyday photos |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for effort in [Effort::Thorough, Effort::Live] {
        let found = Found {
            marked: detect(&truth.pictures, detector, effort)?,
            cartoon: detect(&held_out.cartoon, detector, effort)?,
            wrong: all_faces(held_out.negatives.iter(), detector, effort)?,
        };
        // Finer at the end, where precision is decided.
        for percent in (30..100).step_by(5).chain([97, 98, 99]) {
            println!("{}", line(effort, percent as f32 / 100.0, &found));
        }
    }
    Ok(())
}

fn detect<'a>(
    pictures: &'a [Picture],
    detector: &mut FaceDetector,
    effort: Effort,
) -> Result<Vec<(&'a Picture, Vec<Face>)>> {
    let faces = all_faces(pictures.iter().map(|p| &p.frame), detector, effort)?;
    Ok(pictures.iter().zip(faces).collect())
}

fn all_faces<'a>(
    frames: impl Iterator<Item = &'a Frame<'static>>,
    detector: &mut FaceDetector,
    effort: Effort,
) -> Result<Vec<Vec<Face>>> {
    frames
        .map(|frame| Ok(detector.detect_with(frame, &effort.into())?))
        .collect()
}

fn line(effort: Effort, threshold: f32, found: &Found<'_>) -> String {
    let all = count(&found.marked, threshold, |_| true);
    let memegen = count(&found.marked, threshold, is_memegen);
    let others = count(&found.marked, threshold, |p| !is_memegen(p));
    let cells = [memegen, others].map(|s| format!("{:.3} | {:.3}", s.recall(), s.precision()));
    let wrong = found
        .wrong
        .iter()
        .map(|faces| above(faces, threshold).len());
    format!(
        "| {effort:?} {threshold:.2} | {:.3} | {:.3} | {} | {} | {:.3} | {:.3} | {} |",
        all.recall(),
        all.precision(),
        all.wrong,
        cells.join(" | "),
        count(&found.marked, threshold, Picture::is_portrait).recall(),
        count(&found.cartoon, threshold, |_| true).recall(),
        wrong.sum::<usize>(),
    )
}

fn is_memegen(picture: &Picture) -> bool {
    picture.name.starts_with("memes/memegen")
}

fn count(
    found: &[(&Picture, Vec<Face>)],
    threshold: f32,
    chosen: impl Fn(&Picture) -> bool,
) -> Score {
    let mut sum = Score::default();
    for (picture, faces) in found.iter().filter(|(p, _)| chosen(p)) {
        sum.add(score(picture, &above(faces, threshold), |_| true));
    }
    sum
}
