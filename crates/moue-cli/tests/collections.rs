//! `moue gallery add imgflip`, from a server on this machine.
#![cfg(feature = "collections")]

mod common;

use common::{World, by_field};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A server on this machine that answers by path; `hits` counts what was asked.
struct Server {
    address: String,
    hits: Arc<Mutex<HashMap<String, usize>>>,
}

impl Server {
    fn start(picture: Vec<u8>, other: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let hits: Arc<Mutex<HashMap<String, usize>>> = Arc::default();
        let (base, counted, tries) = (
            address.clone(),
            Arc::clone(&hits),
            Arc::new(AtomicUsize::new(0)),
        );
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (base, picture, other, counted, tries) = (
                    base.clone(),
                    picture.clone(),
                    other.clone(),
                    Arc::clone(&counted),
                    Arc::clone(&tries),
                );
                std::thread::spawn(move || {
                    answer(stream, &base, &picture, &other, &counted, &tries)
                });
            }
        });
        Self { address, hits }
    }
}

fn answer(
    mut stream: TcpStream,
    base: &str,
    picture: &[u8],
    other: &[u8],
    hits: &Mutex<HashMap<String, usize>>,
    tries: &AtomicUsize,
) {
    let mut request = String::new();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    reader.read_line(&mut request).unwrap();
    let mut header = String::new();
    while reader.read_line(&mut header).is_ok_and(|n| n > 2) {
        header.clear();
    }
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    *hits.lock().unwrap().entry(path.clone()).or_default() += 1;
    let mut reply = |status: &str, extra: &str, body: &[u8], claimed: usize| {
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {claimed}\r\nConnection: close\r\n{extra}\r\n"
        );
        let _ = stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(body));
    };
    match path.as_str() {
        "/list" => {
            let names = [
                "good", "busy", "cut", "huge", "html", "loop", "gone", "moved", "../evil",
            ];
            let memes: Vec<Value> = names
                .iter()
                .map(|n| json!({ "id": n, "name": format!("The {n}"), "url": format!("{base}/{n}") }))
                .collect();
            let body = json!({ "success": true, "data": { "memes": memes } }).to_string();
            reply("200 OK", "", body.as_bytes(), body.len());
        }
        "/good" => reply("200 OK", "", picture, picture.len()),
        // Busy twice, then fine.
        "/busy" if tries.fetch_add(1, Ordering::Relaxed) < 2 => {
            reply("503 Busy", "Retry-After: 0\r\n", b"", 0)
        }
        "/busy" | "/target" => reply("200 OK", "", other, other.len()),
        "/cut" => reply("200 OK", "", &picture[..500], picture.len()),
        "/huge" => reply("200 OK", "", b"", 1 << 40),
        "/html" => reply("200 OK", "", b"<html>", 6),
        "/loop" => reply("302 Found", &format!("Location: {base}/loop\r\n"), b"", 0),
        "/moved" => reply("302 Found", &format!("Location: {base}/target\r\n"), b"", 0),
        _ => reply("404 Not Found", "", b"", 0),
    }
}

#[test]
fn a_collection_comes_from_a_server_that_misbehaves() {
    let w = World::new();
    let bytes = |name: &str| std::fs::read(w.path(&w.drawing(name))).unwrap();
    let server = Server::start(bytes("mina-smile"), bytes("gus-sob"));
    let list = format!("{}/list", server.address);
    let refused = w.run(&["gallery", "add", "g.moue", "imgflip", "--listing", &list]);
    assert_eq!(
        refused.code,
        Some(2),
        "private addresses are refused unless allowed"
    );

    let args = [
        "gallery",
        "add",
        "g.moue",
        "imgflip",
        "--listing",
        &list,
        "--allow-private",
        "--json",
    ];
    let ran = w.run(&args);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("from the network"),
        "the help states that it uses the network"
    );
    let status = by_field(&ran.json(), "status");
    let error = by_field(&ran.json(), "error");
    assert_eq!(status["good.png"], "added");
    let mut same = [status["busy.png"].as_str(), status["moved.png"].as_str()];
    same.sort_unstable();
    assert_eq!(
        same,
        ["added", "known"],
        "another address of the same picture"
    );
    for (name, reason) in [
        ("The cut", ""),
        ("The huge", "larger"),
        ("The html", "no picture"),
        ("The loop", ""),
        ("The gone", "404"),
    ] {
        assert_eq!(status[name], "unreadable", "{name}");
        assert!(
            error[name].contains(reason) && !error[name].is_empty(),
            "{name}: {}",
            error[name]
        );
    }
    assert!(!w.path("evil").exists());
    let listed = w.run(&["gallery", "list", "g.moue", "--json"]).json();
    assert!(
        listed
            .iter()
            .any(|l| l["label"] == "The good" && l["source"] == "imgflip"),
        "{listed:?}"
    );

    // What is there is not fetched again, unless its content is no longer what came.
    let folder = w.path("g.moue.pictures/imgflip");
    std::fs::write(folder.join("busy.png"), b"spoilt").unwrap();
    w.run(&args);
    let hits = server.hits.lock().unwrap();
    assert_eq!((hits["/good"], hits["/busy"], hits["/gone"]), (1, 4, 2));
    drop(hits);
    assert_eq!(
        std::fs::read(folder.join("busy.png")).unwrap(),
        bytes("gus-sob")
    );
}
