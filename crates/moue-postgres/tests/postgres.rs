//! The suite on PostgreSQL, and what is the server's own. `.ci/postgres start` starts one for tests:
//! `MOUE_POSTGRES=$(.ci/postgres start) cargo test -p moue-postgres --features postgres`.

use moue::Expression;
use moue::gallery::{NewPicture, SearchOptions};
use moue_postgres::PostgresStore;
use moue_store::suite::{self, Harness, Required};
use moue_store::{Address, GalleryStore, StoreError};
use postgres::{Client, NoTls};
use std::sync::Barrier;

/// The address of the server; without one the test is skipped, visibly. `.ci/run` starts one.
fn server(test: &str) -> Option<String> {
    let address = std::env::var("MOUE_POSTGRES").ok();
    let address = address.filter(|a| !a.is_empty());
    if address.is_none() {
        eprintln!("skipped: {test} needs MOUE_POSTGRES, see .ci/postgres");
    }
    address
}

/// Galleries of one test: all of its own, and new.
struct Galleries {
    server: String,
    test: &'static str,
    options: &'static str,
}

impl Galleries {
    fn new(server: &str, test: &'static str, options: &'static str) -> Self {
        let galleries = Self {
            server: server.to_owned(),
            test,
            options,
        };
        galleries.drop_tables();
        galleries
    }

    fn client(&self) -> Client {
        Client::connect(&self.server, NoTls).unwrap()
    }

    /// Removes what an earlier run has left.
    fn drop_tables(&self) {
        let mut client = self.client();
        let like = format!("moue\\_{}\\_%", self.test);
        for (kind, catalog) in [("table", "r"), ("sequence", "S")] {
            let asked =
                "select relname::text from pg_class where relname like $1 and relkind::text = $2";
            for row in client.query(asked, &[&like, &catalog]).unwrap() {
                let name: String = row.get(0);
                client
                    .batch_execute(&format!("drop {kind} if exists {name} cascade"))
                    .unwrap();
            }
        }
    }

    fn address(&self, name: &str) -> Address {
        let Self {
            server,
            test,
            options,
        } = self;
        Address::parse(&format!("{server}?gallery={test}_{name}{options}")).unwrap()
    }
}

impl Harness for Galleries {
    fn open(&mut self, name: &str) -> Box<dyn GalleryStore> {
        Box::new(PostgresStore::create(&self.address(name)).unwrap())
    }
}

#[test]
fn every_face_is_compared_without_an_index() {
    let Some(server) = server("the suite on PostgreSQL") else {
        return;
    };
    let mut galleries = Galleries::new(&server, "exact", "&search=exact");
    let report = suite::run(&mut galleries, &Required::default());
    assert_eq!((report.recall, report.filtered_recall), (1.0, 1.0));
    galleries.drop_tables();
}

/// The report of the suite on an index.
fn indexed(test: &'static str, options: &'static str) -> Option<suite::Report> {
    let server = server("the suite on PostgreSQL's index")?;
    let mut galleries = Galleries::new(&server, test, options);
    let report = suite::run(&mut galleries, &Required::default());
    eprintln!("HNSW, {options}: {report:?}");
    let store = galleries.open("searched");
    assert!(!store.is_exact(), "an index was made");
    galleries.drop_tables();
    Some(report)
}

#[test]
fn the_index_finds_nearly_all() {
    indexed("hnsw", "&search=hnsw&few=0");
}

#[test]
fn what_few_faces_meet_is_compared_without_the_index() {
    let report = indexed("few", "&search=hnsw");
    assert!(report.is_none_or(|report| report.filtered_recall == 1.0));
}

fn picture(number: u8) -> NewPicture {
    let mut expression = Expression([0.0; 64]);
    expression.0[usize::from(number) % 64] = 1.0;
    NewPicture {
        hash: [number; 32],
        path: format!("/{number}.jpg"),
        faces: vec![(moue::Face::whole(), expression).into()],
        ..NewPicture::default()
    }
}

#[test]
fn foreign_galleries_are_refused() {
    let Some(server) = server("foreign galleries") else {
        return;
    };
    let galleries = Galleries::new(&server, "foreign", "");
    let address = galleries.address("a");
    let missing = PostgresStore::open(&address).unwrap_err();
    assert!(matches!(missing, StoreError::Missing { .. }), "{missing}");
    let store = PostgresStore::create(&address).unwrap();
    store.put(&[picture(1)]).unwrap();
    PostgresStore::open(&address).unwrap();
    let mut client = galleries.client();
    let set = "update moue_foreign_a_meta set value = $2 where key = $1";
    client.execute(set, &[&"weights", &"other"]).unwrap();
    let other = PostgresStore::create(&address).unwrap_err();
    assert!(
        matches!(&other, StoreError::OtherWeights { found, .. } if found == "other"),
        "{other}"
    );
    client.execute(set, &[&"format", &"99"]).unwrap();
    let newer = PostgresStore::open(&address).unwrap_err();
    assert!(
        matches!(newer, StoreError::Newer { found: 99, .. }),
        "{newer}"
    );
    galleries.drop_tables();
}

