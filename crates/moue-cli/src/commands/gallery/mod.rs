//! `moue gallery`: one module for each group of commands.

mod add;
mod edit;
mod inspect;
mod map;
mod transfer;
mod watch;

use crate::args::gallery::GalleryCommand as Command;
use crate::output::{print_json, print_line, shown};
use crate::report::Outcome;
use anyhow::Result;
use moue::gallery::Picture;
use serde::Serialize;

pub(crate) fn run(command: Command) -> Result<Outcome> {
    match command {
        Command::Add(args) => add::run(&args),
        Command::Watch {
            gallery,
            folders,
            json,
            how,
        } => watch::run(&gallery, &folders, &how, json),
        Command::List {
            gallery,
            filter,
            json,
        } => inspect::list(&gallery, &(&filter).into(), json),
        Command::Show {
            gallery,
            what,
            json,
        } => inspect::show(&gallery, &what, json),
        Command::Info { gallery, json } => inspect::info(&gallery, json),
        Command::Stats { gallery, json } => inspect::stats(&gallery, json),
        Command::Tag {
            gallery,
            what,
            add,
            drop,
            filter,
            json,
        } => edit::tag(
            &gallery,
            &what,
            &(&filter).into(),
            &edit::Tags { add, drop },
            json,
        ),
        Command::Rename {
            gallery,
            what,
            label,
            caption,
            json,
        } => edit::rename(&gallery, &what, &label, caption.as_deref(), json),
        Command::Remove {
            gallery,
            what,
            json,
        } => edit::remove(&gallery, &what, json),
        Command::Verify {
            gallery,
            repair,
            json,
        } => edit::verify(&gallery, repair, json),
        Command::Compact { gallery, json } => edit::compact(&gallery, json),
        Command::Merge {
            gallery,
            others,
            json,
        } => transfer::merge(&gallery, &others, json),
        Command::Export {
            gallery,
            folder,
            json,
        } => transfer::export(&gallery, &folder, json),
        Command::Import {
            gallery,
            folder,
            json,
        } => transfer::import(&gallery, &folder, json),
        Command::Map {
            gallery,
            output,
            filter,
            json,
        } => map::run(&gallery, &output, &(&filter).into(), json),
    }
}

/// Whether `what` names a picture: its path, or the number of one of its faces.
fn names(what: &str, picture: &Picture) -> bool {
    picture.path == what
        || what
            .parse()
            .is_ok_and(|id: u64| picture.faces.iter().any(|f| f.id == id))
}

/// Whether one of the words names the picture, all of them noted; without words all are.
fn named(what: &[String], found: &mut [bool], picture: &Picture) -> bool {
    let mut any = what.is_empty();
    for (found, what) in found.iter_mut().zip(what) {
        let this = names(what, picture);
        (*found, any) = (*found || this, any || this);
    }
    any
}

/// Complains about every word that names no picture.
fn complain(what: &[String], found: &[bool]) -> Outcome {
    let missing = what.iter().zip(found).filter(|(_, found)| !**found);
    missing
        .map(|(what, _)| eprintln!("moue: {}: not in the gallery", shown(what)))
        .fold(Outcome::Found, |_, ()| Outcome::Missing)
}

/// Prints what a command did, as JSON or as text.
fn say(json: bool, object: &impl Serialize, text: &str) -> Result<()> {
    if json {
        print_json(object)
    } else {
        print_line(text)
    }
}
