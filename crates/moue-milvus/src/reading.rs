//! Queries and searches.

use crate::client::Client;
use crate::place::Index;
use crate::row::{self, Row, field};
use crate::wire::{
    DataType, EXPRESSIONS, FieldData, KeyValue, Level, Placeholder, Placeholders, QueryRequest,
    QueryResults, SearchRequest, SearchResults,
};
use moue::cancel::CancelToken;
use moue::gallery::Shortlisted;
use moue_store::{Asked, Nearby, StoreError};
use prost::Message;
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::ops::ControlFlow;

/// Rows that a search returns at most: Milvus' own limit (`proxy.maxResultWindow`).
const MAX_ROWS: usize = 16_384;
/// Rows of a page; with thumbnails of 4 KB it has 6 MB.
pub(crate) const PAGE: usize = 1_000;
/// Lists of an IVF index that are searched, of [`LISTS`].
const PROBES: usize = 64;
/// All lists of an IVF index. With a filter all are searched: the nearest of the right faces may be in
/// any. With 64 lists 29 of 100 were found in the suite, with all 100.
const LISTS: usize = 1_024;
/// How many times as many neighbors a search of a graph keeps with a filter, which leaves few of them.
/// In the suite 96 of 100 are found then; with as many as without a filter 69 were.
const FILTERED: usize = 16;
/// Milvus' own limit of the neighbors that a search keeps.
const MAX_NEIGHBORS: usize = 32_768;
/// What the server's arithmetic may add to a squared distance of vectors of unit length.
const ROUNDING: f32 = 1e-4;
/// Beyond every squared distance; Milvus wants an end for a range that has a beginning.
const FARTHEST: f32 = 1e6;

/// Which writes a request must see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// Those that were acknowledged before, whoever made them.
    All,
    /// Those up to this time of the server's clock.
    UpTo(u64),
}

impl Freshness {
    fn level(self) -> Level {
        match self {
            Self::All => Level::Strong,
            Self::UpTo(_) => Level::Customized,
        }
    }

    fn time(self) -> u64 {
        match self {
            Self::All => 0,
            // Milvus takes 0 for a strong request; 1 is before everything.
            Self::UpTo(time) => time.max(1),
        }
    }
}

fn query_params(limit: Option<usize>) -> Vec<KeyValue> {
    let of_limit = |limit: usize| {
        [
            KeyValue::new("limit", limit),
            // Else any rows, not the first by their keys.
            KeyValue::new("reduce_stop_for_best", "True"),
        ]
    };
    limit.map(of_limit).into_iter().flatten().collect()
}

/// One query, without pages.
pub(crate) fn query(
    client: &Client,
    expr: &str,
    fields: Vec<String>,
    limit: Option<usize>,
    seen: Freshness,
) -> Result<Vec<FieldData>, StoreError> {
    let place = client.place();
    let request = QueryRequest {
        db_name: place.database.clone(),
        collection_name: place.collection.clone(),
        expr: expr.to_owned(),
        output_fields: fields,
        guarantee_timestamp: seen.time(),
        query_params: query_params(limit),
        consistency_level: seen.level().into(),
    };
    let answer: QueryResults = client.call("Query", &request, &CancelToken::default())?;
    Ok(answer.fields_data)
}

/// The number of rows that meet a condition.
pub(crate) fn count(client: &Client, expr: &str) -> Result<u64, StoreError> {
    let columns = query(
        client,
        expr,
        vec!["count(*)".to_owned()],
        None,
        Freshness::All,
    )?;
    let count = columns.first().and_then(FieldData::as_longs);
    let count = count
        .and_then(|c| c.first())
        .and_then(|c| u64::try_from(*c).ok());
    count.ok_or_else(|| unreadable(client, "Query", "there is no count".to_owned()))
}

/// Which of these keys are there.
pub(crate) fn present(
    client: &Client,
    keys: &[String],
    seen: Freshness,
) -> Result<HashSet<String>, StoreError> {
    let mut found = HashSet::new();
    for part in keys.chunks(PAGE) {
        let fields = vec![field::KEY.to_owned()];
        let columns = query(client, &one_of(part), fields, None, seen)?;
        let mut columns = columns.iter();
        let column = columns.find(|column| column.field_name == field::KEY);
        let keys = column.and_then(FieldData::as_strings);
        found.extend(keys.into_iter().flatten().cloned());
    }
    Ok(found)
}

/// The condition that a row has one of these keys, which are ours: digits and `-`.
pub(crate) fn one_of(keys: &[String]) -> String {
    let quoted: Vec<String> = keys.iter().map(|key| format!("\"{key}\"")).collect();
    format!("{} in [{}]", field::KEY, quoted.join(","))
}

/// Calls `body` with the rows of one picture after the other, by key, until it breaks.
pub(crate) fn for_each_picture(
    client: &Client,
    conditions: &[String],
    thumbnails: bool,
    seen: Freshness,
    body: &mut dyn FnMut(Vec<Row>) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    let mut last = String::new();
    let mut picture: Vec<Row> = Vec::new();
    loop {
        let rows = page(client, conditions, &last, thumbnails, seen)?;
        let Some(end) = rows.last() else {
            break;
        };
        last.clone_from(&end.key);
        for row in rows {
            let is_other = picture
                .first()
                .is_some_and(|p| p.picture.hash != row.picture.hash);
            if is_other && body(std::mem::take(&mut picture))?.is_break() {
                return Ok(());
            }
            picture.push(row);
        }
    }
    if !picture.is_empty() {
        let _ = body(picture)?;
    }
    Ok(())
}

