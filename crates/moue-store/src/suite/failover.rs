//! A cluster that loses a node while pictures are put and searched.

use crate::GalleryStore;
use moue::Expression;
use moue::gallery::{NewPicture, SearchOptions};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a search may be without an answer.
const LONGEST: Duration = Duration::from_secs(30);

/// A write that takes longer is told.
const SLOW: Duration = Duration::from_secs(1);

/// What is put, and when the node is lost.
#[derive(Debug, Clone, Copy)]
pub struct Failover<'a> {
    /// Pictures before the node is killed.
    pub before: u64,
    /// Pictures in all.
    pub all: u64,
    /// Pictures that are put at a time.
    pub batch: u64,
    /// The program that kills the node.
    pub kill: &'a str,
}

/// What was measured.
#[derive(Debug, Clone, Copy)]
pub struct Outage {
    /// Searches that were answered.
    pub searches: usize,
    /// The longest that one took.
    pub longest_search: Duration,
    /// The longest that a write took.
    pub longest_write: Duration,
}

/// Puts pictures into an empty store and searches it meanwhile, kills a node, and looks for every picture
/// that was acknowledged in the store as it is opened anew.
///
/// # Panics
/// If one is lost or there twice, or a search took longer than 30 s, as tests do.
pub fn run(open: &dyn Fn() -> Box<dyn GalleryStore>, failover: &Failover<'_>) -> Outage {
    let store = open();
    let is_done = AtomicBool::new(false);
    let outage = std::thread::scope(|scope| {
        let searching = scope.spawn(|| search_on(&*store, &is_done));
        let longest_write = put_all(&*store, failover);
        is_done.store(true, Ordering::Relaxed);
        let outage = searching.join().expect("all searches are answered");
        Outage {
            longest_write,
            ..outage
        }
    });
    drop(store);
    check(&*open(), failover.all, &outage);
    outage
}

fn check(store: &dyn GalleryStore, all: u64, outage: &Outage) {
    let contents: Vec<[u8; 32]> = (0..all).map(|number| picture(number).hash).collect();
    let there = store.contains(&contents).expect("asked");
    let lost = there.iter().filter(|there| !**there).count();
    let counts = store.count().expect("counted");
    eprintln!("{all} acknowledged, {lost} lost, {counts:?} there; {outage:.1?}");
    assert_eq!((lost, counts.pictures, counts.faces), (0, all, all));
    assert!(outage.longest_search <= LONGEST, "{outage:?}");
}

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

/// Puts all pictures, and kills the node between two of them; returns the longest that a write took.
fn put_all(store: &dyn GalleryStore, failover: &Failover<'_>) -> Duration {
    let mut longest = Duration::ZERO;
    for first in (0..failover.all).step_by(failover.batch as usize) {
        if first == failover.before {
            let killed = Command::new(failover.kill).status();
            assert!(killed.expect("the program runs").success());
            eprintln!("a node is killed");
        }
        let end = failover.all.min(first + failover.batch);
        let pictures: Vec<NewPicture> = (first..end).map(picture).collect();
        let start = Instant::now();
        // What was written just before the connection was lost counts as known then.
        store.put(&pictures).expect("pictures are put");
        let took = start.elapsed();
        if took > SLOW {
            eprintln!("a write took {took:.1?}");
        }
        longest = longest.max(took);
    }
    longest
}

/// Searches until all is done.
fn search_on(store: &dyn GalleryStore, is_done: &AtomicBool) -> Outage {
    let query = picture(7).faces[0].expression;
    let mut outage = Outage {
        searches: 0,
        longest_search: Duration::ZERO,
        longest_write: Duration::ZERO,
    };
    while !is_done.load(Ordering::Relaxed) {
        let start = Instant::now();
        let found = store.search(&[query], &SearchOptions::nearest(3));
        found.expect("a search is answered");
        outage.longest_search = outage.longest_search.max(start.elapsed());
        outage.searches += 1;
        std::thread::sleep(Duration::from_millis(50));
    }
    outage
}
