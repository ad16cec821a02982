//! `moue gallery export`, and the files that it writes.

use crate::args::gallery::ExportArgs;
use crate::files::{OutputFolder, Outputs, Unfinished};
use crate::inputs::open_gallery;
use crate::npy;
use crate::output::{counted, print_result};
use crate::report::Outcome;
use anyhow::{Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use moue::Gallery;
use moue::embed::EXPRESSION_LEN;
use moue::gallery::{Picture, path_of};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufWriter, Write};

/// One JSON object a line for each picture, with the row of each face in [`EXPRESSIONS_FILE`].
pub(super) const PICTURES_FILE: &str = "pictures.jsonl";
/// The expressions as NumPy saves a table of f32, a row of [`EXPRESSION_LEN`] for each face.
pub(super) const EXPRESSIONS_FILE: &str = "expressions.npy";
/// Schema, number of faces, and fingerprint of the network that embedded them.
pub(super) const HEADER_FILE: &str = "gallery.json";

/// Digits of a content's hash that name a shared picture: enough for a billion of them.
const SHARED_DIGITS: usize = 16;

/// What to do if somebody wrote to the gallery during the export.
pub(super) const CHANGED: &str = "the gallery has changed; repeat the export";

/// The row of each face's expression, by the face's id.
type Rows = HashMap<u64, usize>;

pub(super) fn run(args: &ExportArgs) -> Result<Outcome> {
    let gallery = open_gallery(&args.gallery)?;
    let outputs = Outputs::new(args.overwrite.force, [&args.gallery]);
    let folder = outputs.folder("export", &args.folder)?;
    let mut files = Files::begin(&folder)?;
    let faces = gallery.len()?;
    let rows = write_expressions(&gallery, faces, &mut files.expressions)?;
    let pictures = write_pictures(&gallery, &rows, &mut files.pictures, args.share)?;
    // Each pass sees the gallery as it was when that pass began.
    let is_same = rows.len() as u64 == faces && gallery.len()? == faces;
    ensure!(is_same, CHANGED);
    write_header(&gallery.fingerprint()?, faces, &mut files.header)?;
    files.finish()?;
    print(args, pictures, rows.len())
}

pub(super) fn print(args: &ExportArgs, pictures: usize, faces: usize) -> Result<Outcome> {
    let object = json!({ "schema": "moue.gallery.export/1", "pictures": pictures, "faces": faces });
    let text = format!(
        "{}, {}",
        counted(pictures, "picture"),
        counted(faces, "face")
    );
    print_result(args.json, &object, &text)?;
    Ok(Outcome::Found)
}

/// The files of an export. All of them are written before one takes its place.
pub(super) struct Files {
    pub(super) expressions: BufWriter<Unfinished>,
    pub(super) pictures: BufWriter<Unfinished>,
    pub(super) header: BufWriter<Unfinished>,
}

impl Files {
    pub(super) fn begin(folder: &OutputFolder) -> Result<Self> {
        let begin = |name| folder.begin(name, HEADER_FILE).map(BufWriter::new);
        Ok(Self {
            expressions: begin(EXPRESSIONS_FILE)?,
            pictures: begin(PICTURES_FILE)?,
            header: begin(HEADER_FILE)?,
        })
    }

    /// The header goes last: a folder that has one is complete.
    pub(super) fn finish(self) -> Result<()> {
        for file in [self.expressions, self.pictures, self.header] {
            file.into_inner()?.finish()?;
        }
        Ok(())
    }
}

fn write_expressions(gallery: &Gallery, faces: u64, file: &mut impl Write) -> Result<Rows> {
    npy::write_header(file, [faces, EXPRESSION_LEN as u64])?;
    let mut rows = Rows::new();
    gallery.for_each_expression(|id, expression| {
        rows.insert(id, rows.len());
        let numbers = expression.0.map(f32::to_le_bytes);
        Ok::<(), anyhow::Error>(file.write_all(numbers.as_flattened())?)
    })?;
    Ok(rows)
}

/// Returns the number of pictures.
fn write_pictures(
    gallery: &Gallery,
    rows: &Rows,
    lines: &mut impl Write,
    is_shared: bool,
) -> Result<usize> {
    let mut pictures = 0;
    gallery.for_each_picture(|picture| {
        pictures += 1;
        let faces = picture.faces.iter();
        ensure!(
            faces.clone().all(|face| rows.contains_key(&face.id)),
            CHANGED
        );
        let numbers = faces.clone().map(|face| rows.get(&face.id).copied());
        let thumbnails = faces.map(|face| Ok(gallery.thumbnail(face.id)?));
        write_picture(&picture, numbers, thumbnails, is_shared, lines)
    })?;
    Ok(pictures)
}

/// Writes the line of a picture.
pub(super) fn write_picture(
    picture: &Picture,
    rows: impl Iterator<Item = Option<usize>>,
    thumbnails: impl Iterator<Item = Result<Option<Vec<u8>>>>,
    is_shared: bool,
    lines: &mut impl Write,
) -> Result<()> {
    let mut object = picture_object(picture, rows, thumbnails)?;
    if is_shared {
        anonymize(&mut object, picture);
    }
    Ok(writeln!(lines, "{object}")?)
}

/// Puts a name made of the content in the place of the path, which tells of its owner's folders. A
/// label made from the file's name goes too.
fn anonymize(object: &mut Value, picture: &Picture) {
    let name: String = picture.hash.chars().take(SHARED_DIGITS).collect();
    let path = path_of(&picture.path);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    if picture.label == stem {
        object["label"] = name.clone().into();
    }
    // Drawings and emoji are the program's, and tell nothing of anybody.
    if crate::raster::drawing_of(&picture.path).is_none() {
        object["path"] = format!("shared:{name}").into();
    }
}

/// A picture's record; each face with its row in the table and its thumbnail in base64.
fn picture_object(
    picture: &Picture,
    rows: impl Iterator<Item = Option<usize>>,
    thumbnails: impl Iterator<Item = Result<Option<Vec<u8>>>>,
) -> Result<Value> {
    let mut object = serde_json::to_value(picture)?;
    let faces = object["faces"].as_array_mut().into_iter().flatten();
    for ((face, row), thumbnail) in faces.zip(rows).zip(thumbnails) {
        face["row"] = json!(row);
        if let Some(bytes) = thumbnail? {
            face["thumbnail"] = STANDARD.encode(bytes).into();
        }
    }
    Ok(object)
}

pub(super) fn write_header(weights: &str, faces: u64, file: &mut impl Write) -> Result<()> {
    let header = json!({
        "schema": "moue.gallery.export/1", "weights": weights, "faces": faces,
    });
    Ok(write!(file, "{header}")?)
}
