//! `moue gallery`: one module for each group of commands.

mod add;
mod collections;
mod edit;
mod export;
mod immich;
mod import;
mod ingest;
mod inspect;
mod map;
mod merge;
mod parts;
mod reembed;
#[cfg(feature = "stores")]
mod remote;
mod report;
mod selection;
mod stats;
mod verify;
mod watch;

use crate::args::gallery::GalleryCommand as Command;
use crate::report::Outcome;
use anyhow::Result;

pub(crate) fn run(command: Command) -> Result<Outcome> {
    #[cfg(feature = "stores")]
    if let Some(outcome) = remote::run(&command) {
        return outcome;
    }
    match command {
        Command::Add(args) => match &args.parquet {
            Some(folder) => parts::add(&args, folder),
            None => add::run(&args),
        },
        Command::Watch(args) => watch::run(&args),
        Command::List(args) => inspect::list(&args),
        Command::Show(args) => inspect::show(&args),
        Command::Info(args) => inspect::info(&args),
        Command::Stats(args) => stats::run(&args),
        Command::Tag(args) => edit::tag(&args),
        Command::Rename(args) => edit::rename(&args),
        Command::Hide(args) => edit::hide(&args, true),
        Command::Unhide(args) => edit::hide(&args, false),
        Command::Remove(args) => edit::remove(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Reembed(args) => reembed::run(&args),
        Command::Compact(args) => verify::compact(&args),
        Command::Merge(args) => merge::run(&args),
        Command::Load(args) => parts::load(&args),
        Command::Export(args) => export::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Map(args) => map::run(&args),
        Command::TagImmich(args) => immich::tag(&args),
    }
}
