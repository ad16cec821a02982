//! A server in this process, and a client that sends the bytes that a test gives it.

// Each test file uses some of it.
#![allow(dead_code)]

use moue_server::keys::{KeyFile, Scope};
use moue_server::{GallerySource, Limits, Server, ServerConfig};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::oneshot;

/// A server that ends with the test.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl World {
    /// Serves the compiled-in drawings.
    pub(crate) fn builtin() -> Self {
        Self::with(|_, _| {})
    }

    /// Serves an empty gallery of its own.
    pub(crate) fn gallery() -> Self {
        Self::with(|config, folder| {
            config.gallery = GallerySource::File(folder.join("my.moue"));
        })
    }

    /// Serves what `change` makes of the default.
    pub(crate) fn with(change: impl FnOnce(&mut ServerConfig, &Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = ServerConfig {
            listen: "127.0.0.1:0".parse().unwrap(),
            limits: Limits {
                workers: 2,
                ..Limits::default()
            },
            ..ServerConfig::default()
        };
        change(&mut config, folder.path());
        let server = Server::bind(config).unwrap();
        let address = server.address();
        let channel = oneshot::channel::<()>();
        let stopped = channel.1;
        let stop = async {
            // Also ready when the sender is gone.
            let _ = stopped.await;
        };
        let thread = std::thread::spawn(move || server.run(stop).unwrap());
        Self {
            folder,
            address,
            stop: Some(channel.0),
            thread: Some(thread),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Sends bytes and returns the answer.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = self.connect();
        // A server that has refused closes while the rest is sent.
        let _ = stream.write_all(bytes);
        Answer::read(stream)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        stream
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }

    pub(crate) fn post(&self, path: &str, media: &str, body: &[u8]) -> Answer {
        self.send("POST", path, &[("Content-Type", media)], body)
    }

    pub(crate) fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.post(path, "application/json", body.to_string().as_bytes())
    }

    /// Sends a request with these headers besides the necessary ones.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|header| header.0 == "Host") {
            head.push_str(&format!("Host: {}\r\n", self.address));
        }
        if !body.is_empty() {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        self.raw(&[head.as_bytes(), body].concat())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the server panicked");
        }
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// 0 if the connection was closed without one.
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn read(stream: TcpStream) -> Self {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        let _ = reader.read_line(&mut line);
        let status = line.split(' ').nth(1).and_then(|s| s.parse().ok());
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            let read = reader.read_line(&mut line).unwrap_or(0);
            let Some((name, value)) = line.trim_end().split_once(':') else {
                assert!(read == 0 || line.trim_end().is_empty(), "{line:?}");
                break;
            };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Self {
            status: status.unwrap_or(0),
            headers,
            body: Vec::new(),
        };
        match answer.header("content-length").map(str::parse) {
            Some(Ok(length)) => {
                answer.body.resize(length, 0);
                let _ = reader.read_exact(&mut answer.body);
            }
            _ => drop(reader.read_to_end(&mut answer.body)),
        }
        answer
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|header| header.0 == name);
        header.map(|header| header.1.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    /// The kind of a problem.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{self:?}"
        );
        let json = self.json();
        assert_eq!(json["status"], self.status);
        assert_eq!(json["request_id"].as_str(), self.header("x-request-id"));
        let kind = json["type"].as_str().unwrap();
        kind.strip_prefix("urn:moue:problem:").unwrap().to_owned()
    }
}

/// A drawing as a PNG file.
pub(crate) fn drawing(name: &str) -> Vec<u8> {
    drawing_of(name, 256)
}

pub(crate) fn drawing_of(name: &str, size: u32) -> Vec<u8> {
    let pixels = moue_drawings::find(name).unwrap().render(size);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size, size);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    bytes
}

/// A file of keys in a folder: one that may read, one that may write, one that may do all.
pub(crate) fn keys(folder: &Path) -> (PathBuf, [String; 3]) {
    let file = KeyFile::new(folder.join("keys.json"));
    let scopes = [Scope::Read, Scope::Write, Scope::Admin];
    let keys = scopes.map(|scope| file.add(&scope.to_string(), [scope].into()).unwrap());
    (file.path().to_owned(), keys)
}
