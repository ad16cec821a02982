//! Galleries of synthetic faces: building, size, search.
//!
//! `cargo run --release -p moue-bench --bin search -- FOLDER 400 10000 1000000` writes for each
//! size a gallery, the expressions as `N.f32` and 100 queries as `queries.f32`, from which
//! `bench/search.py FOLDER …` measures peers.

use anyhow::{Context, Result};
use cpu_time::ProcessTime;
use moue::gallery::{NewPicture, SearchOptions};
use moue::{Expression, Gallery};
use moue_bench::timing::memory_kb;
use moue_bench::{Faces, picture};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

/// Queries, all of which the recall of peers is measured with.
const QUERIES: usize = 100;

/// Pictures of one transaction.
const BATCH: usize = 50_000;

/// Queries whose answers are compared with those of a full scan, which is slow.
const CHECKED_QUERIES: usize = 20;

/// Largest gallery whose answers are compared: in a larger one a full scan takes minutes.
const MAX_CHECKED: u64 = 1_000_000;

/// Bytes that hold all vectors of the largest gallery.
const ENOUGH_MEMORY: u64 = 4 << 30;

fn build(path: &Path, floats: &Path, size: u64) -> Result<()> {
    let gallery = Gallery::open_or_create(path)?;
    let mut out = std::io::BufWriter::new(std::fs::File::create(floats)?);
    let mut faces = Faces::new(7);
    let mut number = 0;
    while number < size {
        // A transaction of all would keep every changed page in memory.
        let batch: Vec<NewPicture> = (number..size.min(number + BATCH as u64))
            .map(|n| picture(n, faces.draw()))
            .collect();
        for value in batch.iter().flat_map(|p| p.faces[0].expression.0) {
            out.write_all(&value.to_le_bytes())?;
        }
        gallery.add(&batch)?;
        number += batch.len() as u64;
    }
    Ok(out.flush()?)
}

/// CPU milliseconds of a query: least and median.
fn timed(
    gallery: &Gallery,
    queries: &[Expression],
    rounds: usize,
    options: &SearchOptions,
) -> Result<(f64, f64)> {
    gallery.search(&queries[..1], options)?;
    let mut times = Vec::new();
    for query in queries.iter().cycle().take(rounds) {
        let start = ProcessTime::now();
        std::hint::black_box(gallery.search(&[*query], options)?);
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok((times[0], times[rounds / 2]))
}

/// Whether the first answers equal those of a full scan.
fn checked(gallery: &Gallery, exact: &Gallery, queries: &[Expression]) -> Result<bool> {
    for query in queries {
        if gallery.nearest(query, 3)? != exact.nearest(query, 3)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Random queries, which are also written for the peers.
fn write_queries(folder: &Path) -> Result<Vec<Expression>> {
    let mut faces = Faces::new(99);
    let queries: Vec<Expression> = (0..QUERIES).map(|_| faces.draw()).collect();
    let values = queries.iter().flat_map(|q| q.0);
    let bytes: Vec<u8> = values.flat_map(f32::to_le_bytes).collect();
    std::fs::write(folder.join("queries.f32"), bytes)?;
    Ok(queries)
}

/// Builds a new gallery; returns the time it took and its size, for the table.
fn build_cells(path: &Path, size: u64) -> Result<String> {
    let _ = std::fs::remove_file(path);
    let start = Instant::now();
    let cpu = ProcessTime::now();
    build(path, &path.with_extension("f32"), size)?;
    let wall = start.elapsed().as_secs_f64();
    let cpu = cpu.elapsed().as_secs_f64();
    let megabytes = std::fs::metadata(path)?.len() as f64 / 1e6;
    Ok(format!("{wall:.1} ({cpu:.1}) | {megabytes:.1}"))
}

/// Searches a gallery in memory and streamed, and compares the answers.
fn search_cells(path: &Path, size: u64, queries: &[Expression]) -> Result<String> {
    // A search among many takes so long that few rounds are exact enough.
    let rounds = if size > 100_000 { 40 } else { 1000 };
    let in_memory = Gallery::open(path)?.with_memory(ENOUGH_MEMORY);
    let nearest = SearchOptions::nearest(3);
    let (least, median) = timed(&in_memory, queries, rounds, &nearest)?;
    let (varied, varied_median) = timed(&in_memory, queries, rounds, &SearchOptions::varied())?;
    // Only one gallery at a time counts for the peak.
    drop(in_memory);
    let peak = memory_kb("VmHWM").map_or("?".into(), |kb| (kb / 1024).to_string());
    let streamed = Gallery::open(path)?.with_exact_faces(0).with_memory(0);
    let (slow, slower) = timed(&streamed, queries, rounds.min(20), &nearest)?;
    let same = if size <= MAX_CHECKED {
        let exact = Gallery::open(path)?.with_exact_faces(u64::MAX);
        checked(&streamed, &exact, &queries[..CHECKED_QUERIES])?.to_string()
    } else {
        "not tried".into()
    };
    Ok(format!(
        "{least:.4} | {median:.4} | {varied:.4} | {varied_median:.4} | {slow:.3} | {slower:.3} | {same} | {peak}"
    ))
}

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().context("usage: search FOLDER SIZE…")?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let queries = write_queries(folder)?;
    println!(
        "| faces | build s (CPU s) | file MB | in memory, ms | median | varied, ms | median | streamed, ms | median | equals full scan | peak MB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for size in args {
        let size: u64 = size.parse()?;
        let path = folder.join(format!("{size}.moue"));
        let built = build_cells(&path, size)?;
        let searched = search_cells(&path, size, &queries)?;
        println!("| {size} | {built} | {searched} |");
    }
    Ok(())
}
