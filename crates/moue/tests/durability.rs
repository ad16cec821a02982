//! What was acknowledged stays: full disks, older formats, broken records.
#![cfg(feature = "gallery")]

#[path = "common/faces.rs"]
mod faces;

use faces::{expression, face};
use moue::gallery::{FileStamp, GalleryError, NewPicture, PictureHash, Storage};
use moue::{Expression, Gallery};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// A disk that is full after so many more bytes; its content outlives the gallery on it.
#[derive(Debug, Clone)]
struct Disk {
    bytes: Arc<Mutex<Vec<u8>>>,
    left: Arc<Mutex<u64>>,
}

impl Disk {
    fn new() -> Self {
        Self {
            bytes: Arc::default(),
            left: Arc::new(Mutex::new(u64::MAX)),
        }
    }
}

impl Storage for Disk {
    fn len(&self) -> Result<u64, Error> {
        Ok(self.bytes.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let bytes = self.bytes.lock().unwrap();
        let from = bytes
            .get(offset as usize..offset as usize + out.len())
            .ok_or(ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(from);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), Error> {
        let mut bytes = self.bytes.lock().unwrap();
        if len > bytes.len() as u64 && *self.left.lock().unwrap() < len - bytes.len() as u64 {
            return Err(ErrorKind::StorageFull.into());
        }
        bytes.resize(len as usize, 0);
        Ok(())
    }

    fn sync(&self) -> Result<(), Error> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        let mut left = self.left.lock().unwrap();
        if *left < data.len() as u64 {
            return Err(ErrorKind::StorageFull.into());
        }
        *left -= data.len() as u64;
        self.bytes.lock().unwrap()[offset as usize..offset as usize + data.len()]
            .copy_from_slice(data);
        Ok(())
    }
}

fn picture(number: u64) -> NewPicture {
    NewPicture {
        hash: moue::digest::sha256(&number.to_le_bytes()),
        path: format!("/{number}.jpg"),
        label: number.to_string(),
        perceptual_hash: Some(PictureHash(moue::digest::sha256(&number.to_be_bytes()))),
        faces: vec![(face(), expression(number as f32 * 0.01)).into()],
        ..NewPicture::default()
    }
}

#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() {
    for room in [0u64, 1_000, 9_000, 40_000, 150_000, 700_000, 3_000_000] {
        let disk = Disk::new();
        let gallery = Gallery::with_storage(disk.clone(), "disk").unwrap();
        *disk.left.lock().unwrap() = room;
        let mut acknowledged = 0;
        for number in 0..60 {
            if gallery.add(&[picture(number)]).is_err() {
                break;
            }
            acknowledged = number + 1;
        }
        drop(gallery);
        *disk.left.lock().unwrap() = u64::MAX;
        let mut gallery = Gallery::with_storage(disk, "disk").unwrap();
        assert!(
            gallery.picture_count().unwrap() >= acknowledged,
            "room for {room} bytes"
        );
        for number in 0..acknowledged {
            assert!(gallery.contains(&picture(number).hash).unwrap());
        }
        let report = gallery.verify(false).unwrap();
        assert!(report.problems.is_empty(), "{report:?}");
        assert!(
            gallery.add(&[picture(1000)]).unwrap()[0],
            "and it can be added to"
        );
        assert!(room != 0 || acknowledged == 0);
    }
}

