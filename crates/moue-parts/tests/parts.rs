//! Parts: what is written is read again, and what a killed worker leaves is taken over.

use moue::gallery::NewPicture;
use moue_index::walk;
use moue_parts::{PartError, PartOptions, Reader, files, write_part};
use std::path::Path;

const COUNT: u32 = 3;

/// A folder with drawings, a copy of one, a picture without a face, and a damaged one.
fn album(folder: &Path) {
    std::fs::create_dir(folder).unwrap();
    for name in ["gus-calm", "gus-laugh", "lola-angry", "mina-grin"] {
        draw(name, &folder.join(format!("{name}.png")));
    }
    draw("gus-calm", &folder.join("copy.png"));
    std::fs::write(folder.join("broken.jpg"), b"\xff\xd8\xff\xe0 no picture").unwrap();
}

fn draw(name: &str, file: &Path) {
    const SIZE: u32 = 256;
    let pixels = moue_drawings::find(name).unwrap().render(SIZE);
    let out = std::io::BufWriter::new(std::fs::File::create(file).unwrap());
    let mut encoder = png::Encoder::new(out, SIZE, SIZE);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&pixels).unwrap();
}

fn options() -> PartOptions {
    PartOptions {
        tags: vec!["Ä".into()],
        ..PartOptions::default()
    }
}

fn write_all(album: &Path, rows: &Path) {
    for part in 0..COUNT {
        write_part(walk(&[album]), rows, part, COUNT, &options(), |_| ()).unwrap();
    }
}

fn pictures(rows: &Path) -> Vec<NewPicture> {
    let files = files(rows).unwrap();
    let readers = files.iter().map(|file| Reader::open(file).unwrap());
    readers
        .flat_map(|reader| reader.flat_map(Result::unwrap))
        .collect()
}

#[test]
fn what_is_written_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let [album_at, rows] = ["album", "rows"].map(|name| folder.path().join(name));
    album(&album_at);
    write_all(&album_at, &rows);
    let read = pictures(&rows);
    let gallery = moue::Gallery::open_or_create(folder.path().join("plain.moue")).unwrap();
    moue_index::add(&gallery, walk(&[&album_at]), &options(), |_| ()).unwrap();
    // The copy has the same content; in which part it is, its path decides.
    let contents: std::collections::HashSet<[u8; 32]> = read.iter().map(|p| p.hash).collect();
    assert_eq!(contents.len() as u64, gallery.picture_count().unwrap());
    for picture in &read {
        let plain = gallery.find_hash(&picture.hash).unwrap().unwrap();
        assert_eq!(plain.faces.len(), picture.faces.len());
        for (stored, face) in plain.faces.iter().zip(&picture.faces) {
            assert_eq!(stored.face(), face.face);
            assert_eq!(
                gallery.expression(stored.id).unwrap(),
                Some(face.expression)
            );
            assert_eq!(gallery.thumbnail(stored.id).unwrap(), face.thumbnail);
        }
        assert_eq!(
            (&picture.tags, &picture.source),
            (&vec!["Ä".to_owned()], &plain.source)
        );
        assert_eq!(picture.perceptual_hash, plain.perceptual_hash);
    }
    let rejected: Vec<_> = files(&rows)
        .unwrap()
        .iter()
        .flat_map(|file| Reader::open(file).unwrap().rejected().to_vec())
        .collect();
    assert_eq!(rejected.len(), 1);
    assert!(
        rejected[0].path.ends_with("broken.jpg") && rejected[0].status == "unreadable",
        "{rejected:?}"
    );
}

#[test]
fn a_picture_that_kills_twice_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let [album_at, rows] = ["album", "rows"].map(|name| folder.path().join(name));
    album(&album_at);
    std::fs::create_dir(&rows).unwrap();
    let deadly = album_at.join("lola-angry.png");
    // What a worker leaves that died of it, and one of another picture before.
    let innocent = album_at.join("gus-calm.png");
    let journal = format!(
        r#"{{"path": {:?}, "deaths": {{{:?}: 1, {:?}: 1}}, "pid": 7}}"#,
        deadly.to_str().unwrap(),
        deadly.to_str().unwrap(),
        innocent.to_str().unwrap()
    );
    std::fs::write(rows.join(".part-00000-of-00001.journal"), journal).unwrap();
    let part = write_part(walk(&[&album_at]), &rows, 0, 1, &options(), |_| ()).unwrap();
    let killed: Vec<_> = part
        .rejected
        .iter()
        .filter(|r| r.status == "killed")
        .collect();
    assert_eq!(killed.len(), 1);
    assert_eq!(killed[0].path, deadly.to_str().unwrap());
    assert_eq!(part.pictures, 3);
    assert!(!rows.join(".part-00000-of-00001.journal").exists());
    let again = write_part(walk(&[&album_at]), &rows, 0, 1, &options(), |_| {
        panic!("it is there")
    });
    assert!(again.unwrap().is_known);
}

#[test]
fn what_is_no_part_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("part-00000-of-00001.parquet");
    for content in [&b""[..], b"PAR1", b"PAR1 nothing at all PAR1"] {
        std::fs::write(&file, content).unwrap();
        let error = Reader::open(&file).unwrap_err();
        assert!(matches!(error, PartError::Damaged { .. }), "{error}");
    }
    let none = write_part(Vec::new(), folder.path(), 3, 3, &options(), |_| ());
    assert!(matches!(
        none,
        Err(PartError::NoSuchPart { part: 3, count: 3 })
    ));
    // A part without pictures is a part.
    let empty = write_part(Vec::new(), folder.path(), 0, 3, &options(), |_| ()).unwrap();
    assert_eq!((empty.pictures, empty.faces), (0, 0));
    // A flipped byte is an error or the same rows, never a panic.
    let whole = std::fs::read(&empty.file).unwrap();
    for place in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[place] ^= 0x41;
        std::fs::write(&file, &flipped).unwrap();
        if let Ok(reader) = Reader::open(&file) {
            for pictures in reader {
                let _ = pictures;
            }
        }
    }
}
