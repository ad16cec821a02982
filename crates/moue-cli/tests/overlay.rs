//! `moue live --overlay`: the page of the shown picture, asked by HTTP.
#![cfg(feature = "server")]

mod common;

use common::{World, program, row_of};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdin, Stdio};

/// A running `moue live --json --overlay`, which gets its frames from the test.
struct Live {
    child: Child,
    frames: ChildStdin,
    lines: std::sync::mpsc::Receiver<String>,
    address: SocketAddr,
}

impl Live {
    fn start(w: &World) -> Self {
        let mut child = program()
            .current_dir(w.path(""))
            .args(["live", "--raw", "256x256@5", "--json", "--overlay", "0"])
            .args(["--hold", "0", "--gallery", "builtin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .spawn()
            .unwrap();
        let mut messages = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        messages.read_line(&mut line).unwrap();
        let address = line
            .trim()
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap();
        let address = address.parse().unwrap_or_else(|_| panic!("{line}"));
        let out = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            out.lines()
                .map_while(Result::ok)
                .for_each(|l| send.send(l).unwrap())
        });
        Self {
            frames: child.stdin.take().unwrap(),
            child,
            lines,
            address,
        }
    }

    /// Shows a drawing for some frames, or with nothing but gray if there is none; returns the last
    /// line of JSON.
    fn see(&mut self, drawing: Option<&str>) -> Value {
        let pixels = drawing.map(|name| row_of(&[name]).into_raw());
        let pixels = pixels.unwrap_or_else(|| vec![128; 256 * 256 * 3]);
        let mut last = Value::Null;
        for _ in 0..10 {
            self.frames.write_all(&pixels).unwrap();
            self.frames.flush().unwrap();
            last = serde_json::from_str(&self.lines.recv().unwrap()).unwrap();
            common::validate(&last).unwrap();
        }
        last
    }

    /// Status, headers and body of an answer.
    fn get(&self, path: &str, host: &str) -> (u16, String, Vec<u8>) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head, answer[end + 4..].to_vec())
    }

    /// What is shown once its number is not `after` any more.
    fn shown(&self, after: u64) -> Value {
        let host = self.address.to_string();
        let (status, _, body) = self.get(&format!("/shown/{after}"), &host);
        assert_eq!(status, 200);
        serde_json::from_slice(&body).unwrap()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_overlay_shows_what_the_json_says_and_nothing_without_a_face() {
    let w = World::new();
    let mut live = Live::start(&w);
    let empty = live.shown(0);
    assert!(
        empty["picture"].is_null() && empty["caption"].is_null(),
        "{empty}"
    );
    let mut number = empty["number"].as_u64().unwrap();
    let mut pictures = Vec::new();
    for drawing in ["mina-laugh", "mina-furious"] {
        let line = live.see(Some(drawing));
        let best = &line["shown"][0];
        assert!(best["label"].is_string(), "{line}");
        // Of several changes the last one is shown in the end; the picture of one before it, which may
        // have the same caption, can be gone already.
        let (head, png) = loop {
            let shown = live.shown(number);
            number = shown["number"].as_u64().unwrap();
            if shown["caption"] != best["label"] {
                continue;
            }
            let path = format!("/{}", shown["picture"].as_str().unwrap());
            let (status, head, png) = live.get(&path, &live.address.to_string());
            if status == 200 {
                break (head, png);
            }
            assert_eq!(status, 404);
        };
        assert!(head.contains("image/png"), "{head}");
        assert!(png.starts_with(b"\x89PNG"));
        pictures.push(png);
        assert_eq!(live.get("/picture/7", &live.address.to_string()).0, 404);
    }
    assert_ne!(pictures[0], pictures[1]);
    live.see(None);
    let gone = live.shown(number);
    assert!(gone["picture"].is_null(), "{gone}");
}

#[test]
fn the_overlay_is_complete_and_answers_its_own_address_alone() {
    let w = World::new();
    let live = Live::start(&w);
    assert!(live.address.ip().is_loopback());
    let own = live.address.to_string();
    for (path, media) in [
        ("/", "text/html"),
        ("/page.css", "text/css"),
        ("/page.js", "text/javascript"),
    ] {
        let (status, head, body) = live.get(path, &own);
        let body = String::from_utf8(body).unwrap();
        assert!(status == 200 && head.contains(media), "{head}");
        assert!(
            head.contains("default-src 'none'") && head.contains("same-origin"),
            "{head}"
        );
        assert!(
            !body.contains("http://") && !body.contains("https://"),
            "{path}"
        );
    }
    for host in [
        "evil.example",
        &format!("evil.example:{}", live.address.port()),
        "127.0.0.1:1",
    ] {
        for path in ["/", "/shown/0"] {
            let (status, _, body) = live.get(path, host);
            assert!(status == 421 && body.len() < 100, "{host} {path}");
        }
    }
    let by_name = format!("localhost:{}", live.address.port());
    assert_eq!(live.get("/", &by_name).0, 200);
}

#[test]
fn an_address_that_cannot_be_had_is_told() {
    let w = World::new();
    w.drawing("mina-calm");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (address, told) in [
        (port.as_str(), "another program uses port"),
        ("192.0.2.1:8091", "does not have this address"),
        ("somewhere", "neither a port"),
    ] {
        let ran = w.run(&[
            "live",
            "--video",
            "mina-calm.png",
            "--json",
            "--overlay",
            address,
        ]);
        assert!(
            ran.code == Some(2) && ran.stderr.contains(told),
            "{}",
            ran.stderr
        );
        assert_eq!(ran.stdout, "");
    }
}
