//! `cargo xtask shape`: measures how readable the code is built, crate by crate.
//!
//! Rust is parsed with `syn`, so a length is that of the syntax and not of a guess by indentation.

mod bounds;
mod circles;
mod figures;
mod files;
mod limits;
mod modules;
mod report;
mod resolve;
mod syntax;
mod words;

use anyhow::{Result, ensure};
use clap::Args;
use figures::Shape;
use std::collections::BTreeMap;

/// Arguments of `cargo xtask shape`.
#[derive(Args)]
pub(crate) struct Options {
    /// Only these crates or folders, such as `moue-nn` or `training`; all without one.
    crates: Vec<String>,
    /// Print everything as one JSON object.
    #[arg(long)]
    json: bool,
    /// Exit with 1 if a bound is broken.
    #[arg(long)]
    check: bool,
    /// How many of the longest functions to list for each crate.
    #[arg(long, default_value_t = 5)]
    longest: usize,
}

/// Measures, prints, and with `--check` fails where a bound is broken.
pub(crate) fn run(options: &Options) -> Result<()> {
    let shapes = measure(&options.crates)?;
    ensure!(!shapes.is_empty(), "there is no such crate or folder");
    if options.json {
        println!("{}", serde_json::to_string_pretty(&shapes)?);
    } else {
        print!("{}", report::text(&shapes, options.longest));
    }
    let broken = bounds::broken(&shapes);
    for line in &broken {
        eprintln!("{line}");
    }
    ensure!(
        !options.check || broken.is_empty(),
        "{} bounds are broken",
        broken.len()
    );
    Ok(())
}

fn measure(groups: &[String]) -> Result<BTreeMap<String, Shape>> {
    let mut shapes: BTreeMap<String, Shape> = BTreeMap::new();
    for source in files::all()? {
        if groups.is_empty() || groups.contains(&source.group) {
            shapes
                .entry(source.group.clone())
                .or_default()
                .add(&source)?;
        }
    }
    for (group, shape) in &mut shapes {
        shape.circles = circles::of_crate(group)?;
        shape.finish();
    }
    Ok(shapes)
}
