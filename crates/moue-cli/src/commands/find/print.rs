//! What `moue find` prints.

use crate::output::{FaceObject, PictureLine, print_json, print_line, print_result, shown};
use anyhow::Result;
use moue::{Expression, Found, Match};
use serde_json::json;
use std::fmt::Write;
use std::path::PathBuf;

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

pub(super) fn text(name: &str, found: &[Found]) -> Result<()> {
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
        print_matches(&face.matches)?;
    }
    Ok(())
}

pub(super) fn together(pictures: &[PathBuf], matches: &[Match], as_json: bool) -> Result<()> {
    let names: Vec<String> = pictures
        .iter()
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    let object = json!({ "schema": "moue.find.together/1", "pictures": names, "matches": matches });
    print_result(as_json, &object, &shown(&names.join(" + ")))?;
    if as_json {
        return Ok(());
    }
    print_matches(matches)
}

fn print_matches(matches: &[Match]) -> Result<()> {
    for m in matches {
        let time = m
            .time
            .map_or(String::new(), |t| format!(" at {:.2} s", t.as_secs_f64()));
        let emoji = m
            .emoji
            .as_ref()
            .map_or(String::new(), |emoji| format!("{}  ", shown(emoji)));
        print_line(&format!(
            "  {:.3}  {emoji}{:<26}  {}{time}",
            m.distance,
            shown(&m.label),
            shown(&moue::gallery::shown_path(&m.path))
        ))?;
        // Some collections give a picture one text for both.
        if let Some(caption) = m.caption.as_ref().filter(|caption| **caption != m.label) {
            print_line(&format!("         {}", shown(caption)))?;
        }
    }
    Ok(())
}