/// The rows after a key, by key, a page at most.
fn page(
    client: &Client,
    conditions: &[String],
    after: &str,
    thumbnails: bool,
    seen: Freshness,
) -> Result<Vec<Row>, StoreError> {
    let mut all = vec![format!("{} > \"{after}\"", field::KEY)];
    all.extend_from_slice(conditions);
    let expr = all.join(" && ");
    let fields = row::read_fields(thumbnails);
    let columns = query(client, &expr, fields, Some(PAGE), seen)?;
    let mut rows = row::read(&columns).map_err(|reason| unreadable(client, "Query", reason))?;
    // Each segment returns its rows in order; what merges them is not promised.
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(rows)
}

/// The rows whose face or picture has this id, up to [`PAGE`].
pub(crate) fn rows_of(
    client: &Client,
    name: &str,
    id: u64,
    thumbnails: bool,
    seen: Freshness,
) -> Result<Vec<Row>, StoreError> {
    // Ids of galleries in files may be any; Milvus' numbers have a sign.
    let Ok(id) = i64::try_from(id) else {
        return Ok(Vec::new());
    };
    page(client, &[format!("{name} == {id}")], "", thumbnails, seen)
}

/// The collection, as a search asks it.
pub(crate) struct Asking<'a> {
    pub(crate) client: &'a Client,
    pub(crate) index: Index,
    pub(crate) seen: Freshness,
    pub(crate) cancel: &'a CancelToken,
}

impl Nearby for Asking<'_> {
    fn nearest(&self, asked: &Asked<'_>) -> Result<Vec<Shortlisted>, StoreError> {
        let mut faces = Vec::new();
        let mut known = HashSet::new();
        let mut from = None;
        while faces.len() < asked.limit {
            let wanted = (asked.limit - faces.len()).min(MAX_ROWS);
            let found = self.part(asked, wanted, from)?;
            let before = faces.len();
            let count = found.scores.len();
            for row in found.rows {
                // At the border of two parts rows come twice.
                if known.insert(row.key.clone()) {
                    faces.push(Shortlisted {
                        id: row.face_id(),
                        expression: row.expression,
                        picture: row.picture,
                    });
                }
            }
            if count < wanted {
                break;
            }
            if faces.len() == before {
                let reason = format!("more than {MAX_ROWS} faces are equally far");
                return Err(StoreError::failed(&self.client.place().name, reason));
            }
            from = found.scores.last().copied();
        }
        Ok(faces)
    }
}

struct Found {
    rows: Vec<Row>,
    scores: Vec<f32>,
}

impl Asking<'_> {
    /// The nearest faces from a squared distance on.
    fn part(
        &self,
        asked: &Asked<'_>,
        limit: usize,
        from: Option<f32>,
    ) -> Result<Found, StoreError> {
        let place = self.client.place();
        let mut conditions = vec![format!("{} == true", field::SHOWN)];
        conditions.extend(row::condition(asked.filter));
        let request = SearchRequest {
            db_name: place.database.clone(),
            collection_name: place.collection.clone(),
            dsl: conditions.join(" && "),
            placeholder_group: placeholder(asked.point),
            dsl_type: EXPRESSIONS,
            output_fields: row::read_fields(false),
            search_params: vec![
                KeyValue::new("anns_field", field::EXPRESSION),
                KeyValue::new("topk", limit),
                KeyValue::new("metric_type", "L2"),
                KeyValue::new("round_decimal", -1),
                KeyValue::new("params", self.params(asked, limit, from)),
            ],
            guarantee_timestamp: self.seen.time(),
            nq: 1,
            consistency_level: self.seen.level().into(),
        };
        let answer: SearchResults = self.client.call("Search", &request, self.cancel)?;
        let found = answer.results.unwrap_or_default();
        let rows = row::read(&found.fields_data);
        Ok(Found {
            rows: rows.map_err(|reason| unreadable(self.client, "Search", reason))?,
            scores: found.scores,
        })
    }

    fn params(&self, asked: &Asked<'_>, limit: usize, from: Option<f32>) -> String {
        let is_filtered = !asked.filter.is_empty();
        let mut params = Map::new();
        match self.index {
            // A graph is not searched by ranges: it ends its search by the neighbors it keeps.
            Index::Hnsw => {
                let ef = limit.max(self.client.place().ef.into());
                let factor = if is_filtered { FILTERED } else { 1 };
                params.insert("ef".into(), (ef * factor).min(MAX_NEIGHBORS).into());
            }
            Index::IvfSq8 => {
                let probes = if is_filtered { LISTS } else { PROBES };
                params.insert("nprobe".into(), probes.into());
            }
            Index::Flat => set_range(&mut params, asked.within, from),
        }
        Value::Object(params).to_string()
    }
}

/// Asks for faces between two distances alone.
fn set_range(params: &mut Map<String, Value>, within: f32, from: Option<f32>) {
    let radius = Some(within * within + ROUNDING).filter(|r| r.is_finite());
    if radius.is_some() || from.is_some() {
        params.insert("radius".into(), radius.unwrap_or(FARTHEST).into());
    }
    if let Some(from) = from {
        params.insert("range_filter".into(), from.into());
    }
}

/// The query's vector, as it stands for `$0`.
fn placeholder(point: &[f32]) -> Vec<u8> {
    let group = Placeholders {
        placeholders: vec![Placeholder {
            tag: "$0".to_owned(),
            data_type: DataType::FloatVector.into(),
            values: vec![point.iter().flat_map(|v| v.to_le_bytes()).collect()],
        }],
    };
    group.encode_to_vec()
}

fn unreadable(client: &Client, method: &str, reason: String) -> StoreError {
    let name = &client.place().name;
    StoreError::failed(
        name,
        format_args!("the answer to {method} cannot be read: {reason}"),
    )
}
