//! `moue detect`.

use crate::args::DetectArgs;
use crate::files::{self, Kind, OutputFile, Outputs};
use crate::inputs::Input;
use crate::output::{
    FaceObject, PictureLine, counted, print_json, print_line, reject_picture, shown,
};
use crate::report::Outcome;
use crate::{emotions, marks, panics, raster};
use anyhow::Result;
use moue::embed::{EmbedError, per_face};
use moue::{Effort, Expression, ExpressionEmbedder, Face, FaceDetector, Frame};
use std::path::{Path, PathBuf};

const SCHEMA: &str = "moue.detect/1";

pub(crate) fn run(args: &DetectArgs) -> Result<Outcome> {
    let pictures = pictures(args);
    let drawings = drawings(args, &pictures)?;
    // One detector for all pictures: its memory is reused.
    let mut networks = Networks::new(args)?;
    let mut outcome = Outcome::Found;
    for (number, picture) in pictures.iter().enumerate() {
        let path = picture.path.as_path();
        let detected = panics::caught(|| networks.detect(picture, args.effort.effort.into()));
        let one = match detected {
            Ok(Ok((frame, faces))) => {
                report(args, path, &frame, &faces)?;
                if let Some(drawing) = drawings.get(number) {
                    draw(drawing, &frame, &faces)?;
                }
                Outcome::found_if(!faces.is_empty())
            }
            Ok(Err(error)) => reject_picture(SCHEMA, path, &error.to_string(), args.json)?,
            Err(panic) => {
                networks = Networks::new(args)?;
                reject_picture(SCHEMA, path, &panic, args.json)?
            }
        };
        outcome = outcome.max(one);
    }
    Ok(outcome)
}

/// The pictures to read. Copies that an earlier run drew into a folder that is read are none: they
/// are drawn again.
fn pictures(args: &DetectArgs) -> Vec<Input> {
    let is_copy = |path: &Path| {
        let out = args.draw.as_deref();
        out.is_some_and(|out| is_numbered(out, path)) && files::is_own(path)
    };
    Input::all_except(&args.pictures, is_copy)
}

/// The files of `--draw`, one for each picture; none without the option.
fn drawings(args: &DetectArgs, pictures: &[Input]) -> Result<Vec<OutputFile>> {
    let outputs = Outputs::new(args.overwrite.force, pictures.iter().map(|p| &p.path));
    let paths = args.draw.iter().flat_map(|out| {
        let numbers = 0..pictures.len();
        numbers.map(|number| numbered(out, number))
    });
    paths
        .map(|path| outputs.file("--draw", &path, Kind::Picture))
        .collect()
}

/// The networks that the options need.
struct Networks {
    detector: FaceDetector,
    /// With `--emotions`.
    embedder: Option<ExpressionEmbedder>,
}

/// A face, and its expression if that was requested.
struct Detected {
    face: Face,
    expression: Option<Result<Expression, EmbedError>>,
}

impl Networks {
    fn new(args: &DetectArgs) -> Result<Self> {
        let embedder = args.emotions.then(ExpressionEmbedder::new);
        Ok(Self {
            detector: FaceDetector::new()?,
            embedder: embedder.transpose()?,
        })
    }

    fn detect(
        &mut self,
        picture: &Input,
        effort: Effort,
    ) -> Result<(Frame<'static>, Vec<Detected>)> {
        let frame = picture.open()?;
        let mut detected = Vec::new();
        for face in self.detector.detect_with(&frame, &effort.into())? {
            let embedder = self.embedder.as_mut();
            let expression = embedder.map(|embedder| per_face(embedder.embed(&frame, &face)));
            let expression = expression.transpose()?;
            detected.push(Detected { face, expression });
        }
        Ok((frame, detected))
    }
}

impl Detected {
    fn object(&self) -> FaceObject {
        let object = FaceObject::new(&self.face);
        match &self.expression {
            None => object,
            Some(Ok(expression)) => object.with_emotions(expression),
            Some(Err(error)) => FaceObject {
                error: Some(error.to_string()),
                ..object
            },
        }
    }

    /// What a line of text has after the score.
    fn words(&self) -> String {
        match &self.expression {
            None => String::new(),
            Some(Ok(expression)) => format!(", {}", emotions::leading(&expression.emotions())),
            Some(Err(error)) => format!(", {error}"),
        }
    }
}

fn report(args: &DetectArgs, path: &Path, frame: &Frame<'_>, faces: &[Detected]) -> Result<()> {
    if !args.json {
        return print_text(path, frame, faces);
    }
    print_json(&PictureLine {
        schema: SCHEMA,
        picture: path.to_string_lossy().into_owned(),
        width: Some(frame.width()),
        height: Some(frame.height()),
        faces: faces.iter().map(Detected::object).collect(),
        error: None,
    })
}

fn print_text(path: &Path, frame: &Frame<'_>, faces: &[Detected]) -> Result<()> {
    let count = match faces.len() {
        0 => "no face".to_owned(),
        count => counted(count, "face"),
    };
    print_line(&format!("{}: {count}", shown(&path.to_string_lossy())))?;
    faces.iter().try_for_each(|face| print_face(frame, face))
}

fn print_face(frame: &Frame<'_>, detected: &Detected) -> Result<()> {
    let scale_x = frame.width() as f32;
    let scale_y = frame.height() as f32;
    let b = detected.face.bounding_box;
    print_line(&format!(
        "  {:.0}×{:.0} pixels at {:.0}, {:.0}, score {:.2}{}",
        b.width * scale_x,
        b.height * scale_y,
        b.xmin * scale_x,
        b.ymin * scale_y,
        detected.face.score,
        detected.words()
    ))
}

/// Writes a copy of the picture with its faces marked.
fn draw(out: &OutputFile, frame: &Frame<'_>, faces: &[Detected]) -> Result<()> {
    let mut image = raster::image_of(frame);
    let faces: Vec<Face> = faces.iter().map(|detected| detected.face.clone()).collect();
    marks::draw_faces(&mut image, &faces);
    out.save(&image)
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

/// Whether a file is one that [`numbered`] names.
fn is_numbered(out: &Path, path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let number = stem
        .rsplit_once('-')
        .and_then(|(_, number)| number.parse().ok());
    let is_copy = |number: usize| {
        let copy = numbered(out, number);
        copy.file_name() == path.file_name() && is_same_file(&copy, path)
    };
    is_copy(0) || number.is_some_and(|number: usize| number > 1 && is_copy(number - 1))
}

fn is_same_file(a: &Path, b: &Path) -> bool {
    let same = || -> std::io::Result<bool> { Ok(a.canonicalize()? == b.canonicalize()?) };
    same().unwrap_or(false)
}
