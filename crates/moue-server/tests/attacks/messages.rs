//! Messages of HTTP that are none, or too large.

use crate::common::World;
use crate::refused;

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
