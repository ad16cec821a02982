//! One gallery, several programs.

mod common;

use common::{World, drawing};
use moue::gallery::NewPicture;
use moue::{Expression, Face, Gallery};

fn picture(name: &str) -> NewPicture {
    NewPicture {
        hash: moue::digest::sha256(name.as_bytes()),
        path: format!("/secret/{name}.png"),
        label: name.into(),
        faces: vec![(Face::whole(), Expression([0.125; 64])).into()],
        ..NewPicture::default()
    }
}

fn labels(w: &World) -> Vec<String> {
    let page = w.get("/v1/pictures").json();
    let pictures = page["pictures"].as_array().unwrap();
    let labels = pictures.iter().map(|p| p["label"].as_str().unwrap());
    labels.map(str::to_owned).collect()
}

#[test]
fn what_another_program_writes_is_served_at_once() {
    let w = World::gallery();
    assert!(labels(&w).is_empty());
    let mut other = Gallery::open_for_writing(w.path("my.moue")).unwrap();
    other.add(&[picture("a")]).unwrap();
    assert_eq!(labels(&w), ["a"]);
    // It still has the lock: a write by the API waits, then tells the client to try again.
    let refused = w.post("/v1/pictures", "image/png", &drawing("gus-calm"));
    assert_eq!((refused.status, &*refused.problem()), (503, "busy"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    other.add(&[picture("b")]).unwrap();
    // Another file takes the place of the one that is open.
    other.compact().unwrap();
    drop(other);
    assert_eq!(labels(&w), ["a", "b"]);
    let added = w.post("/v1/pictures?label=c", "image/png", &drawing("gus-calm"));
    assert_eq!(added.status, 201);
    // The lock is free again.
    let other = Gallery::open_for_writing(w.path("my.moue")).unwrap();
    other.add(&[picture("d")]).unwrap();
    assert_eq!(labels(&w), ["a", "b", "c", "d"]);
    // And the paths of none are told.
    let list = w.get("/v1/pictures").text();
    assert!(!list.contains("secret") && !list.contains(w.folder.path().to_str().unwrap()));
}

#[test]
fn a_gallery_can_be_read_whole_while_it_is_served() {
    let w = World::gallery();
    for name in ["gus-calm", "lola-grin", "mina-laugh"] {
        assert_eq!(
            w.post("/v1/pictures", "image/png", &drawing(name)).status,
            201
        );
    }
    let reader = Gallery::open(w.path("my.moue")).unwrap();
    assert_eq!(reader.picture_count().unwrap(), 3);
    assert_eq!(
        w.post("/v1/pictures", "image/png", &drawing("ivy-shocked"))
            .status,
        201
    );
    assert_eq!(reader.picture_count().unwrap(), 4);
}
