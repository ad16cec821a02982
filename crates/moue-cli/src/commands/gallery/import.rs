//! `moue gallery import`.

use super::export::{EXPRESSIONS_FILE, HEADER_FILE, PICTURES_FILE};
use crate::args::gallery::ImportArgs;
use crate::npy;
use crate::output::{message, print_result};
use crate::report::{self, Outcome};
use crate::stores::{self, Store};
use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use moue::Expression;
use moue::embed::EXPRESSION_LEN;
use moue::gallery::{NewFace, NewPicture, Picture, StoredFace};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::Path;

/// Pictures that are added in one transaction. Each commit waits for the disk, so few are better;
/// more would only take memory, as a commit already costs little beside 512 pictures.
const BATCH: usize = 512;

/// The largest coordinate of a box or key point, in sides of the picture. Faces at an edge reach
/// beyond it by less than their own size.
const MAX_COORDINATE: f32 = 100.0;

/// The end of the year 9999 in seconds since 1970, the last that dates are written for.
const MAX_SECONDS: u64 = 253_402_300_799;

/// How far the squared length of an imported vector may be from 1: some thousand roundings of an
/// f32, which leaves room for tools that write the table with fewer digits.
const LENGTH_TOLERANCE: f32 = 1e-3;

pub(super) fn run(args: &ImportArgs) -> Result<Outcome> {
    let faces = check_weights(&args.folder)?;
    let values = read_expressions(&args.folder)?;
    let rows = (values.len() / EXPRESSION_LEN) as u64;
    ensure!(
        faces.is_none_or(|faces| faces == rows),
        "{EXPRESSIONS_FILE} has {rows} rows and {HEADER_FILE} counts {} faces, as after an interrupted export; export again",
        faces.unwrap_or(0)
    );
    let store = stores::create(&args.gallery)?;
    let mut import = Import::new(store.as_ref(), &values);
    for (number, line) in open(&args.folder, PICTURES_FILE)?.lines().enumerate() {
        import.line(number + 1, line)?;
    }
    import.commit()?;
    stores::finish_load(store.as_ref())?;
    import.report(args.json)
}

fn open(folder: &Path, name: &str) -> Result<BufReader<File>> {
    let path = folder.join(name);
    let file = File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(BufReader::new(file))
}

/// Vectors of another network cannot be compared with those of this one. Returns how many faces there
/// should be.
fn check_weights(folder: &Path) -> Result<Option<u64>> {
    let header: Value = serde_json::from_reader(open(folder, HEADER_FILE)?)
        .with_context(|| format!("{HEADER_FILE} is no JSON"))?;
    let expected = moue::weights::expression_fingerprint();
    ensure!(
        header["weights"] == expected,
        "{} was made with other weights ({}, this program has {expected}); add its pictures instead",
        folder.display(),
        header["weights"]
    );
    Ok(header["faces"].as_u64())
}

/// The table of expressions, row after row.
fn read_expressions(folder: &Path) -> Result<Vec<f32>> {
    let table = npy::open(&folder.join(EXPRESSIONS_FILE))?;
    ensure!(
        table.shape().get(1) == Some(&(EXPRESSION_LEN as u64)),
        "{EXPRESSIONS_FILE} does not have {EXPRESSION_LEN} columns"
    );
    table.require_rows()?;
    table.into_floats()
}

/// An import under way.
struct Import<'a> {
    store: &'a Store,
    values: &'a [f32],
    batch: Vec<NewPicture>,
    added: usize,
    known: usize,
    unreadable: usize,
}

impl<'a> Import<'a> {
    fn new(store: &'a Store, values: &'a [f32]) -> Self {
        Self {
            store,
            values,
            batch: Vec::new(),
            added: 0,
            known: 0,
            unreadable: 0,
        }
    }

