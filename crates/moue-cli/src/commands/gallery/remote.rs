//! `moue gallery` for galleries on servers.

use super::inspect::print_entry;
use super::selection::Selection;
use super::{edit, export, stats};
use crate::address::is_address as is_remote;
use crate::args::gallery::{
    ExportArgs, GalleryCommand as Command, ListArgs, MergeArgs, ReadArgs, RemoveArgs, TagArgs,
};
use crate::files::Outputs;
use crate::npy;
use crate::output::{counted, counted_or_no, note, print_json, print_result, shown};
use crate::progress;
use crate::report::Outcome;
use crate::stores::{self, Store};
use anyhow::{Result, ensure};
use moue::Expression;
use moue::embed::EXPRESSION_LEN;
use moue::gallery::{Filter, GalleryStats, NewPicture, stored_text};
use moue_store::{Selector, StoredPicture, for_each};
use serde_json::json;
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

/// Pictures that go to a store at a time: some hundred kilobytes, for one wait for the disk.
pub(super) const BATCH: usize = 512;

/// Runs a command if its gallery is on a server, and it is one that servers know. The others open a
/// file, and say that an address is none.
pub(super) fn run(command: &Command) -> Option<Result<Outcome>> {
    let outcome = match command {
        Command::List(args) if is_remote(&args.gallery) => list(args),
        Command::Info(args) if is_remote(&args.gallery) => info(args),
        Command::Stats(args) if is_remote(&args.gallery) => stats(args),
        Command::Tag(args) if is_remote(&args.gallery) => tag(args),
        Command::Remove(args) if is_remote(&args.gallery) => remove(args),
        Command::Export(args) if is_remote(&args.gallery) => export(args),
        Command::Merge(args) if is_remote(&args.gallery) => merge(args),
        Command::Merge(args) if args.others.iter().any(|other| is_remote(other)) => merge(args),
        _ => return None,
    };
    Some(outcome)
}

fn list(args: &ListArgs) -> Result<Outcome> {
    let store = stores::open(&args.gallery)?;
    for_each(store.as_ref(), &Filter::from(&args.filter), |stored| {
        if stored.picture.hidden != args.hidden {
            return Ok(());
        }
        let entries: Vec<_> = stored.picture.entries().collect();
        for (entry, expression) in entries.iter().zip(&stored.expressions) {
            if expression.meets(&args.emotions.emotion) {
                let emotions = expression.emotions();
                print_entry(&stored.picture, entry, &emotions, args.json)?;
            }
        }
        anyhow::Ok(())
    })?;
    Ok(Outcome::Found)
}

fn info(args: &ReadArgs) -> Result<Outcome> {
    let store = stores::open(&args.gallery)?;
    let counts = store.count()?;
    let weights = store.fingerprint()?;
    let name = store.name();
    let object = json!({
        "schema": "moue.gallery.info/1", "gallery": name, "faces": counts.faces, "pictures": counts.pictures,
        "thumbnails": null, "files": null, "weights": weights, "bytes": null,
    });
    let text = format!(
        "{}: {} in {}, weights {weights}, {}",
        shown(name),
        counted(counts.faces, "face"),
        counted(counts.pictures, "picture"),
        way_of_search(store.as_ref())
    );
    print_result(args.json, &object, &text)?;
    Ok(Outcome::Found)
}

fn way_of_search(store: &Store) -> &'static str {
    if store.is_exact() {
        "every face is compared"
    } else {
        "searched through an index"
    }
}

fn stats(args: &ReadArgs) -> Result<Outcome> {
    let store = stores::open(&args.gallery)?;
    let mut counts = stats::Counts::default();
    let mut sums = GalleryStats {
        faces: 0,
        pictures: 0,
        thumbnails: 0,
        files: 0,
    };
    for_each(store.as_ref(), &Filter::default(), |stored| {
        sums.pictures += 1;
        sums.faces += stored.expressions.len() as u64;
        sums.thumbnails += stored.thumbnails.iter().flatten().count() as u64;
        counts.add(&stored.picture);
        stored.expressions.iter().for_each(|e| counts.add_face(e));
        anyhow::Ok(())
    })?;
    stats::print(&counts, &sums, None, args.json)?;
    Ok(Outcome::Found)
}

/// Writes what `export` writes of a file, in one pass.
fn export(args: &ExportArgs) -> Result<Outcome> {
    let store = stores::open(&args.gallery)?;
    let outputs = Outputs::new(args.overwrite.force, [&args.gallery]);
    let folder = outputs.folder("export", &args.folder)?;
    let mut files = export::Files::begin(&folder)?;
    let counts = store.count()?;
    let shape = [counts.faces, EXPRESSION_LEN as u64];
    npy::write_header(&mut files.expressions, shape)?;
    let [mut pictures, mut faces] = [0, 0];
    for_each(store.as_ref(), &Filter::default(), |stored| {
        pictures += 1;
        faces += stored.expressions.len();
        export_picture(args, &mut files, &stored, faces)
    })?;
    ensure!(faces as u64 == counts.faces, export::CHANGED);
    export::write_header(&store.fingerprint()?, counts.faces, &mut files.header)?;
    files.finish()?;
    export::print(args, pictures, faces)
}

