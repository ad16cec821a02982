//! `moue embed`.

use crate::args::EmbedArgs;
use crate::files::{OutputFolder, Outputs, is_earlier_result};
use crate::inputs::Input;
use crate::output::{
    FaceObject, PictureLine, message, print_json, print_line, reject_picture, shown,
};
use crate::report::Outcome;
use crate::text::csv_cell;
use crate::{emotions, panics, raster};
use anyhow::Result;
use image::DynamicImage;
use moue::embed::{Alignment, EmbedError, per_face};
use moue::{Expression, ExpressionEmbedder, Face, FaceDetector, Frame};
use std::collections::HashSet;
use std::path::Path;

const SCHEMA: &str = "moue.embed/1";

/// A face and its expression, or why it has none.
struct Embedded {
    face: Face,
    expression: Result<Expression, EmbedError>,
}

pub(crate) fn run(args: &EmbedArgs) -> Result<Outcome> {
    args.device.choose()?;
    let pictures = Input::all_except(&args.pictures, |path| {
        is_earlier_result(path, args.crops.as_deref())
    });
    let outputs = Outputs::new(args.overwrite.force, pictures.iter().map(|p| &p.path));
    let crops = args.crops.as_deref();
    let crops = crops.map(|folder| outputs.folder("--crops", folder));
    let mut embedding = Embedding {
        args,
        crops: crops.transpose()?.map(Crops::new),
        detector: FaceDetector::new()?,
        embedder: ExpressionEmbedder::new()?,
    };
    if args.csv {
        let emotions = emotions::csv_header(args.numbers);
        print_line(&format!("file,face,x,y,width,height,score,{emotions}"))?;
    }
    let mut outcome = Outcome::Found;
    for picture in &pictures {
        let path = picture.path.as_path();
        let one = match panics::caught(|| embedding.read(picture)) {
            Ok(Ok((frame, faces))) => embedding.report(path, &frame, &faces)?,
            Ok(Err(error)) => reject_picture(SCHEMA, path, &error.to_string(), args.json)?,
            Err(panic) => {
                embedding.detector = FaceDetector::new()?;
                embedding.embedder = ExpressionEmbedder::new()?;
                reject_picture(SCHEMA, path, &panic, args.json)?
            }
        };
        outcome = outcome.max(one);
    }
    Ok(outcome)
}

struct Embedding<'a> {
    args: &'a EmbedArgs,
    crops: Option<Crops>,
    detector: FaceDetector,
    embedder: ExpressionEmbedder,
}

impl Embedding<'_> {
    fn read(&mut self, picture: &Input) -> Result<(Frame<'static>, Vec<Embedded>)> {
        let frame = picture.open()?;
        let faces = self.embed(&frame)?;
        Ok((frame, faces))
    }

    /// Prints the faces of a picture and writes their crops.
    fn report(&mut self, path: &Path, frame: &Frame<'_>, faces: &[Embedded]) -> Result<Outcome> {
        if let Some(crops) = &mut self.crops {
            crops.save(path, frame, faces, self.args.crop_size as usize)?;
        }
        let name = path.to_string_lossy();
        let errors = faces.iter().filter_map(|f| f.expression.as_ref().err());
        errors.for_each(|error| message(&format!("{}: {error}", shown(&name))));
        if self.args.json {
            print_object(&name, frame, faces)?;
        } else if self.args.csv {
            print_rows(&name, faces, self.args.numbers)?;
        } else {
            print_text(&name, faces)?;
        }
        let any = faces.iter().any(|face| face.expression.is_ok());
        Ok(Outcome::found_if(any))
    }

    fn embed(&mut self, frame: &Frame<'_>) -> Result<Vec<Embedded>> {
        if self.args.cropped {
            let expression = per_face(self.embedder.embed_cropped(frame))?;
            let face = Face::whole();
            return Ok(vec![Embedded { face, expression }]);
        }
        let effort = moue::Effort::from(self.args.effort.effort);
        let mut embedded = Vec::new();
        for face in self.detector.detect_with(frame, &effort.into())? {
            let expression = per_face(self.embedder.embed(frame, &face))?;
            embedded.push(Embedded { face, expression });
        }
        Ok(embedded)
    }
}

