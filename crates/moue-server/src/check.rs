//! Whether a server runs, for images that have no other program to ask it.

use crate::error::ServerError;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than a busy server takes, shorter than supervisors wait.
const TIME: Duration = Duration::from_secs(4);

/// What `/healthz` answers begins with.
const HEALTHY: &[u8] = b"HTTP/1.1 200";

/// Asks the server at `address` whether it runs. One that serves HTTPS is only connected to, as its
/// certificate is for another name.
///
/// # Errors
/// [`ServerError::Silent`] if none answers.
pub fn check(address: SocketAddr) -> Result<(), ServerError> {
    match ask(address) {
        Ok(answer) if answer.starts_with(HEALTHY) || is_tls_alert(&answer) => Ok(()),
        _ => Err(ServerError::Silent(address)),
    }
}

fn ask(address: SocketAddr) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&address, TIME)?;
    stream.set_read_timeout(Some(TIME))?;
    stream.set_write_timeout(Some(TIME))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer)?;
    Ok(answer)
}

/// The record with which TLS refuses what is no handshake (RFC 8446, 5.1).
fn is_tls_alert(answer: &[u8]) -> bool {
    answer.first() == Some(&21)
}
