//! The web app on the server's page, and what it asks for: the map, the tags, the keys.

mod common;

use common::{World, drawing, keys};
use moue_server::{GallerySource, Server, ServerConfig, ServerError};
use serde_json::{Value, json};
use std::path::Path;

/// A folder as `cargo xtask web` makes it, but small.
fn app(folder: &Path) -> std::path::PathBuf {
    let app = folder.join("web");
    std::fs::create_dir_all(app.join("assets")).unwrap();
    let files = [
        ("index.html", "<!doctype html><html><head></head></html>"),
        ("sw.js", "// the service worker"),
        ("manifest.webmanifest", "{}"),
        ("assets/index-abc.js", "let x = 'a script';"),
        ("assets/x.wasm", "\0asm"),
    ];
    for (name, text) in files {
        std::fs::write(app.join(name), text).unwrap();
    }
    app
}

#[test]
fn the_web_app_is_served_in_the_place_of_the_small_page() {
    let w = World::with(|config, folder| config.web = Some(app(folder)));
    let page = w.get("/");
    assert_eq!(page.status, 200);
    assert!(
        page.text().contains("<meta name=\"moue-server\""),
        "{page:?}"
    );
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    for (path, media, cache) in [
        ("/index.html", "text/html; charset=utf-8", "no-cache"),
        ("/sw.js", "text/javascript; charset=utf-8", "no-cache"),
        (
            "/manifest.webmanifest",
            "application/manifest+json",
            "no-cache",
        ),
        (
            "/assets/index-abc.js",
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
        (
            "/assets/x.wasm",
            "application/wasm",
            "public, max-age=31536000, immutable",
        ),
    ] {
        let answer = w.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some(media), "{path}");
        assert_eq!(answer.header("cache-control"), Some(cache), "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("connect-src 'self';"), "{path}");
        let tag = answer.header("etag").unwrap().to_owned();
        let again = w.send("GET", path, &[("If-None-Match", &tag)], b"");
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
    }
    // Where earlier versions served it.
    let moved = w.get("/app/");
    assert_eq!((moved.status, moved.header("location")), (308, Some("/")));
    for path in [
        "/page/page.js",
        "/assets/",
        "/assets/../keys.json",
        "/nothing",
    ] {
        assert_eq!(w.get(path).status, 404, "{path}");
    }
    assert_eq!(w.post("/sw.js", "text/plain", b"x").problem(), "method");
}

#[test]
fn a_folder_without_an_app_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let config = ServerConfig {
        web: Some(folder.path().to_owned()),
        listen: "127.0.0.1:0".parse().unwrap(),
        ..ServerConfig::default()
    };
    let error = Server::bind(config).unwrap_err();
    assert!(matches!(error, ServerError::NoWebApp(_)), "{error}");
    assert!(error.to_string().contains("cargo xtask web"), "{error}");
}

#[test]
fn the_app_is_open_and_the_gallery_is_not() {
    let w = World::with(|config, folder| {
        config.web = Some(app(folder));
        config.keys = Some(keys(folder).0);
    });
    for path in ["/", "/sw.js", "/assets/index-abc.js"] {
        assert_eq!(w.get(path).status, 200, "{path}");
    }
    for path in [
        "/v1/info",
        "/v1/map",
        "/v1/tags",
        "/v1/pictures",
        "/v1/keys",
    ] {
        assert_eq!(w.get(path).problem(), "no-key", "{path}");
    }
}

#[test]
fn info_tells_what_a_client_may_do() {
    let mut made = None;
    let w = World::with(|config, folder| {
        let file = keys(folder);
        config.keys = Some(file.0);
        made = Some(file.1);
    });
    let expected = [
        ("read", json!(["read"])),
        ("admin", json!(["read", "write", "admin"])),
    ];
    let [read, write, admin] = made.unwrap();
    for (key, (name, scopes)) in [read, admin].iter().zip(expected) {
        let info = w.send("GET", "/v1/info", &[("x-api-key", key)], b"").json();
        assert_eq!((&info["key"], &info["scopes"]), (&json!(name), &scopes));
    }
    // It may add pictures and see none.
    let blind = w.send("GET", "/v1/info", &[("x-api-key", &write)], b"");
    assert_eq!(blind.problem(), "forbidden");
    let open = World::builtin().get("/v1/info").json();
    assert_eq!(open["key"], Value::Null);
    assert_eq!(open["scopes"], json!(["read", "write", "admin"]));
}

#[test]
fn the_map_has_every_picture_once_and_follows_the_filter() {
    let w = World::builtin();
    let map = w.get("/v1/map").json();
    let pictures = map["pictures"].as_array().unwrap();
    let total = w.get("/v1/info").json()["pictures"].as_u64().unwrap();
    assert_eq!(
        (pictures.len() as u64, &map["left_out"]),
        (total, &json!(0))
    );
    assert_eq!(map["columns"], (total as f64).sqrt().ceil() as u64);
    let mut ids: Vec<u64> = pictures.iter().map(|p| p["id"].as_u64().unwrap()).collect();
    assert_eq!(map, w.get("/v1/map").json(), "the same each time");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len() as u64, total);
    let some = w.get("/v1/map?tag=laugh").json();
    let listed = w.get("/v1/pictures?tag=laugh&limit=200").json();
    let count = listed["pictures"].as_array().unwrap().len();
    assert!(count > 3);
    assert_eq!(some["pictures"].as_array().unwrap().len(), count);
    let none = w.get("/v1/map?tag=no+such+tag").json();
    assert_eq!(
        (&none["columns"], &none["pictures"]),
        (&json!(0), &json!([]))
    );
    assert_eq!(w.get("/v1/map?limit=3").problem(), "bad-request");
}

