//! Adding pictures.

use crate::conditions::{signed, storable};
use crate::connect::Pool;
use crate::failure;
use crate::schema::Tables;
use crate::vector;
use moue::gallery::{NewFace, NewPicture};
use moue_store::StoreError;
use postgres::binary_copy::BinaryCopyInWriter;
use postgres::types::Type;
use postgres::{Client, Error, Transaction};
use std::collections::{HashMap, HashSet};
use std::time::{SystemTime, UNIX_EPOCH};

/// How often pictures are put that others add at the same time: each time some of them are known.
const ATTEMPTS: usize = 50;

/// The columns of the table of faces in the order of [`copy`].
const COPIED: &str = "hash, face, id, picture, path, label, caption, tags, source, added, hidden, \
    perceptual_hash, words, bounds, score, key_points, micros, expression, written";

/// Their types. An expression goes as the bytes that it is stored as.
const TYPES: [Type; 19] = [
    Type::BYTEA,
    Type::INT4,
    Type::INT8,
    Type::INT8,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT_ARRAY,
    Type::TEXT,
    Type::INT8,
    Type::BOOL,
    Type::BYTEA,
    Type::TEXT_ARRAY,
    Type::FLOAT4_ARRAY,
    Type::FLOAT4,
    Type::FLOAT4_ARRAY,
    Type::INT8,
    Type::BYTEA,
    Type::TEXT,
];

/// Adds the pictures whose content is new; returns for each whether it was.
pub(crate) fn put(
    pool: &Pool,
    tables: &Tables,
    pictures: &[NewPicture],
) -> Result<Vec<bool>, StoreError> {
    for picture in pictures {
        require_numbers(pool.name(), picture)?;
    }
    let chosen = first_of_each(pictures);
    let mut added = vec![false; pictures.len()];
    if chosen.is_empty() {
        return Ok(added);
    }
    let copied = pool.with(|client| put_new(client, tables, pictures, &chosen))?;
    for place in copied {
        added[place] = true;
    }
    Ok(added)
}

/// The place of the first picture with each content, of those with faces.
fn first_of_each(pictures: &[NewPicture]) -> HashMap<[u8; 32], usize> {
    let mut first = HashMap::new();
    for (place, picture) in pictures.iter().enumerate() {
        if !picture.faces.is_empty() {
            first.entry(picture.hash).or_insert(place);
        }
    }
    first
}

/// Puts what is new, again if another program puts the same at this moment.
fn put_new(
    client: &mut Client,
    tables: &Tables,
    pictures: &[NewPicture],
    chosen: &HashMap<[u8; 32], usize>,
) -> Result<Vec<usize>, Error> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match attempt(client, tables, pictures, chosen) {
            // What the other has put is known when this is done again.
            Err(error) if failure::is_conflict(&error) && attempts < ATTEMPTS => {}
            result => return result,
        }
    }
}

fn attempt(
    client: &mut Client,
    tables: &Tables,
    pictures: &[NewPicture],
    chosen: &HashMap<[u8; 32], usize>,
) -> Result<Vec<usize>, Error> {
    let mut writing = client.transaction()?;
    let known = known(&mut writing, tables, chosen.keys())?;
    let new = chosen.iter().filter(|(hash, _)| !known.contains(*hash));
    let mut places: Vec<usize> = new.map(|(_, place)| *place).collect();
    places.sort_unstable();
    let new = places.iter().map(|place| &pictures[*place]);
    let rows = with_ids(&mut writing, tables, new.collect())?;
    copy(&mut writing, tables, &rows)?;
    copy_thumbnails(&mut writing, tables, &rows)?;
    writing.commit()?;
    Ok(places)
}

/// The pictures with an id for each of their faces, in the order in which they are inserted.
fn with_ids<'a>(
    writing: &mut Transaction<'_>,
    tables: &Tables,
    pictures: Vec<&'a NewPicture>,
) -> Result<Vec<(&'a NewPicture, Vec<i64>)>, Error> {
    let faces = pictures.iter().map(|picture| picture.faces.len()).sum();
    let mut ids = next_ids(writing, tables, faces)?.into_iter();
    let with_ids = pictures.into_iter().map(|picture| {
        let own = ids.by_ref().take(picture.faces.len());
        (picture, own.collect())
    });
    let mut rows: Vec<_> = with_ids.collect();
    // Two writers that insert in the same order cannot wait for each other.
    rows.sort_by_key(|(picture, _)| picture.hash);
    Ok(rows)
}

/// Which of these contents are in the gallery.
pub(crate) fn known<'a>(
    reading: &mut Transaction<'_>,
    tables: &Tables,
    hashes: impl Iterator<Item = &'a [u8; 32]>,
) -> Result<HashSet<[u8; 32]>, Error> {
    let hashes: Vec<&[u8]> = hashes.map(<[u8; 32]>::as_slice).collect();
    let asked = format!(
        "select hash from {} where face = 0 and hash = any($1)",
        tables.faces
    );
    let rows = reading.query_typed(&asked, &[(&hashes, Type::BYTEA_ARRAY)])?;
    let mut known = HashSet::new();
    for row in rows {
        let hash: &[u8] = row.try_get(0)?;
        known.extend(<[u8; 32]>::try_from(hash));
    }
    Ok(known)
}

