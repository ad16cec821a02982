//! Repairing a gallery: in its file, or, where pages are damaged, by writing what can be read into
//! a new one.

use super::check::Report;
use super::chunks::{CHUNK_ROWS, FaceVector};
use super::database::{Database, WriteTxn, guarded};
use super::error::Fault;
use super::file_state::FileState;
use super::fresh::{self, Fresh};
use super::hidden::Hidden;
use super::near_duplicates;
use super::raw_file::RawFile;
use super::records::Picture;
use super::salvage::{self, Survey};
use super::seal::{self, Kind};
use super::tables::{BANDS, CODES, FILES, FLOATS, HASHES, PICTURES, ROWS, THUMBNAILS, meta};
use super::{hidden_list, open, read, write};
use crate::embed::Expression;
use redb::{ReadableTable, TableDefinition};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Pictures that are written in one transaction, which keeps what it changes in memory.
const BATCH: usize = 512;

/// Lost pictures that are named; the others are counted.
const MAX_NAMED: usize = 100;

/// The file at `path` as it is before the database opens it for writing, which already changes its
/// header; `None` if nothing is wrong with it so far, so that no copy of a large file is made for
/// nothing.
pub(super) fn copy_if_suspect(path: &Path) -> Result<Option<NamedTempFile>, Fault> {
    // What is no gallery is not opened, so it stays as it is.
    if open::refuse_other_files(path).is_err() {
        return Ok(None);
    }
    let sound = guarded(|| {
        let pages = salvage::damaged_pages(path)?;
        Ok(pages.is_empty() && open::opens_unchanged(path)?)
    });
    match sound {
        Ok(true) => Ok(None),
        _ => fresh::copy_beside(path).map(Some),
    }
}

/// Writes all that can be read of the file at `path` into a new one, which takes its place. The
/// damaged one is kept beside it: `copy`, or else the file.
pub(super) fn by_salvage(
    path: &Path,
    copy: Option<NamedTempFile>,
) -> Result<(Report, Database), Fault> {
    let survey = Survey::of(path)?;
    // Also a file of a format that had no checksums: opening it tells what is wrong with it.
    if survey.pictures.is_empty() {
        return Err(Fault::damaged("no picture in it can be read"));
    }
    let fresh = Fresh::beside(path)?;
    write_survey(&fresh, &survey, &mut RawFile::open(path)?)?;
    let mut report = report(&survey);
    report.damaged = Some(keep_damaged(path, copy)?);
    report.repaired = true;
    Ok((report, fresh.replace(path)?))
}

/// What can be read of a file whose pages are damaged.
pub(super) fn report(survey: &Survey) -> Report {
    let mut problems: Vec<String> = damaged_pages(&survey.damaged).into_iter().collect();
    problems.extend(losses(survey));
    problems.extend(counted(
        survey.stray,
        "picture is no longer in the index; it may have been removed before",
        "pictures are no longer in the index; some may have been removed before",
    ));
    Report {
        pictures: survey.pictures.len() as u64,
        faces: survey.face_count() as u64,
        problems,
        ..Report::default()
    }
}

/// One line however many there are: nobody can do anything about each of them.
fn damaged_pages(offsets: &[u64]) -> Option<String> {
    let first = offsets.iter().min()?;
    Some(match offsets.len() {
        1 => format!("the page at byte {first} is damaged"),
        count => format!("{count} pages are damaged, the first at byte {first}"),
    })
}

/// How many there are and what is wrong with them, if there are any.
fn counted(count: usize, one: &str, more: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {more}")),
    }
}

/// The pictures of which nothing can be read, by their paths where those can.
fn losses(survey: &Survey) -> Vec<String> {
    let hashes = survey.lost.iter().map(|hash| crate::digest::hex(hash));
    let lost = hashes.map(|hash| {
        let file = survey.files.iter().find(|(_, state)| state.hash == hash);
        let name = file.map_or_else(|| format!("with content {hash}"), |(path, _)| path.clone());
        format!("the picture {name} is lost")
    });
    let mut lost: Vec<String> = lost.collect();
    lost.sort_unstable();
    let unnamed = lost.len().saturating_sub(MAX_NAMED);
    lost.truncate(MAX_NAMED);
    lost.extend(counted(
        unnamed,
        "more picture is lost",
        "more pictures are lost",
    ));
    lost.extend(counted(
        survey.damaged_faces,
        "face has lost its expression",
        "faces have lost their expressions",
    ));
    lost
}

