//! `moue detect`.

use crate::args::DetectArgs;
use crate::output::{FaceObject, PictureLine, print_json, print_line, reject_picture, shown};
use crate::report::Outcome;
use crate::{inputs, raster};
use anyhow::Result;
use moue::{Face, FaceDetector, Frame};
use std::path::{Path, PathBuf};

const SCHEMA: &str = "moue.detect/1";

pub(crate) fn run(args: &DetectArgs) -> Result<Outcome> {
    let mut detector = FaceDetector::new()?;
    let mut outcome = Outcome::Found;
    // One detector for all pictures: its memory is reused.
    for (number, path) in args.pictures.iter().enumerate() {
        let one = match inputs::open_picture(path) {
            Ok(frame) => {
                let faces =
                    detector.detect_with(&frame, &moue::Effort::from(args.effort.effort).into())?;
                report(args, path, &frame, &faces)?;
                draw(args, number, &frame, &faces)?;
                Outcome::found_if(!faces.is_empty())
            }
            Err(error) => reject_picture(SCHEMA, path, &error.to_string(), args.json)?,
        };
        outcome = outcome.max(one);
    }
    Ok(outcome)
}

fn report(args: &DetectArgs, path: &Path, frame: &Frame<'_>, faces: &[Face]) -> Result<()> {
    if !args.json {
        return print_text(path, frame, faces);
    }
    print_json(&PictureLine {
        schema: SCHEMA,
        picture: path.to_string_lossy().into_owned(),
        width: Some(frame.width()),
        height: Some(frame.height()),
        faces: faces.iter().map(FaceObject::new).collect(),
        error: None,
    })
}

fn print_text(path: &Path, frame: &Frame<'_>, faces: &[Face]) -> Result<()> {
    let count = match faces.len() {
        0 => "no face".to_owned(),
        1 => "1 face".to_owned(),
        count => format!("{count} faces"),
    };
    print_line(&format!("{}: {count}", shown(&path.to_string_lossy())))?;
    faces.iter().try_for_each(|face| print_face(frame, face))
}

fn print_face(frame: &Frame<'_>, face: &Face) -> Result<()> {
    let scale_x = frame.width() as f32;
    let scale_y = frame.height() as f32;
    let b = face.bounding_box;
    print_line(&format!(
        "  {:.0}×{:.0} pixels at {:.0}, {:.0}, score {:.2}",
        b.width * scale_x,
        b.height * scale_y,
        b.xmin * scale_x,
        b.ymin * scale_y,
        face.score
    ))
}

/// Writes a copy of the picture with its faces marked, if the options request it.
fn draw(args: &DetectArgs, number: usize, frame: &Frame<'_>, faces: &[Face]) -> Result<()> {
    let Some(out) = &args.draw else {
        return Ok(());
    };
    let mut image = raster::image_of(frame);
    for face in faces {
        raster::mark(&mut image, face);
    }
    raster::save(&image, &numbered(out, number))
}

/// `out.png`, then `out-2.png`, `out-3.png`, …
fn numbered(out: &Path, number: usize) -> PathBuf {
    if number == 0 {
        return out.to_owned();
    }
    let stem = out.file_stem().unwrap_or_default().to_string_lossy();
    let ending = out
        .extension()
        .map_or("png".into(), |ending| ending.to_string_lossy());
    out.with_file_name(format!("{stem}-{}.{ending}", number + 1))
}
