//! `moue embed`.

use crate::args::EmbedArgs;
use crate::output::{FaceObject, PictureLine, print_json, print_line, shown};
use crate::report::Outcome;
use crate::{pictures, raster};
use anyhow::{Context, Result};
use moue::embed::{Alignment, EmbedError};
use moue::{Expression, ExpressionEmbedder, Face, FaceDetector, Frame};
use std::path::Path;

const SCHEMA: &str = "moue.embed/1";

type Embedded = (Face, Result<Expression, EmbedError>);

pub(crate) fn run(args: &EmbedArgs) -> Result<Outcome> {
    let (mut detector, mut embedder) = (FaceDetector::new()?, ExpressionEmbedder::new()?);
    if let Some(folder) = &args.crops {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let mut outcome = Outcome::Found;
    for path in &args.pictures {
        let one = match pictures::open(path) {
            Ok(frame) => {
                let faces = embed(&mut detector, &mut embedder, &frame, args)?;
                if let Some(folder) = &args.crops {
                    save_crops(path, &frame, &faces, folder, args.crop_size as usize)?;
                }
                print(path, &frame, &faces, args.json)?
            }
            Err(error) => pictures::reject(SCHEMA, path, &error.to_string(), args.json)?,
        };
        outcome = outcome.max(one);
    }
    Ok(outcome)
}

fn embed(
    detector: &mut FaceDetector,
    embedder: &mut ExpressionEmbedder,
    frame: &Frame<'_>,
    args: &EmbedArgs,
) -> Result<Vec<Embedded>> {
    if args.cropped {
        return Ok(vec![(Face::whole(), embedder.embed_cropped(frame))]);
    }
    let faces = detector.detect_with(frame, args.effort.effort.into())?;
    Ok(faces
        .into_iter()
        .map(|face| (face.clone(), embedder.embed(frame, &face)))
        .collect())
}

/// Writes the crop of every embedded face, numbered from 1 in the order of the answer.
fn save_crops(
    path: &Path,
    frame: &Frame<'_>,
    faces: &[Embedded],
    folder: &Path,
    size: usize,
) -> Result<()> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    for (number, (face, _)) in faces
        .iter()
        .enumerate()
        .filter(|(_, (_, expression))| expression.is_ok())
    {
        let alignment = if face.key_points.is_none() {
            Alignment::whole(frame)
        } else {
            Alignment::of(frame, face)?
        };
        let mut values = vec![0.0; size * size];
        alignment.sample(frame, size, &mut values);
        let crop = raster::gray(size, &values);
        let out = folder.join(format!("{stem}-{}.png", number + 1));
        crop.save(&out)
            .with_context(|| format!("cannot write {}", out.display()))?;
    }
    Ok(())
}

fn print(path: &Path, frame: &Frame<'_>, faces: &[Embedded], json: bool) -> Result<Outcome> {
    let name = path.to_string_lossy();
    for error in faces.iter().filter_map(|(_, e)| e.as_ref().err()) {
        eprintln!("moue: {}: {error}", shown(&name));
    }
    if json {
        print_json(&PictureLine {
            schema: SCHEMA,
            picture: name.clone().into_owned(),
            width: Some(frame.width()),
            height: Some(frame.height()),
            faces: faces.iter().map(object).collect(),
            error: None,
        })?;
    } else if faces.is_empty() {
        print_line(&format!("{}: no face", shown(&name)))?;
    } else {
        for expression in faces.iter().filter_map(|(_, e)| e.as_ref().ok()) {
            let numbers: Vec<String> = expression.0.iter().map(|v| format!("{v:.4}")).collect();
            print_line(&format!("{}: {}", shown(&name), numbers.join(" ")))?;
        }
    }
    let any = faces.iter().any(|(_, e)| e.is_ok());
    Ok(if any {
        Outcome::Found
    } else {
        Outcome::Missing
    })
}

fn object((face, expression): &Embedded) -> FaceObject {
    let object = FaceObject::new(face);
    match expression {
        Ok(expression) => object.with_embedding(expression),
        Err(error) => FaceObject {
            error: Some(error.to_string()),
            ..object
        },
    }
}