    /// Takes one line of the list of pictures; a broken one is reported and skipped.
    ///
    /// # Errors
    /// If the file cannot be read any further, or the gallery cannot be written.
    fn line(&mut self, number: usize, line: std::io::Result<String>) -> Result<()> {
        let line = match line {
            // Any other error comes again with each further line.
            Err(error) if error.kind() != ErrorKind::InvalidData => {
                return Err(error).context(PICTURES_FILE);
            }
            line => line,
        };
        let picture = line
            .map_err(anyhow::Error::from)
            .and_then(|line| parse_picture(&line, self.values));
        match picture {
            Ok(picture) => self.batch.push(picture),
            Err(error) => {
                let reason = report::chain(&error);
                message(&format!("{PICTURES_FILE}, line {number}: {reason}"));
                self.unreadable += 1;
            }
        }
        if self.batch.len() == BATCH {
            self.commit()?;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        let results = stores::put(self.store, &std::mem::take(&mut self.batch))?;
        let added = results.iter().filter(|added| **added).count();
        self.added += added;
        self.known += results.len() - added;
        Ok(())
    }

    fn report(&self, as_json: bool) -> Result<Outcome> {
        let Self {
            added,
            known,
            unreadable,
            ..
        } = self;
        let object = json!({ "schema": "moue.gallery.import/1", "added": added, "known": known, "unreadable": unreadable });
        let text = format!("{added} added, {known} already there, {unreadable} unreadable");
        print_result(as_json, &object, &text)?;
        Ok(Outcome::found_if(*unreadable == 0))
    }
}

fn parse_picture(line: &str, values: &[f32]) -> Result<NewPicture> {
    let object: Value = serde_json::from_str(line)?;
    let picture: Picture = serde_json::from_value(object.clone())?;
    ensure!(
        picture.added <= MAX_SECONDS,
        "it was added after the year 9999"
    );
    let objects = object["faces"].as_array().map_or(&[][..], Vec::as_slice);
    // A record has no row and no thumbnail, so those are read from the same JSON beside it.
    let faces = picture.faces.iter().zip(objects);
    let faces = faces
        .map(|(face, object)| parse_face(face, object, values))
        .collect::<Result<Vec<_>>>()?;
    ensure!(!faces.is_empty(), "the picture has no face");
    let hash =
        moue::digest::from_hex(&picture.hash).context("the hash has not 64 hexadecimal digits")?;
    Ok(picture.to_new(hash, faces))
}

/// What a detector cannot have returned would make the record, or what is drawn of it, unusable.
fn check_face(face: &StoredFace) -> Result<()> {
    let b = face.bounding_box;
    for (name, value) in [
        ("xmin", b.xmin),
        ("ymin", b.ymin),
        ("width", b.width),
        ("height", b.height),
        ("score", face.score),
    ] {
        ensure!(
            value.abs() <= MAX_COORDINATE,
            "{name} is out of range: {value}"
        );
    }
    ensure!(
        b.width >= 0.0 && b.height >= 0.0,
        "the size of a box is negative"
    );
    ensure!(
        face.key_points.is_empty() || face.key_points.len() == 6,
        "a face has {} key points, not 6",
        face.key_points.len()
    );
    let points = face.key_points.iter().flatten();
    for value in points {
        ensure!(
            value.abs() <= MAX_COORDINATE,
            "a key point is out of range: {value}"
        );
    }
    Ok(())
}

fn parse_face(face: &StoredFace, object: &Value, values: &[f32]) -> Result<NewFace> {
    let row = object["row"].as_u64().context("a face has no row")? as usize;
    let Some(expression) = values.as_chunks::<EXPRESSION_LEN>().0.get(row) else {
        bail!("there is no row {row}")
    };
    let squared_length: f32 = expression.iter().map(|v| v * v).sum();
    // Not less: what is not a number is refused too.
    ensure!(
        (squared_length - 1.0).abs() < LENGTH_TOLERANCE,
        "row {row} has not length 1"
    );
    check_face(face)?;
    let thumbnail = object["thumbnail"]
        .as_str()
        .map(|text| STANDARD.decode(text));
    Ok(NewFace {
        face: face.face(),
        expression: Expression(*expression),
        time: face.time,
        thumbnail: thumbnail.transpose()?,
    })
}
