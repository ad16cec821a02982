//! `moue gallery tag|rename|remove|verify|compact`.

use super::{complain, named, say};
use crate::output::{print_json, print_line, shown};
use crate::report::Outcome;
use anyhow::{Result, ensure};
use moue::Gallery;
use moue::gallery::{Filter, Picture};
use serde_json::json;
use std::path::Path;

/// Tags to add and to take away.
pub(super) struct Tags {
    pub(super) add: Vec<String>,
    pub(super) drop: Vec<String>,
}

impl Tags {
    /// Whether they change anything of a picture.
    fn apply(&self, picture: &mut Picture) -> bool {
        let before = picture.tags.clone();
        picture.tags.retain(|tag| !self.drop.contains(tag));
        for tag in &self.add {
            if !picture.tags.contains(tag) {
                picture.tags.push(tag.clone());
            }
        }
        picture.tags != before
    }
}

pub(super) fn tag(
    path: &Path,
    what: &[String],
    filter: &Filter,
    tags: &Tags,
    json: bool,
) -> Result<Outcome> {
    ensure!(
        !tags.add.is_empty() || !tags.drop.is_empty(),
        "nothing to do: give --add TAG or --drop TAG"
    );
    ensure!(
        !what.is_empty() || !filter.is_empty(),
        "say which pictures: paths, numbers of faces, or a filter"
    );
    let mut found = vec![false; what.len()];
    let changed = Gallery::open_for_writing(path)?.update(|picture| {
        named(what, &mut found, picture) && filter.matches(picture) && tags.apply(picture)
    })?;
    say(
        json,
        &json!({ "schema": "moue.gallery.tag/1", "changed": changed }),
        &format!("{changed} pictures changed"),
    )?;
    Ok(complain(what, &found))
}

pub(super) fn rename(
    path: &Path,
    what: &str,
    label: &str,
    caption: Option<&str>,
    json: bool,
) -> Result<Outcome> {
    ensure!(!label.trim().is_empty(), "the label is empty");
    let what = [what.to_owned()];
    let mut found = [false];
    let changed = Gallery::open_for_writing(path)?.update(|picture| {
        let named = named(&what, &mut found, picture);
        if named {
            picture.label = label.to_owned();
            if let Some(caption) = caption {
                picture.caption = (!caption.is_empty()).then(|| caption.to_owned());
            }
        }
        named
    })?;
    say(
        json,
        &json!({ "schema": "moue.gallery.rename/1", "changed": changed }),
        &format!("{changed} pictures changed"),
    )?;
    Ok(complain(&what, &found))
}

pub(super) fn remove(path: &Path, what: &[String], json: bool) -> Result<Outcome> {
    let gallery = Gallery::open_for_writing(path)?;
    let found = std::cell::RefCell::new(vec![false; what.len()]);
    let gone = gallery.remove(|picture| named(what, &mut found.borrow_mut(), picture))?;
    if json {
        print_json(&json!({ "schema": "moue.gallery.remove/1", "removed": gone }))?;
    } else {
        eprintln!("{gone} pictures removed");
    }
    Ok(complain(what, &found.into_inner()))
}

pub(super) fn verify(path: &Path, repair: bool, json: bool) -> Result<Outcome> {
    let mut gallery = if repair {
        Gallery::open_for_writing(path)?
    } else {
        Gallery::open(path)?
    };
    let report = gallery.verify(repair)?;
    if json {
        let mut object = serde_json::to_value(&report)?;
        object["schema"] = "moue.gallery.verify/1".into();
        print_json(&object)?;
    } else {
        report
            .problems
            .iter()
            .try_for_each(|problem| print_line(&shown(problem)))?;
        let found = format!(
            "{} faces in {} pictures are whole",
            report.faces, report.pictures
        );
        let advice = match (report.problems.len(), report.repaired) {
            (0, _) => "nothing is wrong".to_owned(),
            (n, true) => format!("{n} problems, mended"),
            (n, false) => format!(
                "{n} problems; `moue gallery verify --repair {}` mends them",
                path.display()
            ),
        };
        print_line(&format!("{found}; {advice}"))?;
    }
    Ok(if report.problems.is_empty() || report.repaired {
        Outcome::Found
    } else {
        Outcome::Missing
    })
}

pub(super) fn compact(path: &Path, json: bool) -> Result<Outcome> {
    let size = || std::fs::metadata(path).map_or(0, |m| m.len());
    let before = size();
    Gallery::open_for_writing(path)?.compact()?;
    let after = size();
    let object = json!({ "schema": "moue.gallery.compact/1", "before": before, "after": after });
    say(
        json,
        &object,
        &format!("{before} bytes before, {after} after"),
    )?;
    Ok(Outcome::Found)
}
