//! Which requests the overlay answers.

use axum::http::uri::Authority;
use axum::http::{HeaderMap, header};
use std::net::{IpAddr, SocketAddr};

/// Whether a request is for the address on which we listen. A page elsewhere can have its own name
/// lead to this machine (DNS rebinding), but the browser sends that name.
pub(super) fn is_ours(headers: &HeaderMap, address: SocketAddr) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let host = host.to_str().ok().and_then(|text| text.parse().ok());
    host.is_some_and(|host: Authority| {
        host.port_u16().unwrap_or(80) == address.port() && is_name(host.host(), address)
    })
}

/// A name can be made to lead here, an address cannot: who listens on all of them cannot know by
/// which one a request came.
fn is_name(host: &str, address: SocketAddr) -> bool {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    match literal.parse::<IpAddr>() {
        Ok(ip) => ip.is_loopback() || !address.ip().is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(listening: &str, hosts: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, host.parse().unwrap());
        }
        is_ours(&headers, listening.parse().unwrap())
    }

    #[test]
    fn only_our_own_address_is_answered() {
        let here = "127.0.0.1:8091";
        for host in [here, "localhost:8091", "LOCALHOST:8091", "[::1]:8091"] {
            assert!(answered(here, &[host]), "{host}");
        }
        for host in [
            "evil.example:8091",
            "localhost.evil.example:8091",
            "127.0.0.1",
            "127.0.0.1:80",
            "192.168.0.7:8091",
            "me@127.0.0.1:8091 x",
            "",
        ] {
            assert!(!answered(here, &[host]), "{host}");
        }
        assert!(!answered(here, &[]) && !answered(here, &[here, here]));
        let all = "0.0.0.0:8091";
        assert!(answered(all, &["192.168.0.7:8091"]));
        assert!(!answered(all, &["evil.example:8091"]));
        assert!(answered("127.0.0.1:80", &["localhost"]));
    }
}
