//! A gallery file of which some bytes are others, or any bytes at all: an error, or a gallery that
//! answers.
//!
//! Every five bytes of input change one byte of a small gallery; zeros, of which most of the file
//! consists, are left: an answer must be the right one then. With another first byte, they change bytes
//! of records, whose checksums and pages are made right again, as an attacker would: these reach the
//! code behind the checksums.
#![no_main]

mod bounds;

use libfuzzer_sys::fuzz_target;
use moue::gallery::{NewFace, NewPicture, PictureHash, SearchOptions};
use moue::{Expression, Face, Gallery, Match};
use redb::{ReadableTable, ReadableTableMetadata, StorageBackend, TableDefinition};
use std::io::Error;
use std::sync::{Arc, Mutex, OnceLock};
use twox_hash::XxHash3_64;

/// The file of a gallery with a few pictures.
fn whole() -> &'static [u8] {
    static WHOLE: OnceLock<Vec<u8>> = OnceLock::new();
    WHOLE.get_or_init(|| {
        let path = std::env::temp_dir().join(format!("moue-fuzz-{}.moue", std::process::id()));
        let pictures: Vec<NewPicture> = (0..5).map(picture).collect();
        Gallery::open_or_create(&path)
            .and_then(|g| g.add(&pictures))
            .expect("a gallery can be made");
        let bytes = std::fs::read(&path).expect("it was just written");
        let _ = std::fs::remove_file(path);
        bytes
    })
}

fn picture(number: u8) -> NewPicture {
    NewPicture {
        hash: [number; 32],
        path: format!("/pictures/{number}.jpg"),
        label: format!("picture {number}"),
        caption: Some("a caption".into()),
        words: Some("MONDAY".into()),
        tags: vec!["tag".into()],
        source: "folder".into(),
        added: 1,
        hidden: false,
        perceptual_hash: Some(PictureHash([number; 32])),
        file: None,
        faces: vec![face(number)],
    }
}

fn face(number: u8) -> NewFace {
    let mut expression = Expression([0.0; 64]);
    expression.0[usize::from(number)] = 1.0;
    NewFace {
        face: Face::whole(),
        expression,
        time: None,
        thumbnail: Some(vec![number; 40]),
    }
}

/// Where the file has other bytes than zero.
fn places() -> &'static [usize] {
    static PLACES: OnceLock<Vec<usize>> = OnceLock::new();
    PLACES.get_or_init(|| (0..whole().len()).filter(|i| whole()[*i] != 0).collect())
}

/// Changes bytes from `start` on.
fn changed(edits: &[u8], start: usize) -> Vec<u8> {
    let mut bytes = whole().to_vec();
    for [a, b, c, d, value] in edits.as_chunks::<5>().0 {
        let at = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        // Half of the edits go to the first pages, where the database keeps its own books.
        let near = if at % 2 == 0 {
            places().len()
        } else {
            places().len().min(4096)
        };
        let place = places()[at / 2 % near];
        if place >= start {
            bytes[place] = *value;
        }
    }
    bytes
}

fn query() -> Expression {
    Expression([0.125; 64])
}

/// The answer of the whole gallery.
fn right() -> Option<Vec<Match>> {
    Gallery::from_bytes(whole(), "whole")
        .ok()?
        .nearest(&query(), 3)
        .ok()
}

/// Bytes that the database works on, and that outlive it.
#[derive(Debug, Clone)]
struct Disk(Arc<Mutex<Vec<u8>>>);

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, Error> {
        Ok(self.0.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let bytes = self.0.lock().unwrap();
        out.copy_from_slice(&bytes[offset as usize..][..out.len()]);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), Error> {
        self.0.lock().unwrap().resize(len as usize, 0);
        Ok(())
    }

    fn sync_data(&self) -> Result<(), Error> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        self.0.lock().unwrap()[offset as usize..][..data.len()].copy_from_slice(data);
        Ok(())
    }
}

const TABLES: [&str; 5] = ["picture", "row", "code", "float", "thumbnail"];

/// The header's bytes. With several of them changed, the state before the last change may come back
/// as after a crash.
const HEADER: usize = 320;

/// Bytes before a record's content: the last 8 are the checksum.
const HEAD: usize = 36;

/// A gallery of which some records are others, with right checksums.
fn altered(edits: &[u8]) -> Vec<u8> {
    let disk = Disk(Arc::new(Mutex::new(whole().to_vec())));
    let database = redb::Database::builder()
        .create_with_backend(disk.clone())
        .unwrap();
    let writing = database.begin_write().unwrap();
    for [table, record, low, high, value] in edits.as_chunks::<5>().0 {
        let name = TABLES[usize::from(*table) % TABLES.len()];
        let definition: TableDefinition<u64, &[u8]> = TableDefinition::new(name);
        let mut table = writing.open_table(definition).unwrap();
        let count = table.len().unwrap().max(1) as usize;
        let chosen = table.iter().unwrap().nth(usize::from(*record) % count);
        let Some(Ok((key, bytes))) =
            chosen.map(|r| r.map(|(k, v)| (k.value(), v.value().to_vec())))
        else {
            continue;
        };
        let mut bytes = bytes;
        let at =
            HEAD + usize::from(u16::from_le_bytes([*low, *high])) % (bytes.len() - HEAD).max(1);
        // Past the end the record grows; its length is in the head.
        bytes.resize(bytes.len().max(at + 1), 0);
        bytes[at] = *value;
        let len = (bytes.len() - HEAD) as u32;
        bytes[24..28].copy_from_slice(&len.to_le_bytes());
        let seed = XxHash3_64::oneshot(&bytes[4..28]);
        let sum = XxHash3_64::oneshot_with_seed(seed, &bytes[HEAD..]);
        bytes[28..HEAD].copy_from_slice(&sum.to_le_bytes());
        table.insert(key, bytes.as_slice()).unwrap();
    }
    writing.commit().unwrap();
    drop(database);
    let bytes = disk.0.lock().unwrap().clone();
    bytes
}

fn try_out(input: &[u8]) {
    let bytes = match input.split_first() {
        Some((0, bytes)) => bytes.to_vec(),
        Some((1, edits)) => altered(edits),
        Some((2, edits)) => changed(edits, 0),
        Some((_, edits)) => changed(edits, HEADER),
        None => return,
    };
    if let Ok(mut gallery) = Gallery::from_bytes(bytes, "fuzz") {
        let found = gallery.nearest(&query(), 3);
        if input[0] > 2 {
            assert!(
                found.is_err() || found.ok() == right(),
                "a wrong answer without an error"
            );
        }
        let _ = (
            gallery.entries(),
            gallery.nearest(&Expression([0.125; 64]), 3),
            gallery.files(),
        );
        let options = SearchOptions {
            min_separation: Some(0.2),
            ..SearchOptions::nearest(5)
        };
        let _ = gallery.search(&[Expression([0.125; 64])], &options);
        let _ = gallery.verify(false);
    }
}

fuzz_target!(init: {
    // The database's panics are caught by the library and become errors; libFuzzer must not end at
    // them.
    std::panic::set_hook(Box::new(|_| {}));
}, |input: &[u8]| bounds::within(input.len(), || try_out(input)));