/// The same server's other database; the user may be called as the first one.
fn with_database(server: &str, name: &str) -> String {
    let (place, _) = server.rsplit_once('/').unwrap();
    format!("{place}/{name}")
}

#[test]
fn errors_name_the_way_out_and_no_password() {
    let Some(server) = server("errors") else {
        return;
    };
    let refused = |address: &str| {
        let address = Address::parse(address).unwrap();
        let error = PostgresStore::create(&address).unwrap_err().to_string();
        assert!(!error.contains("geheim"), "{error}");
        error
    };
    let nobody = refused("postgres://me:geheim@127.0.0.1:1/faces");
    assert!(nobody.contains("cannot be reached"), "{nobody}");
    let unknown = refused("postgres://me:geheim@127.0.0.1/faces?shade=blue");
    assert!(unknown.contains("shade"), "{unknown}");
    for wrong in ["search=fast", "ef=-1", "ef=2000", "ef=x", "few=some"] {
        let error = refused(&format!("postgres://me:geheim@127.0.0.1/faces?{wrong}"));
        assert!(error.contains("write "), "{error}");
    }
    let nowhere = refused(&with_database(&server, "nowhere"));
    assert!(nowhere.contains("createdb"), "{nowhere}");
    // A user without rights, in a database without the extension.
    let mut client = Client::connect(&server, NoTls).unwrap();
    for statement in [
        "drop database if exists moue_bare",
        "drop role if exists moue_guest",
        "create role moue_guest login",
        "create database moue_bare",
    ] {
        client.batch_execute(statement).unwrap();
    }
    let bare = with_database(&server, "moue_bare").replace("moue@", "moue_guest@");
    let missing = refused(&bare);
    assert!(
        missing.contains("vector") && missing.contains("CREATE EXTENSION"),
        "{missing}"
    );
    let owner = with_database(&server, "moue_bare");
    let mut owner = Client::connect(&owner, NoTls).unwrap();
    owner.batch_execute("create extension vector").unwrap();
    let forbidden = refused(&bare);
    assert!(
        forbidden.contains("permission denied") && forbidden.contains("owner"),
        "{forbidden}"
    );
    drop(owner);
    client.batch_execute("drop database moue_bare").unwrap();
    client.batch_execute("drop role moue_guest").unwrap();
}

#[test]
fn galleries_that_are_made_at_the_same_time_share_the_extension() {
    let Some(server) = server("galleries made at the same time") else {
        return;
    };
    let mut client = Client::connect(&server, NoTls).unwrap();
    for round in 0..5 {
        for statement in [
            "drop database if exists moue_shared with (force)",
            "create database moue_shared",
        ] {
            client.batch_execute(statement).unwrap();
        }
        let shared = with_database(&server, "moue_shared");
        let together = Barrier::new(8);
        std::thread::scope(|scope| {
            for number in 0..8 {
                let address = format!("{shared}?gallery=shared{number}");
                let address = Address::parse(&address).unwrap();
                let together = &together;
                scope.spawn(move || {
                    together.wait();
                    let made = PostgresStore::create(&address);
                    assert!(made.is_ok(), "round {round}: {:?}", made.err());
                });
            }
        });
    }
    client
        .batch_execute("drop database moue_shared with (force)")
        .unwrap();
}

#[test]
fn a_lost_connection_is_opened_again() {
    let Some(server) = server("a lost connection") else {
        return;
    };
    let galleries = Galleries::new(&server, "lost", "&application_name=moue_lost");
    let store = PostgresStore::create(&galleries.address("a")).unwrap();
    store.put(&[picture(1), picture(2)]).unwrap();
    let mut client = galleries.client();
    let end = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
        where application_name = 'moue_lost'";
    for number in 3..8 {
        let ended: i64 = client.query_one(end, &[]).unwrap().get(0);
        assert!(ended >= 1, "there was a connection");
        assert_eq!(store.put(&[picture(number)]).unwrap(), [true]);
        let query = picture(number).faces[0].expression;
        client.query_one(end, &[]).unwrap();
        let found = store.search(&[query], &SearchOptions::nearest(1)).unwrap();
        assert_eq!(found[0].path, format!("/{number}.jpg"));
    }
    assert_eq!(store.count().unwrap().faces, 7);
    galleries.drop_tables();
}
