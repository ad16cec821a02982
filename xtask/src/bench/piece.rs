//! One row of the tables: a command that is run round after round, and the times it printed.

use crate::paths;
use anyhow::{Context, Result, ensure};
use indicatif::ProgressBar;
use serde::Serialize;
use serde_json::Value;
use std::process::{Command, Output};

/// What a row is about: the work, who does it, and how.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) work: &'static str,
    pub(super) engine: &'static str,
    /// The kernels' instruction set, of ours; peers choose for themselves.
    pub(super) isa: &'a str,
    pub(super) threads: usize,
}

/// One line of the answer. Times are `None` where a peer cannot be had.
#[derive(Default, Serialize)]
pub(super) struct Row {
    pub(super) work: &'static str,
    pub(super) engine: &'static str,
    pub(super) isa: String,
    pub(super) threads: usize,
    pub(super) cpu_ms_min: Option<f64>,
    pub(super) cpu_ms_median: Option<f64>,
    pub(super) wall_ms_min: Option<f64>,
    pub(super) wall_ms_median: Option<f64>,
    pub(super) load_ms: Option<f64>,
    pub(super) memory_kb: Option<f64>,
}

/// A row to be and how its times are got: a command, run once a round.
pub(super) struct Piece {
    pub(super) row: Row,
    pub(super) multiply_adds: Option<f64>,
    command: Vec<String>,
    cpu: Vec<f64>,
    wall: Vec<f64>,
}

impl Piece {
    /// A row whose times `command` prints; it stays empty if there is no command.
    pub(super) fn new(subject: Subject<'_>, command: Vec<String>) -> Self {
        let row = Row {
            work: subject.work,
            engine: subject.engine,
            isa: subject.isa.into(),
            threads: subject.threads,
            ..Row::default()
        };
        Self {
            row,
            multiply_adds: None,
            command,
            cpu: Vec::new(),
            wall: Vec::new(),
        }
    }

    /// Whether this is the row of a subject.
    pub(super) fn is(&self, subject: Subject<'_>) -> bool {
        self.row.work == subject.work
            && self.row.engine == subject.engine
            && self.row.isa == subject.isa
            && self.row.threads == subject.threads
    }

    /// One round. If a peer fails, its message is passed on and its row stays empty.
    pub(super) fn measure_once(&mut self) -> Result<()> {
        let Some((program, args)) = self.command.split_first() else {
            return Ok(());
        };
        let ran = Command::new(program)
            .args(args)
            .current_dir(paths::project())
            .output()?;
        if ran.status.success() {
            let answer = serde_json::from_slice(&ran.stdout);
            self.record(&answer.context("a piece of work prints JSON")?);
            Ok(())
        } else {
            self.give_up(&ran)
        }
    }

    fn give_up(&mut self, ran: &Output) -> Result<()> {
        let errors = String::from_utf8_lossy(&ran.stderr);
        let last = errors.lines().last().unwrap_or_default();
        let is_peer = self.row.engine != "moue";
        ensure!(is_peer, "{} failed: {last}", self.command.join(" "));
        eprintln!("{} in {}: {last}", self.row.work, self.row.engine);
        // It is not tried again in the next rounds.
        self.command.clear();
        Ok(())
    }

    fn record(&mut self, answer: &Value) {
        self.cpu.extend(times(&answer["cpu_ms"]));
        self.wall.extend(times(&answer["wall_ms"]));
        lower(&mut self.row.load_ms, &answer["load_ms"]);
        lower(&mut self.row.memory_kb, &answer["memory_kb"]);
        self.multiply_adds = answer["multiply_adds"].as_f64();
    }

    /// Derives the row's times from those of all rounds.
    pub(super) fn finish(&mut self) {
        (self.row.cpu_ms_min, self.row.cpu_ms_median) = min_and_median(&mut self.cpu);
        (self.row.wall_ms_min, self.row.wall_ms_median) = min_and_median(&mut self.wall);
    }
}

/// Every row once, then every row again, so that what else the machine does falls on all alike.
pub(super) fn take_turns(pieces: &mut [Piece], rounds: usize) -> Result<()> {
    let bar = ProgressBar::new((pieces.len() * rounds) as u64);
    for _ in 0..rounds {
        for piece in &mut *pieces {
            piece.measure_once()?;
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    Ok(())
}

fn times(list: &Value) -> impl Iterator<Item = f64> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_f64)
}

/// Replaces a figure by a lower one; what disturbs a measurement only ever adds to it.
fn lower(figure: &mut Option<f64>, new: &Value) {
    if let Some(new) = new.as_f64() {
        *figure = Some(figure.map_or(new, |old| old.min(new)));
    }
}

fn min_and_median(times: &mut [f64]) -> (Option<f64>, Option<f64>) {
    times.sort_by(f64::total_cmp);
    (times.first().copied(), times.get(times.len() / 2).copied())
}
