//! Whether this build is slower than one of another commit, measured in turns on the same machine.

use super::piece::{Piece, take_turns};
use super::{plan, tables};
use crate::{paths, peers};
use anyhow::{Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A row this many times as slow as the baseline's counts as slower. The least times of two runs of
/// one program differ by a few percent on a busy machine.
const TOLERANCE: f64 = 1.08;

/// Measures our rows beside those of `revision`, prints both, and fails if one is slower.
pub(super) fn compare(revision: &str, isas: &[&str], rounds: usize) -> Result<()> {
    let program = build(revision)?;
    // In one list, because what else the machine does changes from minute to minute.
    let mut pieces = plan::own_pieces(&plan::our_work(), isas);
    let count = pieces.len();
    pieces.extend(plan::own_pieces(&program, isas));
    take_turns(&mut pieces, rounds)?;
    pieces.iter_mut().for_each(Piece::finish);
    let (ours, baseline) = pieces.split_at(count);
    println!("{}", tables::against(ours, baseline));
    let slower = slower(ours, baseline);
    ensure!(
        slower.is_empty(),
        "slower than {revision}: {}",
        slower.join(", ")
    );
    Ok(())
}

fn slower(ours: &[Piece], baseline: &[Piece]) -> Vec<String> {
    let pairs = ours.iter().map(|piece| &piece.row).zip(baseline);
    pairs
        .filter(|(now, before)| {
            let times = now.cpu_ms_min.zip(before.row.cpu_ms_min);
            times.is_some_and(|(now, before)| now > before * TOLERANCE)
        })
        .map(|(now, _)| format!("{} {}", now.work, now.isa))
        .collect()
}

/// The program that measures, built from `revision` with this compiler, in a folder of its own.
fn build(revision: &str) -> Result<PathBuf> {
    let folder = paths::target_directory().join("baseline");
    let source = folder.join("source");
    check_out(revision, &source)?;
    // In a target folder of its own, as cargo would otherwise build ours anew after each run.
    peers::run(
        Command::new(env!("CARGO"))
            .args(["build", "--release", "--locked", "--quiet"])
            .args(plan::WORK)
            .env("CARGO_TARGET_DIR", folder.join("target"))
            .current_dir(&source),
    )?;
    Ok(folder.join("target/release/work"))
}

/// Makes `folder` a work tree of `revision`, as the one of the run before may be of another.
fn check_out(revision: &str, folder: &Path) -> Result<()> {
    let git = |args: &[&str], place: &Path| {
        let mut command = Command::new("git");
        peers::run(command.args(args).current_dir(place))
    };
    if folder.exists() {
        let commit = resolved(revision)?;
        return git(&["checkout", "--quiet", "--detach", &commit], folder);
    }
    // By force, because a target folder that was deleted leaves the work tree registered.
    let place = folder.display().to_string();
    git(
        &[
            "worktree", "add", "--force", "--quiet", "--detach", &place, revision,
        ],
        &paths::project(),
    )
}

/// The commit that a revision means here: `HEAD` of the baseline's tree is another one.
fn resolved(revision: &str) -> Result<String> {
    let ran = Command::new("git")
        .args(["rev-parse", "--verify", "--end-of-options"])
        .arg(format!("{revision}^{{commit}}"))
        .current_dir(paths::project())
        .output()?;
    ensure!(ran.status.success(), "there is no revision {revision}");
    Ok(String::from_utf8_lossy(&ran.stdout).trim().to_owned())
}
