//! A collection: its fields, its index, and what its description says of the gallery.

use crate::client::Client;
use crate::place::Index;
use crate::row::field;
use crate::wire::{
    CollectionRequest, CollectionSchema, CreateCollectionRequest, CreateIndexRequest, DataType,
    DescribeCollectionResponse, DescribeIndexResponse, FieldSchema, FlushRequest, FlushResponse,
    GetLoadStateRequest, GetLoadStateResponse, KeyValue, Level, LoadCollectionRequest, LoadState,
    Status,
};
use moue::cancel::CancelToken;
use moue::embed::EXPRESSION_LEN;
use moue::weights::expression_fingerprint;
use moue_store::StoreError;
use prost::Message;
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// The format of collections; raised when older programs could not read what newer ones write.
const FORMAT: u64 = 1;
/// The most that a VARCHAR has.
pub(crate) const MAX_TEXT: usize = 65_535;
/// The most elements that an array has, as Milvus has it for all arrays.
pub(crate) const MAX_ELEMENTS: usize = 4_096;
/// How often is asked whether a collection is loaded.
const LOAD_CHECK: Duration = Duration::from_millis(200);

/// What a collection's description says, as JSON. A collection without it is not moue's.
#[derive(Serialize, Deserialize)]
struct About {
    /// [`FORMAT`].
    moue: u64,
    /// Fingerprint of the weights.
    weights: String,
}

impl About {
    fn json() -> Result<String, serde_json::Error> {
        serde_json::to_string(&Self {
            moue: FORMAT,
            weights: expression_fingerprint().to_owned(),
        })
    }
}

/// Makes the collection, unless somebody else has made it meanwhile.
pub(crate) fn create(client: &Client) -> Result<(), StoreError> {
    let place = client.place();
    let schema = CollectionSchema {
        name: place.collection.clone(),
        description: About::json().map_err(|error| StoreError::failed(&place.name, error))?,
        fields: fields(),
    };
    let request = CreateCollectionRequest {
        db_name: place.database.clone(),
        collection_name: place.collection.clone(),
        schema: schema.encode_to_vec(),
        shards_num: place.shards.into(),
        consistency_level: Level::Strong.into(),
    };
    let _: Status = client.call("CreateCollection", &request, &CancelToken::default())?;
    create_index(client, place.index.unwrap_or(Index::Flat))
}

fn fields() -> Vec<FieldSchema> {
    let of = |name: &str, data_type: DataType, params: &[(&str, usize)]| FieldSchema {
        name: name.to_owned(),
        is_primary_key: name == field::KEY,
        description: String::new(),
        data_type: data_type.into(),
        type_params: params
            .iter()
            .map(|(key, value)| KeyValue::new(key, value))
            .collect(),
        element_type: DataType::None.into(),
    };
    let array = |name: &str, element: DataType, params: &[(&str, usize)]| FieldSchema {
        element_type: element.into(),
        ..of(name, DataType::Array, params)
    };
    vec![
        of(field::KEY, DataType::VarChar, &[("max_length", 64)]),
        of(
            field::EXPRESSION,
            DataType::FloatVector,
            &[("dim", EXPRESSION_LEN)],
        ),
        of(field::ID, DataType::Int64, &[]),
        of(field::PICTURE, DataType::Int64, &[]),
        of(field::PATH, DataType::Int64, &[]),
        of(field::SOURCE, DataType::Int64, &[]),
        of(field::ADDED, DataType::Int64, &[]),
        of(field::SHOWN, DataType::Bool, &[]),
        array(
            field::TAGS,
            DataType::Int64,
            &[("max_capacity", MAX_ELEMENTS)],
        ),
        array(
            field::RECORD,
            DataType::VarChar,
            &[("max_capacity", 64), ("max_length", MAX_TEXT)],
        ),
        of(
            field::THUMBNAIL,
            DataType::VarChar,
            &[("max_length", MAX_TEXT)],
        ),
    ]
}

