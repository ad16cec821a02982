//! Servers that never finish what they send.
#![cfg(feature = "collections")]

use moue::cancel::CancelToken;
use moue_index::{FetchOptions, Immich, ImmichError, ImmichServer};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

/// How a server is slow.
#[derive(Clone, Copy)]
enum Slow {
    /// It accepts and says nothing.
    Silent,
    /// It sends a header without an end.
    Header,
    /// It sends a body of a byte now and then.
    Body,
    /// It asks for patience, again and again.
    Busy,
}

fn start(slow: Slow) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut request = [0; 1024];
                let _ = stream.read(&mut request);
                let head: &[u8] = match slow {
                    Slow::Silent => b"",
                    Slow::Header => b"HTTP/1.1 200 OK\r\nX: ",
                    Slow::Body => b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n",
                    Slow::Busy => {
                        b"HTTP/1.1 503 Busy\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"
                    }
                };
                let _ = stream.write_all(head);
                while !matches!(slow, Slow::Silent | Slow::Busy) && stream.write_all(b"a").is_ok() {
                    std::thread::sleep(Duration::from_millis(20));
                }
                // Open until the client closes.
                let _ = stream.read(&mut request);
            });
        }
    });
    address
}

fn open(address: &str, options: &FetchOptions) -> (tempfile::TempDir, Immich) {
    let folder = tempfile::tempdir().unwrap();
    let server = ImmichServer::new(address, "KEY").unwrap();
    let immich = Immich::open(&server, folder.path(), options).unwrap();
    (folder, immich)
}

#[test]
fn a_slow_server_is_given_up() {
    let options = FetchOptions {
        allow_private: true,
        timeout: Duration::from_millis(400),
        retries: 1,
        retry_delay: Duration::from_millis(10),
        ..FetchOptions::default()
    };
    for slow in [Slow::Silent, Slow::Header, Slow::Body] {
        let opened = open(&start(slow), &options);
        let error = opened.1.list().unwrap_err().to_string();
        assert!(error.contains("timeout"), "{error}");
    }
}

#[test]
fn a_wait_ends_when_the_work_is_canceled() {
    let options = FetchOptions {
        allow_private: true,
        cancel: CancelToken::new(),
        ..FetchOptions::default()
    };
    let opened = open(&start(Slow::Busy), &options);
    let cancel = options.cancel.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        cancel.cancel();
    });
    // It would wait for half a minute, three times.
    assert!(matches!(opened.1.list(), Err(ImmichError::Stopped)));
}
