//! What `moue find` prints.

use crate::captions;
use crate::output::{FaceObject, PictureLine, print_json, print_line, print_result, shown};
use anyhow::Result;
use console::{Alignment, measure_text_width, pad_str};
use moue::{Expression, Found, Match};
use serde_json::json;
use std::fmt::Write;

/// Columns of labels, so that the paths behind them are aligned for most faces.
const MIN_LABEL_COLUMNS: usize = 26;
/// A longer label would move all paths far to the right; it moves its own. It is not cut, as `hide`
/// takes labels as they are shown.
const MAX_LABEL_COLUMNS: usize = 44;

pub(super) const SCHEMA: &str = "moue.find/1";

pub(super) fn object(name: &str, [width, height]: [usize; 2], found: &[Found]) -> Result<()> {
    print_json(&PictureLine {
        schema: SCHEMA,
        picture: name.to_owned(),
        width: Some(width),
        height: Some(height),
        faces: found.iter().map(face_object).collect(),
        error: None,
    })
}

fn face_object(found: &Found) -> FaceObject {
    FaceObject {
        matches: Some(found.matches.clone()),
        emotions: found.expression.as_ref().ok().map(Expression::emotions),
        error: found.expression.as_ref().err().map(ToString::to_string),
        ..FaceObject::new(&found.face)
    }
}

/// Prints the faces of a picture; `print` is how their matches are printed.
pub(super) fn text(
    name: &str,
    found: &[Found],
    print: impl Fn(&[Match]) -> Result<()>,
) -> Result<()> {
    let name = shown(name);
    if found.is_empty() {
        return print_line(&format!("{name}: no face"));
    }
    for (number, face) in found.iter().enumerate() {
        let mut title = name.clone();
        // A single face needs no number.
        if found.len() > 1 {
            write!(title, ", face {}", number + 1)?;
        }
        if face.matches.is_empty() {
            title.push_str(": no match");
        }
        print_line(&title)?;
        print(&face.matches)?;
    }
    Ok(())
}

pub(super) fn together(names: &[String], matches: &[Match], as_json: bool) -> Result<()> {
    let object = json!({ "schema": "moue.find.together/1", "pictures": names, "matches": matches });
    print_result(as_json, &object, &shown(&names.join(" + ")))
}

/// Prints a line for each match.
pub(super) fn matches(matches: &[Match]) -> Result<()> {
    let labels = matches.iter().map(|m| shown(&captions::label(m)));
    let labels: Vec<String> = labels.collect();
    let widths = labels.iter().map(|label| measure_text_width(label));
    let widest = widths.filter(|width| *width <= MAX_LABEL_COLUMNS).max();
    let columns = widest.unwrap_or(0).max(MIN_LABEL_COLUMNS);
    let mut rows = matches.iter().zip(&labels);
    rows.try_for_each(|(m, label)| print_match(m, label, columns))
}

/// A line for the match, and one for what people have written about it.
fn print_match(m: &Match, label: &str, columns: usize) -> Result<()> {
    // A letter of East Asia or an emoji takes two columns.
    let label = pad_str(label, columns, Alignment::Left, None);
    let path = shown(&moue::gallery::shown_path(&m.path));
    let time = captions::time(m);
    print_line(&format!("  {:.3}  {label}  {path}{time}", m.distance))?;
    let caption = captions::description(&m.label, m.caption.as_deref());
    let tags = captions::tags(&m.path, &m.tags);
    let words: Vec<&str> = caption.into_iter().chain([tags.as_str()]).collect();
    match words.join("  ").trim() {
        "" => Ok(()),
        words => print_line(&format!("         {}", shown(words))),
    }
}
