//! Which requests are let in: by `Host`, `Origin` and key. All of it is decided before a body is
//! read.

use crate::config::ServerConfig;
use crate::error::ServerError;
use crate::key_ring::KeyRing;
use crate::keys::Scope;
use crate::problem::{Kind, Problem};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

/// The header for a key, besides `Authorization: Bearer`.
const KEY_HEADER: &str = "x-api-key";

/// What `Host` may be. A page elsewhere can have its own name lead to this machine (DNS rebinding),
/// but the browser sends that name.
pub(crate) struct Hosts {
    names: BTreeSet<String>,
    /// Whether any address counts. A name can be made to lead here, an address cannot.
    any_address: bool,
}

impl Hosts {
    pub(crate) fn new(config: &ServerConfig) -> Result<Self, ServerError> {
        let mut names = BTreeSet::from(["localhost".to_owned()]);
        for name in &config.hosts {
            let authority = name.parse::<Authority>().ok();
            let host = authority.filter(|a| a.host() == name && !name.is_empty());
            let host = host.ok_or_else(|| ServerError::Name(name.clone()))?;
            names.insert(host.host().to_ascii_lowercase());
        }
        Ok(Self {
            names,
            any_address: !config.listen.ip().is_loopback(),
        })
    }

    /// The host that the request is for.
    pub(crate) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<Authority, Problem> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let named = hosts.next();
        if hosts.next().is_some() {
            return Err(Problem::bad("there are several Host headers"));
        }
        let named = named.map(authority_of).transpose()?;
        // HTTP/2 has it in the URI; a proxy's request in both, and they have to agree.
        let authority = match (uri.authority(), named) {
            (Some(uri), Some(named)) if *uri != named => {
                return Err(Problem::bad("Host and the request's target differ"));
            }
            (Some(uri), _) => uri.clone(),
            (None, Some(named)) => named,
            (None, None) => return Err(Problem::bad("there is no Host header")),
        };
        if authority.as_str().contains('@') || !self.has(authority.host()) {
            let detail = "this server has no such name; moue serve --host NAME gives it one";
            return Err(Problem::new(Kind::OtherHost, detail));
        }
        Ok(authority)
    }

    fn has(&self, host: &str) -> bool {
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        match literal.parse::<IpAddr>() {
            Ok(address) => self.any_address || address.is_loopback(),
            Err(_) => self.names.contains(&host.to_ascii_lowercase()),
        }
    }
}

fn authority_of(value: &HeaderValue) -> Result<Authority, Problem> {
    let text = value.to_str().ok();
    let authority = text.and_then(|text| text.parse().ok());
    authority.ok_or_else(|| Problem::bad("Host is no host"))
}

/// Which pages of other origins may use the server.
pub(crate) struct Origins {
    allowed: BTreeSet<String>,
}

impl Origins {
    pub(crate) fn new(config: &ServerConfig) -> Result<Self, ServerError> {
        let mut allowed = BTreeSet::new();
        for origin in &config.origins {
            let uri = origin.parse::<Uri>().ok();
            let uri = uri.filter(|uri| uri.authority().is_some() && uri.scheme().is_some());
            // An origin has no path.
            if uri.is_none_or(|uri| uri.path() != "/" || origin.ends_with('/')) {
                return Err(ServerError::Name(origin.clone()));
            }
            allowed.insert(origin.to_ascii_lowercase());
        }
        Ok(Self { allowed })
    }

    /// The foreign origin of a request that is allowed; `None` if it comes from our own page or from
    /// no page at all. Without this check any page could send forms to a server on the reader's own
    /// machine (CSRF), and learn from an `<img>` which pictures there are.
    pub(crate) fn check(
        &self,
        headers: &HeaderMap,
        host: &Authority,
        is_open: bool,
    ) -> Result<Option<String>, Problem> {
        let origin = headers.get(header::ORIGIN);
        let Some(origin) = origin else {
            let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
            if is_open || matches!(site, None | Some(b"same-origin" | b"none")) {
                return Ok(None);
            }
            return Err(foreign());
        };
        let origin = origin.to_str().unwrap_or_default().to_ascii_lowercase();
        let own = host.as_str().to_ascii_lowercase();
        let plain = origin.strip_prefix("http://");
        if plain.or_else(|| origin.strip_prefix("https://")) == Some(&own) {
            return Ok(None);
        }
        if self.allowed.contains(&origin) {
            return Ok(Some(origin));
        }
        Err(foreign())
    }
}

