//! `moue serve` with a gallery on a server of databases.

// The program has it only with the features.
#![cfg(all(feature = "server", feature = "stores", unix))]

mod common;

use common::World;
use common::postgres::address;
use common::server::Server;
use serde_json::{Value, json};

/// The labels of listed or found pictures.
fn labels(objects: &Value) -> Vec<&str> {
    let objects = objects.as_array().unwrap().iter();
    objects.map(|o| o["label"].as_str().unwrap()).collect()
}

fn drawn(w: &World, name: &str) -> Vec<u8> {
    w.drawing_as(name, "one.png");
    std::fs::read(w.path("one.png")).unwrap()
}

/// Uploads a drawing and returns the answer.
fn upload(w: &World, server: &Server, name: &str) -> (u16, Value) {
    let request = format!("POST /v1/pictures?label={name}&tag=own");
    server.ask(&request, "image/png", &drawn(w, name))
}

fn list(server: &Server, query: &str) -> Value {
    let (status, page) = server.ask(&format!("GET /v1/pictures{query}"), "", b"");
    assert_eq!(status, 200, "{page}");
    page
}

#[test]
fn pictures_are_added_found_listed_tagged_and_removed() {
    let Some(address) = address("served") else {
        return;
    };
    let w = World::new();
    let server = Server::start(&w, &["--gallery", &address, "--uploads", "uploads"]);
    let names = ["gus-calm", "gus-laugh", "lola-angry", "mina-grin"];
    for name in names {
        let (status, picture) = upload(&w, &server, name);
        assert_eq!((status, picture["label"].as_str()), (201, Some(name)));
    }
    assert_eq!(
        upload(&w, &server, "gus-calm").0,
        200,
        "it is there already"
    );
    let (status, found) = server.ask("POST /v1/find?limit=1", "image/png", &drawn(&w, "gus-grin"));
    assert_eq!(status, 200, "{found}");
    assert_eq!(labels(&found["faces"][0]["matches"]), ["mina-grin"]);
    pages(&server, &names);
    let id = list(&server, "?text=LAUGH")["pictures"][0]["id"].clone();
    changes(&server, &id);
    let (status, _) = server.ask(&format!("DELETE /v1/pictures/{id}"), "", b"");
    assert_eq!(status, 204);
    let (status, _) = server.ask(&format!("GET /v1/pictures/{id}"), "", b"");
    assert_eq!(status, 404);
    // Another program sees the same, and the files of what is left are there.
    let info = w.run(&["gallery", "info", &address, "--json"]).json();
    assert_eq!(info[0]["pictures"], 3);
    assert_eq!(std::fs::read_dir(w.path("uploads")).unwrap().count(), 3);
    let (status, _) = server.ask("GET /readyz", "", b"");
    assert_eq!(status, 200);
}

/// Both directions, two pictures a page.
fn pages(server: &Server, names: &[&str]) {
    for order in ["oldest", "newest"] {
        let first = list(server, &format!("?limit=2&order={order}"));
        let next = first["next"].as_str().unwrap();
        let second = list(server, &format!("?limit=2&order={order}&cursor={next}"));
        assert_eq!(second["next"], Value::Null);
        let mut all = [labels(&first["pictures"]), labels(&second["pictures"])].concat();
        if order == "newest" {
            all.reverse();
        }
        assert_eq!(all, names);
    }
}

/// Tags change, in the order in which they are given; words and the map are refused with a way out.
fn changes(server: &Server, id: &Value) {
    let patch = |body: Value| {
        let request = format!("PATCH /v1/pictures/{id}");
        server.ask(&request, "application/json", body.to_string().as_bytes())
    };
    let (status, picture) = patch(json!({ "tags": ["b", "own", "a"] }));
    assert_eq!((status, &picture["tags"]), (200, &json!(["b", "own", "a"])));
    // The page sends all that it knows.
    let all = json!({ "label": picture["label"], "caption": picture["caption"], "tags": ["own"] });
    let (status, picture) = patch(all);
    assert_eq!((status, &picture["tags"]), (200, &json!(["own"])));
    let (status, problem) = patch(json!({ "label": "other" }));
    assert_eq!(
        (status, &problem["type"]),
        (501, &json!("urn:moue:problem:not-offered"))
    );
    assert!(problem["detail"].as_str().unwrap().contains("add it again"));
    let (status, problem) = server.ask("GET /v1/map", "", b"");
    assert_eq!(status, 501);
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("moue gallery merge")
    );
    let (status, tags) = server.ask("GET /v1/tags", "", b"");
    assert_eq!(status, 200);
    assert_eq!(tags["tags"][0], json!({ "tag": "own", "pictures": 4 }));
    let (status, _) = server.ask(&format!("GET /v1/pictures/{id}/thumbnail"), "", b"");
    assert_eq!(status, 200);
}

#[test]
fn without_a_folder_nothing_is_uploaded() {
    let Some(address) = address("bare") else {
        return;
    };
    let w = World::new();
    let server = Server::start(&w, &["--gallery", &address]);
    let (status, problem) = upload(&w, &server, "gus-calm");
    assert_eq!(status, 501);
    assert!(problem["detail"].as_str().unwrap().contains("--uploads"));
    assert_eq!(list(&server, "")["pictures"], json!([]));
    let away = w.run(&[
        "serve",
        "--gallery",
        "postgres://me:geheim@127.0.0.1:1/faces",
    ]);
    assert_eq!(away.code, Some(2));
    let told = away.stderr.contains("cannot be reached") && !away.stderr.contains("geheim");
    assert!(told, "{}", away.stderr);
}
