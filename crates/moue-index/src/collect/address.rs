//! Which addresses a request may go to.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Resolves names to public addresses only, so that no listing and no redirection leads a request
/// into a private network. The check is in the resolver because each connection asks it, after
/// redirections too, and connects to the addresses that were checked: a name cannot resolve to
/// another address in between.
#[derive(Debug, Default)]
pub(super) struct PublicOnly {
    inner: DefaultResolver,
    allow_private: bool,
}

impl PublicOnly {
    pub(super) fn new(allow_private: bool) -> Self {
        Self {
            allow_private,
            ..Self::default()
        }
    }
}

impl Resolver for PublicOnly {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        // Behind a proxy it is the proxy that connects, and its address that is resolved here.
        let unchecked = self.allow_private || config.proxy().is_some();
        match found.iter().find(|address| !is_public(address.ip())) {
            Some(address) if !unchecked => Err(refusal(uri, address.ip())),
            _ => Ok(found),
        }
    }
}

fn refusal(uri: &Uri, address: IpAddr) -> ureq::Error {
    let host = uri.host().unwrap_or_default();
    ureq::Error::Io(std::io::Error::new(
        ErrorKind::PermissionDenied,
        format!("{host} is at {address}, a private address"),
    ))
}

/// Whether an address belongs to the public Internet, after the registries of RFC 6890.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => v6.to_ipv4().map_or_else(|| is_public_v6(v6), is_public_v4),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240;
    // 100.64/10, shared by a provider's customers; 192.0.0/24, protocol assignments; 198.18/15,
    // benchmarks. The standard library's names for them are unstable.
    !(special
        || a == 100 && b & 0xC0 == 64
        || a == 192 && b == 0 && c == 0
        || a == 198 && b & 0xFE == 18)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // Global unicast is 2000::/3. Not public in it: 2001::/32 (Teredo) and 2002::/16 (6to4), which
    // wrap IPv4 addresses, private ones too; 2001:db8::/32 is for documentation.
    let [a, b, ..] = address.segments();
    a & 0xE000 == 0x2000 && !(a == 0x2001 && (b == 0 || b == 0xDB8)) && a != 0x2002
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_recognized_in_every_form() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.9",
            "172.16.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "::ffff:127.0.0.1",
            "2002:7f00:1::",
            "198.18.0.1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in ["1.1.1.1", "104.16.0.1", "2606:4700::1111"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }
}
