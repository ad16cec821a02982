//! Which collection of which server an address means, and how it is used.

use moue_store::{Address, StoreError};
use percent_encoding::percent_decode_str;

/// The port of Milvus' gRPC service.
pub(crate) const DEFAULT_PORT: u16 = 19530;
/// What Milvus allows for the name of a collection.
const MAX_NAME: usize = 255;
/// The neighbors that a search of a graph keeps on its way, at least: as pgvector's search in moue.
const DEFAULT_EF: u16 = 100;

/// How Milvus finds neighbors. It is chosen when a collection is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Index {
    /// Every vector is compared: exact answers, in time that grows with the collection.
    Flat,
    /// A graph of neighbors (Malkov and Yashunin, 2016): fast, and some neighbors are missed.
    Hnsw,
    /// Lists of vectors around centers, as bytes: a quarter of the memory, and some neighbors are
    /// missed.
    IvfSq8,
}

/// An address, read. The [crate's documentation](crate) describes its parts.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The address without user and password.
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: Option<(String, String)>,
    pub(crate) collection: String,
    /// Empty for the default one.
    pub(crate) database: String,
    /// The index that is asked for; a collection that is there keeps its own.
    pub(crate) index: Option<Index>,
    pub(crate) ef: u16,
    /// Whether every search sees all that anybody has written before.
    pub(crate) is_strong: bool,
    pub(crate) shards: u16,
    pub(crate) replicas: u16,
    /// Whether small pictures of faces are kept.
    pub(crate) thumbnails: bool,
    /// How long a request may take, with all its tries.
    pub(crate) seconds: u16,
}

impl Place {
    /// Reads what moue's stores have in common and what is Milvus' own.
    pub(crate) fn of(address: &Address) -> Result<Self, StoreError> {
        parse(address).map_err(|reason| {
            address.refused(format!(
                "{reason}; write milvus://HOST:PORT/COLLECTION, or \
                 milvus://USER:PASSWORD@HOST:PORT/COLLECTION?KEY=VALUE"
            ))
        })
    }

    /// Host and port.
    pub(crate) fn server(&self) -> String {
        // An IPv6 address needs its brackets.
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let unknown = || format!("{key} cannot be {value:?}");
        match key {
            "consistency" => {
                self.is_strong = one_of(value, "session", "strong").ok_or_else(unknown)?
            }
            "thumbnails" => self.thumbnails = one_of(value, "no", "yes").ok_or_else(unknown)?,
            "database" => self.database = value.to_owned(),
            "shards" => self.shards = number(value, 16).ok_or_else(unknown)?,
            "replicas" => self.replicas = number(value, 16).ok_or_else(unknown)?,
            "seconds" => self.seconds = number(value, 3600).ok_or_else(unknown)?,
            _ => {
                return Err(format!(
                    "{key:?} is none of search, ef, consistency, thumbnails, database, shards, \
                     replicas, seconds"
                ));
            }
        }
        Ok(())
    }
}

impl Index {
    /// Its name in addresses.
    pub(crate) fn of(name: &str) -> Option<Self> {
        match name {
            "exact" => Some(Self::Flat),
            "hnsw" => Some(Self::Hnsw),
            "ivf-sq8" => Some(Self::IvfSq8),
            _ => None,
        }
    }
}

/// Whether the second of two words was given.
fn one_of(value: &str, no: &str, yes: &str) -> Option<bool> {
    (value == no || value == yes).then_some(value == yes)
}

fn number(text: &str, most: u16) -> Option<u16> {
    let number = text.parse().ok()?;
    (1..=most).contains(&number).then_some(number)
}

fn parse(address: &Address) -> Result<Place, String> {
    let rest = address
        .server
        .strip_prefix("milvus://")
        .ok_or("it does not begin with milvus://")?;
    let (rest, settings) = rest.split_once('?').unwrap_or((rest, ""));
    let (user, rest) = match rest.rsplit_once('@') {
        None => (None, rest),
        Some((user, rest)) => (Some(parse_user(user)?), rest),
    };
    let (server, collection) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = parse_server(server)?;
    let mut place = Place {
        name: address.shown().to_owned(),
        host,
        port,
        user,
        collection: match decoded(collection)? {
            none if none.is_empty() => address.gallery.clone(),
            collection => collection,
        },
        database: String::new(),
        index: None,
        ef: DEFAULT_EF,
        is_strong: false,
        shards: 1,
        replicas: 1,
        thumbnails: true,
        // A query node that was killed is replaced within 30 s; a request that met it is tried again
        // until then.
        seconds: 60,
    };
    for setting in settings.split('&').filter(|s| !s.is_empty()) {
        let (key, value) = setting
            .split_once('=')
            .ok_or_else(|| format!("{setting:?} is no KEY=VALUE"))?;
        place.set(key, &decoded(value)?)?;
    }
    set_search(&mut place, address)?;
    check_name(&place.collection)?;
    Ok(place)
}

