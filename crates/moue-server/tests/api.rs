//! What the API answers.

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{World, drawing};
use moue::gallery::SearchOptions;
use moue::{Finder, Frame, Gallery};
use serde_json::json;

#[test]
fn find_answers_as_the_library_does() {
    let w = World::builtin();
    let png = drawing("lola-grin");
    let answer = w.post("/v1/find?limit=5&pure=true", "image/png", &png);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let served = answer.json();
    let mut finder = Finder::new(Gallery::builtin().unwrap()).unwrap();
    finder.options.search = SearchOptions::nearest(5);
    let found = finder.find(&Frame::decode(&png).unwrap()).unwrap();
    let matches = served["faces"][0]["matches"].as_array().unwrap();
    assert_eq!(matches.len(), 5);
    for (served, found) in matches.iter().zip(&found[0].matches) {
        assert_eq!(served["id"], found.id);
        assert_eq!(served["distance"].as_f64().unwrap() as f32, found.distance);
        let distance = f64::from(found.distance);
        let similarity = served["similarity"].as_f64().unwrap();
        assert!((similarity - (1.0 - distance * distance / 2.0)).abs() < 1e-6);
        assert_eq!(served["path"], found.path.as_str());
    }
    assert_eq!(served["schema"], "moue.find/1");
    assert_eq!(
        (&served["width"], &served["height"]),
        (&json!(256), &json!(256))
    );
}

#[test]
fn a_picture_comes_as_itself_as_a_form_or_in_json() {
    let w = World::builtin();
    let mut png = drawing("gus-smirk");
    let plain = w.post("/v1/find", "image/png", &png);
    let in_json = w.post_json("/v1/find", &json!({ "image": STANDARD.encode(&png) }));
    let mut form =
        b"--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"/etc/passwd\"\r\n\r\n"
            .to_vec();
    form.extend(&png);
    form.extend(b"\r\n--b--\r\n");
    let in_form = w.post("/v1/find", "multipart/form-data; boundary=b", &form);
    assert_eq!(plain.status, 200, "{}", plain.text());
    assert_eq!(plain.json(), in_json.json());
    assert_eq!(plain.json(), in_form.json());
    // What follows the picture's end makes a text that is read beside other connections.
    png.resize(400_000, 0);
    let large = w.post_json("/v1/find", &json!({ "image": STANDARD.encode(&png) }));
    assert_eq!(plain.json(), large.json());
}

#[test]
fn a_vector_is_searched_without_its_picture() {
    let w = World::builtin();
    let png = drawing("mina-laugh");
    let embedded = w.post("/v1/embed", "image/png", &png).json();
    let vector = &embedded["faces"][0]["embedding"];
    assert_eq!(vector.as_array().unwrap().len(), 64);
    let by_vector = w.post_json(
        "/v1/search",
        &json!({ "expressions": [vector], "limit": 4 }),
    );
    let by_picture = w.post("/v1/find?limit=4", "image/png", &png).json();
    assert_eq!(
        by_vector.json()["matches"],
        by_picture["faces"][0]["matches"]
    );
    // What is near to a negative is left out.
    let without = json!({ "expressions": [vector], "negatives": [vector], "pure": true });
    let without = w.post_json("/v1/search", &without).json();
    assert_ne!(without["matches"], by_vector.json()["matches"]);
    let detected = w.post("/v1/detect?effort=live", "image/png", &png).json();
    assert_eq!(detected["faces"].as_array().unwrap().len(), 1);
}

