//! A query node is killed while pictures are put and searched: `.ci/cluster milvus` runs it.

use moue::Expression;
use moue::gallery::{NewPicture, SearchOptions};
use moue_milvus::MilvusStore;
use moue_store::{Address, GalleryStore};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Pictures before the kill, and all.
const BEFORE: u64 = 10_000;
const ALL: u64 = 30_000;

/// Pictures that are put at a time.
const BATCH: u64 = 250;

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
#[ignore = "it needs a cluster: .ci/cluster milvus"]
fn nothing_acknowledged_is_lost_with_a_query_node() {
    let address = std::env::var("MOUE_CLUSTER").expect(".ci/cluster sets it");
    let kill = std::env::var("MOUE_KILL").expect(".ci/cluster sets it");
    let store = MilvusStore::create(&Address::parse(&address).unwrap()).unwrap();
    let is_done = AtomicBool::new(false);
    let start = Instant::now();
    let searched = std::thread::scope(|scope| {
        let searching = scope.spawn(|| search_on(&store, &is_done));
        for first in (0..ALL).step_by(BATCH as usize) {
            if first == BEFORE {
                let killed = Command::new(&kill).status().unwrap();
                assert!(killed.success(), "a query node is killed");
                eprintln!("killed after {:.1} s", start.elapsed().as_secs_f64());
            }
            let pictures: Vec<NewPicture> = (first..first + BATCH).map(picture).collect();
            let start = Instant::now();
            store.put(&pictures).unwrap();
            if start.elapsed() > Duration::from_secs(2) {
                eprintln!("a write took {:.1} s", start.elapsed().as_secs_f64());
            }
        }
        is_done.store(true, Ordering::Relaxed);
        searching.join().unwrap()
    });
    eprintln!("{ALL} put in {:.1} s", start.elapsed().as_secs_f64());
    // Of a gallery that is opened anew, so that all that was acknowledged must be seen.
    let store = MilvusStore::open(&Address::parse(&address).unwrap()).unwrap();
    let contents: Vec<[u8; 32]> = (0..ALL).map(|number| picture(number).hash).collect();
    let there = store.contains(&contents).unwrap();
    let lost = there.iter().filter(|there| !**there).count();
    let counts = store.count().unwrap();
    eprintln!(
        "{ALL} acknowledged, {lost} lost, {} pictures with {} faces there; {} searches, the longest took {:.1} s",
        counts.pictures,
        counts.faces,
        searched.count,
        searched.longest.as_secs_f64()
    );
    assert_eq!((lost, counts.pictures, counts.faces), (0, ALL, ALL));
    assert!(searched.longest <= LONGEST, "{:?}", searched.longest);
}

struct Searched {
    count: usize,
    longest: Duration,
}

/// Searches until all is done.
fn search_on(store: &MilvusStore, is_done: &AtomicBool) -> Searched {
    let query = picture(7).faces[0].expression;
    let mut searched = Searched {
        count: 0,
        longest: Duration::ZERO,
    };
    while !is_done.load(Ordering::Relaxed) {
        let start = Instant::now();
        store.search(&[query], &SearchOptions::nearest(3)).unwrap();
        searched.longest = searched.longest.max(start.elapsed());
        searched.count += 1;
        std::thread::sleep(Duration::from_millis(50));
    }
    searched
}
