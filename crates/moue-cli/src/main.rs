//! The program `moue`.

mod address;
mod args;
mod cache;
#[cfg(feature = "camera")]
mod camera;
mod captions;
#[cfg(feature = "clipboard")]
mod clipboard;
mod commands;
mod dates;
mod desktop;
mod emoji;
mod emotions;
mod files;
mod graphs;
mod inputs;
mod interrupt;
mod live_search;
mod marks;
mod matched;
mod npy;
mod output;
mod palette;
mod panics;
mod parallel;
#[cfg(feature = "pick")]
mod pick;
mod progress;
mod raster;
mod report;
mod sheet;
mod side_packets;
mod stores;
mod terminal;
mod text;
mod view;
#[cfg(feature = "window")]
mod window;

use anyhow::Result;
use args::{Args, Command};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use clap_complete::Shell;
use report::Outcome;
use std::process::ExitCode;

fn main() -> ExitCode {
    panics::install_hook();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return explain(error),
    };
    // The hook reports a panic, and what is left to do is to end with the code of an error.
    let result = std::panic::catch_unwind(|| run(args.command));
    match result.unwrap_or(Ok(Outcome::Error)) {
        Ok(outcome) => outcome.into(),
        // Whoever reads our output has ended, as `head` does when it has enough.
        Err(error) if error.is::<output::ReaderGone>() => ExitCode::SUCCESS,
        Err(error) => {
            let advice = report::advice(&error);
            output::message(&format!("{}{advice}", report::chain(&error)));
            Outcome::Error.into()
        }
    }
}

/// Prints help, the version, or what is wrong with the command line. An error repeats what the user
/// wrote, such as names of files that a shell put in for `*`, so it is printed as foreign text.
fn explain(error: clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => error.exit(),
        _ => {
            let text = args::with_suggestion(error).render().to_string();
            output::note(report::in_words(text.trim_end()).as_str());
        }
    }
    Outcome::Error.into()
}

fn run(command: Command) -> Result<Outcome> {
    interrupt::install()?;
    match command {
        Command::Find(args) => commands::find::run(&args),
        Command::Detect(args) => commands::detect::run(&args),
        Command::Embed(args) => commands::embed::run(&args),
        Command::Best(args) => commands::best::run(&args),
        Command::Live(args) => commands::live::run(args),
        #[cfg(feature = "pick")]
        Command::Pick(args) => pick::run(args),
        #[cfg(not(feature = "pick"))]
        Command::Pick { rest: _ } => anyhow::bail!(
            "this moue was built without `pick`; \
             cargo install --locked --path crates/moue-cli --features pick builds it in"
        ),
        Command::Timeline(args) => commands::timeline::run(&args),
        Command::Run(args) => commands::run::run(args),
        Command::Graph(args) => commands::graph::run(&args),
        Command::Gallery { command } => commands::gallery::run(command),
        #[cfg(feature = "server")]
        Command::Serve(args) => commands::serve::run(args),
        #[cfg(not(feature = "server"))]
        Command::Serve { rest: _ } => anyhow::bail!(
            "this moue was built without `serve`; \
             cargo install --locked --path crates/moue-cli --features server builds it in"
        ),
        Command::Doctor(args) => commands::doctor::run(&args),
        Command::Completions { shell } => print_completions(shell),
        Command::Schema(args) => commands::schema::run(&args),
        #[cfg(feature = "man")]
        Command::Man(args) => commands::man::run(&args),
        #[cfg(not(feature = "man"))]
        Command::Man { rest: _ } => anyhow::bail!(
            "this moue was built without `man`; \
             cargo install --locked --path crates/moue-cli --features man builds it in"
        ),
        #[cfg(all(feature = "clipboard", target_os = "linux"))]
        Command::HoldClipboard => clipboard::hold().map(|()| Outcome::Found),
    }
}

fn print_completions(shell: Shell) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "moue", &mut script);
    output::print_own(String::from_utf8(script)?.trim_end())?;
    Ok(Outcome::Found)
}
