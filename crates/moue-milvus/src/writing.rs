//! Rows that are written and deleted.

use crate::client::Client;
use crate::reading::one_of;
use crate::row::{self, Row};
use crate::wire::{DeleteRequest, Level, MutationResult, RowsRequest};
use moue::cancel::CancelToken;
use moue_store::StoreError;

/// Bytes of a request, below the 64 MB that servers take.
const BATCH: usize = 8 << 20;
/// Keys of a request to delete.
const KEYS: usize = 4_000;

/// Writes rows, in place of those that have the same keys. Returns the server's time of the last.
pub(crate) fn upsert(client: &Client, rows: Vec<Row>) -> Result<u64, StoreError> {
    let mut batch: Vec<Row> = Vec::new();
    let mut size = 0;
    let mut time = 0;
    for row in rows {
        if size > BATCH {
            time = upsert_batch(client, &std::mem::take(&mut batch))?;
            size = 0;
        }
        size += row.size();
        batch.push(row);
    }
    if !batch.is_empty() {
        time = upsert_batch(client, &batch)?;
    }
    Ok(time)
}

fn upsert_batch(client: &Client, rows: &[Row]) -> Result<u64, StoreError> {
    let place = client.place();
    let columns = row::columns(rows).map_err(|reason| StoreError::failed(&place.name, reason))?;
    let request = RowsRequest {
        db_name: place.database.clone(),
        collection_name: place.collection.clone(),
        fields_data: columns,
        num_rows: rows.len() as u32,
    };
    // Not `Insert`, which keeps a second row with the same key: a request may be sent twice, and two
    // programs may add one picture.
    let written: MutationResult = client.call("Upsert", &request, &CancelToken::default())?;
    if !written.err_index.is_empty() {
        let reason = format!("{} rows were not written", written.err_index.len());
        return Err(StoreError::failed(&place.name, reason));
    }
    Ok(written.timestamp)
}

/// Deletes the rows of pictures.
pub(crate) fn delete(client: &Client, rows: &[Row]) -> Result<(), StoreError> {
    let keys = |heads: bool| -> Vec<String> {
        let chosen = rows.iter().filter(|row| row.is_head() == heads);
        chosen.map(|row| row.key.clone()).collect()
    };
    // First faces last: a picture is there as long as its first face is, and a removal that was
    // interrupted finds it again.
    for part in keys(false).chunks(KEYS).chain(keys(true).chunks(KEYS)) {
        delete_keys(client, part)?;
    }
    Ok(())
}

fn delete_keys(client: &Client, keys: &[String]) -> Result<(), StoreError> {
    let place = client.place();
    let request = DeleteRequest {
        db_name: place.database.clone(),
        collection_name: place.collection.clone(),
        expr: one_of(keys),
        consistency_level: Level::Strong.into(),
    };
    let _: MutationResult = client.call("Delete", &request, &CancelToken::default())?;
    Ok(())
}
