//! Lists of pictures, and what is counted of them.

use crate::conditions::{Conditions, signed};
use crate::connect::Pool;
use crate::failure;
use crate::nearest::shown;
use crate::rows::{COLUMNS, Face};
use crate::schema::Tables;
use moue::gallery::Picture;
use moue_store::{Listing, StoreError};
use postgres::Row;
use postgres::types::Type;
use std::collections::BTreeMap;

/// The picture with this content.
pub(crate) fn find(
    pool: &Pool,
    tables: &Tables,
    content: &[u8; 32],
) -> Result<Option<Picture>, StoreError> {
    let mut conditions = Conditions::default();
    let hash = conditions.bind(content.to_vec(), Type::BYTEA);
    let chosen = format!("f.hash = {hash} order by f.face");
    Ok(records(pool, tables, &chosen, &conditions)?.pop())
}

/// A part of the pictures that are not hidden.
pub(crate) fn list(
    pool: &Pool,
    tables: &Tables,
    listing: &Listing<'_>,
) -> Result<Vec<Picture>, StoreError> {
    let mut conditions = shown(listing.filter);
    let first = conditions.bind(signed(listing.ids.start), Type::INT8);
    let end = conditions.bind(signed(listing.ids.end), Type::INT8);
    let part = format!("picture >= {first} and picture < {end} and face = 0");
    conditions.add(part);
    let limit = conditions.bind(signed(listing.limit as u64), Type::INT8);
    let direction = if listing.descending { "desc" } else { "asc" };
    let chosen = format!(
        "f.picture in (select picture from {} where {} order by picture {direction} limit {limit}) \
         order by f.picture {direction}, f.face",
        tables.faces,
        conditions.sql()
    );
    records(pool, tables, &chosen, &conditions)
}

/// The records of pictures, from their rows in the order of pictures and faces.
fn records(
    pool: &Pool,
    tables: &Tables,
    chosen: &str,
    conditions: &Conditions,
) -> Result<Vec<Picture>, StoreError> {
    let statement = format!("select {COLUMNS} from {} f where {chosen}", tables.faces);
    let parameters = conditions.parameters();
    let rows = pool.with(|client| client.query_typed(&statement, &parameters))?;
    let mut pictures: Vec<Picture> = Vec::new();
    for row in &rows {
        let face = Face::of(row).map_err(|damage| StoreError::failed(pool.name(), damage))?;
        join(&mut pictures, face.picture);
    }
    Ok(pictures)
}

/// Adds a row's picture, of which the row before may have been too.
fn join(pictures: &mut Vec<Picture>, picture: Picture) {
    match pictures.last_mut().filter(|last| last.id == picture.id) {
        Some(last) => last.faces.extend(picture.faces),
        None => pictures.push(picture),
    }
}

/// How many pictures that are not hidden have each tag.
pub(crate) fn tags(pool: &Pool, tables: &Tables) -> Result<BTreeMap<String, u64>, StoreError> {
    let statement = format!(
        "select tag, count(*) from {}, unnest(tags) tag where face = 0 and not hidden group by tag",
        tables.faces
    );
    let rows = pool.with(|client| client.query_typed(&statement, &[]))?;
    let count = |row: &Row| {
        let count: i64 = row.try_get(1)?;
        Ok((row.try_get(0)?, count as u64))
    };
    let counts: Result<_, postgres::Error> = rows.iter().map(count).collect();
    counts.map_err(|error| failure::of(pool.name(), &error))
}
