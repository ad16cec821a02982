//! A stand-in for a server: it answers as a test wants and keeps what it was asked.
#![allow(dead_code, reason = "each test file uses a part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request that came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub headers: String,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// An answer.
pub struct Answer {
    pub status: &'static str,
    pub headers: String,
    pub body: Vec<u8>,
    /// The length that the header claims, if it is another than the body's.
    pub claimed: Option<usize>,
}

pub fn ok(body: impl Into<Vec<u8>>) -> Answer {
    status("200 OK", body)
}

pub fn status(status: &'static str, body: impl Into<Vec<u8>>) -> Answer {
    Answer {
        status,
        headers: String::new(),
        body: body.into(),
        claimed: None,
    }
}

/// Requests that came, in order.
pub type Requests = Arc<Mutex<Vec<Asked>>>;

/// A server that answers with `answer`; its address, and what it was asked.
pub fn stand_in(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (String, Requests) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let requests = Requests::default();
    let seen = Arc::clone(&requests);
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let answer = Arc::clone(&answer);
            let seen = Arc::clone(&seen);
            std::thread::spawn(move || respond(stream.unwrap(), &*answer, &seen));
        }
    });
    (address, requests)
}

/// A server that answers by the beginning of the path.
pub fn by_path(answers: Vec<(&'static str, Vec<u8>)>) -> (String, Requests) {
    stand_in(move |asked| {
        let mut known = answers.iter();
        let found = known.find(|(path, _)| asked.path.starts_with(path));
        found.map_or_else(
            || status("404 Not Found", "{}"),
            |(_, body)| ok(body.clone()),
        )
    })
}

fn respond(stream: TcpStream, answer: &dyn Fn(&Asked) -> Answer, seen: &Requests) {
    let mut reader = BufReader::new(stream);
    let Some(asked) = read(&mut reader) else {
        return;
    };
    seen.lock().unwrap().push(asked.clone());
    let answer = answer(&asked);
    let head = format!(
        "HTTP/1.1 {}\r\nContent-Type: image/png\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n",
        answer.status,
        answer.claimed.unwrap_or(answer.body.len()),
        answer.headers,
    );
    // A client that has enough closes early.
    let stream = reader.get_mut();
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(&answer.body));
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut words = first.split(' ').map(str::to_owned);
    let method = words.next()?;
    let path = words.next()?;
    let mut headers = String::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        headers.push_str(&line.to_ascii_lowercase());
    }
    assert!(!headers.contains("chunked"), "bodies have a length");
    let length = headers
        .lines()
        .find_map(|l| l.strip_prefix("content-length:"));
    let mut body = vec![0; length.map_or(0, |value| value.trim().parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    Some(Asked {
        method,
        path,
        headers,
        body,
    })
}