#[test]
fn pictures_are_added_listed_changed_and_removed() {
    let w = World::gallery();
    let png = drawing("gus-calm");
    let added = w.post("/v1/pictures?label=calm&tag=gus&tag=me", "image/png", &png);
    assert_eq!(added.status, 201, "{}", added.text());
    let picture = added.json();
    let id = picture["id"].as_u64().unwrap();
    assert_eq!(
        added.header("location"),
        Some(&*format!("/v1/pictures/{id}"))
    );
    assert_eq!(picture["tags"], json!(["gus", "me"]));
    let stored = w.path("my.uploads").join(picture["path"].as_str().unwrap());
    assert_eq!(std::fs::read(&stored).unwrap(), png);
    assert_eq!(w.post("/v1/pictures", "image/png", &png).status, 200);

    let path = format!("/v1/pictures/{id}");
    let change = json!({ "caption": "two\nlines", "tags": ["a", "a"] }).to_string();
    let media = [("Content-Type", "application/json")];
    let changed = w.send("PATCH", &path, &media, change.as_bytes()).json();
    assert_eq!(
        (&changed["caption"], &changed["tags"]),
        (&json!("two\nlines"), &json!(["a"]))
    );
    assert_eq!(changed["label"], "calm");
    let cleared = w
        .send("PATCH", &path, &media, br#"{"caption":null}"#)
        .json();
    assert!(cleared["caption"].is_null());
    assert_eq!(w.get(&path).json(), cleared);

    let content = w.get(&format!("{path}/content"));
    assert_eq!((content.status, &content.body), (200, &png));
    assert_eq!(content.header("content-type"), Some("image/png"));
    let small = w.get(&format!("{path}/thumbnail"));
    assert_eq!(small.header("content-type"), Some("image/jpeg"));
    let tag = small.header("etag").unwrap();
    let again = w.send(
        "GET",
        &format!("{path}/thumbnail"),
        &[("If-None-Match", tag)],
        b"",
    );
    assert_eq!((again.status, again.body.len()), (304, 0));

    assert_eq!(w.send("DELETE", &path, &[], b"").status, 204);
    assert_eq!(w.get(&path).problem(), "not-found");
    assert!(!stored.exists());
    assert_eq!(w.send("DELETE", &path, &[], b"").status, 404);
}

#[test]
fn lists_are_read_page_by_page() {
    let w = World::builtin();
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = w.get(&format!("/v1/pictures?limit=150{cursor}")).json();
        let pictures = page["pictures"].as_array().unwrap();
        ids.extend(
            pictures
                .iter()
                .map(|picture| picture["id"].as_u64().unwrap()),
        );
        let Some(next) = page["next"].as_str() else {
            break;
        };
        assert_eq!(pictures.len(), 150);
        cursor = format!("&cursor={next}");
    }
    assert!(ids.is_sorted_by(|a, b| a < b));
    assert_eq!(
        ids.len() as u64,
        Gallery::builtin().unwrap().picture_count().unwrap()
    );
    let some = w.get("/v1/pictures?text=NICE&limit=200").json();
    let some = some["pictures"].as_array().unwrap();
    assert!(!some.is_empty());
    let has_word =
        |p: &serde_json::Value| p["label"].as_str().unwrap().to_lowercase().contains("nice");
    assert!(some.iter().all(has_word));
}

#[test]
fn what_is_wrong_is_a_problem_of_its_kind() {
    let w = World::gallery();
    let blank = {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 64, 64);
        encoder.set_color(png::ColorType::Grayscale);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&[200; 64 * 64]).unwrap();
        writer.finish().unwrap();
        bytes
    };
    let cases = [
        (w.post("/v1/pictures", "image/png", &blank), 422, "no-face"),
        (
            w.post("/v1/find", "image/png", b"no picture"),
            415,
            "not-a-picture",
        ),
        (
            w.post("/v1/find", "text/plain", &blank),
            415,
            "not-a-picture",
        ),
        (
            w.post("/v1/find?limit=0", "image/png", &blank),
            400,
            "bad-request",
        ),
        (
            w.post("/v1/find?top=3", "image/png", &blank),
            400,
            "bad-request",
        ),
        (
            w.post_json("/v1/search", &json!({ "expressions": [[1.0, 2.0]] })),
            400,
            "bad-request",
        ),
        (w.get("/v1/pictures/99"), 404, "not-found"),
        (w.get("/v1/nothing"), 404, "not-found"),
        (w.get("/v1/find"), 405, "method"),
    ];
    for (answer, status, kind) in cases {
        assert_eq!(
            (answer.status, &*answer.problem()),
            (status, kind),
            "{}",
            answer.text()
        );
    }
    // A picture without a face is no problem for a search.
    let found = w.post("/v1/find", "image/png", &blank).json();
    assert_eq!(found["faces"], json!([]));
    let drawings = World::builtin();
    let refused = drawings.post("/v1/pictures", "image/png", &drawing("gus-calm"));
    assert_eq!(refused.problem(), "forbidden");
}

#[test]
fn health_page_and_description_are_served() {
    let w = World::builtin();
    assert_eq!(w.get("/healthz").text(), "ok\n");
    assert_eq!(w.get("/readyz").text(), "ready\n");
    assert_eq!(w.get("/openapi.json").text(), moue_server::openapi());
    let page = w.get("/");
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(page.text().contains("moue"));
    let info = w.get("/v1/info").json();
    assert_eq!(
        (&info["writable"], &info["pictures"]),
        (&json!(false), &json!(940))
    );
    assert!(w.get("/metrics").text().contains("moue_requests_total{"));
}

#[test]
fn chats_find_pictures_as_with_tenor() {
    let w = World::builtin();
    let found = w
        .get("/v2/search?q=laugh&key=any&client_key=chat&limit=2&media_filter=gif")
        .json();
    let results = found["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    let png = &results[0]["media_formats"]["png"];
    let url = png["url"].as_str().unwrap();
    let path = url.strip_prefix(&format!("http://{}", w.address)).unwrap();
    let file = w.get(path);
    assert_eq!(
        (file.status, file.header("content-type")),
        (200, Some("image/png"))
    );
    let frame = Frame::decode(&file.body).unwrap();
    assert_eq!(json!([frame.width(), frame.height()]), png["dims"]);
    let next = found["next"].as_str().unwrap();
    let more = w
        .get(&format!("/v2/search?q=laugh&pos={next}&limit=2"))
        .json();
    assert_ne!(more["results"], found["results"]);
    assert_eq!(
        w.get("/v2/search?q=zzzzz").json(),
        json!({ "results": [], "next": "" })
    );
}
