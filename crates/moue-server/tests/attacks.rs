//! A table of attacks, each with what has to come of it.

mod common;

use common::{Answer, World, drawing, keys};
use moue::gallery::NewPicture;
use moue::{Expression, Face, Gallery};
use moue_server::GallerySource;
use moue_server::keys::KeyFile;
use serde_json::json;
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

fn refused(name: &str, answer: &Answer, statuses: &[u16]) {
    assert!(
        statuses.contains(&answer.status),
        "{name}: {} {}",
        answer.status,
        answer.text()
    );
    // What hyper itself refuses has no body; all else is a problem.
    if !answer.body.is_empty() {
        answer.problem();
    }
    assert_eq!(answer.header("access-control-allow-origin"), None, "{name}");
}

#[test]
fn paths_lead_nowhere() {
    let w = World::with(|config, folder| {
        std::fs::create_dir(folder.join("page")).unwrap();
        std::fs::write(folder.join("page/index.html"), "the app").unwrap();
        std::fs::write(folder.join("secret.txt"), "SECRET").unwrap();
        std::fs::write(folder.join("page/link.txt"), "plain").unwrap();
        config.page = Some(folder.join("page"));
    });
    let attacks = [
        ("dots", "/../../../../etc/passwd"),
        ("escaped dots", "/%2e%2e/%2e%2e/etc/passwd"),
        ("escaped separators", "/page/..%2f..%2fetc%2fpasswd"),
        (
            "an id of dots",
            "/v1/pictures/..%2f..%2fetc%2fpasswd/content",
        ),
        ("an id with a null", "/v1/pictures/0%00.png/content"),
        ("a back slash", "/v1/pictures/..%5c..%5cwindows/thumbnail"),
        ("an absolute path", "/v1/pictures/%2fetc%2fpasswd/content"),
    ];
    for (name, path) in attacks {
        refused(name, &w.get(path), &[400, 404]);
    }
    for path in [
        "/app/../secret.txt",
        "/app/..%2fsecret.txt",
        "/app/%2e%2e/secret.txt",
        "/app/..%5csecret.txt",
        "/app//etc/passwd",
        "/app/%2fetc%2fpasswd",
    ] {
        let answer = w.get(path);
        let text = answer.text();
        assert!(
            !text.contains("SECRET") && !text.contains("root:"),
            "{path}"
        );
    }
    assert_eq!(w.get("/app/").text(), "the app");
    assert_eq!(w.get("/app/link.txt").text(), "plain");
}

#[test]
fn names_of_files_stay_with_the_client() {
    let w = World::gallery();
    let mut form = b"--b\r\nContent-Disposition: form-data; name=\"image\"; \
        filename=\"../../../tmp/evil.sh\"\r\nContent-Type: text/html\r\n\r\n"
        .to_vec();
    form.extend(drawing("gus-calm"));
    form.extend(b"\r\n--b--\r\n");
    let added = w.post("/v1/pictures", "multipart/form-data; boundary=b", &form);
    assert_eq!(added.status, 201);
    let files: Vec<_> = std::fs::read_dir(w.path("my.uploads")).unwrap().collect();
    assert_eq!(files.len(), 1);
    let name = files[0].as_ref().unwrap().file_name();
    let hash = added.json()["hash"].as_str().unwrap().to_owned();
    assert_eq!(name.to_str(), Some(&*format!("{hash}.png")));
    assert!(!added.text().contains("evil"));
}

#[test]
fn other_hosts_are_not_served() {
    let w = World::builtin();
    let local = w.address;
    let get = |host: &str| {
        w.raw(format!("GET /v1/info HTTP/1.1\r\n{host}Connection: close\r\n\r\n").as_bytes())
    };
    let attacks = [
        ("rebinding", "Host: evil.example\r\n".to_owned(), vec![421]),
        (
            "rebinding with our port",
            format!("Host: evil.example:{}\r\n", local.port()),
            vec![421],
        ),
        (
            "a name that begins as ours",
            "Host: localhost.evil.example\r\n".into(),
            vec![421],
        ),
        (
            "a user before the host",
            format!("Host: {local}@evil.example\r\n"),
            vec![400, 421],
        ),
        (
            "an address of another network",
            "Host: 10.0.0.1\r\n".into(),
            vec![421],
        ),
        (
            "two hosts",
            format!("Host: {local}\r\nHost: evil.example\r\n"),
            vec![400],
        ),
        ("no host", String::new(), vec![400]),
        ("a host that is none", "Host: a b\r\n".into(), vec![400]),
    ];
    for (name, host, statuses) in attacks {
        refused(name, &get(&host), &statuses);
    }
    let absolute = format!(
        "GET http://evil.example/v1/info HTTP/1.1\r\nHost: {local}\r\nConnection: close\r\n\r\n"
    );
    refused(
        "a target elsewhere",
        &w.raw(absolute.as_bytes()),
        &[400, 421],
    );
    refused(
        "HTTP/1.0 without a host",
        &w.raw(b"GET /v1/info HTTP/1.0\r\n\r\n"),
        &[400],
    );
    for host in ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:8090"] {
        assert_eq!(get(&format!("Host: {host}\r\n")).status, 200, "{host}");
    }
}

