//! Measures a `.moue` file and a gallery in PostgreSQL beside each other, with drawn expressions.
//!
//! `cargo run --release -p moue-postgres --features postgres --example measure_postgres -- postgres://HOST/DATABASE FACES PID [keep] [index]`
//!
//! PID is the server's first process, whose processor time counts with that of its children. Linux alone. With
//! `keep` both galleries stay, and one that is full already is only searched; with `index` it is not searched
//! without its index.

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

/// Processor seconds of a process, its children, and those of them that have ended.
fn cpu_of(pid: &str) -> Option<f64> {
    // Clock ticks of a second in `/proc`, the same on every Linux.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // Behind the name, which may have spaces and parentheses.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11..15)?.iter().flat_map(|f| f.parse::<f64>());
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
    let children = children.split_whitespace().filter_map(cpu_of);
    Some(ticks.sum::<f64>() / TICKS + children.sum::<f64>())
}

/// Time by the clock, and of the processor: of this process and of the server.
struct Clock {
    server: Option<String>,
    cpu: [f64; 2],
    start: Instant,
}

impl Clock {
    fn start(server: Option<&String>) -> Self {
        Self {
            server: server.cloned(),
            cpu: Self::cpu(server),
            start: Instant::now(),
        }
    }

    fn cpu(server: Option<&String>) -> [f64; 2] {
        let own = cpu_of(&std::process::id().to_string());
        let server = server.and_then(|pid| cpu_of(pid));
        [own.unwrap_or_default(), server.unwrap_or_default()]
    }

    /// Milliseconds of each of so many: by the clock, of this process, of the server.
    fn each(&self, count: u64) -> String {
        let clock = self.start.elapsed().as_secs_f64();
        let cpu = Self::cpu(self.server.as_ref());
        let each = |seconds: f64| seconds * 1000.0 / count as f64;
        format!(
            "{:.3} ms each by the clock, {:.3} + {:.3} ms CPU",
            each(clock),
            each(cpu[0] - self.cpu[0]),
            each(cpu[1] - self.cpu[1])
        )
    }
}

fn fill(
    name: &str,
    store: &dyn GalleryStore,
    faces: u64,
    server: Option<&String>,
) -> Result<(), StoreError> {
    if store.count()?.faces == faces {
        println!("{name}: full already");
        return Ok(());
    }
    store.remove(&Selection::default())?;
    let start = Clock::start(server);
    for first in (0..faces).step_by(BATCH as usize) {
        let last = faces.min(first + BATCH);
        store.put(&(first..last).map(picture).collect::<Vec<_>>())?;
    }
    println!("{name}: put, {}", start.each(faces));
    let start = Clock::start(server);
    store.finish_load()?;
    println!("{name}: load finished, {}", start.each(1));
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

/// All answers, and what one took.
fn answers(
    store: &dyn GalleryStore,
    options: &SearchOptions,
    server: Option<&String>,
) -> Result<(Vec<Vec<Match>>, String), StoreError> {
    let search = |i: u64| store.search(&[expression(u64::MAX / 2 + i * 7_919)], options);
    let first = Clock::start(server);
    search(0)?;
    let first = first.each(1);
    let start = Clock::start(server);
    let found = (0..QUERIES).map(search).collect::<Result<Vec<_>, _>>()?;
    Ok((found, format!("{}; the first {first}", start.each(QUERIES))))
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
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [server, faces, pid, words @ ..] = &arguments[..] else {
        return Err("give postgres://HOST/DATABASE, a number of faces and the server's PID".into());
    };
    measure(server, faces.parse()?, pid, words)
}

fn measure(
    server: &str,
    faces: u64,
    pid: &String,
    words: &[String],
) -> Result<(), Box<dyn std::error::Error>> {
    let has = |word: &str| words.iter().any(|w| w == word);
    let path = std::env::temp_dir().join(format!("moue-measure-{faces}.moue"));
    let file = FileStore::new(Gallery::open_or_create(&path)?);
    fill("file", &file, faces, None)?;
    let address =
        |search: &str| Address::parse(&format!("{server}?gallery=measure{faces}{search}"));
    let exact = PostgresStore::create(&address("&search=exact")?)?;
    fill("PostgreSQL", &exact, faces, Some(pid))?;
    let indexed = PostgresStore::create(&address("&search=hnsw")?)?;
    let start = Clock::start(Some(pid));
    indexed.finish_load()?;
    println!("HNSW index built, {}", start.each(1));
    let mut stores: Vec<(&str, &dyn GalleryStore)> = vec![("file", &file as &dyn GalleryStore)];
    if !has("index") {
        stores.push(("PostgreSQL, exact", &exact));
    }
    stores.push(("PostgreSQL, HNSW", &indexed));
    search_all(&stores, Some(pid))?;
    if !has("keep") {
        indexed.remove(&Selection::default())?;
        std::fs::remove_file(path)?;
    }
    Ok(())
}

/// Searches all of them, the exact file first.
fn search_all(
    stores: &[(&str, &dyn GalleryStore)],
    pid: Option<&String>,
) -> Result<(), StoreError> {
    for tag in [None, Some("half"), Some("hundredth")] {
        let options = options(tag);
        // Those of the file, which is exact and comes first.
        let mut right = None;
        for (name, store) in stores {
            let (found, each) = answers(*store, &options, pid)?;
            let recall = recall(right.get_or_insert_with(|| found.clone()), &found);
            println!("{name}, tag {tag:?}: recall {recall:.3}, {each}");
        }
    }
    Ok(())
}
