//! `moue detect`.

use crate::args::DetectArgs;
use crate::output::{FaceObject, PictureLine, print_json, print_line, shown};
use crate::report::Outcome;
use crate::{pictures, raster};
use anyhow::Result;
use moue::{Face, FaceDetector, Frame};
use std::path::{Path, PathBuf};

const SCHEMA: &str = "moue.detect/1";

pub(crate) fn run(args: &DetectArgs) -> Result<Outcome> {
    let mut detector = FaceDetector::new()?;
    let mut outcome = Outcome::Found;
    for (number, path) in args.pictures.iter().enumerate() {
        let one = match pictures::open(path) {
            Ok(frame) => picture(&mut detector, path, &frame, number, args)?,
            Err(error) => pictures::reject(SCHEMA, path, &error.to_string(), args.json)?,
        };
        outcome = outcome.max(one);
    }
    Ok(outcome)
}

fn picture(
    detector: &mut FaceDetector,
    path: &Path,
    frame: &Frame<'_>,
    number: usize,
    args: &DetectArgs,
) -> Result<Outcome> {
    let faces = detector.detect_with(frame, args.effort.effort.into())?;
    if args.json {
        print_json(&PictureLine {
            schema: SCHEMA,
            picture: path.to_string_lossy().into_owned(),
            width: Some(frame.width()),
            height: Some(frame.height()),
            faces: faces.iter().map(FaceObject::new).collect(),
            error: None,
        })?;
    } else {
        print_text(path, frame, &faces)?;
    }
    if let Some(out) = &args.draw {
        let mut image = raster::image_of(frame);
        faces.iter().for_each(|face| raster::mark(&mut image, face));
        raster::save(&image, &numbered(out, number))?;
    }
    Ok(if faces.is_empty() {
        Outcome::Missing
    } else {
        Outcome::Found
    })
}

fn print_text(path: &Path, frame: &Frame<'_>, faces: &[Face]) -> Result<()> {
    let count = match faces.len() {
        0 => "no face".to_owned(),
        1 => "1 face".to_owned(),
        many => format!("{many} faces"),
    };
    print_line(&format!("{}: {count}", shown(&path.to_string_lossy())))?;
    for face in faces {
        let b = face.bounding_box;
        let (w, h) = (frame.width() as f32, frame.height() as f32);
        let (x, y, width, height) = (b.xmin * w, b.ymin * h, b.width * w, b.height * h);
        print_line(&format!(
            "  {width:.0}×{height:.0} pixels at {x:.0}, {y:.0}, score {:.2}",
            face.score
        ))?;
    }
    Ok(())
}

/// `out.png`, then `out-2.png`, `out-3.png`, …
fn numbered(out: &Path, number: usize) -> PathBuf {
    if number == 0 {
        return out.to_owned();
    }
    let stem = out.file_stem().unwrap_or_default().to_string_lossy();
    let ending = out
        .extension()
        .map_or("png".into(), |e| e.to_string_lossy());
    out.with_file_name(format!("{stem}-{}.{ending}", number + 1))
}
