//! A running `moue serve`.

use super::{World, program};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Stdio};

/// A running server, killed at the end of the test.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts `moue serve` with these arguments on a free port.
    pub(crate) fn start(w: &World, args: &[&str]) -> Self {
        let mut child = program()
            .current_dir(w.path(""))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(args)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        let address = line.trim().rsplit('/').next().unwrap();
        let address = address.parse().unwrap_or_else(|_| panic!("{line}"));
        // The log has to go somewhere, or the server waits for its reader.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Self { child, address }
    }

    /// Sends a request and returns the status and the body of its answer.
    pub(crate) fn ask(&self, request: &str, media: &str, body: &[u8]) -> (u16, Value) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let head = format!(
            "{request} HTTP/1.0\r\nHost: {}\r\nContent-Type: {media}\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&answer[..end]);
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        // Files and empty answers are none.
        let body = serde_json::from_slice(&answer[end + 4..]).unwrap_or_default();
        (status, body)
    }

    pub(crate) fn kill(&mut self) {
        // SIGKILL, as when the power fails for the program.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