#[test]
fn pages_elsewhere_cannot_use_it() {
    let w = World::gallery();
    let png = drawing("gus-calm");
    let form = ("Content-Type", "multipart/form-data; boundary=b");
    let image = ("Content-Type", "image/png");
    let evil = ("Origin", "https://evil.example");
    let attacks = [
        (
            "a form (CSRF)",
            w.send("POST", "/v1/pictures", &[form, evil], b"--b--"),
        ),
        (
            "a picture",
            w.send("POST", "/v1/pictures", &[image, evil], &png),
        ),
        (
            "a sandboxed frame",
            w.send("POST", "/v1/pictures", &[image, ("Origin", "null")], &png),
        ),
        (
            "an origin that contains ours",
            w.send(
                "POST",
                "/v1/find",
                &[
                    image,
                    ("Origin", &format!("http://{}.evil.example", w.address)),
                ],
                &png,
            ),
        ),
        (
            "an <img>",
            w.send(
                "GET",
                "/v1/pictures/0/thumbnail",
                &[("Sec-Fetch-Site", "cross-site")],
                b"",
            ),
        ),
        (
            "a neighboring site",
            w.send(
                "GET",
                "/v1/pictures",
                &[("Sec-Fetch-Site", "same-site")],
                b"",
            ),
        ),
        (
            "a preflight",
            w.send(
                "OPTIONS",
                "/v1/pictures/0",
                &[evil, ("Access-Control-Request-Method", "DELETE")],
                b"",
            ),
        ),
    ];
    for (name, answer) in attacks {
        refused(name, &answer, &[403]);
    }
    let simple = w.send(
        "POST",
        "/v1/search",
        &[("Content-Type", "text/plain")],
        b"{}",
    );
    refused("JSON as a simple type", &simple, &[415]);
    assert_eq!(w.get("/v1/pictures").json()["pictures"], json!([]));
    // Our own page, and a link to it.
    let own = format!("http://{}", w.address);
    assert_eq!(
        w.send("POST", "/v1/find", &[image, ("Origin", &own)], &png)
            .status,
        200
    );
    assert_eq!(
        w.send("GET", "/", &[("Sec-Fetch-Site", "cross-site")], b"")
            .status,
        200
    );
}

