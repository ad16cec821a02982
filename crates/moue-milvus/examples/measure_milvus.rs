//! What a collection costs: `.ci/milvus run cargo run --release --offline -p moue-milvus --example measure_milvus --
//! FACES PID SEARCH …` puts faces and searches them, for each value of the address's `search`. PID is the
//! server's, whose processor time is told beside this program's.

use moue::Expression;
use moue::gallery::{Filter, NewPicture, SearchOptions};
use moue_milvus::MilvusStore;
use moue_store::{Address, GalleryStore};
use std::time::Instant;

const BATCH: usize = 5_000;
const QUERIES: usize = 50;
const LIMIT: usize = 10;

/// Processor seconds of a process, from `/proc`; a tick is 10 ms on every Linux.
fn cpu(pid: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process");
    // Behind the name, which may have spaces.
    let fields = stat.rsplit_once(')').expect("a stat has a name").1;
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks
        .map(|t| t.parse::<f64>().expect("a number"))
        .sum::<f64>()
        / 100.0
}

/// Around one of 500 poses, as faces are: the nearest are far nearer than others.
fn expression(number: u64, spread: f32) -> Expression {
    let noise = |seed: u64| {
        let hash = moue::digest::sha256(&seed.to_le_bytes());
        let hash: Vec<f32> = hash.iter().map(|b| f32::from(*b) / 127.5 - 1.0).collect();
        hash
    };
    let pose = [noise(number % 500), noise(number % 500 + (1 << 40))].concat();
    let own = [noise(number + (1 << 50)), noise(number + (1 << 51))].concat();
    let values: [f32; 64] = std::array::from_fn(|i| pose[i] + spread * own[i]);
    let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
    Expression(values.map(|v| v / length))
}

fn picture(number: u64, expression: Expression) -> NewPicture {
    let tags = [("tenth", 10), ("hundredth", 100)];
    let has = tags
        .iter()
        .filter(|(_, every)| number.is_multiple_of(*every));
    NewPicture {
        hash: moue::digest::sha256(&number.to_le_bytes()),
        path: format!("/pictures/{number}.jpg"),
        label: format!("picture {number}"),
        tags: has.map(|(tag, _)| (*tag).into()).collect(),
        source: "folder".into(),
        added: 1_700_000_000 + number,
        faces: vec![(moue::Face::whole(), expression).into()],
        ..NewPicture::default()
    }
}

/// The distance of the last right answer.
fn farthest(faces: &[Expression], every: usize, query: &Expression) -> f32 {
    let among = faces.iter().step_by(every);
    let mut distances: Vec<f32> = among.map(|face| face.distance(query)).collect();
    distances.sort_by(f32::total_cmp);
    distances[LIMIT - 1]
}

fn searched(store: &MilvusStore, faces: &[Expression], pid: &str, tag: &str, every: usize) {
    let mut options = SearchOptions::nearest(LIMIT);
    if every > 1 {
        options.filter = Filter {
            tags: vec![tag.to_owned()],
            ..Filter::default()
        };
    }
    let queries: Vec<Expression> = (0..QUERIES as u64)
        .map(|i| expression(i * 7 + (1 << 30), 0.6))
        .collect();
    store.search(&queries[..1], &options).expect("searched");
    let before = [cpu("self"), cpu(pid)];
    let mut times = Vec::new();
    let mut right = 0;
    let mut answers = Vec::new();
    for query in &queries {
        let start = Instant::now();
        answers.push(store.search(&[*query], &options).expect("searched"));
        times.push(start.elapsed());
    }
    let spent = [cpu("self") - before[0], cpu(pid) - before[1]].map(|s| s * 1e3 / QUERIES as f64);
    for (query, found) in queries.iter().zip(&answers) {
        let last = farthest(faces, every, query) + 1e-6;
        right += found.iter().filter(|m| m.distance <= last).count();
    }
    times.sort();
    let median = times[QUERIES / 2].as_secs_f64() * 1e3;
    let recall = right as f64 / (QUERIES * LIMIT) as f64;
    println!(
        "  {tag}: {:.2} + {:.2} ms of processor time, median {median:.1} ms, recall {recall:.3}",
        spent[0], spent[1]
    );
}

fn main() {
    let mut args = std::env::args().skip(1);
    let count: usize = args.next().and_then(|a| a.parse().ok()).expect("FACES");
    let pid = args.next().expect("PID");
    let server = std::env::var("MOUE_MILVUS").expect("MOUE_MILVUS names a server");
    let faces: Vec<Expression> = (0..count as u64).map(|i| expression(i, 0.6)).collect();
    for search in args {
        let name = format!(
            "measured_{}_{}",
            std::process::id(),
            search.replace('-', "_")
        );
        let text = format!("{server}/{name}?search={search}&seconds=600");
        let store = MilvusStore::create(&Address::parse(&text).expect("an address")).expect("made");
        let before = [cpu("self"), cpu(&pid)];
        let start = Instant::now();
        for first in (0..count).step_by(BATCH) {
            let part = first..count.min(first + BATCH);
            let pictures: Vec<NewPicture> = part.map(|i| picture(i as u64, faces[i])).collect();
            store.put(&pictures).expect("put");
        }
        let rate = count as f64 / start.elapsed().as_secs_f64();
        let each = [cpu("self") - before[0], cpu(&pid) - before[1]].map(|s| s * 1e6 / count as f64);
        let start = Instant::now();
        store.finish_load().expect("indexed");
        println!(
            "{count} faces, {search}: {rate:.0} put a second ({:.0} + {:.0} µs of processor time each), {:.1} s to index",
            each[0],
            each[1],
            start.elapsed().as_secs_f64()
        );
        for (tag, every) in [("all", 1), ("tenth", 10), ("hundredth", 100)] {
            searched(&store, &faces, &pid, tag, every);
        }
    }
}