/// The crops of all pictures.
struct Crops {
    folder: OutputFolder,
    /// Names of pictures that were written, in lower case: those of several folders may have one name.
    written: HashSet<String>,
}

impl Crops {
    fn new(folder: OutputFolder) -> Self {
        Self {
            folder,
            written: HashSet::new(),
        }
    }

    /// A name that no picture has yet; some systems take upper and lower case for the same.
    fn free_stem(&mut self, stem: &str) -> String {
        let mut free = stem.to_owned();
        let mut number = 2;
        while !self.written.insert(free.to_lowercase()) {
            free = format!("{stem} ({number})");
            number += 1;
        }
        free
    }

    /// Writes the crop of every embedded face. Numbers are those of the faces in the answer, from 1;
    /// the second picture of a name has `(2)` behind it.
    fn save(
        &mut self,
        path: &Path,
        frame: &Frame<'_>,
        faces: &[Embedded],
        size: usize,
    ) -> Result<()> {
        let stem = self.free_stem(&path.file_stem().unwrap_or_default().to_string_lossy());
        for (number, embedded) in faces.iter().enumerate() {
            if embedded.expression.is_ok() {
                let crop = crop(frame, &embedded.face, size)?;
                self.folder
                    .save(&format!("{stem}-{}.png", number + 1), &crop)?;
            }
        }
        Ok(())
    }
}

fn crop(frame: &Frame<'_>, face: &Face, size: usize) -> Result<DynamicImage> {
    let alignment = if face.key_points.is_none() {
        Alignment::whole(frame)
    } else {
        Alignment::of(frame, face)?
    };
    let mut values = vec![0.0; size * size];
    alignment.sample(frame, size, &mut values);
    Ok(raster::gray(size, &values).into())
}

fn print_object(name: &str, frame: &Frame<'_>, faces: &[Embedded]) -> Result<()> {
    print_json(&PictureLine {
        schema: SCHEMA,
        picture: name.to_owned(),
        width: Some(frame.width()),
        height: Some(frame.height()),
        faces: faces.iter().map(face_object).collect(),
        error: None,
    })
}

fn face_object(embedded: &Embedded) -> FaceObject {
    let object = FaceObject::new(&embedded.face);
    match &embedded.expression {
        Ok(expression) => object.with_embedding(expression),
        Err(error) => FaceObject {
            error: Some(error.to_string()),
            ..object
        },
    }
}

/// A row for each face, numbered from 1; a picture without a face has one whose other cells are
/// empty. The box is relative to the picture.
fn print_rows(name: &str, faces: &[Embedded], with_numbers: bool) -> Result<()> {
    let file = csv_cell(name);
    if faces.is_empty() {
        let cells = emotions::csv_cells(None, with_numbers);
        return print_line(&format!("{file},,,,,,,{cells}"));
    }
    for (number, face) in faces.iter().enumerate() {
        let b = face.face.bounding_box;
        let cells = emotions::csv_cells(face.expression.as_ref().ok(), with_numbers);
        print_line(&format!(
            "{file},{},{:.4},{:.4},{:.4},{:.4},{:.4},{cells}",
            number + 1,
            b.xmin,
            b.ymin,
            b.width,
            b.height,
            face.face.score
        ))?;
    }
    Ok(())
}

fn print_text(name: &str, faces: &[Embedded]) -> Result<()> {
    if faces.is_empty() {
        return print_line(&format!("{}: no face", shown(name)));
    }
    for expression in faces
        .iter()
        .filter_map(|face| face.expression.as_ref().ok())
    {
        let numbers: Vec<String> = expression.0.iter().map(|v| format!("{v:.4}")).collect();
        print_line(&format!("{}: {}", shown(name), numbers.join(" ")))?;
    }
    Ok(())
}