/// The name of an index and its parameters. HNSW's are those that moue uses with pgvector, IVF's near
/// the root of the faces in a segment.
fn kind_and_params(index: Index) -> [&'static str; 2] {
    match index {
        Index::Flat => ["FLAT", "{}"],
        Index::Hnsw => ["HNSW", r#"{"M":16,"efConstruction":200}"#],
        Index::IvfSq8 => ["IVF_SQ8", r#"{"nlist":1024}"#],
    }
}

fn create_index(client: &Client, index: Index) -> Result<(), StoreError> {
    let place = client.place();
    let [kind, params] = kind_and_params(index);
    let request = CreateIndexRequest {
        db_name: place.database.clone(),
        collection_name: place.collection.clone(),
        field_name: field::EXPRESSION.to_owned(),
        extra_params: vec![
            KeyValue::new("index_type", kind),
            // Of vectors of unit length all metrics have one order; this one takes a radius that
            // is a distance.
            KeyValue::new("metric_type", "L2"),
            KeyValue::new("params", params),
        ],
        index_name: String::new(),
    };
    let _: Status = client.call("CreateIndex", &request, &CancelToken::default())?;
    Ok(())
}

/// Checks that the collection is moue's, of this format and these weights.
pub(crate) fn check(client: &Client) -> Result<(), StoreError> {
    let place = client.place();
    let cancel = CancelToken::default();
    let described: DescribeCollectionResponse =
        client.call("DescribeCollection", &named(client), &cancel)?;
    let schema = described.schema.unwrap_or_default();
    let about = serde_json::from_str(&schema.description);
    let About { moue, weights } = about.map_err(|_| StoreError::Setup {
        store: place.name.clone(),
        reason: "the collection was not made by moue".to_owned(),
        way_out: "name another one, which moue makes".to_owned(),
    })?;
    check_weights(client, moue, weights)
}

fn check_weights(client: &Client, moue: u64, weights: String) -> Result<(), StoreError> {
    let place = client.place();
    if moue > FORMAT {
        return Err(StoreError::Newer {
            store: place.name.clone(),
            found: moue,
            known: FORMAT,
        });
    }
    let expected = expression_fingerprint();
    if weights != expected {
        return Err(StoreError::OtherWeights {
            store: place.name.clone(),
            found: weights,
            expected: expected.to_owned(),
        });
    }
    Ok(())
}

/// The index that the collection has. One without an index, whose making was interrupted, gets one.
pub(crate) fn index_of(client: &Client) -> Result<Index, StoreError> {
    let place = client.place();
    let mut indexes = described_indexes(client)?;
    if indexes.is_empty() {
        create_index(client, place.index.unwrap_or(Index::Flat))?;
        indexes = described_indexes(client)?;
    }
    let params = indexes.iter().flat_map(|index| &index.params);
    let mut kinds = params
        .filter(|p| p.key == "index_type")
        .map(|p| &p.value[..]);
    let found = match kinds.next() {
        Some("FLAT") => Index::Flat,
        Some("HNSW") => Index::Hnsw,
        Some("IVF_SQ8") => Index::IvfSq8,
        other => {
            return Err(StoreError::Setup {
                store: place.name.clone(),
                reason: format!("its index is {}", other.unwrap_or("missing")),
                way_out: "moue knows FLAT, HNSW and IVF_SQ8 with the metric L2".to_owned(),
            });
        }
    };
    if place.index.is_some_and(|asked| asked != found) {
        return Err(StoreError::Setup {
            store: place.name.clone(),
            reason: format!("its index is {found:?}, which was chosen when it was made"),
            way_out: "leave search out of the address, or load into another collection".to_owned(),
        });
    }
    Ok(found)
}

fn described_indexes(client: &Client) -> Result<Vec<crate::wire::IndexDescription>, StoreError> {
    let described: Result<DescribeIndexResponse, _> =
        client.call("DescribeIndex", &named(client), &CancelToken::default());
    match described {
        Ok(found) => Ok(found.index_descriptions),
        // Milvus calls a collection without an index an error.
        Err(StoreError::Failed { reason, .. }) if reason.contains("index not found") => Ok(vec![]),
        Err(error) => Err(error),
    }
}

/// Has the query nodes load the collection, and waits until they have.
pub(crate) fn load(client: &Client) -> Result<(), StoreError> {
    let place = client.place();
    let cancel = CancelToken::default();
    let request = LoadCollectionRequest {
        db_name: place.database.clone(),
        collection_name: place.collection.clone(),
        replica_number: place.replicas.into(),
    };
    let _: Status = client.call("LoadCollection", &request, &cancel)?;
    wait_for_load(client)
}

fn wait_for_load(client: &Client) -> Result<(), StoreError> {
    let place = client.place();
    let cancel = CancelToken::default();
    let state = GetLoadStateRequest {
        collection_name: place.collection.clone(),
        db_name: place.database.clone(),
    };
    let until = Instant::now() + Duration::from_secs(place.seconds.into());
    loop {
        let answer: GetLoadStateResponse = client.call("GetLoadState", &state, &cancel)?;
        if answer.state() == LoadState::Loaded {
            return Ok(());
        }
        if Instant::now() > until {
            let reason = "the collection is being loaded; try again later, or write ?seconds=N";
            return Err(client.unreachable(reason.to_owned()));
        }
        client.pause(LOAD_CHECK, &cancel)?;
    }
}

/// Seals what was written, so that it is indexed, and waits until the index has all of it.
pub(crate) fn flush(client: &Client) -> Result<(), StoreError> {
    let place = client.place();
    let cancel = CancelToken::default();
    let request = FlushRequest {
        db_name: place.database.clone(),
        collection_names: vec![place.collection.clone()],
    };
    let _: FlushResponse = client.call("Flush", &request, &cancel)?;
    let until = Instant::now() + Duration::from_secs(place.seconds.into());
    // Rows that were sealed a moment ago are not among those that an index lacks yet.
    loop {
        let indexes = described_indexes(client)?;
        let pending: i64 = indexes.iter().map(|index| index.pending_index_rows).sum();
        if pending == 0 || Instant::now() > until {
            return Ok(());
        }
        client.pause(LOAD_CHECK, &cancel)?;
    }
}

pub(crate) fn named(client: &Client) -> CollectionRequest {
    let place = client.place();
    CollectionRequest {
        db_name: place.database.clone(),
        collection_name: place.collection.clone(),
    }
}
