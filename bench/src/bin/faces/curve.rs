//! What the second network brings to `Effort::Live`, by how many proposals it sees: a table, and a
//! plot as SVG.

use crate::held_out::{self, HeldOut};
use crate::peers::Peers;
use crate::plot::{self, Line};
use crate::score::Score;
use crate::truth::Truth;
use anyhow::Result;
use cpu_time::ProcessTime;
use moue::detect::LiveRefinement;
use moue::{Effort, FaceDetector};
use std::path::Path;

/// How many proposals are refined, point by point.
const PROPOSALS: [usize; 5] = [1, 2, 4, 8, 16];

/// A point of the curve.
#[derive(Clone)]
struct Row {
    name: String,
    all: Score,
    false_boxes: f32,
    /// Mean CPU milliseconds of a marked picture.
    cost: f32,
}

/// Prints the table and writes the plot.
pub(crate) fn print(truth: &Truth, held_out: &HeldOut, peers: &Peers, file: &Path) -> Result<()> {
    println!(
        "| refined | recall | precision | boxes in 100 photos without a face | CPU ms a picture |\n|---|---|---|---|---|"
    );
    let mut plain = peers.with_refinement(None)?;
    let plain = Row::measure(truth, held_out, "none".into(), &mut plain)?;
    plain.print();
    let mut lines = Vec::new();
    for runs in [1, 2] {
        let mut rows = vec![plain.clone()];
        for max_proposals in PROPOSALS {
            rows.push(point(truth, held_out, peers, runs, max_proposals)?);
        }
        lines.extend(drawn(runs, &rows));
    }
    std::fs::write(file, plot::svg(&lines))?;
    Ok(())
}

fn point(
    truth: &Truth,
    held_out: &HeldOut,
    peers: &Peers,
    runs: usize,
    max_proposals: usize,
) -> Result<Row> {
    let mut detector = peers.with_refinement(Some(LiveRefinement {
        max_proposals,
        runs,
        ..LiveRefinement::default()
    }))?;
    let name = format!("{max_proposals} at most, {runs} each");
    let row = Row::measure(truth, held_out, name, &mut detector)?;
    row.print();
    Ok(row)
}

/// Recall and precision of one number of runs, as lines of the plot.
fn drawn(runs: usize, rows: &[Row]) -> [Line; 2] {
    let line = |name: &str, value: fn(&Score) -> f32| Line {
        name: format!("{name}, {runs} each"),
        points: rows.iter().map(|r| [r.cost, value(&r.all)]).collect(),
    };
    [
        line("precision", Score::precision),
        line("recall", Score::recall),
    ]
}

impl Row {
    fn measure(
        truth: &Truth,
        held_out: &HeldOut,
        name: String,
        detector: &mut FaceDetector,
    ) -> Result<Self> {
        let start = ProcessTime::now();
        let all = held_out::marked(&truth.pictures, detector, Effort::Live)?;
        let cost = start.elapsed().as_secs_f32() * 1e3 / truth.pictures.len() as f32;
        Ok(Self {
            name,
            all,
            false_boxes: held_out::false_boxes(held_out, detector, Effort::Live)?,
            cost,
        })
    }

    fn print(&self) {
        println!(
            "| {} | {:.3} | {:.3} | {:.0} | {:.2} |",
            self.name,
            self.all.recall(),
            self.all.precision(),
            self.false_boxes,
            self.cost
        );
    }
}
