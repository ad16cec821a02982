//! Changing what is known of pictures.

use crate::conditions::{Conditions, storable};
use crate::connect::Pool;
use crate::schema::Tables;
use moue_store::{Selection, StoreError};
use postgres::types::Type;

/// Adds tags to the pictures of a selection, and drops others; returns how many have changed.
pub(crate) fn tag(
    pool: &Pool,
    tables: &Tables,
    selection: &Selection,
    add: &[String],
    drop: &[String],
) -> Result<u64, StoreError> {
    let faces = &tables.faces;
    let mut conditions = Conditions::of_selection(selection, faces);
    let add = conditions.bind(storables(add), Type::TEXT_ARRAY);
    let drop = conditions.bind(storables(drop), Type::TEXT_ARRAY);
    let new = retagged(&add, &drop);
    let statement = format!(
        "with changed as (update {faces} set tags = {new} \
         where {} and tags is distinct from {new} returning face) \
         select count(*) from changed where face = 0",
        conditions.sql()
    );
    counted(pool, &statement, &conditions)
}

/// Stores the words in a picture whose words were not read; returns whether there was one.
pub(crate) fn add_words(
    pool: &Pool,
    tables: &Tables,
    content: &[u8; 32],
    words: &str,
) -> Result<bool, StoreError> {
    let mut conditions = Conditions::default();
    let hash = conditions.bind(content.to_vec(), Type::BYTEA);
    let written = conditions.bind(storable(words), Type::TEXT);
    // Text of a filter is looked for in what Rust makes of capitals.
    let lower = conditions.bind(storable(words).to_lowercase(), Type::TEXT);
    conditions.add(format!("hash = {hash} and written is null"));
    let statement = format!(
        "with changed as (update {} set written = {written}, words = array_append(words, {lower}) \
         where {} returning face) select count(*) from changed where face = 0",
        tables.faces,
        conditions.sql()
    );
    Ok(counted(pool, &statement, &conditions)? > 0)
}

/// A statement that returns a number of pictures.
pub(crate) fn counted(
    pool: &Pool,
    statement: &str,
    conditions: &Conditions,
) -> Result<u64, StoreError> {
    let parameters = conditions.parameters();
    let count: i64 = pool.with(|client| {
        let rows = client.query_typed(statement, &parameters)?;
        rows.first().map_or(Ok(0), |row| row.try_get(0))
    })?;
    Ok(count as u64)
}

/// Tags as the server can have them, each once.
fn storables(tags: &[String]) -> Vec<String> {
    let mut storables: Vec<String> = Vec::new();
    for tag in tags.iter().map(|tag| storable(tag)) {
        if !storables.contains(&tag) {
            storables.push(tag);
        }
    }
    storables
}

/// An expression for a picture's tags without those of `drop`, and with those of `add` behind.
fn retagged(add: &str, drop: &str) -> String {
    let kept = format!(
        "array(select tag from unnest(tags) with ordinality u(tag, n) \
         where tag <> all ({drop}) order by n)"
    );
    // A tag that is both added and dropped goes behind the others.
    format!(
        "{kept} || array(select tag from unnest({add}) with ordinality u(tag, n) \
         where tag <> all (tags) or tag = any ({drop}) order by n)"
    )
}
