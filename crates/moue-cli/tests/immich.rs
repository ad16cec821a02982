//! `moue gallery add … immich` and `moue gallery tag-immich`, with a stand-in for Immich.
#![cfg(feature = "collections")]

mod common;

use common::immich::{Asset, Immich, KEY, Listing, Preview, asset, id};
use common::{Ran, World, by_field};
use serde_json::Value;
use std::collections::BTreeSet;

fn png(w: &World, name: &str) -> Vec<u8> {
    std::fs::read(w.path(&w.drawing(name))).unwrap()
}

fn faceless(w: &World) -> Vec<u8> {
    w.blank("blank.png");
    std::fs::read(w.path("blank.png")).unwrap()
}

/// Three faces, one of which has a thumbnail only, and a picture without one.
fn library(w: &World) -> Vec<Asset> {
    let mut smile = asset(1, "IMG_1.jpg", Preview::Picture(png(w, "mina-smile")));
    smile.description = Some("Mina at the sea".into());
    smile.tags = vec!["holiday".into()];
    vec![
        smile,
        asset(2, "IMG_2.heic", Preview::Picture(png(w, "gus-sob"))),
        asset(3, "wall.jpg", Preview::Picture(faceless(w))),
        asset(4, "IMG_4.jpg", Preview::ThumbnailOnly(png(w, "lola-grin"))),
    ]
}

fn run_with(w: &World, key: &str, args: &[&str]) -> Ran {
    let output = w.command(args).env("IMMICH_KEY", key).output().unwrap();
    let ran = Ran::of(output);
    // Wherever something goes wrong, the key is in no message.
    assert!(
        !ran.stderr.contains(KEY) && !ran.stdout.contains(KEY),
        "{}",
        ran.stderr
    );
    ran
}

/// `moue gallery add g.moue immich`, with some more arguments.
fn add(w: &World, server: &Immich, more: &[&str]) -> Ran {
    let mut args = vec![
        "gallery",
        "add",
        "g.moue",
        "immich",
        "--url",
        &server.address,
    ];
    args.extend(["--key-env", "IMMICH_KEY", "--allow-private", "--json"]);
    args.extend(more);
    run_with(w, KEY, &args)
}

fn listed(w: &World) -> Vec<Value> {
    w.run(&["gallery", "list", "g.moue", "--json"]).json()
}

fn labels(w: &World) -> BTreeSet<String> {
    let labels = listed(w)
        .into_iter()
        .map(|face| face["label"].as_str().unwrap().to_owned());
    labels.collect()
}

fn set(labels: &[&str]) -> BTreeSet<String> {
    labels.iter().map(|&label| label.to_owned()).collect()
}