/// The settings that all stores have.
fn set_search(place: &mut Place, address: &Address) -> Result<(), String> {
    if let Some(value) = address.option("search") {
        let index = Index::of(value).ok_or_else(|| format!("search cannot be {value:?}"))?;
        place.index = Some(index);
    }
    if let Some(value) = address.option("ef") {
        place.ef = number(value, 32_768).ok_or_else(|| format!("ef cannot be {value:?}"))?;
    }
    Ok(())
}

fn parse_user(text: &str) -> Result<(String, String), String> {
    let (name, password) = text
        .split_once(':')
        .ok_or("a user is written USER:PASSWORD@")?;
    Ok((decoded(name)?, decoded(password)?))
}

fn parse_server(text: &str) -> Result<(String, u16), String> {
    let is_bare = text.starts_with('[') && text.ends_with(']');
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !is_bare => {
            let port = port.parse().ok().filter(|p| *p != 0);
            (host, port.ok_or("its port is no number from 1 to 65535")?)
        }
        _ => (text, DEFAULT_PORT),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() {
        return Err("it names no host".to_owned());
    }
    Ok((host.to_owned(), port))
}

/// Milvus' own rule, checked here so that the message names the address.
fn check_name(name: &str) -> Result<(), String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if name.len() > MAX_NAME || !starts_well || !name.chars().all(is_word) {
        return Err(format!(
            "{name:?} is no name of a collection, which has letters, digits and _, no digit first"
        ));
    }
    Ok(())
}

fn decoded(text: &str) -> Result<String, String> {
    let decoded = percent_decode_str(text).decode_utf8();
    let decoded = decoded.map_err(|_| "a part of it is no UTF-8".to_owned())?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Result<Place, StoreError> {
        Place::of(&Address::parse(text)?)
    }

    #[test]
    fn reads_all_parts() {
        let text = "milvus://me:p%40ss:word@[::1]:99/faces?consistency=strong&search=ivf-sq8&\
                    database=a&shards=2&replicas=3&seconds=5&thumbnails=no&ef=7";
        let place = place(text).unwrap();
        let user = Some(("me".to_owned(), "p@ss:word".to_owned()));
        assert_eq!((&place.host[..], place.port), ("::1", 99));
        assert_eq!((&place.user, place.index), (&user, Some(Index::IvfSq8)));
        assert_eq!((place.is_strong, place.thumbnails), (true, false));
        assert_eq!((place.shards, place.replicas), (2, 3));
        assert_eq!((place.seconds, place.ef), (5, 7));
        assert_eq!(&place.collection, "faces");
        assert_eq!(place.server(), "[::1]:99");
        assert!(!place.name.contains("word"), "{}", place.name);
    }

    #[test]
    fn a_host_suffices() {
        let bare = place("milvus://[::1]").unwrap();
        assert_eq!((&bare.host[..], bare.port), ("::1", DEFAULT_PORT));
        assert_eq!((&bare.collection[..], bare.index), ("moue", None));
        let named = place("milvus://h?gallery=cats&search=hnsw").unwrap();
        let chosen = (&named.collection[..], named.index);
        assert_eq!(chosen, ("cats", Some(Index::Hnsw)));
    }

    #[test]
    fn names_what_is_wrong_and_no_password() {
        let cases = [
            ("postgres://h/c", "does not begin with milvus://"),
            ("milvus://h/1a", "no name of a collection"),
            ("milvus://h/a-b", "no name of a collection"),
            ("milvus:///a", "names no host"),
            ("milvus://h:0/a", "port"),
            ("milvus://u@h/a", "USER:PASSWORD"),
            ("milvus://u:secret@h/a?search=x", "search cannot be \"x\""),
            ("milvus://u:secret@h/a?shards=0", "shards cannot be \"0\""),
            ("milvus://u:secret@h/a?x=1", "\"x\" is none of"),
            ("milvus://u:secret@h/a?x", "no KEY=VALUE"),
            ("milvus://h/%ff", "no UTF-8"),
        ];
        for (text, expected) in cases {
            let Err(error) = place(text) else {
                panic!("{text} was read");
            };
            let error = error.to_string();
            assert!(error.contains(expected), "{text}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
