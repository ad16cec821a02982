//! Numbers and texts beyond their bounds.

use crate::common::{World, drawing};
use crate::refused;
use serde_json::json;

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
        "since=",
        "diverse=",
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
    for path in ["/v1/map?since=", "/v1/pictures?until="] {
        refused(path, &w.get(path), &[400]);
    }
    for cursor in [
        "-1",
        "+1",
        "1e3",
        "0x10",
        "",
        "%00",
        "1%2B1",
        "99999999999999999999",
    ] {
        for order in ["oldest", "newest"] {
            let path = format!("/v1/pictures?order={order}&cursor={cursor}");
            refused(&path, &w.get(&path), &[400]);
        }
    }
    for (cursor, order) in [(u64::MAX, "oldest"), (0, "newest")] {
        let path = format!("/v1/pictures?order={order}&cursor={cursor}");
        assert_eq!(w.get(&path).json()["pictures"], json!([]), "{path}");
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
        // As serde takes it for a struct: the values in their order.
        json!([[vector]]).to_string(),
        json!({ "expressions": [vector], "filter": [] }).to_string(),
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
        json!(["aGVsbG8="]),
    ] {
        refused("an address", &w.post_json("/v1/find", &body), &[400]);
    }
    let media = [("Content-Type", "application/json")];
    let large = json!({ "tags": vec!["a"; 100_000] }).to_string();
    let answer = w.send("PATCH", "/v1/pictures/0", &media, large.as_bytes());
    refused("a large change", &answer, &[413]);
    for change in [
        json!({ "label": "a\u{0}b" }),
        json!({ "tags": ["a\r\nb"] }),
        json!({ "path": "/etc/passwd" }),
        json!({ "caption": "x".repeat(4001) }),
        json!([]),
        json!(["a label"]),
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