#[test]
fn a_named_origin_may_and_no_other() {
    let w = World::with(|config, _| config.origins = vec!["https://photos.example".into()]);
    let origin = ("Origin", "https://photos.example");
    let asks = ("Access-Control-Request-Method", "POST");
    let preflight = w.send("OPTIONS", "/v1/search", &[origin, asks], b"");
    assert_eq!(preflight.status, 204);
    assert_eq!(
        preflight.header("access-control-allow-origin"),
        Some(origin.1)
    );
    assert_eq!(preflight.header("access-control-allow-credentials"), None);
    let other = w.send(
        "GET",
        "/v1/info",
        &[("Origin", "http://photos.example")],
        b"",
    );
    refused("another scheme", &other, &[403]);
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
fn messages_that_two_servers_read_differently_are_refused() {
    let w = World::builtin();
    let host = w.address;
    let inner = format!("GET /v1/info HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let attacks = [
        (
            "length and encoding",
            format!(
                "Content-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}",
                inner.len() + 5
            ),
        ),
        (
            "two lengths",
            format!(
                "Content-Length: 0\r\nContent-Length: {}\r\n\r\n{inner}",
                inner.len()
            ),
        ),
        (
            "a length with a sign",
            format!("Content-Length: +{}\r\n\r\n{inner}", inner.len()),
        ),
        (
            "a length that is none",
            format!("Content-Length: 0x10\r\n\r\n{inner}"),
        ),
        (
            "an unknown encoding",
            format!("Transfer-Encoding: xchunked\r\n\r\n{inner}"),
        ),
        (
            "a space before the colon",
            format!("Content-Length : 5\r\n\r\n{inner}"),
        ),
        (
            "a folded header",
            format!("X-A: b\r\n Content-Length: 5\r\n\r\n{inner}"),
        ),
        (
            "a line feed in a value",
            format!("X-A: b\n\nGET / HTTP/1.1\r\n\r\n{inner}"),
        ),
        (
            "a chunk that is none",
            "Content-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".into(),
        ),
    ];
    for (name, rest) in attacks {
        let head = format!("POST /v1/find HTTP/1.1\r\nHost: {host}\r\n{rest}");
        let mut stream = w.connect();
        std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut all = String::new();
        let _ = std::io::Read::read_to_string(&mut stream, &mut all);
        // The second request, hidden in the first, gets no answer of its own.
        assert!(!all.contains("200 OK"), "{name}: {all}");
        assert!(
            all.is_empty() || all.starts_with("HTTP/1.1 4"),
            "{name}: {all}"
        );
    }
}

#[test]
fn large_headers_and_bodies_are_refused() {
    let w = World::builtin();
    let host = w.address;
    let long = "x".repeat(100_000);
    let many = "X-A: b\r\n".repeat(2_000);
    let request = |rest: &str| {
        w.raw(format!("GET /v1/info HTTP/1.1\r\nHost: {host}\r\n{rest}\r\n").as_bytes())
    };
    let attacks = [
        ("a long header", request(&format!("X-A: {long}\r\n"))),
        ("many headers", request(&many)),
        (
            "a long path",
            w.raw(format!("GET /{long} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()),
        ),
    ];
    for (name, answer) in attacks {
        refused(name, &answer, &[0, 400, 414, 431]);
    }
    let post = format!("POST /v1/find HTTP/1.1\r\nHost: {host}\r\nContent-Type: image/png\r\n");
    let declared = w.raw(format!("{post}Content-Length: 99999999999\r\n\r\n").as_bytes());
    refused("a length beyond the limit", &declared, &[413]);
    let overflow =
        w.raw(format!("{post}Content-Length: 99999999999999999999999\r\n\r\n").as_bytes());
    refused("a length beyond all numbers", &overflow, &[400]);
    let mut chunked = format!("{post}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for _ in 0..11 {
        chunked.extend(b"100000\r\n");
        chunked.resize(chunked.len() + (1 << 20), b'x');
        chunked.extend(b"\r\n");
    }
    // It closes while the rest is sent, so its answer may be lost with the connection.
    refused("chunks beyond the limit", &w.raw(&chunked), &[0, 413]);
    let bomb = bomb(30_000);
    assert!(bomb.len() < 2_000_000);
    refused(
        "a decompression bomb",
        &w.post("/v1/find", "image/png", &bomb),
        &[413],
    );
    assert_eq!(w.get("/healthz").status, 200);
}

/// A gray PNG of this side, of one color.
fn bomb(side: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().unwrap();
    let row = side.div_ceil(8) as usize;
    writer
        .write_image_data(&vec![0; row * side as usize])
        .unwrap();
    writer.finish().unwrap();
    bytes
}

#[test]
fn numbers_and_texts_have_bounds() {
    let w = World::gallery();
    let png = drawing("gus-calm");
    assert_eq!(w.post("/v1/pictures", "image/png", &png).status, 201);
    for query in [
        "limit=99999999999999999999",
        "limit=-1",
        "limit=1e2",
        "limit=101",
        "max_distance=NaN",
        "max_distance=1e400",
        "max_distance=-0.1",
        "diverse=inf",
        "since=-1",
        "emotion=joy",
        "tag=%FF",
        "tag=%00",
        "text=%0d%0aSet-Cookie:a",
        "effort=extreme",
        "cropped=perhaps",
        "limit=1&limit=2",
    ] {
        let answer = w.post(&format!("/v1/find?{query}"), "image/png", &png);
        refused(query, &answer, &[400]);
    }
    let long = format!("/v1/pictures?text={}", "x".repeat(201));
    refused("a long text", &w.get(&long), &[400]);
    for id in [
        "18446744073709551615",
        "18446744073709551616",
        "-1",
        "1e3",
        "0x1",
        "NaN",
        "%31%00",
    ] {
        refused(id, &w.get(&format!("/v1/pictures/{id}")), &[400, 404]);
    }
    let mut vector = vec![0.0; 64];
    vector[0] = 1.0;
    let bodies = [
        "[".repeat(100_000),
        "{".into(),
        "null".into(),
        r#"{"expressions":[]}"#.into(),
        r#"{"expressions":[[1e39]]}"#.into(),
        format!(r#"{{"expressions":[{:?}]}}"#, vec![1e38; 64]),
        json!({ "expressions": [vec![0.0; 64]] }).to_string(),
        json!({ "expressions": vec![vector.clone(); 65] }).to_string(),
        json!({ "expressions": [vector], "limit": u64::MAX }).to_string(),
        json!({ "expressions": [vector], "url": "http://127.0.0.1/" }).to_string(),
    ];
    for body in bodies {
        let answer = w.post("/v1/search", "application/json", body.as_bytes());
        refused(&body[..body.len().min(60)], &answer, &[400]);
    }
    refused(
        "bad UTF-8",
        &w.post("/v1/search", "application/json", b"{\"\xFF\":1}"),
        &[400],
    );
    for body in [
        json!({ "image": "http://127.0.0.1/a.png" }),
        json!({ "url": "file:///etc/passwd" }),
    ] {
        refused("an address", &w.post_json("/v1/find", &body), &[400]);
    }
    let media = [("Content-Type", "application/json")];
    for change in [
        json!({ "label": "a\u{0}b" }),
        json!({ "tags": ["a\r\nb"] }),
        json!({ "path": "/etc/passwd" }),
        json!({ "caption": "x".repeat(4001) }),
    ] {
        let answer = w.send(
            "PATCH",
            "/v1/pictures/0",
            &media,
            change.to_string().as_bytes(),
        );
        refused("a change", &answer, &[400]);
    }
}

#[test]
fn only_pictures_are_kept_and_sent() {
    let w = World::gallery();
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let html = b"<!doctype html><script>alert(1)</script>";
    let playlist = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n";
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    for (name, media, bytes) in [
        ("SVG", "image/svg+xml", &svg[..]),
        ("HTML", "image/png", html),
        ("a playlist", "image/gif", playlist),
        ("what another program decodes", "image/heic", heic),
    ] {
        refused(name, &w.post("/v1/pictures", media, bytes), &[415]);
    }
    // A gallery of somebody else names files of ours.
    let secret = w.path("secret.txt");
    std::fs::write(&secret, "SECRET").unwrap();
    let entry = |label: &str, hash| NewPicture {
        hash,
        path: secret.to_str().unwrap().into(),
        label: label.into(),
        faces: vec![(Face::whole(), Expression([0.125; 64])).into()],
        ..NewPicture::default()
    };
    let other = Gallery::open_for_writing(w.path("my.moue")).unwrap();
    let known = moue::digest::sha256(b"SECRET");
    other
        .add(&[entry("guess", [7; 32]), entry("known", known)])
        .unwrap();
    drop(other);
    for id in ["0", "1"] {
        for file in ["content", "thumbnail", "thumbnail?of=picture"] {
            let answer = w.get(&format!("/v1/pictures/{id}/{file}"));
            refused(file, &answer, &[404]);
        }
    }
    // Their faces are found, and where they are is not told.
    let found = w.get("/v1/pictures").text();
    assert!(found.contains("secret.txt") && !found.contains(secret.to_str().unwrap()));
}

#[test]
fn every_answer_is_closed_to_other_pages() {
    let w = World::builtin();
    for path in [
        "/",
        "/healthz",
        "/v1/pictures/0/content",
        "/v1/pictures/0/thumbnail",
        "/nothing",
        "/v1/pictures/x",
    ] {
        let answer = w.get(path);
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(
            answer.header("cross-origin-resource-policy"),
            Some("same-origin"),
            "{path}"
        );
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
        assert_eq!(answer.header("server"), None);
    }
    let page = w.get("/").text();
    assert!(!page.contains("style=") && !page.contains("onclick"));
    for method in ["TRACE", "PUT", "BREW"] {
        refused(
            method,
            &w.send(method, "/v1/pictures", &[], b""),
            &[400, 405],
        );
    }
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
