//! Files that are no galleries, and galleries that do not look like ones any more.
#![cfg(feature = "gallery")]

#[path = "common/faces.rs"]
mod faces;

use faces::{expression, face};
use moue::Gallery;
use moue::gallery::{GalleryError, NewFace, NewPicture};

fn picture(number: u8) -> NewPicture {
    let expression = expression(f32::from(number));
    NewPicture {
        hash: moue::digest::sha256(&[number]),
        path: format!("/pictures/{number}.jpg"),
        label: format!("picture {number}"),
        faces: vec![NewFace::from((face(), expression))],
        ..NewPicture::default()
    }
}

#[test]
fn a_repair_looks_at_all_of_a_file_whose_beginning_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lost.moue");
    let gallery = Gallery::open_or_create(&path).unwrap();
    gallery.add(&[1, 2, 3].map(picture)).unwrap();
    drop(gallery);
    // More than opening looks at.
    let mut bytes = vec![0; 65 << 20];
    bytes.extend(std::fs::read(&path).unwrap());
    std::fs::write(&path, bytes).unwrap();
    let error = Gallery::open(&path).unwrap_err();
    assert!(matches!(error, GalleryError::Foreign { .. }), "{error}");
    let report = Gallery::repair(&path).unwrap();
    assert_eq!(report.pictures, 3);
    assert_eq!(Gallery::open(&path).unwrap().len().unwrap(), 3);
}

#[test]
fn four_bytes_make_no_gallery() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo.jpg");
    let mut bytes = vec![7; 100_000];
    // What an envelope begins with.
    bytes[50_000..50_004].copy_from_slice(b"\xFEmoR");
    std::fs::write(&path, &bytes).unwrap();
    for error in [
        Gallery::open(&path).unwrap_err(),
        Gallery::repair(&path).unwrap_err(),
    ] {
        assert!(matches!(error, GalleryError::Foreign { .. }), "{error}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}
