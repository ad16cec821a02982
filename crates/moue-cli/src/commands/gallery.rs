//! `moue gallery list|remove|info`; `add` has a module of its own.

use super::{add, open_gallery};
use crate::args::GalleryCommand;
use crate::output::{print_json, print_line, shown};
use crate::report::Outcome;
use anyhow::Result;
use moue::{Entry, Gallery};
use serde_json::json;
use std::path::Path;

pub(crate) fn run(command: GalleryCommand) -> Result<Outcome> {
    match command {
        GalleryCommand::Add { gallery, paths, json } => add::run(&gallery, &paths, json),
        GalleryCommand::List { gallery, json } => list(&gallery, json),
        GalleryCommand::Remove { gallery, what } => remove(&gallery, &what),
        GalleryCommand::Info { gallery, json } => info(&gallery, json),
    }
}

fn list(path: &Path, as_json: bool) -> Result<Outcome> {
    for e in open_gallery(path)?.entries()? {
        if as_json {
            print_json(&json!({
                "schema": "moue.gallery.list/1", "id": e.id, "picture": e.picture, "label": e.label, "path": e.path,
                "box": e.bounding_box, "score": e.score, "key_points": e.key_points, "tags": e.tags,
            }))?;
        } else {
            print_line(&format!("{:>6}  {:<26}  {}", e.id, shown(&e.label), shown(&e.path)))?;
        }
    }
    Ok(Outcome::Found)
}

fn remove(path: &Path, what: &[String]) -> Result<Outcome> {
    let gallery = Gallery::open_for_writing(path)?;
    let names = |e: &Entry, w: &String| e.path == *w || e.id.to_string() == *w;
    let mut outcome = Outcome::Found;
    for w in what {
        if !gallery.entries()?.iter().any(|e| names(e, w)) {
            eprintln!("moue: {}: not in the gallery", shown(w));
            outcome = Outcome::Missing;
        }
    }
    let gone = gallery.remove(|e| what.iter().any(|w| names(e, w)))?;
    eprintln!("{gone} pictures removed");
    Ok(outcome)
}

fn info(path: &Path, as_json: bool) -> Result<Outcome> {
    let gallery = open_gallery(path)?;
    let (faces, pictures, weights) = (gallery.len()?, gallery.pictures()?, gallery.fingerprint()?);
    let bytes = std::fs::metadata(path).ok().map(|m| m.len());
    let name = path.to_string_lossy();
    if as_json {
        print_json(&json!({
            "schema": "moue.gallery.info/1", "gallery": name, "faces": faces, "pictures": pictures, "weights": weights,
            "bytes": bytes,
        }))?;
    } else {
        print_line(&format!("{}: {faces} faces in {pictures} pictures, weights {weights}", shown(&name)))?;
    }
    Ok(Outcome::Found)
}
