//! The rows as Markdown tables.

use super::piece::{Piece, Row, Subject};
use super::plan::{PIPELINES, peer};
use std::collections::BTreeMap;
use std::fmt::Write;

fn find<'a>(pieces: &'a [Piece], subject: Subject<'_>) -> Option<&'a Row> {
    let piece = pieces.iter().find(|piece| piece.is(subject));
    piece.map(|piece| &piece.row)
}

/// A number or a dash.
fn cell(value: Option<f64>, digits: usize) -> String {
    value.map_or("–".into(), |v| format!("{v:.digits$}"))
}

/// The quotient of two figures that were both measured.
fn ratio(ours: Option<f64>, theirs: Option<f64>) -> Option<f64> {
    ours.zip(theirs).map(|(a, b)| a / b)
}

/// `minimum (median)`
fn min_and_median(row: Option<&Row>) -> String {
    let min = cell(row.and_then(|r| r.cpu_ms_min), 3);
    format!("{min} ({})", cell(row.and_then(|r| r.cpu_ms_median), 3))
}

/// Time of each network in each engine, and the peak that the kernels could reach.
pub(super) fn networks(pieces: &[Piece], peak: &BTreeMap<String, f64>) -> String {
    let mut out = String::from(
        "CPU ms of a run, least (median); of two threads also by the clock\n\n\
         | work | engine | one thread | of LiteRT's | of OpenVINO's | share of peak | two threads | by the clock | faster by |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    let measured = pieces.iter().filter(|p| is_network(&p.row));
    for piece in measured {
        out += &network_line(pieces, piece, peak);
    }
    for (isa, rate) in peak {
        let billions = rate / 1e9;
        let _ = writeln!(
            out,
            "\nPeak of {isa}: {billions:.1} billion multiply-adds a second."
        );
    }
    out
}

fn is_network(row: &Row) -> bool {
    row.threads == 1 && row.cpu_ms_min.is_some() && !row.work.starts_with("pipeline")
}

fn network_line(pieces: &[Piece], piece: &Piece, peak: &BTreeMap<String, f64>) -> String {
    let row = &piece.row;
    let two = find(
        pieces,
        Subject {
            threads: 2,
            ..subject(row, row.engine, &row.isa)
        },
    );
    let wall = two.and_then(|t| t.wall_ms_median);
    let of = |engine, isa| {
        let theirs = find(pieces, subject(row, engine, isa));
        cell(ratio(row.cpu_ms_min, theirs.and_then(|r| r.cpu_ms_min)), 2)
    };
    let rate = ratio(piece.multiply_adds, row.cpu_ms_min).map(|per_ms| per_ms * 1e3);
    let cells = [
        row.work.to_owned(),
        format!("{} {}", row.engine, row.isa),
        min_and_median(Some(row)),
        of("litert", ""),
        // Held to the same instruction set, which the others cannot be.
        of("openvino", &row.isa),
        cell(ratio(rate, peak.get(&row.isa).copied()), 2),
        min_and_median(two),
        cell(wall, 3),
        cell(ratio(row.wall_ms_median, wall), 2),
    ];
    format!("| {} |\n", cells.join(" | "))
}

/// What another engine's row on one thread is about, of the same network.
fn subject<'a>(row: &Row, engine: &'static str, isa: &'a str) -> Subject<'a> {
    Subject {
        isa,
        ..peer(row.work, engine, 1)
    }
}

/// Our rows beside those of another build, which have the same order.
pub(super) fn against(ours: &[Piece], baseline: &[Piece]) -> String {
    let mut out = String::from(
        "| work | engine | CPU ms | of the baseline | ratio |\n|---|---|---|---|---|\n",
    );
    for (now, before) in ours.iter().zip(baseline) {
        let _ = writeln!(
            out,
            "| {} | {} {} | {} | {} | {} |",
            now.row.work,
            now.row.engine,
            now.row.isa,
            min_and_median(Some(&now.row)),
            min_and_median(Some(&before.row)),
            cell(ratio(now.row.cpu_ms_min, before.row.cpu_ms_min), 2)
        );
    }
    out
}

/// What loading a network costs.
pub(super) fn costs(pieces: &[Piece]) -> String {
    let mut out =
        String::from("| work | engine | load, CPU ms | memory, MB |\n|---|---|---|---|\n");
    let rows = pieces.iter().map(|p| &p.row);
    for row in rows.filter(|r| r.threads == 1 && r.load_ms.is_some()) {
        let memory = row.memory_kb.map(|kb| kb / 1024.0);
        let _ = writeln!(
            out,
            "| {} | {} {} | {} | {} |",
            row.work,
            row.engine,
            row.isa,
            cell(row.load_ms, 2),
            cell(memory, 1)
        );
    }
    out
}

/// Time from a frame to its matches, beside MediaPipe's graph.
pub(super) fn pipelines(pieces: &[Piece]) -> String {
    let mut out =
        String::from("| work | moue, CPU ms | MediaPipe's graph | ratio |\n|---|---|---|---|\n");
    for pipeline in &PIPELINES {
        let ours = pieces.iter().map(|p| &p.row);
        let ours = ours.filter(|r| r.work == pipeline.work && r.engine == "moue");
        let theirs = find(pieces, peer(pipeline.work, "mediapipe", 1));
        for row in ours {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} |",
                pipeline.work,
                min_and_median(Some(row)),
                min_and_median(theirs),
                cell(ratio(row.cpu_ms_min, theirs.and_then(|t| t.cpu_ms_min)), 2)
            );
        }
    }
    out
}
