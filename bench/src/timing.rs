//! What a piece of work costs. `bench/rust-peers` has this file too, so that all rows are measured
//! alike.

use anyhow::Result;
use cpu_time::ProcessTime;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// What a network costs: to load it, and each run for `seconds`.
///
/// # Errors
/// Those of `load`, and of the run that it returns.
pub fn network<R: FnMut() -> Result<()>>(
    seconds: f64,
    load: impl FnOnce() -> Result<R>,
) -> Result<Value> {
    let before = memory_kb("VmRSS");
    let start = ProcessTime::now();
    let run = load()?;
    let load_ms = start.elapsed().as_secs_f64() * 1e3;
    let mut answer = repeat(seconds, run)?;
    answer["load_ms"] = json!(load_ms);
    answer["memory_kb"] = json!(
        memory_kb("VmRSS")
            .zip(before)
            .map(|(now, before)| now.saturating_sub(before))
    );
    Ok(answer)
}

/// CPU and wall milliseconds of each run, for `seconds`.
///
/// # Errors
/// Those of `run`.
pub fn repeat(seconds: f64, mut run: impl FnMut() -> Result<()>) -> Result<Value> {
    run()?;
    let mut cpu_ms = Vec::new();
    let mut wall_ms = Vec::new();
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    while Instant::now() < end {
        let cpu = ProcessTime::now();
        let wall = Instant::now();
        run()?;
        cpu_ms.push(cpu.elapsed().as_secs_f64() * 1e3);
        wall_ms.push(wall.elapsed().as_secs_f64() * 1e3);
    }
    Ok(json!({ "cpu_ms": cpu_ms, "wall_ms": wall_ms }))
}

/// This process's memory in kB as the system reports it, `VmRSS` (now) or `VmHWM` (at most); `None`
/// where it reports none.
pub fn memory_kb(key: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status
        .lines()
        .find(|l| l.starts_with(key))?
        .split_whitespace()
        .nth(1)?
        .parse()
        .ok()
}
