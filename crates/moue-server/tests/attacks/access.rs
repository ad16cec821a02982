//! Keys, scopes, and the addresses that stand for them.

use crate::common::{World, drawing, keys};
use crate::refused;
use moue_server::GallerySource;
use moue_server::keys::KeyFile;
use std::time::Duration;

/// A server with keys, and one picture that has the id 0.
fn guarded() -> (World, [String; 3]) {
    let mut made = None;
    let w = World::with(|config, folder| {
        let keys = keys(folder);
        config.gallery = GallerySource::File(folder.join("my.moue"));
        config.keys = Some(keys.0);
        made = Some(keys.1);
    });
    let keys = made.unwrap();
    let headers = [("x-api-key", &*keys[1]), ("Content-Type", "image/png")];
    let added = w.send("POST", "/v1/pictures", &headers, &drawing("gus-calm"));
    assert_eq!(added.status, 201, "{}", added.text());
    (w, keys)
}

#[test]
fn keys_and_scopes_are_checked() {
    let (w, [read, write, admin]) = guarded();
    let bearer = |key: &str| format!("Bearer {key}");
    let with =
        |method: &str, path: &str, headers: &[(&str, &str)]| w.send(method, path, headers, b"");
    let wrong = format!("{}x", &read[..read.len() - 1]);
    let attacks = [
        ("no key", with("GET", "/v1/pictures", &[]), 401),
        (
            "a wrong key",
            with("GET", "/v1/pictures", &[("x-api-key", "moue_guess")]),
            401,
        ),
        (
            "nearly a key",
            with("GET", "/v1/pictures", &[("x-api-key", &wrong)]),
            401,
        ),
        (
            "an empty key",
            with("GET", "/v1/pictures", &[("x-api-key", "")]),
            401,
        ),
        (
            "a stored hash",
            with("GET", "/v1/pictures", &[("x-api-key", &hash(&read))]),
            401,
        ),
        (
            "another scheme",
            with(
                "GET",
                "/v1/pictures",
                &[("Authorization", "Basic bW91ZTo=")],
            ),
            401,
        ),
        (
            "a key in the query",
            with("GET", &format!("/v1/info?key={read}"), &[]),
            401,
        ),
        (
            "a key in a cookie",
            with("GET", "/v1/info", &[("Cookie", &format!("key={read}"))]),
            401,
        ),
        (
            "two keys",
            with(
                "GET",
                "/v1/pictures",
                &[("x-api-key", &read), ("Authorization", &bearer(&admin))],
            ),
            400,
        ),
        (
            "removing with read",
            with("DELETE", "/v1/pictures/0", &[("x-api-key", &read)]),
            403,
        ),
        (
            "adding with read",
            with("POST", "/v1/pictures", &[("x-api-key", &read)]),
            403,
        ),
        (
            "changing with read",
            with("PATCH", "/v1/pictures/0", &[("x-api-key", &read)]),
            403,
        ),
        (
            "reading with write",
            with("GET", "/v1/pictures/0/content", &[("x-api-key", &write)]),
            403,
        ),
        (
            "metrics with write",
            with("GET", "/metrics", &[("x-api-key", &write)]),
            403,
        ),
        (
            "another method by header",
            with(
                "POST",
                "/v1/pictures/0",
                &[("x-api-key", &write), ("X-HTTP-Method-Override", "DELETE")],
            ),
            405,
        ),
        (
            "a path with two slashes",
            with("GET", "//v1/pictures", &[]),
            401,
        ),
    ];
    for (name, answer, status) in attacks {
        refused(name, &answer, &[status]);
        if status == 401 {
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{name}");
        }
    }
    assert_eq!(
        with(
            "GET",
            "/v1/pictures/0",
            &[("Authorization", &bearer(&read))]
        )
        .status,
        200
    );
    assert_eq!(
        with("GET", "/metrics", &[("x-api-key", &admin)]).status,
        200
    );
    assert_eq!(with("GET", "/healthz", &[]).status, 200);
    assert_eq!(with("GET", "/", &[]).status, 200);
    // A revoked key works no longer than the file is not looked at.
    KeyFile::new(w.path("keys.json")).revoke("read").unwrap();
    std::thread::sleep(Duration::from_millis(1200));
    refused(
        "a revoked key",
        &with("GET", "/v1/pictures", &[("x-api-key", &read)]),
        &[401],
    );
}

fn hash(text: &str) -> String {
    moue::digest::hex(&moue::digest::sha256(text.as_bytes()))
}

#[test]
fn files_of_chats_need_a_token() {
    let (w, [read, ..]) = guarded();
    let found = w.get(&format!("/v2/search?q=&key={read}")).json();
    let url = found["results"][0]["media_formats"]["png"]["url"]
        .as_str()
        .unwrap();
    assert!(!url.contains(&read), "the key is not given away");
    let path = url.split_once(&w.address.to_string()).unwrap().1.to_owned();
    assert_eq!(w.get(&path).status, 200);
    let token = path.split('/').nth(4).unwrap();
    for wrong in ["open", "", "0", &token[..31], &"0".repeat(32)] {
        refused("a wrong token", &w.get(&path.replace(token, wrong)), &[404]);
    }
    refused("no key", &w.get("/v2/search?q=calm"), &[401]);
    KeyFile::new(w.path("keys.json")).revoke("read").unwrap();
    KeyFile::new(w.path("keys.json")).revoke("admin").unwrap();
    std::thread::sleep(Duration::from_millis(1200));
    refused("a token of a revoked key", &w.get(&path), &[404]);
}

#[test]
fn what_is_reached_from_elsewhere_needs_a_key() {
    let config = moue_server::ServerConfig {
        listen: "0.0.0.0:0".parse().unwrap(),
        ..moue_server::ServerConfig::default()
    };
    let refused = moue_server::Server::bind(config.clone()).unwrap_err();
    assert!(
        matches!(refused, moue_server::ServerError::NoKeys(_)),
        "{refused}"
    );
    let folder = tempfile::tempdir().unwrap();
    // A file without a key is none.
    let keys_file = folder.path().join("keys.json");
    std::fs::write(&keys_file, r#"{"keys":[]}"#).unwrap();
    let config = moue_server::ServerConfig {
        keys: Some(keys_file),
        ..config
    };
    assert!(moue_server::Server::bind(config).is_err());
}