/// Keeps the damaged file under another name.
fn keep_damaged(path: &Path, copy: Option<NamedTempFile>) -> Result<PathBuf, Fault> {
    let named = |number: usize| {
        let mut name = path.as_os_str().to_owned();
        name.push(".damaged");
        if number > 0 {
            name.push(format!("-{number}"));
        }
        PathBuf::from(name)
    };
    let free = (0..).map(named).find(|name| !name.exists());
    // Numbers do not run out before names do.
    let kept = free.unwrap_or_else(|| named(0));
    if let Some(copy) = copy {
        copy.persist_noclobber(&kept)
            .map_err(|e| Fault::storage(e.error))?;
        return Ok(kept);
    }
    // A file system without links gets a copy.
    if std::fs::hard_link(path, &kept).is_err() {
        std::fs::copy(path, &kept)?;
    }
    Ok(kept)
}

fn write_survey(fresh: &Fresh, survey: &Survey, file: &mut RawFile) -> Result<(), Fault> {
    fresh.write(|writing| {
        open::prepare(writing)?;
        for key in [meta::FINGERPRINT, meta::NEXT, meta::HIDDEN] {
            if let Some(value) = survey.meta.get(key) {
                writing.set(key, value)?;
            }
        }
        let present = present(survey);
        let files = survey
            .files
            .iter()
            .filter(|(_, state)| state.rejected.is_some() || present.contains(state.hash.as_str()));
        let files = files.map(|(path, state)| (path.clone(), Some(state.clone())));
        write::record_files(writing, &files.collect::<Vec<_>>())
    })?;
    let mut vectors = Vec::new();
    let list = survey.meta.get(meta::HIDDEN).map_or(&[][..], Vec::as_slice);
    let mut hidden = Hidden::from_bytes(list).unwrap_or_default();
    let pictures: Vec<&Picture> = survey.pictures.values().collect();
    for batch in pictures.chunks(BATCH) {
        fresh.write(|writing| {
            for picture in batch {
                restore(
                    writing,
                    (*picture).clone(),
                    &survey.expressions,
                    &mut vectors,
                    &mut hidden,
                )?;
                for face in &picture.faces {
                    if let Some(jpeg) = survey.thumbnail(file, face.id) {
                        write::put_thumbnail(writing, face.id, &jpeg)?;
                    }
                }
            }
            Ok(())
        })?;
    }
    fresh.write(|writing| {
        put_vectors(writing, vectors)?;
        hidden_list::store(writing, &hidden)?;
        let last = survey.number(meta::GENERATION).unwrap_or(0);
        writing.keep_generation(last.max(survey.last_generation) + 1)
    })
}

/// The contents of all pictures that can be read.
fn present(survey: &Survey) -> HashSet<&str> {
    let pictures = survey.pictures.values();
    pictures.map(|picture| picture.hash.as_str()).collect()
}

/// Rebuilds everything from the records and vectors that can be read.
pub(super) fn in_place(writing: &WriteTxn) -> Result<(), Fault> {
    // All is read before the tables are emptied.
    let expressions = readable_expressions(writing)?;
    let pictures = readable_pictures(writing)?;
    let files = readable_files(writing)?;
    clear(writing)?;
    let mut vectors = Vec::new();
    // A list that cannot be read is made anew from the records.
    let mut hidden = hidden_list::load(writing).unwrap_or_default();
    for picture in pictures {
        restore(writing, picture, &expressions, &mut vectors, &mut hidden)?;
    }
    hidden_list::store(writing, &hidden)?;
    drop_thumbnails(writing, &vectors)?;
    write::record_files(writing, &files)?;
    put_vectors(writing, vectors)
}

fn put_vectors(writing: &WriteTxn, mut vectors: Vec<FaceVector>) -> Result<(), Fault> {
    // The chunks' order is that of the ids, on which binary searches rely. Records that name a face
    // twice would break it.
    vectors.sort_by_key(|v| v.id);
    vectors.dedup_by_key(|v| v.id);
    // Ids are never given twice, not even those of faces that were dropped.
    let behind_last = vectors.last().map_or(0, |v| v.id + 1);
    let next = behind_last.max(writing.number(meta::NEXT)?.unwrap_or(0));
    writing.set(meta::NEXT, &next.to_le_bytes())?;
    vectors
        .chunks(CHUNK_ROWS)
        .try_for_each(|chunk| write::append(writing, chunk))
}

