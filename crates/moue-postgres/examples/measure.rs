//! Measures a `.moue` file and a gallery in PostgreSQL beside each other, with drawn expressions.
//!
//! `cargo run --release -p moue-postgres --example measure -- postgres://HOST/DATABASE FACES`

use moue::gallery::{Filter, Match, NewPicture, SearchOptions};
use moue::{Expression, Face, Gallery};
use moue_postgres::PostgresStore;
use moue_store::{Address, FileStore, GalleryStore, Selection, StoreError};
use std::time::Instant;

/// Pictures that are put at a time.
const BATCH: u64 = 2_000;

const QUERIES: u64 = 100;

/// Expressions lie near to this many centers, as poses of characters do; with directions drawn evenly
/// all faces would be about equally far, and an index would find few of the nearest.
const CENTERS: u64 = 2_000;

/// The generator splitmix64 (Steele, Lea, Flood 2014).
fn random(state: &mut u64) -> f32 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 40) as f32 / (1 << 23) as f32 - 1.0
}

fn unit(values: [f32; 64]) -> Expression {
    let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
    Expression(values.map(|v| v / length))
}

fn expression(number: u64) -> Expression {
    let mut center = (number % CENTERS) << 32;
    let mut own = number.wrapping_mul(0x2545_f491_4f6c_dd1d);
    unit(std::array::from_fn(|_| {
        random(&mut center) + 0.6 * random(&mut own)
    }))
}

fn picture(number: u64) -> NewPicture {
    let tags = [("half", 2), ("hundredth", 100)];
    let tags = tags
        .iter()
        .filter(|(_, every)| number.is_multiple_of(*every));
    NewPicture {
        hash: moue::digest::sha256(&number.to_le_bytes()),
        path: format!("/pictures/{number}.jpg"),
        label: format!("picture {number}"),
        tags: tags.map(|(tag, _)| (*tag).into()).collect(),
        faces: vec![(Face::whole(), expression(number)).into()],
        ..NewPicture::default()
    }
}

fn fill(name: &str, store: &dyn GalleryStore, faces: u64) -> Result<(), StoreError> {
    store.remove(&Selection::default())?;
    let start = Instant::now();
    for first in (0..faces).step_by(BATCH as usize) {
        let last = faces.min(first + BATCH);
        store.put(&(first..last).map(picture).collect::<Vec<_>>())?;
    }
    let rate = faces as f64 / start.elapsed().as_secs_f64();
    let start = Instant::now();
    store.finish_load()?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{name}: {rate:.0} faces/s put, finished in {seconds:.1} s");
    Ok(())
}

fn options(tag: Option<&str>) -> SearchOptions {
    SearchOptions {
        filter: Filter {
            tags: tag.map(Into::into).into_iter().collect(),
            ..Filter::default()
        },
        ..SearchOptions::nearest(10)
    }
}

/// All answers, and milliseconds for one.
fn answers(
    store: &dyn GalleryStore,
    options: &SearchOptions,
) -> Result<(Vec<Vec<Match>>, f64), StoreError> {
    let search = |i: u64| store.search(&[expression(u64::MAX / 2 + i * 7_919)], options);
    search(0)?;
    let start = Instant::now();
    let found = (0..QUERIES).map(search).collect::<Result<Vec<_>, _>>()?;
    let each = start.elapsed().as_secs_f64() * 1000.0 / QUERIES as f64;
    Ok((found, each))
}

/// The share of the right answers that were found.
fn recall(right: &[Vec<Match>], found: &[Vec<Match>]) -> f64 {
    let paths = |matches: &[Match]| matches.iter().map(|m| m.path.clone()).collect::<Vec<_>>();
    let pairs = right.iter().zip(found);
    let hits = pairs.map(|(right, found)| {
        let found = paths(found);
        paths(right)
            .iter()
            .filter(|path| found.contains(path))
            .count()
    });
    hits.sum::<usize>() as f64 / right.iter().map(Vec::len).sum::<usize>() as f64
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(server), Some(faces)) = (arguments.next(), arguments.next()) else {
        return Err("give postgres://HOST/DATABASE and a number of faces".into());
    };
    let faces: u64 = faces.parse()?;
    let path = std::env::temp_dir().join(format!("moue-measure-{faces}.moue"));
    let file = FileStore::new(Gallery::open_or_create(&path)?);
    fill("file", &file, faces)?;
    let address = |search: &str| Address::parse(&format!("{server}?gallery=measure{search}"));
    let exact = PostgresStore::create(&address("&search=exact")?)?;
    fill("PostgreSQL", &exact, faces)?;
    let indexed = PostgresStore::create(&address("&search=hnsw")?)?;
    let start = Instant::now();
    indexed.finish_load()?;
    println!("HNSW index built in {:.1} s", start.elapsed().as_secs_f64());
    let stores: [(&str, &dyn GalleryStore); 3] = [
        ("file", &file),
        ("PostgreSQL, exact", &exact),
        ("PostgreSQL, HNSW", &indexed),
    ];
    for tag in [None, Some("half"), Some("hundredth")] {
        let options = options(tag);
        let right = answers(&file, &options)?.0;
        for (name, store) in stores {
            let (found, each) = answers(store, &options)?;
            let recall = recall(&right, &found);
            println!("{name}, tag {tag:?}: {each:.2} ms a search, recall {recall:.3}");
        }
    }
    indexed.remove(&Selection::default())?;
    std::fs::remove_file(path)?;
    Ok(())
}