/// A file as the first format had it: two pictures, three faces.
fn first_format(path: &Path) {
    const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
    const VECTORS: TableDefinition<u64, &[u8]> = TableDefinition::new("vectors");
    const ENTRIES: TableDefinition<u64, &[u8]> = TableDefinition::new("entries");
    const PICTURES: TableDefinition<&[u8], &[u8]> = TableDefinition::new("pictures");
    let database = Database::create(path).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut meta = transaction.open_table(META).unwrap();
        meta.insert("format", &1u64.to_le_bytes()[..]).unwrap();
        meta.insert("next", &3u64.to_le_bytes()[..]).unwrap();
        meta.insert(
            "fingerprint",
            moue::weights::expression_fingerprint().as_bytes(),
        )
        .unwrap();
        let mut rows = Vec::new();
        let mut entries = transaction.open_table(ENTRIES).unwrap();
        for (id, picture) in [(0u64, 0u64), (1, 0), (2, 2)] {
            let entry = format!(
                r#"{{"picture":{picture},"label":"p{picture}","path":"/{picture}.jpg","bounding_box":{{"xmin":0.1,"ymin":0.1,"width":0.5,"height":0.5}},"score":0.9,"key_points":[],"tags":["old"]}}"#
            );
            entries.insert(id, entry.as_bytes()).unwrap();
            rows.extend([id.to_le_bytes(), picture.to_le_bytes()].concat());
            rows.extend(expression(id as f32).0.iter().flat_map(|v| v.to_le_bytes()));
        }
        transaction
            .open_table(VECTORS)
            .unwrap()
            .insert(0, rows.as_slice())
            .unwrap();
        let mut pictures = transaction.open_table(PICTURES).unwrap();
        pictures
            .insert(&[1u8; 32][..], &br#"{"picture":0,"faces":[0,1]}"#[..])
            .unwrap();
        pictures
            .insert(&[2u8; 32][..], &br#"{"picture":2,"faces":[2]}"#[..])
            .unwrap();
    }
    transaction.commit().unwrap();
}

#[test]
fn the_first_format_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.moue");
    first_format(&path);
    let bytes = std::fs::read(&path).unwrap();
    assert!(matches!(
        Gallery::from_bytes(bytes, "old"),
        Err(GalleryError::Older { found: 1, .. })
    ));
    let mut gallery = Gallery::open(&path).unwrap();
    assert_eq!(
        (gallery.len().unwrap(), gallery.picture_count().unwrap()),
        (3, 2)
    );
    assert!(gallery.contains(&[2; 32]).unwrap());
    let found = gallery.nearest(&expression(1.0), 2).unwrap();
    assert_eq!(
        (found[0].id, found[0].path.as_str(), found[0].distance),
        (1, "/0.jpg", 0.0)
    );
    assert_eq!(gallery.entries().unwrap()[2].tags, ["old"]);
    assert!(gallery.verify(false).unwrap().problems.is_empty());
    drop(gallery);
    let gallery = Gallery::open_for_writing(&path).unwrap();
    gallery.add(&[picture(7)]).unwrap();
    assert_eq!(
        gallery.entries().unwrap()[3].id,
        3,
        "new ids follow the old"
    );
}

/// Rewrites a gallery as format 2 had it: no envelopes, expressions alone in 16 parts of 250.
fn second_format(path: &Path) {
    const HEAD: usize = 36;
    const FACE: usize = 8 + 256 + 8;
    let numbered =
        |name: &'static str| -> TableDefinition<u64, &[u8]> { TableDefinition::new(name) };
    let database = Database::open(path).unwrap();
    let transaction = database.begin_write().unwrap();
    for name in ["picture", "row", "code", "thumbnail", "float"] {
        let mut table = transaction.open_table(numbered(name)).unwrap();
        let all = table.iter().unwrap();
        let all: Vec<_> = all.map(|r| r.unwrap()).collect();
        let all = all.into_iter();
        let all: Vec<_> = all
            .map(|(k, v)| (k.value(), v.value()[HEAD..].to_vec()))
            .collect();
        if name != "float" {
            for (key, content) in all {
                table.insert(key, content.as_slice()).unwrap();
            }
            continue;
        }
        // One chunk, whose parts are in order.
        let faces: Vec<u8> = all.into_iter().flat_map(|(_, part)| part).collect();
        let faces: Vec<&[u8]> = faces.chunks(FACE).map(|face| &face[8..264]).collect();
        table.retain(|_, _| false).unwrap();
        for (part, rows) in faces.chunks(250).enumerate() {
            table.insert(part as u64, rows.concat().as_slice()).unwrap();
        }
    }
    {
        let files: TableDefinition<&str, &[u8]> = TableDefinition::new("file");
        let mut files = transaction.open_table(files).unwrap();
        let all = files.iter().unwrap().map(|r| r.unwrap());
        let all: Vec<_> = all
            .map(|(k, v)| (k.value().to_owned(), v.value()[HEAD..].to_vec()))
            .collect();
        for (key, content) in all {
            files.insert(key.as_str(), content.as_slice()).unwrap();
        }
        let meta: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
        let mut meta = transaction.open_table(meta).unwrap();
        meta.insert("format", &2u64.to_le_bytes()[..]).unwrap();
    }
    transaction.commit().unwrap();
}

