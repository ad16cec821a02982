//! A leader is killed while pictures are put: `.ci/cluster postgres` runs it.

use moue::Expression;
use moue::gallery::{NewPicture, SearchOptions};
use moue_postgres::PostgresStore;
use moue_store::{Address, GalleryStore};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Pictures before the kill, and all.
const BEFORE: u64 = 2_000;
const ALL: u64 = 5_000;

/// Pictures that are put at a time.
const BATCH: u64 = 10;

/// How long searches may be without an answer.
const LONGEST: Duration = Duration::from_secs(30);

fn picture(number: u64) -> NewPicture {
    let angle = |i: u64| ((number + 1) as f32 * (i + 1) as f32 * 0.37).sin();
    let values: [f32; 64] = std::array::from_fn(|i| angle(i as u64));
    let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
    NewPicture {
        hash: moue::digest::sha256(&number.to_le_bytes()),
        path: format!("/{number}.jpg"),
        faces: vec![(moue::Face::whole(), Expression(values.map(|v| v / length))).into()],
        ..NewPicture::default()
    }
}

#[test]
#[ignore = "it needs a cluster: .ci/cluster postgres"]
fn nothing_acknowledged_is_lost_with_the_leader() {
    let address = std::env::var("MOUE_CLUSTER").expect(".ci/cluster sets it");
    let kill = std::env::var("MOUE_KILL").expect(".ci/cluster sets it");
    let address = Address::parse(&address).unwrap();
    let store = PostgresStore::create(&address).unwrap();
    let acknowledged = AtomicU64::new(0);
    let is_done = AtomicBool::new(false);
    let longest = std::thread::scope(|scope| {
        let searching = scope.spawn(|| longest_search(&store, &is_done));
        for first in (0..ALL).step_by(BATCH as usize) {
            if first == BEFORE {
                assert!(
                    Command::new(&kill).status().unwrap().success(),
                    "the leader is killed"
                );
            }
            let pictures: Vec<NewPicture> = (first..first + BATCH).map(picture).collect();
            let start = Instant::now();
            // What was committed just before the connection was lost counts as known then.
            store.put(&pictures).unwrap();
            acknowledged.fetch_add(BATCH, Ordering::Relaxed);
            if start.elapsed() > Duration::from_secs(1) {
                eprintln!("a write took {:.1} s", start.elapsed().as_secs_f64());
            }
        }
        is_done.store(true, Ordering::Relaxed);
        searching.join().unwrap()
    });
    let contents: Vec<[u8; 32]> = (0..ALL).map(|number| picture(number).hash).collect();
    let lost = store
        .contains(&contents)
        .unwrap()
        .iter()
        .filter(|there| !**there)
        .count();
    let counts = store.count().unwrap();
    eprintln!(
        "{} acknowledged, {lost} lost, {} there; the longest search took {:.1} s",
        acknowledged.load(Ordering::Relaxed),
        counts.pictures,
        longest.as_secs_f64()
    );
    assert_eq!((lost, counts.pictures, counts.faces), (0, ALL, ALL));
    assert!(longest <= LONGEST, "{longest:?}");
}

/// Searches until all is done; returns how long the slowest took.
fn longest_search(store: &PostgresStore, is_done: &AtomicBool) -> Duration {
    let query = picture(7).faces[0].expression;
    let mut longest = Duration::ZERO;
    while !is_done.load(Ordering::Relaxed) {
        let start = Instant::now();
        store.search(&[query], &SearchOptions::nearest(3)).unwrap();
        longest = longest.max(start.elapsed());
        std::thread::sleep(Duration::from_millis(50));
    }
    longest
}