/// Empties the tables that are rebuilt.
fn clear(writing: &WriteTxn) -> Result<(), Fault> {
    for numbered in [ROWS, CODES, FLOATS, PICTURES] {
        remake(writing, numbered)?;
    }
    remake(writing, HASHES)?;
    remake(writing, FILES)?;
    remake(writing, BANDS)
}

fn remake<K: redb::Key + 'static, V: redb::Value + 'static>(
    writing: &WriteTxn,
    table: TableDefinition<'_, K, V>,
) -> Result<(), Fault> {
    writing.delete_table(table)?;
    writing.table(table)?;
    Ok(())
}

/// Writes a picture with those of its faces that have an expression; without any it is dropped.
fn restore(
    writing: &WriteTxn,
    mut picture: Picture,
    expressions: &BTreeMap<u64, Expression>,
    vectors: &mut Vec<FaceVector>,
    hidden: &mut Hidden,
) -> Result<(), Fault> {
    // A picture without faces is found by nothing, and one without a hash would be added again.
    picture.faces.retain(|f| expressions.contains_key(&f.id));
    let hash = crate::digest::from_hex(&picture.hash);
    let (Some(first), Some(hash)) = (picture.faces.first(), hash) else {
        return Ok(());
    };
    if let Some(perceptual) = &picture.perceptual_hash {
        let mut bands = writing.table(BANDS)?;
        // The group stays as it was: pictures that it was named after may be gone.
        near_duplicates::insert(&mut bands, picture.id, perceptual, &expressions[&first.id])?;
    }
    writing.table(HASHES)?.insert(&hash, picture.id)?;
    // Either may be what is left of a damaged file.
    picture.hidden |= hidden.contains(&hash);
    if picture.hidden {
        let similar = picture.perceptual_hash.as_ref();
        hidden.insert(hash, picture.id, similar.zip(expressions.get(&first.id)));
    }
    write::put_picture(writing, &picture)?;
    vectors.extend(picture.faces.iter().map(|f| FaceVector {
        id: f.id,
        picture: picture.id,
        group: picture.group,
        expression: expressions[&f.id],
    }));
    Ok(())
}

/// The expressions of all chunks that are whole.
fn readable_expressions(writing: &WriteTxn) -> Result<BTreeMap<u64, Expression>, Fault> {
    let chunks = writing.table(ROWS)?;
    // Where the database cannot read on, what came before is kept.
    let numbers = chunks.iter()?.map_while(|r| r.ok().map(|(k, _)| k.value()));
    let numbers: Vec<u64> = numbers.collect();
    drop(chunks);
    Ok(numbers
        .into_iter()
        .filter_map(|number| write::read_chunk(writing, number).ok())
        .flatten()
        .filter(|face| face.expression.is_unit())
        .map(|face| (face.id, face.expression))
        .collect())
}

/// The pictures whose records can be read.
fn readable_pictures(writing: &WriteTxn) -> Result<Vec<Picture>, Fault> {
    let mut pictures = Vec::new();
    for (id, json) in writing.table(PICTURES)?.iter()?.flatten() {
        pictures.extend(seal::picture(id.value(), json.value()));
    }
    Ok(pictures)
}

/// The records of files that can be read, but those of pictures that cannot: these would not be
/// added again.
fn readable_files(writing: &WriteTxn) -> Result<Vec<(String, Option<FileState>)>, Fault> {
    let mut files = Vec::new();
    let by_hash = writing.table(HASHES)?;
    for (path, record) in writing.table(FILES)?.iter()?.flatten() {
        let path = path.value();
        let Ok(state) = read::file_state(path, record.value()) else {
            continue;
        };
        let hash = crate::digest::from_hex(&state.hash);
        let is_there = match hash {
            Some(hash) => by_hash.get(&hash)?.is_some(),
            None => false,
        };
        if state.rejected.is_some() || is_there {
            files.push((path.to_owned(), Some(state)));
        }
    }
    Ok(files)
}

/// Removes the thumbnails of faces that were dropped, and those that are damaged.
fn drop_thumbnails(writing: &WriteTxn, vectors: &[FaceVector]) -> Result<(), Fault> {
    let kept: HashSet<u64> = vectors.iter().map(|face| face.id).collect();
    let mut thumbnails = writing.table(THUMBNAILS)?;
    thumbnails.retain(|face, jpeg| {
        kept.contains(&face) && seal::open(Kind::Thumbnail, face, jpeg).is_ok()
    })?;
    Ok(())
}