fn statuses(ran: &Ran) -> Vec<String> {
    let lines = ran.json();
    lines
        .iter()
        .map(|line| line["status"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_second_run_takes_what_is_new_or_changed() {
    let w = World::new();
    let server = Immich::start(library(&w));
    let ran = add(&w, &server, &[]);
    let counts = statuses(&ran);
    assert_eq!(
        counts.iter().filter(|status| *status == "added").count(),
        3,
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("from the network"),
        "it tells that it uses the network"
    );
    assert_eq!(labels(&w), set(&["IMG_1", "IMG_2", "IMG_4"]));
    let faces = listed(&w);
    let smile = faces.iter().find(|face| face["label"] == "IMG_1").unwrap();
    assert_eq!(smile["source"], "immich");
    assert_eq!(smile["caption"], "Mina at the sea");
    assert_eq!(smile["tags"], serde_json::json!(["holiday"]));
    let folder = w.path("g.moue.pictures/immich");
    assert!(folder.join(format!("{}.png", id(1))).is_file());
    assert!(
        !folder.join(format!("{}.png", id(3))).exists(),
        "what has no face takes no room"
    );
    assert_eq!(server.fetched(), 5, "four previews and a thumbnail");

    // The one that had a thumbnail only has its preview now; the others are not fetched again.
    server.state().assets[3].preview = Preview::Picture(png(&w, "lola-angry"));
    w.run(&[
        "gallery", "tag", "g.moue", "--label", "IMG_4", "--add", "keep",
    ]);
    let ran = add(&w, &server, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(server.fetched(), 1);
    assert_eq!(listed(&w).len(), 3, "it took the place of the thumbnail");
    let faces = listed(&w);
    let changed = faces.iter().find(|face| face["label"] == "IMG_4").unwrap();
    assert_eq!(changed["tags"], serde_json::json!(["keep"]), "{changed}");
    assert_eq!(
        statuses(&add(&w, &server, &[])),
        ["known", "known", "known"]
    );
    assert_eq!(server.fetched(), 0);

    // A new picture, and one that was edited, in another format: its old file goes.
    let webp = |name: &str| {
        let png = image::load_from_memory(&png(&w, name)).unwrap();
        let mut bytes = std::io::Cursor::new(Vec::new());
        png.to_rgb8()
            .write_to(&mut bytes, image::ImageFormat::WebP)
            .unwrap();
        bytes.into_inner()
    };
    {
        let mut state = server.state();
        state.assets[1].checksum = "edited".into();
        state.assets[1].preview = Preview::Picture(webp("gus-laugh"));
        state.assets.push(asset(
            5,
            "IMG_5.jpg",
            Preview::Picture(png(&w, "ivy-shocked")),
        ));
    }
    let ran = add(&w, &server, &[]);
    assert_eq!(server.fetched(), 2, "{}", ran.stderr);
    assert_eq!(labels(&w), set(&["IMG_1", "IMG_2", "IMG_4", "IMG_5"]));
    assert_eq!(listed(&w).len(), 4);
    assert!(folder.join(format!("{}.webp", id(2))).is_file());
    assert!(!folder.join(format!("{}.png", id(2))).exists());

    // A file that somebody has spoilt is fetched again, and a new gallery gets all that is there.
    std::fs::write(folder.join(format!("{}.png", id(1))), b"spoilt").unwrap();
    std::fs::remove_file(w.path("g.moue")).unwrap();
    add(&w, &server, &[]);
    assert_eq!(server.fetched(), 1);
    assert_eq!(labels(&w), set(&["IMG_1", "IMG_2", "IMG_4", "IMG_5"]));
}

#[test]
fn what_was_removed_goes_on_request() {
    let w = World::new();
    let mut assets = library(&w);
    // Another asset with the same content.
    assets.push(asset(
        6,
        "copy.jpg",
        Preview::Picture(png(&w, "mina-smile")),
    ));
    let server = Immich::start(assets);
    add(&w, &server, &[]);
    assert_eq!(listed(&w).len(), 3);
    server
        .state()
        .assets
        .retain(|asset| asset.id != id(1) && asset.id != id(2));
    add(&w, &server, &[]);
    assert_eq!(
        listed(&w).len(),
        3,
        "nothing is removed unless it is asked for"
    );
    let ran = add(&w, &server, &["--drop-removed"]);
    let removed = ran.json();
    let removed = removed.iter().filter(|line| line["status"] == "removed");
    assert!((1..=2).contains(&removed.count()), "{}", ran.stdout);
    // The copy is what the picture is now; the other one is gone with its file and side-car.
    let left = listed(&w);
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(
        left.iter()
            .any(|face| face["path"].as_str().unwrap().contains(&id(6))),
        "{left:?}"
    );
    let folder = w.path("g.moue.pictures/immich");
    for gone in [1, 2] {
        assert!(!folder.join(format!("{}.png", id(gone))).exists());
        assert!(!folder.join(format!("{}.png.json", id(gone))).exists());
    }
    // Another key's empty library is no reason to remove everything.
    server.state().assets.clear();
    let ran = add(&w, &server, &["--drop-removed"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("nothing was removed"), "{}", ran.stderr);
    assert_eq!(listed(&w).len(), 2);
    assert_eq!(w.run(&["gallery", "verify", "g.moue"]).code, Some(0));
}

#[test]
fn pictures_come_from_a_server_that_misbehaves() {
    let w = World::new();
    let elsewhere = Immich::start(vec![]);
    let other = format!(
        "{}/api/assets/{}/thumbnail?size=preview",
        elsewhere.address,
        id(1)
    );
    let good = png(&w, "mina-smile");
    let server = Immich::start(vec![
        asset(1, "good.jpg", Preview::Picture(good.clone())),
        asset(2, "busy.jpg", Preview::Busy(2, png(&w, "gus-sob"))),
        asset(3, "cut.jpg", Preview::CutOff(good)),
        asset(4, "huge.jpg", Preview::Huge),
        asset(5, "endless.jpg", Preview::Endless),
        asset(6, "html.jpg", Preview::Html),
        asset(7, "moved.jpg", Preview::Redirect(other)),
        asset(8, "gone.jpg", Preview::Gone),
        Asset {
            id: "../../../../../../../../evil-evil-ev".into(),
            ..asset(9, "evil.jpg", Preview::Gone)
        },
    ]);
    let ran = add(&w, &server, &[]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let status = by_field(&ran.json(), "status");
    let error = by_field(&ran.json(), "error");
    assert_eq!(labels(&w), set(&["good", "busy"]));
    for (name, reason) in [
        ("cut.jpg", ""),
        ("huge.jpg", "larger"),
        ("endless.jpg", "larger"),
        ("html.jpg", "no picture"),
        ("moved.jpg", "302"),
        ("gone.jpg", "404"),
    ] {
        assert_eq!(status[name], "unreadable", "{name}");
        assert!(
            !error[name].is_empty() && error[name].contains(reason),
            "{name}: {}",
            error[name]
        );
    }
    assert!(
        !status.contains_key("evil.jpg"),
        "an id that is none is left out"
    );
    assert!(
        elsewhere.asked().is_empty(),
        "the key was sent to another server"
    );
    // What failed is tried again; what is there is not.
    server.asked();
    server.state().assets[3].preview = Preview::Picture(png(&w, "ivy-shocked"));
    add(&w, &server, &[]);
    assert_eq!(labels(&w), set(&["good", "busy", "huge"]));
    let asked = server.asked();
    assert!(
        !asked
            .iter()
            .any(|path| path.contains(&id(1)) || path.contains(&id(2))),
        "{asked:?}"
    );
}

#[test]
fn a_list_that_misbehaves_is_an_error_and_removes_nothing() {
    let w = World::new();
    let server = Immich::start(library(&w));
    let elsewhere = Immich::start(vec![]);
    add(&w, &server, &[]);
    let other = format!("{}/api/search/metadata", elsewhere.address);
    for (listing, reason) in [
        (Listing::Html, "something else"),
        (Listing::OtherJson, "something else"),
        (Listing::CutOff, "Immich"),
        (Listing::Huge, "larger"),
        (Listing::SamePageAgain, "does not end"),
        (Listing::OldPagesAgain, "does not end"),
        (Listing::NoNumber, "does not end"),
        (Listing::Redirect(other), "give that address"),
        (Listing::Status("500 Internal Server Error"), "500"),
        (Listing::Status("404 Not Found"), "404"),
        (Listing::Status("401 Unauthorized"), "refuses the key"),
        (Listing::Status("403 Forbidden"), "asset.read"),
    ] {
        server.state().listing = listing;
        let ran = add(&w, &server, &["--drop-removed"]);
        assert_eq!(ran.code, Some(2), "{reason}: {}", ran.stderr);
        assert!(ran.stderr.contains(reason), "{reason}: {}", ran.stderr);
        assert_eq!(listed(&w).len(), 3, "{reason}");
    }
    assert!(
        elsewhere.asked().is_empty(),
        "the key was sent to another server"
    );
}

#[test]
fn keys_and_addresses_are_checked() {
    let w = World::new();
    let server = Immich::start(library(&w));
    let of = |key: &str, more: &[&str]| {
        let mut args = vec!["gallery", "add", "g.moue", "immich"];
        args.extend(more);
        run_with(&w, key, &args)
    };
    let url = server.address.as_str();
    let whole = ["--url", url, "--key-env", "IMMICH_KEY", "--allow-private"];
    let cases: [(&str, &[&str], &str); 9] = [
        ("wrong", &whole[..], "refuses the key"),
        ("", &whole[..], "key of Immich is empty"),
        ("a\nb", &whole[..], "key"),
        (KEY, &whole[..4], "--allow-private"),
        (KEY, &whole[..2], "--key-env"),
        (KEY, &whole[2..], "--url"),
        (
            KEY,
            &["--url", "photos", "--key-env", "IMMICH_KEY"],
            "no address",
        ),
        (KEY, &["--url", url, "--key-env", "NOT_SET"], "NOT_SET"),
        (
            KEY,
            &["--url", "http://127.0.0.1:1", "--key-env", "IMMICH_KEY"],
            "",
        ),
    ];
    for (key, more, reason) in cases {
        let ran = of(key, more);
        assert_eq!(ran.code, Some(2), "{reason}: {}", ran.stderr);
        assert!(ran.stderr.contains(reason), "{reason}: {}", ran.stderr);
        assert!(!w.path("g.moue").exists(), "no gallery is left");
    }
    server.state().forbidden = vec!["asset.view"];
    let ran = of(KEY, &whole);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("403"), "{}", ran.stderr);
    let misplaced = w.run(&["gallery", "add", "g.moue", "blank.png", "--url", url]);
    assert_eq!(misplaced.code, Some(2));
    // The folder belongs to the first server.
    server.state().forbidden = vec![];
    add(&w, &server, &[]);
    let other = Immich::start(vec![]);
    let ran = add(&w, &other, &["--drop-removed"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("another folder"), "{}", ran.stderr);
}

#[test]
fn tags_are_written_back() {
    let w = World::new();
    let server = Immich::start(library(&w));
    add(&w, &server, &[]);
    let copy = Preview::Picture(png(&w, "mina-smile"));
    server.state().assets.push(asset(6, "copy.jpg", copy));
    add(&w, &server, &[]);
    // One that is not Immich's.
    let other = w.drawing("ivy-shocked");
    w.run(&["gallery", "add", "g.moue", &other, "--tag", "cats"]);
    w.run(&[
        "gallery",
        "tag",
        "g.moue",
        "--label",
        "IMG_1",
        "--add",
        "cats",
        "--add",
        "pets//dog",
    ]);
    let tag = |more: &[&str]| {
        let mut args = vec!["gallery", "tag-immich", "g.moue", "--url", &server.address];
        args.extend(["--key-env", "IMMICH_KEY", "--allow-private", "--json"]);
        args.extend(more);
        run_with(&w, KEY, &args)
    };
    let ran = tag(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let told = &ran.json()[0];
    assert_eq!(
        (&told["tags"], &told["assets"], &told["changed"]),
        (&2.into(), &2.into(), &4.into())
    );
    let tags: Vec<(String, BTreeSet<String>)> = server.state().tags.values().cloned().collect();
    // Both assets with that content, and not the tag that came from Immich.
    let both: BTreeSet<String> = [id(1), id(6)].into();
    assert_eq!(
        tags,
        [
            ("moue/cats".to_owned(), both.clone()),
            ("moue/pets/dog".to_owned(), both)
        ]
    );
    assert_eq!(
        tag(&[]).json()[0]["changed"],
        0,
        "a second time changes nothing"
    );
    let emotions = tag(&["--emotions", "--parent", ""]);
    assert_eq!(emotions.code, Some(0), "{}", emotions.stderr);
    let names: BTreeSet<String> = server
        .state()
        .tags
        .values()
        .map(|tag| tag.0.clone())
        .collect();
    assert!(
        names.contains("happiness") && names.contains("cats"),
        "{names:?}"
    );
    server.state().forbidden = vec!["tag.asset"];
    let refused = tag(&[]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("tag.asset"), "{}", refused.stderr);
    assert_eq!(
        tag(&["--tag", "nothing"]).code,
        Some(1),
        "there is nothing to tag"
    );
}

#[test]
fn a_run_takes_as_many_as_it_may_and_the_next_goes_on() {
    let w = World::new();
    let server = Immich::start(library(&w));
    let ran = add(&w, &server, &["--most", "2"]);
    assert!(ran.stderr.contains("2 of 4"), "{}", ran.stderr);
    assert_eq!(server.fetched(), 2);
    add(&w, &server, &["--most", "2"]);
    assert_eq!(labels(&w), set(&["IMG_1", "IMG_2", "IMG_4"]));
}