fn write_expressions(expressions: &[Expression], file: &mut impl Write) -> Result<()> {
    for expression in expressions {
        let numbers = expression.0.map(f32::to_le_bytes);
        file.write_all(numbers.as_flattened())?;
    }
    Ok(())
}

/// Writes a picture and its faces, which are the rows before `end`.
fn export_picture(
    args: &ExportArgs,
    files: &mut export::Files,
    stored: &StoredPicture,
    end: usize,
) -> Result<()> {
    write_expressions(&stored.expressions, &mut files.expressions)?;
    let rows = end - stored.expressions.len()..end;
    let thumbnails = stored.thumbnails.iter().map(|t| Ok(t.clone()));
    let lines = &mut files.pictures;
    export::write_picture(
        &stored.picture,
        rows.map(Some),
        thumbnails,
        args.share,
        lines,
    )
}

/// What a word of the command line can name: a path, also relative to the working directory, or the
/// number of a face.
fn selectors(word: &OsString) -> Vec<Selector> {
    let path = Path::new(word);
    let mut selectors = vec![Selector::Path(stored_text(path))];
    let absolute = std::path::absolute(path).ok();
    selectors.extend(absolute.map(|path| Selector::Path(stored_text(&path))));
    let id = word.to_str().and_then(|text| text.parse().ok());
    selectors.extend(id.map(Selector::Face));
    selectors
}

/// Calls `change` with what each word names, or with all that the filter selects, and returns the sum.
/// A word that names nothing is reported.
fn changed(
    store: &Store,
    words: &[OsString],
    filter: &Filter,
    mut change: impl FnMut(&moue_store::Selection) -> Result<u64>,
) -> Result<(u64, Outcome)> {
    if words.is_empty() {
        let selection = moue_store::Selection {
            filter: filter.clone(),
            ..moue_store::Selection::default()
        };
        return Ok((change(&selection)?, Outcome::Found));
    }
    let mut matched = Vec::new();
    // Before any change, and without the filter: a word names a picture that another one names too, or
    // that the filter leaves out.
    for word in words {
        let named = moue_store::Selection {
            any_of: selectors(word),
            ..moue_store::Selection::default()
        };
        matched.push(store.selected(&named)? > 0);
    }
    let changed = change(&moue_store::Selection {
        any_of: words.iter().flat_map(selectors).collect(),
        filter: filter.clone(),
    })?;
    let outcome = Selection::of_matched(words, matched).report_unmatched(Path::new(store.name()));
    Ok((changed, outcome))
}

fn tag(args: &TagArgs) -> Result<Outcome> {
    let filter = edit::tagged(args)?;
    let store = stores::open(&args.gallery)?;
    let (changed, outcome) = changed(store.as_ref(), &args.selectors, &filter, |selection| {
        Ok(store.tag(selection, &args.add, &args.drop)?)
    })?;
    let object = json!({ "schema": "moue.gallery.tag/1", "changed": changed });
    let text = format!("{} changed", counted(changed, "picture"));
    print_result(args.json, &object, &text)?;
    Ok(outcome)
}

fn remove(args: &RemoveArgs) -> Result<Outcome> {
    let store = stores::open(&args.gallery)?;
    let (removed, outcome) = changed(
        store.as_ref(),
        &args.selectors,
        &Filter::default(),
        |selection| Ok(store.remove(selection)?),
    )?;
    if args.json {
        print_json(&json!({ "schema": "moue.gallery.remove/1", "removed": removed }))?;
    } else {
        note(&format!(
            "{} removed",
            counted_or_no(removed as usize, "picture")
        ));
    }
    Ok(outcome)
}

/// Puts a batch and empties it; returns how many of its pictures were new.
fn put(store: &Store, batch: &mut Vec<NewPicture>) -> Result<usize> {
    let added = store.put(&std::mem::take(batch))?;
    Ok(added.iter().filter(|new| **new).count())
}

/// Copies all pictures of a gallery into another one, of which at least one is on a server. Returns
/// how many were new.
fn copy(from: &Store, into: &Store) -> Result<usize> {
    let bar = progress::bar(from.count()?.pictures as usize, "pictures");
    let mut batch: Vec<NewPicture> = Vec::new();
    let mut added = 0;
    for_each(from, &Filter::default(), |stored| {
        batch.extend(stored.to_new());
        if batch.len() == BATCH {
            added += put(into, &mut batch)?;
            bar.inc(BATCH as u64);
        }
        anyhow::Ok(())
    })?;
    added += put(into, &mut batch)?;
    into.finish_load()?;
    bar.finish_and_clear();
    Ok(added)
}

fn merge(args: &MergeArgs) -> Result<Outcome> {
    let into = stores::create(&args.gallery)?;
    super::merge::each(args, |other| {
        let from = stores::open(other)?;
        let total = from.count()?.pictures;
        let added = copy(from.as_ref(), into.as_ref())?;
        Ok(super::merge::Merged { added, total })
    })
}
