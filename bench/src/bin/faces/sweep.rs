//! Recall and precision at many thresholds, to choose them by.

use crate::score::{Score, above, score};
use crate::truth::{Picture, Truth};
use anyhow::Result;
use moue::{Effort, Face, FaceDetector};

/// Prints a line for each threshold: of all pictures, and of those from one source and from the
/// others, so that a threshold that only suits one source shows.
pub(crate) fn print(truth: &Truth, detector: &mut FaceDetector) -> Result<()> {
    println!(
        "| threshold | recall | precision | false | memegen: recall | precision | others: recall | precision |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for effort in [Effort::Thorough, Effort::Live] {
        let mut found = Vec::new();
        for picture in &truth.pictures {
            found.push((
                picture,
                detector.detect_with(&picture.frame, &effort.into())?,
            ));
        }
        // Finer at the end, where precision is decided.
        for percent in (30..100).step_by(5).chain([97, 98, 99]) {
            println!("{}", line(effort, percent as f32 / 100.0, &found));
        }
    }
    Ok(())
}

fn line(effort: Effort, threshold: f32, found: &[(&Picture, Vec<Face>)]) -> String {
    let all = count(found, threshold, |_| true);
    let memegen = count(found, threshold, is_memegen);
    let others = count(found, threshold, |p| !is_memegen(p));
    let cells = [memegen, others].map(|s| format!("{:.3} | {:.3}", s.recall(), s.precision()));
    format!(
        "| {effort:?} {threshold:.2} | {:.3} | {:.3} | {} | {} |",
        all.recall(),
        all.precision(),
        all.wrong,
        cells.join(" | ")
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
