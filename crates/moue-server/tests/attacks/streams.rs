//! Messages that are slow, endless, or many.

use crate::common::{Answer, World, drawing};
use crate::refused;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

/// Reads until the server ends the connection. Fails if it does not.
fn read_to_end(mut stream: TcpStream, name: &str) -> Vec<u8> {
    let mut all = Vec::new();
    if let Err(error) = stream.read_to_end(&mut all) {
        let is_late = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
        assert!(!is_late, "{name}: the connection is still open");
    }
    all
}

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// What begins a connection of HTTP/2, and the header of a request for the page.
fn http2(w: &World) -> (Vec<u8>, Vec<u8>) {
    let mut start = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    start.extend(frame(SETTINGS, 0, 0, &[]));
    let host = w.address.to_string();
    // GET, http, / and :authority, in the static table of HPACK.
    let mut header = vec![0x82, 0x86, 0x84, 0x41, host.len() as u8];
    header.extend(host.as_bytes());
    (start, header)
}

#[test]
fn requests_that_are_reset_at_once_end_their_connection() {
    let w = World::builtin();
    let (mut bytes, header) = http2(&w);
    for number in 0..20_000 {
        let stream = 2 * number + 1;
        bytes.extend(frame(HEADERS, END_STREAM | END_HEADERS, stream, &header));
        bytes.extend(frame(RESET, 0, stream, &8u32.to_be_bytes()));
    }
    let mut stream = w.connect();
    // It is closed while the rest is sent.
    let _ = stream.write_all(&bytes);
    read_to_end(stream, "resets");
    assert_eq!(w.get("/healthz").status, 200);
}

#[test]
fn a_header_that_never_ends_ends_its_connection() {
    let w = World::builtin();
    let (mut bytes, header) = http2(&w);
    bytes.extend(frame(HEADERS, END_STREAM, 1, &header));
    let mut field = vec![0, 1, b'a', 0x7F, 0];
    field.extend([b'x'; 127]);
    for _ in 0..2_000 {
        bytes.extend(frame(CONTINUATION, 0, 1, &field.repeat(100)));
    }
    let mut stream = w.connect();
    let _ = stream.write_all(&bytes);
    read_to_end(stream, "continuations");
    assert_eq!(w.get("/healthz").status, 200);
}

fn chunked(w: &World) -> Vec<u8> {
    let host = w.address;
    format!(
        "POST /v1/find HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: image/png\r\n\
         Transfer-Encoding: chunked\r\n\r\n"
    )
    .into_bytes()
}

#[test]
fn chunks_of_a_byte_are_a_body_like_any_other() {
    let w = World::builtin();
    let mut request = chunked(&w);
    let png = drawing("gus-calm");
    for byte in &png {
        request.extend(b"1\r\n");
        request.extend([*byte, b'\r', b'\n']);
    }
    request.extend(b"0\r\n\r\n");
    let answer = w.raw(&request);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["faces"].as_array().unwrap().len(), 1);
}

#[test]
fn chunks_that_never_end_are_cut_off() {
    let w = World::with(|config, _| {
        config.limits.body_time = std::time::Duration::from_millis(500);
    });
    let mut stream = w.connect();
    stream.write_all(&chunked(&w)).unwrap();
    let mut sender = stream.try_clone().unwrap();
    let sending = std::thread::spawn(move || {
        while sender.write_all(b"1\r\nx\r\n").is_ok() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    });
    // The answer may be lost where the connection is closed while more is sent.
    refused("endless chunks", &Answer::read(stream), &[0, 408]);
    sending.join().unwrap();
    assert_eq!(w.get("/healthz").status, 200);
}

#[test]
fn what_surrounds_chunks_has_bounds() {
    let w = World::builtin();
    let long = "x".repeat(100_000);
    let trailers = "X-A: b\r\n".repeat(20_000);
    for (name, rest) in [
        ("a long extension", format!("1;{long}\r\nx\r\n0\r\n\r\n")),
        ("extensions", "1;a=b\r\nx\r\n".repeat(20_000)),
        ("trailers", format!("1\r\nx\r\n0\r\n{trailers}\r\n")),
        ("a size beyond all numbers", "fffffffffffffffff\r\nx".into()),
    ] {
        let request = [chunked(&w), rest.into_bytes()].concat();
        refused(name, &w.raw(&request), &[0, 400, 431]);
    }
    assert_eq!(w.get("/healthz").status, 200);
}

#[test]
fn a_body_that_is_announced_too_large_is_not_asked_for() {
    let w = World::builtin();
    let host = w.address;
    let head = format!(
        "POST /v1/find HTTP/1.1\r\nHost: {host}\r\nContent-Type: image/png\r\n\
         Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n"
    );
    // The first answer is the last one, and no 100.
    refused("a large body", &w.raw(head.as_bytes()), &[413]);
}

#[test]
fn forms_have_bounds() {
    let w = World::builtin();
    let part = "--b\r\nContent-Disposition: form-data; name=\"tags\"\r\n\r\na\r\n";
    let long = "x".repeat(1 << 20);
    for (name, form) in [
        ("many parts", format!("{}--b--\r\n", part.repeat(100_000))),
        ("no part", "--b--\r\n".into()),
        ("no end", part.into()),
        ("no boundary", "x".repeat(5 << 20)),
        (
            "a long header",
            format!("--b\r\nX-A: {long}\r\n\r\na\r\n--b--\r\n"),
        ),
        (
            "many headers",
            format!("--b\r\n{}\r\na\r\n--b--\r\n", "X-A: b\r\n".repeat(50_000)),
        ),
        ("a long name", part.replace("tags", &long) + "--b--\r\n"),
    ] {
        let answer = w.post(
            "/v1/find",
            "multipart/form-data; boundary=b",
            form.as_bytes(),
        );
        refused(name, &answer, &[400]);
    }
    let answer = w.post("/v1/find", "multipart/form-data", part.as_bytes());
    refused("no boundary named", &answer, &[400]);
}

#[test]
fn clients_that_read_slowly_do_not_fill_the_memory() {
    let w = World::with(|config, folder| {
        config.gallery = moue_server::GallerySource::File(folder.join("my.moue"));
        config.limits.all_answers_bytes = 12 << 20;
    });
    // More than the system buffers for a client that does not read.
    let mut png = drawing("gus-calm");
    png.resize(9 << 20, 0);
    assert_eq!(w.post("/v1/pictures", "image/png", &png).status, 201);
    let host = w.address;
    let mut slow = w.connect();
    let request = format!("GET /v1/pictures/0/content HTTP/1.1\r\nHost: {host}\r\n\r\n");
    slow.write_all(request.as_bytes()).unwrap();
    slow.read_exact(&mut [0; 1]).unwrap();
    let other = w.get("/v1/pictures/0/content");
    refused("a second one", &other, &[503]);
    assert_eq!(w.get("/v1/info").status, 200);
    // Once the first has gone, there is room again.
    drop(slow);
    while w.get("/v1/pictures/0/content").status == 503 {
        std::thread::yield_now();
    }
    assert_eq!(w.get("/v1/pictures/0/content").body, png);
}
