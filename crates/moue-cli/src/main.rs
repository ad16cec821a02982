//! The program `moue`.

mod args;
#[cfg(feature = "camera")]
mod camera;
mod commands;

mod output;
mod pictures;
mod progress;
mod raster;
mod report;
mod side_packets;

mod terminal;
mod view;
#[cfg(feature = "window")]
mod window;

use args::{Args, Command};
use clap::{CommandFactory, Parser};
use report::Outcome;
use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(outcome) => outcome.into(),
        // Whoever read our output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("moue: {error:#}{}", report::advice(&error));
            Outcome::Error.into()
        }
    }
}

fn run(args: Args) -> anyhow::Result<Outcome> {
    match args.command {
        Command::Find(args) => quit_on_interrupt().and_then(|()| commands::find::run(&args)),
        Command::Detect(args) => quit_on_interrupt().and_then(|()| commands::detect::run(&args)),
        Command::Embed(args) => quit_on_interrupt().and_then(|()| commands::embed::run(&args)),
        Command::Live(args) => commands::live::run(args),
        Command::Timeline(args) => {
            quit_on_interrupt().and_then(|()| commands::timeline::run(&args))
        }
        Command::Run(args) => commands::run::run(args),
        Command::Graph(args) => commands::graph::run(&args),
        Command::Gallery { command } => commands::gallery::run(command),
        Command::Doctor(args) => commands::doctor::run(&args),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Args::command(), "moue", &mut io::stdout());
            Ok(Outcome::Found)
        }
        Command::Man { folder } => {
            clap_mangen::generate_to(Args::command(), &folder)?;
            Ok(Outcome::Found)
        }
    }
}

/// These commands store nothing, so they may end at once.
fn quit_on_interrupt() -> anyhow::Result<()> {
    Ok(ctrlc::set_handler(|| {
        std::process::exit(Outcome::INTERRUPTED.into())
    })?)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|e| {
        e.downcast_ref::<io::Error>()
            .is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    })
}
