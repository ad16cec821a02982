//! The bot against stand-ins for Telegram and for moue.

mod common;

use common::{Asked, by_path as stand_in};
use moue_bots::Moue;
use moue_bots::telegram::Telegram;
use serde_json::{Value, json};

const TOKEN: &str = "123:SECRET";

fn updates(update: Value) -> Vec<u8> {
    json!({ "ok": true, "result": [update] })
        .to_string()
        .into_bytes()
}

fn ok() -> Vec<u8> {
    json!({ "ok": true, "result": { "file_path": "photos/me.jpg" } })
        .to_string()
        .into_bytes()
}

fn selfie() -> Value {
    json!({ "update_id": 7, "message": {
        "message_id": 5, "chat": { "id": 42, "type": "private" },
        "photo": [
            { "file_id": "small", "width": 90, "height": 90 },
            { "file_id": "large", "width": 900, "height": 900 },
        ],
    } })
}

/// Runs one step; returns what Telegram was asked and the failures.
fn run(update: Value, moue: Vec<(&'static str, Vec<u8>)>) -> (Vec<Asked>, Vec<String>) {
    let (moue, _) = stand_in(moue);
    let (telegram, asked) = stand_in(vec![
        ("/bot123:SECRET/getUpdates", updates(update)),
        ("/bot123:SECRET/", ok()),
        ("/file/bot123:SECRET/photos/me.jpg", b"a photo".to_vec()),
    ]);
    let mut bot = Telegram::new(&telegram, TOKEN, Moue::new(&moue, ""));
    let mut failures = Vec::new();
    assert_eq!(
        bot.step(|error| failures.push(format!("{error:#}")))
            .unwrap(),
        1
    );
    let asked = asked.lock().unwrap().clone();
    (asked, failures)
}

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}

#[test]
fn a_selfie_is_answered_with_its_reaction() {
    let found = json!({ "faces": [{ "matches": [{ "id": 3 }] }] });
    let moue = vec![
        ("/v1/find", found.to_string().into_bytes()),
        ("/v1/pictures/3/content", b"the reaction".to_vec()),
    ];
    let (asked, failures) = run(selfie(), moue);
    assert!(failures.is_empty(), "{failures:?}");
    let paths: Vec<&str> = asked
        .iter()
        .map(|asked| asked.path.rsplit('/').next().unwrap())
        .collect();
    assert_eq!(paths, ["getUpdates", "getFile", "me.jpg", "sendPhoto"]);
    assert!(text(&asked[1].body).contains("large"));
    let sent = text(&asked[3].body);
    assert!(sent.contains("the reaction") && sent.contains("42") && sent.contains("image/png"));
}

#[test]
fn a_photo_without_a_face_is_told_so() {
    let moue = vec![("/v1/find", b"{\"faces\":[]}".to_vec())];
    let (asked, failures) = run(selfie(), moue);
    assert!(failures.is_empty(), "{failures:?}");
    assert!(text(&asked[3].body).contains("no face"));
}

#[test]
fn words_are_searched_inline() {
    let query = json!({ "update_id": 1, "inline_query": { "id": "q", "query": "two words" } });
    let result = |id: &str, format: &str| {
        let url = format!("https://photos.example/v2/media/{id}/token/{format}");
        json!({ "id": id, "content_description": "laugh", "media_formats": { format: { "url": url } } })
    };
    let found = json!({ "results": [result("1", "gif"), result("2", "png")] });
    let (asked, failures) = run(
        query,
        vec![("/v2/search?q=two%20words", found.to_string().into_bytes())],
    );
    assert!(failures.is_empty(), "{failures:?}");
    let answer: Value = serde_json::from_slice(&asked[1].body).unwrap();
    assert_eq!(
        answer["results"][0]["gif_url"],
        "https://photos.example/v2/media/1/token/gif"
    );
    assert_eq!(
        answer["results"][1]["photo_url"],
        "https://photos.example/v2/media/2/token/jpg"
    );
}

#[test]
fn failures_have_no_token_and_other_messages_are_answered() {
    let (asked, failures) = run(selfie(), vec![]);
    assert_eq!(failures.len(), 1);
    assert!(!failures[0].contains("SECRET"), "{failures:?}");
    assert_eq!(asked.len(), 3);
    let mut bot = Telegram::new(
        "http://127.0.0.1:1",
        TOKEN,
        Moue::new("http://127.0.0.1:1", ""),
    );
    let error = bot.step(|_| {}).unwrap_err();
    assert!(
        !format!("{error:#}{error:?}").contains("SECRET"),
        "{error:#}"
    );
    let group = json!({ "update_id": 2, "message": { "chat": { "id": 1, "type": "group" }, "text": "hi" } });
    assert_eq!(run(group, vec![]).0.len(), 1);
}
