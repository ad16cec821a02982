//! `moue gallery merge|export|import`.

use super::add::bar;
use super::say;
use crate::commands::open_gallery;
use crate::report::Outcome;
use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use moue::embed::EXPRESSION_LEN;
use moue::gallery::{NewFace, NewPicture, Picture};
use moue::{Expression, Gallery};
use npyz::WriterBuilder;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

const PICTURES: &str = "pictures.jsonl";
const EXPRESSIONS: &str = "expressions.npy";
const HEAD: &str = "gallery.json";
/// Pictures that are imported in one transaction.
const BATCH: usize = 512;

pub(super) fn merge(path: &Path, others: &[PathBuf], as_json: bool) -> Result<Outcome> {
    let gallery = Gallery::open_or_create(path)?;
    let mut outcome = Outcome::Found;
    for other in others {
        let result = Gallery::open(other)
            .map_err(anyhow::Error::from)
            .and_then(|from| {
                let bar = bar(from.picture_count()? as usize, "pictures");
                let added = gallery.merge(&from, |n| bar.inc(n as u64))?;
                bar.finish_and_clear();
                Ok((added, from.picture_count()?))
            });
        match result {
            Ok((added, of)) => {
                let name = other.to_string_lossy();
                let object = json!({ "schema": "moue.gallery.merge/1", "gallery": name, "pictures": of, "added": added });
                say(
                    as_json,
                    &object,
                    &format!("{}: {added} of {of} pictures added", other.display()),
                )?;
            }
            Err(error) => {
                eprintln!("moue: {error:#}");
                outcome = Outcome::Error;
            }
        }
    }
    Ok(outcome)
}

pub(super) fn export(path: &Path, folder: &Path, as_json: bool) -> Result<Outcome> {
    let gallery = open_gallery(path)?;
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let head = json!({ "schema": "moue.gallery.export/1", "weights": gallery.fingerprint()?, "faces": gallery.len()? });
    let create = |name: &str| {
        File::create(folder.join(name)).with_context(|| format!("cannot write {name}"))
    };
    let mut lines = BufWriter::new(create(PICTURES)?);
    let mut rows = HashMap::new();
    let shape = [gallery.len()?, EXPRESSION_LEN as u64];
    let mut numbers = npyz::WriteOptions::new()
        .default_dtype()
        .shape(&shape)
        .writer(BufWriter::new(create(EXPRESSIONS)?))
        .begin_nd()?;
    gallery.for_each_expression(|id, expression| {
        rows.insert(id, rows.len());
        numbers.extend(expression.0)?;
        Ok::<(), anyhow::Error>(())
    })?;
    numbers.finish()?;
    let mut pictures = 0usize;
    gallery.for_each_picture(|picture| {
        pictures += 1;
        writeln!(lines, "{}", exported(&gallery, &picture, &rows)?)?;
        Ok::<(), anyhow::Error>(())
    })?;
    lines.flush()?;
    std::fs::write(folder.join(HEAD), head.to_string())?;
    let object =
        json!({ "schema": "moue.gallery.export/1", "pictures": pictures, "faces": rows.len() });
    say(
        as_json,
        &object,
        &format!("{pictures} pictures, {} faces", rows.len()),
    )?;
    Ok(Outcome::Found)
}

/// A picture's line: its record, each face with its row in the matrix and its thumbnail.
fn exported(gallery: &Gallery, picture: &Picture, rows: &HashMap<u64, usize>) -> Result<Value> {
    let mut object = serde_json::to_value(picture)?;
    for (face, stored) in object["faces"]
        .as_array_mut()
        .into_iter()
        .flatten()
        .zip(&picture.faces)
    {
        face["row"] = json!(rows.get(&stored.id));
        if let Some(bytes) = gallery.thumbnail(stored.id)? {
            face["thumbnail"] = STANDARD.encode(bytes).into();
        }
    }
    Ok(object)
}

pub(super) fn import(path: &Path, folder: &Path, as_json: bool) -> Result<Outcome> {
    let open = |name: &str| {
        let file = folder.join(name);
        File::open(&file)
            .map(BufReader::new)
            .with_context(|| format!("cannot read {}", file.display()))
    };
    let head: Value =
        serde_json::from_reader(open(HEAD)?).with_context(|| format!("{HEAD} is no JSON"))?;
    let expected = moue::weights::expression_fingerprint();
    ensure!(
        head["weights"] == expected,
        "{} was made with other weights ({}, this program has {expected}); add its pictures instead",
        folder.display(),
        head["weights"]
    );
    let matrix = npyz::NpyFile::new(open(EXPRESSIONS)?)
        .with_context(|| format!("{EXPRESSIONS} is no matrix"))?;
    ensure!(
        matrix.shape().get(1) == Some(&(EXPRESSION_LEN as u64)),
        "{EXPRESSIONS} has not {EXPRESSION_LEN} columns"
    );
    let values: Vec<f32> = matrix.into_vec()?;
    let gallery = Gallery::open_or_create(path)?;
    let (mut added, mut known, mut bad, mut batch) = (0, 0, 0, Vec::new());
    for (number, line) in open(PICTURES)?.lines().enumerate() {
        match line
            .map_err(anyhow::Error::from)
            .and_then(|line| imported(&line, &values))
        {
            Ok(picture) => batch.push(picture),
            Err(error) => {
                eprintln!("moue: {PICTURES}, line {}: {error:#}", number + 1);
                bad += 1;
            }
        }
        if batch.len() == BATCH {
            count(
                &gallery.add(&std::mem::take(&mut batch))?,
                &mut added,
                &mut known,
            );
        }
    }
    count(&gallery.add(&batch)?, &mut added, &mut known);
    let object = json!({ "schema": "moue.gallery.import/1", "added": added, "known": known, "unreadable": bad });
    say(
        as_json,
        &object,
        &format!("{added} added, {known} already there, {bad} unreadable"),
    )?;
    Ok(if bad > 0 {
        Outcome::Missing
    } else {
        Outcome::Found
    })
}

fn count(results: &[bool], added: &mut usize, known: &mut usize) {
    let new = results.iter().filter(|added| **added).count();
    *added += new;
    *known += results.len() - new;
}

fn imported(line: &str, values: &[f32]) -> Result<NewPicture> {
    let object: Value = serde_json::from_str(line)?;
    let picture: Picture = serde_json::from_value(object.clone())?;
    let told = object["faces"].as_array().cloned().unwrap_or_default();
    let faces = picture.faces.iter().zip(&told).map(|(face, told)| {
        let row = told["row"].as_u64().context("a face has no row")? as usize;
        let Some(numbers) = values.as_chunks::<EXPRESSION_LEN>().0.get(row) else {
            bail!("there is no row {row}")
        };
        let length: f32 = numbers.iter().map(|v| v * v).sum();
        ensure!((length - 1.0).abs() < 1e-3, "row {row} has not length 1");
        let thumbnail = told["thumbnail"]
            .as_str()
            .map(|t| STANDARD.decode(t))
            .transpose()?;
        Ok(NewFace {
            face: face.face(),
            expression: Expression(*numbers),
            time: face.time,
            thumbnail,
        })
    });
    let faces = faces.collect::<Result<Vec<_>>>()?;
    ensure!(!faces.is_empty(), "the picture has no face");
    let hash =
        moue::digest::from_hex(&picture.hash).context("the hash has not 64 hexadecimal digits")?;
    Ok(picture.to_new(hash, faces))
}