fn foreign() -> Problem {
    let detail =
        "pages of this origin may not use this server; moue serve --allow-origin lets them";
    Problem::new(Kind::Forbidden, detail)
}

/// Who sends a request, for the rate limit and the log.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Client {
    /// The owner of a key, by its name, and the key's hash.
    Key(String, String),
    /// Somebody without one.
    Address(IpAddr),
}

impl Client {
    /// Somebody at this address. Of IPv6 only the network counts: a household has 2^64 addresses in
    /// it.
    pub(crate) fn at(peer: SocketAddr) -> Self {
        Self::Address(match peer.ip().to_canonical() {
            IpAddr::V6(address) => {
                let network = address.to_bits() >> 64 << 64;
                IpAddr::V6(network.into())
            }
            address => address,
        })
    }

    /// Its name for the log.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Key(name, _) => name,
            Self::Address(_) => "",
        }
    }
}

/// What a request needs; `None` if it is open to everybody.
pub(crate) fn needed_scope(method: &Method, path: &str) -> Option<Scope> {
    match path {
        "/healthz" | "/readyz" | "/openapi.json" | "/" | "/app" | "/app/" => return None,
        "/metrics" => return Some(Scope::Admin),
        _ if path == "/v1/keys" || path.starts_with("/v1/keys/") => return Some(Scope::Admin),
        _ => {}
    }
    // The addresses of files that a search has named stand for a key of their own.
    if ["/page/", "/v2/media/"]
        .iter()
        .any(|open| path.starts_with(open))
    {
        return None;
    }
    let changes = !matches!(*method, Method::GET | Method::HEAD | Method::POST);
    // Searches are sent as POST too, as their body is large.
    if changes || (*method == Method::POST && path.starts_with("/v1/pictures")) {
        return Some(Scope::Write);
    }
    Some(Scope::Read)
}

/// Checks the key of a request.
pub(crate) fn authorize(
    keys: Option<&KeyRing>,
    headers: &HeaderMap,
    uri: &Uri,
    peer: SocketAddr,
    scope: Option<Scope>,
) -> Result<Client, Problem> {
    let anonymous = Client::at(peer);
    let Some(scope) = scope else {
        return Ok(anonymous);
    };
    // Without keys the server listens on a loopback address alone: whoever can connect runs on this
    // machine.
    let Some(keys) = keys else {
        return Ok(anonymous);
    };
    let text = presented(headers, uri)?;
    let text = text.ok_or_else(|| {
        let detail = "send it as Authorization: Bearer KEY or as x-api-key: KEY";
        Problem::new(Kind::NoKey, detail)
    })?;
    let key = keys.find(&text);
    let key = key.ok_or_else(|| Problem::new(Kind::NoKey, "this key is not known"))?;
    if !key.allows(scope) {
        let detail = format!("the key does not have the scope {scope}");
        return Err(Problem::new(Kind::Forbidden, detail));
    }
    Ok(Client::Key(key.name, key.sha256))
}

/// The key that a request has.
fn presented(headers: &HeaderMap, uri: &Uri) -> Result<Option<String>, Problem> {
    let mut keys = BTreeSet::new();
    for value in headers.get_all(header::AUTHORIZATION) {
        keys.insert(bearer(value)?);
    }
    for value in headers.get_all(KEY_HEADER) {
        keys.insert(value.to_str().unwrap_or_default().trim().to_owned());
    }
    // Tenor's clients send it in the query; elsewhere a query would land in proxies' logs.
    if uri.path().starts_with("/v2/") {
        keys.extend(crate::params::value(uri, "key"));
    }
    if keys.len() > 1 {
        return Err(Problem::bad("there are several keys"));
    }
    Ok(keys.pop_first())
}

/// The key of an `Authorization` header.
fn bearer(value: &HeaderValue) -> Result<String, Problem> {
    let parts = value.to_str().ok().and_then(|text| text.split_once(' '));
    // The scheme's case does not matter (RFC 9110).
    let parts = parts.filter(|parts| parts.0.eq_ignore_ascii_case("bearer"));
    let key = parts.ok_or_else(|| Problem::new(Kind::NoKey, "Authorization is not Bearer"))?;
    Ok(key.1.trim().to_owned())
}