/// So many ids that were never used, ascending.
fn next_ids(
    writing: &mut Transaction<'_>,
    tables: &Tables,
    count: usize,
) -> Result<Vec<i64>, Error> {
    let asked = format!(
        "select nextval('{}') from generate_series(1, $1)",
        tables.ids
    );
    let rows = writing.query_typed(&asked, &[(&(count as i64), Type::INT8)])?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

fn copy(
    writing: &mut Transaction<'_>,
    tables: &Tables,
    rows: &[(&NewPicture, Vec<i64>)],
) -> Result<(), Error> {
    let into = format!(
        "copy {} ({COPIED}) from stdin (format binary)",
        tables.faces
    );
    let mut writer = BinaryCopyInWriter::new(writing.copy_in(&into)?, &TYPES);
    for (picture, ids) in rows {
        let shared = Shared::of(picture);
        for (number, id) in ids.iter().enumerate() {
            copy_face(&mut writer, picture, &shared, number, [*id, ids[0]])?;
        }
    }
    writer.finish().map(drop)
}

/// One row: its ids are the face's and the picture's.
fn copy_face(
    writer: &mut BinaryCopyInWriter<'_>,
    picture: &NewPicture,
    shared: &Shared,
    number: usize,
    [id, first]: [i64; 2],
) -> Result<(), Error> {
    let face = &picture.faces[number];
    let own = Own::of(face);
    let perceptual_hash = picture.perceptual_hash.as_ref();
    writer.write(&[
        &picture.hash.as_slice(),
        &(number as i32),
        &id,
        &first,
        &shared.path,
        &shared.label,
        &shared.caption,
        &shared.tags,
        &shared.source,
        &shared.added,
        &picture.hidden,
        &perceptual_hash.map(|hash| hash.0.as_slice()),
        &shared.words,
        &own.bounds,
        &face.face.score,
        &own.key_points,
        &own.micros,
        &own.expression,
        &shared.written,
    ])
}

/// A picture's content, the number of its face, and that face's thumbnail.
type Small<'a> = (&'a [u8; 32], usize, &'a Vec<u8>);

fn thumbnails<'a>(rows: &[(&'a NewPicture, Vec<i64>)]) -> Vec<Small<'a>> {
    let pictures = rows.iter().map(|(picture, _)| *picture);
    let faces = pictures.flat_map(|p| p.faces.iter().enumerate().map(move |face| (p, face)));
    faces
        .filter_map(|(p, (number, face))| Some((&p.hash, number, face.thumbnail.as_ref()?)))
        .collect()
}

fn copy_thumbnails(
    writing: &mut Transaction<'_>,
    tables: &Tables,
    rows: &[(&NewPicture, Vec<i64>)],
) -> Result<(), Error> {
    let thumbnails = thumbnails(rows);
    if thumbnails.is_empty() {
        return Ok(());
    }
    let into = format!(
        "copy {} (hash, face, jpeg) from stdin (format binary)",
        tables.thumbnails
    );
    let types = [Type::BYTEA, Type::INT4, Type::BYTEA];
    let mut writer = BinaryCopyInWriter::new(writing.copy_in(&into)?, &types);
    for (hash, number, jpeg) in thumbnails {
        writer.write(&[&hash.as_slice(), &(number as i32), jpeg])?;
    }
    writer.finish().map(drop)
}

/// What the rows of a picture have in common.
struct Shared {
    path: String,
    label: String,
    caption: Option<String>,
    tags: Vec<String>,
    source: String,
    added: i64,
    /// Label, caption and the words in the picture in lower case as Rust makes it, so that filters agree
    /// with a file's.
    words: Vec<String>,
    /// The words that are written in the picture.
    written: Option<String>,
}

impl Shared {
    fn of(picture: &NewPicture) -> Self {
        let label = storable(&picture.label);
        let caption = picture.caption.as_deref().map(storable);
        let written = picture.words.as_deref().map(storable);
        let words = [Some(&label), caption.as_ref(), written.as_ref()];
        let words = words.into_iter().flatten();
        Self {
            words: words.map(|words| words.to_lowercase()).collect(),
            path: storable(&picture.path),
            caption,
            tags: picture.tags.iter().map(|tag| storable(tag)).collect(),
            source: storable(&picture.source),
            added: match picture.added {
                0 => now(),
                added => signed(added),
            },
            label,
            written,
        }
    }
}

/// What a face has of its own.
struct Own {
    bounds: Vec<f32>,
    key_points: Vec<f32>,
    micros: Option<i64>,
    expression: Vec<u8>,
}

impl Own {
    fn of(face: &NewFace) -> Self {
        let b = face.face.bounding_box;
        let points = face.face.key_points.iter().flatten().flatten();
        Self {
            bounds: vec![b.xmin, b.ymin, b.width, b.height],
            key_points: points.copied().collect(),
            micros: face.time.map(|time| time.as_micros() as i64),
            expression: vector::encode(&face.expression),
        }
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs() as i64)
}

/// Refuses numbers that no distance can be measured with.
fn require_numbers(store: &str, picture: &NewPicture) -> Result<(), StoreError> {
    let is_finite = |face: &NewFace| {
        let own = Own::of(face);
        let mut numbers = own
            .bounds
            .iter()
            .chain(&own.key_points)
            .chain(&face.expression.0);
        face.face.score.is_finite() && numbers.all(|number| number.is_finite())
    };
    if picture.faces.iter().all(is_finite) {
        return Ok(());
    }
    let path = &picture.path;
    Err(StoreError::failed(
        store,
        format_args!("a number of a face of {path} is not finite"),
    ))
}