#[test]
fn the_map_and_the_newest_follow_what_is_added() {
    let w = World::gallery();
    assert_eq!(w.get("/v1/map").json()["pictures"], json!([]));
    assert_eq!(
        w.get("/v1/pictures?order=newest").json()["pictures"],
        json!([])
    );
    let names = [
        "gus-calm",
        "mina-laugh",
        "lola-grin",
        "gus-smirk",
        "mina-calm",
    ];
    for (i, name) in names.iter().enumerate() {
        let path = format!("/v1/pictures?label={name}&tag=all&tag={}", i % 2);
        let added = w.post(&path, "image/png", &drawing(name));
        assert_eq!(added.status, 201, "{}", added.text());
    }
    let map = w.get("/v1/map").json();
    assert_eq!(
        (&map["columns"], map["pictures"].as_array().unwrap().len()),
        (&json!(3), 5)
    );
    assert!(map["pictures"][0]["words"].is_string());
    let tags = w.get("/v1/tags").json();
    assert_eq!(
        tags["tags"],
        json!([{ "tag": "all", "pictures": 5 }, { "tag": "0", "pictures": 3 }, { "tag": "1", "pictures": 2 }])
    );
    // Page by page, from the last to the first.
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let list = w
            .get(&format!("/v1/pictures?order=newest&limit=2{cursor}"))
            .json();
        let labels = list["pictures"].as_array().unwrap().iter();
        found.extend(labels.map(|p| p["label"].as_str().unwrap().to_owned()));
        match list["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!(found.iter().eq(names.iter().rev()), "{found:?}");
    let odd = w.get("/v1/pictures?order=newest&tag=1&limit=1").json();
    assert_eq!(odd["pictures"][0]["label"], "gus-smirk");
    let next = odd["next"].as_str().unwrap();
    let last = w
        .get(&format!(
            "/v1/pictures?order=newest&tag=1&limit=1&cursor={next}"
        ))
        .json();
    assert_eq!(
        (&last["pictures"][0]["label"], &last["next"]),
        (&json!("mina-laugh"), &Value::Null)
    );
}

#[test]
fn keys_are_made_listed_and_revoked() {
    let mut made = None;
    let w = World::with(|config, folder| {
        config.gallery = GallerySource::File(folder.join("my.moue"));
        let file = keys(folder);
        config.keys = Some(file.0);
        made = Some(file.1);
    });
    let [read, write, admin] = made.unwrap();
    let send = |key: &str, method: &str, path: &str, body: &Value| {
        let headers = [("x-api-key", key), ("Content-Type", "application/json")];
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        w.send(method, path, &headers, body.as_bytes())
    };
    let new = json!({ "name": "tablet", "scopes": ["read"] });
    for key in [&read, &write] {
        assert_eq!(
            send(key, "GET", "/v1/keys", &Value::Null).problem(),
            "forbidden"
        );
        assert_eq!(send(key, "POST", "/v1/keys", &new).problem(), "forbidden");
        assert_eq!(
            send(key, "DELETE", "/v1/keys/read", &Value::Null).problem(),
            "forbidden"
        );
    }
    let answer = send(&admin, "POST", "/v1/keys", &new);
    assert_eq!(answer.status, 201, "{}", answer.text());
    let key = answer.json()["key"].as_str().unwrap().to_owned();
    assert_eq!(send(&key, "GET", "/v1/pictures", &Value::Null).status, 200);
    let listed = send(&admin, "GET", "/v1/keys", &Value::Null);
    let names: Vec<Value> = listed.json()["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|k| k["name"].clone())
        .collect();
    assert_eq!(names, ["read", "write", "admin", "tablet"]);
    assert!(!listed.text().contains("sha256") && !listed.text().contains(&key));
    assert_eq!(send(&admin, "POST", "/v1/keys", &new).problem(), "conflict");
    for wrong in [
        json!({ "name": "a b", "scopes": ["read"] }),
        json!({ "name": "x", "scopes": [] }),
        json!({ "name": "x", "scopes": ["root"] }),
        json!({ "name": "x" }),
        json!({ "name": "x", "scopes": ["read"], "key": "mine" }),
    ] {
        assert_eq!(
            send(&admin, "POST", "/v1/keys", &wrong).problem(),
            "bad-request",
            "{wrong}"
        );
    }
    assert_eq!(
        send(&admin, "DELETE", "/v1/keys/tablet", &Value::Null).status,
        204
    );
    assert_eq!(
        send(&key, "GET", "/v1/pictures", &Value::Null).problem(),
        "no-key"
    );
    assert_eq!(
        send(&admin, "DELETE", "/v1/keys/tablet", &Value::Null).problem(),
        "not-found"
    );
    let without = World::builtin();
    assert_eq!(without.get("/v1/keys").problem(), "not-found");
    assert_eq!(without.post_json("/v1/keys", &new).problem(), "not-found");
}

#[test]
fn drawings_are_sharp_in_a_grid() {
    let w = World::builtin();
    let id = w.get("/v1/pictures?limit=1").json()["pictures"][0]["id"].clone();
    for (of, side) in [("face", 160), ("picture", 320)] {
        let answer = w.get(&format!("/v1/pictures/{id}/thumbnail?of={of}"));
        assert_eq!(answer.header("content-type"), Some("image/png"));
        let decoder = png::Decoder::new(std::io::Cursor::new(&answer.body));
        assert_eq!(decoder.read_info().unwrap().info().width, side, "{of}");
    }
}
