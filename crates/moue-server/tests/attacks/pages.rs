//! Other hosts, and pages of other sites.

use crate::common::{World, drawing};
use crate::refused;
use serde_json::json;

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
