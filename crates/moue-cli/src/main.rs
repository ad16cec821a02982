//! The program `moue`.

mod args;
#[cfg(feature = "camera")]
mod camera;
mod commands;
mod graphs;
mod inputs;
mod output;
mod progress;
mod raster;
mod report;
mod sheet;
mod side_packets;
mod terminal;
mod view;
#[cfg(feature = "window")]
mod window;

use anyhow::{Context, Result};
use args::{Args, Command};
use clap::{CommandFactory, Parser};
use clap_complete::Shell;
use report::Outcome;
use std::io;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run(Args::parse().command) {
        Ok(outcome) => outcome.into(),
        // Whoever reads our output has ended, as `head` does when it has enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("moue: {error:#}{}", report::advice(&error));
            Outcome::Error.into()
        }
    }
}

fn run(command: Command) -> Result<Outcome> {
    if stores_nothing(&command) {
        exit_on_interrupt()?;
    }
    match command {
        Command::Find(args) => commands::find::run(&args),
        Command::Detect(args) => commands::detect::run(&args),
        Command::Embed(args) => commands::embed::run(&args),
        Command::Live(args) => commands::live::run(args),
        Command::Timeline(args) => commands::timeline::run(&args),
        Command::Run(args) => commands::run::run(args),
        Command::Graph(args) => commands::graph::run(&args),
        Command::Gallery { command } => commands::gallery::run(command),
        Command::Doctor(args) => commands::doctor::run(&args),
        Command::Completions { shell } => print_completions(shell),
        Command::Man { folder } => write_man_pages(&folder),
    }
}

/// Commands that may end at once on Ctrl-C. `gallery` commits first; the others leave it to the
/// system, which ends them at once as well.
fn stores_nothing(command: &Command) -> bool {
    matches!(
        command,
        Command::Find(_) | Command::Detect(_) | Command::Embed(_) | Command::Timeline(_)
    )
}

/// Ends the program on Ctrl-C, with the exit code that the help states.
fn exit_on_interrupt() -> Result<()> {
    ctrlc::set_handler(|| std::process::exit(Outcome::INTERRUPTED.into()))?;
    Ok(())
}

fn print_completions(shell: Shell) -> Result<Outcome> {
    clap_complete::generate(shell, &mut Args::command(), "moue", &mut io::stdout());
    Ok(Outcome::Found)
}

fn write_man_pages(folder: &Path) -> Result<Outcome> {
    clap_mangen::generate_to(Args::command(), folder)
        .with_context(|| format!("cannot write into {}", folder.display()))?;
    Ok(Outcome::Found)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
