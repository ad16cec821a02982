//! The suite of stores, against a Milvus server.

use moue_milvus::MilvusStore;
use moue_store::suite::{self, Harness, Required};
use moue_store::{Address, GalleryStore, StoreError};
use std::time::{Duration, Instant};

/// The server that `.ci/milvus run` tells; without one the tests are skipped, visibly. `.ci/run` starts one.
fn server() -> Option<String> {
    let server = std::env::var("MOUE_MILVUS").ok();
    if server.is_none() {
        eprintln!("skipped: it needs MOUE_MILVUS; .ci/milvus start, .ci/milvus run cargo test …");
    }
    server
}

/// Collections of one run, with names of their own.
struct Collections {
    server: String,
    options: &'static str,
    run: u32,
    made: Vec<String>,
}

impl Harness for Collections {
    fn open(&mut self, name: &str) -> Box<dyn GalleryStore> {
        let collection = format!("suite_{}_{name}", self.run);
        let text = format!("{}/{collection}?{}", self.server, self.options);
        let address = Address::parse(&text).unwrap();
        if self.made.contains(&collection) {
            return Box::new(MilvusStore::open(&address).unwrap());
        }
        self.made.push(collection);
        Box::new(MilvusStore::create(&address).unwrap())
    }
}

fn run(options: &'static str, required: &Required) -> Option<suite::Report> {
    let mut collections = Collections {
        server: server()?,
        options,
        // No test of another run has it, and none of this one.
        run: std::process::id() * 16 + options.len() as u32 % 16,
        made: Vec::new(),
    };
    let report = suite::run(&mut collections, required);
    println!("{options}: {report:?}");
    Some(report)
}

#[test]
fn an_exact_collection_passes() {
    let Some(report) = run("search=exact", &Required::default()) else {
        return;
    };
    assert_eq!((report.recall, report.filtered_recall), (1.0, 1.0));
}

/// Some neighbors are missed: how many is stated in `bench/stores.md`.
#[test]
#[ignore = "it takes some minutes: .ci/milvus run cargo test … -- --ignored"]
fn approximate_collections_pass() {
    for options in ["search=hnsw", "search=ivf-sq8"] {
        let required = Required {
            recall: 0.95,
            ..Required::default()
        };
        if run(options, &required).is_none() {
            return;
        }
    }
}

fn address(server: &str, rest: &str) -> Address {
    Address::parse(&format!("{server}/{rest}")).unwrap()
}

#[test]
fn errors_name_the_way_out() {
    let Some(server) = server() else {
        return;
    };
    let missing = address(&server, &format!("missing_{}", std::process::id()));
    let error = MilvusStore::open(&missing).unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error:?}");
    let name = format!("made_{}", std::process::id());
    let made = address(&server, &format!("{name}?search=exact"));
    drop(MilvusStore::create(&made).unwrap());
    let other = address(&server, &format!("{name}?search=hnsw"));
    let error = MilvusStore::open(&other).unwrap_err().to_string();
    assert!(error.contains("leave search out"), "{error}");
    let database = address(&server, &format!("{name}?database=nowhere"));
    let error = MilvusStore::create(&database).unwrap_err().to_string();
    assert!(error.contains("nowhere"), "{error}");
}

#[test]
fn an_address_without_a_server_is_told_soon() {
    // Nobody listens on the port 1.
    let start = Instant::now();
    let error = MilvusStore::open(&address("milvus://127.0.0.1:1", "a")).unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
    let text = error.to_string();
    assert!(
        text.contains("milvus://127.0.0.1:1/a") && text.contains("proxy.port"),
        "{text}"
    );
    // Far below the time in which a request is tried again; it is 8 seconds.
    assert!(
        start.elapsed() < Duration::from_secs(50),
        "{:?}",
        start.elapsed()
    );
}