#[test]
fn the_second_format_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.moue");
    let gallery = Gallery::open_or_create(&path).unwrap();
    let stamp = FileStamp {
        size: 9,
        modified: 9,
    };
    let pictures: Vec<NewPicture> = (0..600)
        .map(|n| NewPicture {
            file: Some(stamp),
            ..picture(n)
        })
        .collect();
    gallery.add(&pictures).unwrap();
    let content = |gallery: &Gallery| {
        (
            gallery.entries().unwrap(),
            gallery.expressions().unwrap(),
            gallery.files().unwrap(),
        )
    };
    let expected = content(&gallery);
    drop(gallery);
    second_format(&path);
    let bytes = std::fs::read(&path).unwrap();
    let in_memory = Gallery::from_bytes(bytes, "old").unwrap();
    assert_eq!(content(&in_memory), expected);
    let mut gallery = Gallery::open(&path).unwrap();
    assert_eq!(content(&gallery), expected);
    assert_eq!(gallery.len().unwrap(), 600);
    assert_eq!(gallery.verify(false).unwrap().problems, [""; 0]);
}

#[test]
fn broken_records_are_found_and_mended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.moue");
    Gallery::open_or_create(&path)
        .unwrap()
        .add(&(0..20).map(picture).collect::<Vec<_>>())
        .unwrap();
    {
        let database = Database::open(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        let table: TableDefinition<u64, &[u8]> = TableDefinition::new("picture");
        transaction
            .open_table(table)
            .unwrap()
            .insert(4, &b"{"[..])
            .unwrap();
        let codes: TableDefinition<u64, &[u8]> = TableDefinition::new("code");
        transaction
            .open_table(codes)
            .unwrap()
            .insert(0, &[0u8; 64][..])
            .unwrap();
        let hashes: TableDefinition<&[u8; 32], u64> = TableDefinition::new("hash");
        transaction
            .open_table(hashes)
            .unwrap()
            .remove(&picture(9).hash)
            .unwrap();
        transaction.commit().unwrap();
    }
    let report = Gallery::open(&path).unwrap().verify(false).unwrap();
    assert!(report.problems.len() >= 3 && !report.repaired, "{report:?}");
    let mut gallery = Gallery::open_for_writing(&path).unwrap();
    assert!(gallery.verify(true).unwrap().repaired);
    let report = gallery.verify(false).unwrap();
    assert_eq!((report.pictures, report.problems), (19, Vec::new()));
    assert_eq!(gallery.nearest(&expression(0.09), 1).unwrap()[0].label, "9");
    assert!(gallery.contains(&picture(9).hash).unwrap());
}

#[test]
fn merging_twice_adds_once_and_keeps_all() {
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str| Gallery::open_or_create(folder.path().join(name)).unwrap();
    let a = open("a.moue");
    let b = open("b.moue");
    a.add(&(0..700).map(picture).collect::<Vec<_>>()).unwrap();
    b.add(
        &(600..1400)
            .map(|n| NewPicture {
                tags: vec!["b".into()],
                ..picture(n)
            })
            .collect::<Vec<_>>(),
    )
    .unwrap();
    assert_eq!(a.merge(&b, |_| {}).unwrap(), 700);
    assert_eq!(a.merge(&b, |_| {}).unwrap(), 0);
    assert_eq!(a.picture_count().unwrap(), 1400);
    let expressions: std::collections::HashMap<u64, Expression> =
        a.expressions().unwrap().into_iter().collect();
    for entry in a.entries().unwrap() {
        let number: f32 = entry.label.parse().unwrap();
        assert_eq!(
            expressions[&entry.id],
            expression(number * 0.01),
            "vectors stay with their faces"
        );
        assert_eq!(entry.tags.is_empty(), number < 700.0);
    }
    let database = Database::open(folder.path().join("a.moue"));
    assert!(database.is_err(), "a is still open here");
    drop(a);
    let database = Database::open(folder.path().join("a.moue")).unwrap();
    let rows: TableDefinition<u64, &[u8]> = TableDefinition::new("row");
    assert_eq!(
        database
            .begin_read()
            .unwrap()
            .open_table(rows)
            .unwrap()
            .iter()
            .unwrap()
            .count(),
        1
    );
}
