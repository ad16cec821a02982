//! `moue gallery tag|rename|hide|unhide|remove`.

use super::selection::Selection;
use crate::args::gallery::{HideArgs, RemoveArgs, RenameArgs, TagArgs};
use crate::inputs::open_for_writing;
use crate::output::{counted, counted_or_no, note, print_json, print_result};
use crate::report::Outcome;
use anyhow::{Result, ensure};
use moue::Gallery;
use moue::gallery::{Filter, Picture};
use serde_json::json;
use std::cell::RefCell;

/// What restricts the pictures that are tagged; an error if nothing does, or if there is nothing to do.
pub(super) fn tagged(args: &TagArgs) -> Result<Filter> {
    let filter = Filter::from(&args.filter);
    ensure!(
        !args.add.is_empty() || !args.drop.is_empty(),
        "nothing to do: give --add TAG or --drop TAG"
    );
    // Without this, a forgotten selector would tag the whole gallery.
    ensure!(
        !args.selectors.is_empty() || !filter.is_empty(),
        "select pictures: give paths, numbers of faces, or a filter"
    );
    Ok(filter)
}

pub(super) fn tag(args: &TagArgs) -> Result<Outcome> {
    let filter = tagged(args)?;
    let mut selection = Selection::new(&args.selectors);
    let changed =
        open_for_writing(&args.gallery, Gallery::open_for_writing)?.update(|picture| {
            selection.contains(picture)
                && filter.matches(picture)
                && picture.retag(&args.add, &args.drop)
        })?;
    let object = json!({ "schema": "moue.gallery.tag/1", "changed": changed });
    print_result(
        args.json,
        &object,
        &format!("{} changed", counted(changed, "picture")),
    )?;
    Ok(selection.report_unmatched(&args.gallery))
}

pub(super) fn rename(args: &RenameArgs) -> Result<Outcome> {
    ensure!(!args.label.trim().is_empty(), "the label is empty");
    let selectors = [args.selector.clone()];
    let mut selection = Selection::new(&selectors);
    let changed =
        open_for_writing(&args.gallery, Gallery::open_for_writing)?.update(|picture| {
            let selected = selection.contains(picture);
            if selected {
                relabel(args, picture);
            }
            selected
        })?;
    let object = json!({ "schema": "moue.gallery.rename/1", "changed": changed });
    print_result(
        args.json,
        &object,
        &format!("{} changed", counted(changed, "picture")),
    )?;
    Ok(selection.report_unmatched(&args.gallery))
}

fn relabel(args: &RenameArgs, picture: &mut Picture) {
    picture.label.clone_from(&args.label);
    if let Some(caption) = &args.caption {
        picture.caption = (!caption.is_empty()).then(|| caption.clone());
    }
}

pub(super) fn hide(args: &HideArgs, hidden: bool) -> Result<Outcome> {
    let gallery = open_for_writing(&args.gallery, Gallery::open_for_writing)?;
    let mut selection = Selection::new(&args.selectors).with_labels();
    let changed = gallery.set_hidden(hidden, |picture| selection.contains(picture))?;
    // Each schema has the name of its command.
    let (schema, key) = if hidden {
        ("moue.gallery.hide/1", "hidden")
    } else {
        ("moue.gallery.unhide/1", "unhidden")
    };
    if args.json {
        print_json(&json!({ "schema": schema, key: changed }))?;
    } else {
        note(&format!("{} {key}", counted(changed, "picture")));
    }
    Ok(selection.report_unmatched(&args.gallery))
}

pub(super) fn remove(args: &RemoveArgs) -> Result<Outcome> {
    let gallery = open_for_writing(&args.gallery, Gallery::open_for_writing)?;
    // `Gallery::remove` takes an `Fn`, and a selection remembers what it has matched.
    let selection = RefCell::new(Selection::new(&args.selectors));
    let removed = gallery.remove(|picture| selection.borrow_mut().contains(picture))?;
    if args.json {
        print_json(&json!({ "schema": "moue.gallery.remove/1", "removed": removed }))?;
    } else {
        note(&format!("{} removed", counted_or_no(removed, "picture")));
    }
    Ok(selection.into_inner().report_unmatched(&args.gallery))
}
