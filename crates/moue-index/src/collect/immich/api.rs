//! Immich's API: those of its requests that moue makes.
//!
//! Its description is `open-api/immich-openapi-specs.json` of Immich's repository.

use super::super::fetch::{Call, FetchError, Fetcher, Header};
use super::super::options::FetchOptions;
use super::ImmichError;
use moue::cancel::CancelToken;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::HashSet;
use ureq::http::{Method, Uri};

/// Assets of a page; Immich allows 1,000. Each takes about a kilobyte.
const PAGE: usize = 250;

/// Bytes of a page, or of the answer to a list of tags.
const MAX_PAGE_BYTES: u64 = 32 << 20;

/// Assets of a library. The largest that people report have a few hundred thousand.
const MAX_ASSETS: usize = 2_000_000;

/// Characters of a key; Immich's have 43.
const MAX_KEY: usize = 200;

/// Letters, digits and dashes of a UUID.
const UUID: usize = 36;

const NOT_FOUND: u16 = 404;

/// An Immich server and a key for it.
#[derive(Clone)]
pub struct ImmichServer {
    address: String,
    key: String,
}

impl ImmichServer {
    /// The server at an address such as `https://photos.example`, with or without `/api`.
    ///
    /// # Errors
    /// [`ImmichError`] if one of them cannot be what it should be.
    ///
    /// ```
    /// use moue_index::ImmichServer;
    /// assert!(ImmichServer::new("https://photos.example/", "KEY").is_ok());
    /// assert!(ImmichServer::new("photos", "KEY").is_err());
    /// ```
    pub fn new(address: &str, key: &str) -> Result<Self, ImmichError> {
        let wrong = || ImmichError::Address(address.to_owned());
        let plain = address.trim_end_matches('/');
        let plain = plain.strip_suffix("/api").unwrap_or(plain);
        let uri: Uri = plain.parse().map_err(|_| wrong())?;
        let scheme = uri.scheme_str().unwrap_or_default();
        let user = uri.authority().is_some_and(|a| a.as_str().contains('@'));
        if !["http", "https"].contains(&scheme) || uri.query().is_some() || user {
            return Err(wrong());
        }
        let is_plain = |b: u8| b.is_ascii_graphic();
        if !(1..=MAX_KEY).contains(&key.len()) || !key.bytes().all(is_plain) {
            return Err(ImmichError::Key);
        }
        Ok(Self {
            address: plain.to_owned(),
            key: key.to_owned(),
        })
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Whether it has no TLS.
    pub(super) fn is_plain(&self) -> bool {
        self.address.starts_with("http:")
    }
}

impl std::fmt::Debug for ImmichServer {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ImmichServer").field(&self.address).finish()
    }
}

/// A picture of the library.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asset {
    /// Its id, a UUID.
    pub id: String,
    /// The name of its file.
    pub original_file_name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    is_trashed: bool,
    checksum: String,
    thumbhash: Option<String>,
    exif_info: Option<Exif>,
    tags: Option<Vec<Tag>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Exif {
    description: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Tag {
    id: String,
    value: String,
}

impl Asset {
    /// What changes when the picture does: a digest of its file's checksum, and of what its preview
    /// looks like, as Immich edits pictures without changing files. Favorites, albums and dates do not
    /// change it.
    pub(super) fn version(&self) -> String {
        let seen = json!([self.checksum, self.thumbhash]).to_string();
        moue::digest::sha256_hex(seen.as_bytes())
    }

    /// What is known about it, for its side-car.
    pub(super) fn sidecar(&self, page: &str) -> Value {
        let name = &self.original_file_name;
        let title = name.rsplit_once('.').map_or(&**name, |parts| parts.0);
        let description = self.exif_info.as_ref().and_then(|e| e.description.as_ref());
        let tags = self.tags.iter().flatten().map(|tag| &tag.value);
        json!({
            "title": title, "description": description, "tags": tags.collect::<Vec<_>>(), "url": page,
        })
    }

    fn is_usable(&self) -> bool {
        let digits = |b: u8| b.is_ascii_hexdigit() || b == b'-';
        // The id becomes a part of paths and addresses.
        let is_id = self.id.len() == UUID && self.id.bytes().all(digits);
        is_id && self.kind == "IMAGE" && !self.is_trashed
    }
}

#[derive(Deserialize)]
struct Found {
    assets: Page,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    items: Vec<Value>,
    next_page: Option<String>,
}

#[derive(Deserialize)]
struct Tagged {
    count: u64,
}

/// A small picture of an asset.
pub(super) struct Preview {
    pub(super) bytes: Vec<u8>,
    /// Whether it is the preview, not the thumbnail in its place.
    pub(super) is_final: bool,
}

/// Requests to a server.
pub(super) struct Api {
    fetcher: Fetcher,
    address: String,
    cancel: CancelToken,
}

impl Api {
    pub(super) fn new(server: &ImmichServer, options: &FetchOptions) -> Self {
        let key = Header {
            name: "x-api-key",
            value: server.key.clone(),
        };
        Self {
            fetcher: Fetcher::with_key(options, key),
            address: server.address.clone(),
            cancel: options.cancel.clone(),
        }
    }

    /// The page of an asset, for people.
    pub(super) fn page_of(&self, id: &str) -> String {
        format!("{}/photos/{id}", self.address)
    }

    pub(super) fn list(&self) -> Result<Vec<Asset>, ImmichError> {
        let mut assets = Vec::new();
        let mut seen = HashSet::new();
        let mut page = 1;
        loop {
            let found = self.page(page)?;
            let before = seen.len();
            for item in found.items {
                // Entries of another form are skipped, as Immich may add kinds of assets.
                let asset = Asset::deserialize(&item).ok();
                let asset = asset.filter(|asset| seen.insert(asset.id.clone()));
                assets.extend(asset.filter(Asset::is_usable));
            }
            let Some(next) = found.next_page else {
                return Ok(assets);
            };
            // Each page has to be a later one and to have something new, or it would go on for ever.
            let number = next.parse::<u64>().ok().filter(|number| *number > page);
            let has_new = (before + 1..=MAX_ASSETS).contains(&seen.len());
            page = number
                .filter(|_| has_new)
                .ok_or(ImmichError::Paging(page, next))?;
            self.cancel.check().map_err(|_| ImmichError::Stopped)?;
        }
    }

    fn page(&self, page: u64) -> Result<Page, ImmichError> {
        // From the oldest on, so that what is added meanwhile comes last and moves nothing.
        let query = json!({
            "page": page, "size": PAGE, "type": "IMAGE", "order": "asc", "withExif": true,
        });
        let found: Found = self.send(Method::POST, "search/metadata", &query, "asset.read")?;
        Ok(found.assets)
    }

    /// The preview of an asset, or its thumbnail.
    pub(super) fn preview(&self, id: &str, limit: u64) -> Result<Preview, FetchError> {
        let of = |size: &str| {
            let url = format!("{}/api/assets/{id}/thumbnail?size={size}", self.address);
            self.fetcher.get(&url, limit)
        };
        let preview = match of("preview") {
            Err(FetchError::Status(NOT_FOUND)) => None,
            preview => Some(preview?),
        };
        let is_final = preview.is_some();
        let bytes = preview.map_or_else(|| of("thumbnail"), Ok)?;
        Ok(Preview { bytes, is_final })
    }

    /// Makes the tags that there are not yet; returns the id of each.
    pub(super) fn make_tags(&self, names: &[&str]) -> Result<Vec<String>, ImmichError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = json!({ "tags": names });
        let made: Vec<Tag> = self.send(Method::PUT, "tags", &wanted, "tag.create")?;
        let id_of = |name: &&str| {
            let tag = made.iter().find(|tag| tag.value == *name);
            tag.map(|tag| tag.id.clone())
        };
        let ids: Option<Vec<String>> = names.iter().map(id_of).collect();
        ids.ok_or(ImmichError::Form("tags"))
    }

    /// Gives assets a tag; returns how many did not have it.
    pub(super) fn tag(&self, tag: &str, assets: &[&str]) -> Result<u64, ImmichError> {
        let wanted = json!({ "tagIds": [tag], "assetIds": assets });
        let tagged: Tagged = self.send(
            Method::PUT,
            "tags/assets",
            &wanted,
            "tag.asset and asset.update",
        )?;
        Ok(tagged.count)
    }

    fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &'static str,
        body: &Value,
        permission: &'static str,
    ) -> Result<T, ImmichError> {
        let answer = self.fetcher.call(&Call {
            method,
            url: &format!("{}/api/{path}", self.address),
            body: Some(&body.to_string()),
            limit: MAX_PAGE_BYTES,
        });
        let bytes = answer.map_err(|error| ImmichError::of(&error, permission))?;
        serde_json::from_slice(&bytes).map_err(|_| ImmichError::Form(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_keys_are_checked_and_the_key_is_not_shown() {
        for address in [
            "https://a.example",
            "http://10.0.0.2:2283/",
            "https://a.example/api/",
        ] {
            let server = ImmichServer::new(address, "KEY-1").unwrap();
            assert!(!server.address().ends_with(['/', 'i']), "{server:?}");
            assert!(!format!("{server:?}").contains("KEY-1"));
        }
        let wrong = [
            "",
            "a.example",
            "ftp://a",
            "https://u:p@a",
            "https://a?b=c",
            "/api",
            "https://",
        ];
        for address in wrong {
            let made = ImmichServer::new(address, "KEY");
            assert!(matches!(made, Err(ImmichError::Address(_))), "{address}");
        }
        for key in ["", "a b", "a\r\nX: y", "\u{e9}", &"x".repeat(201)] {
            let made = ImmichServer::new("https://a.example", key);
            assert!(matches!(made, Err(ImmichError::Key)), "{key}");
        }
    }

    #[test]
    fn assets_are_as_immich_describes_them() {
        let item = json!({
            "id": "3fa85f64-5717-4562-b3fc-2c963f66afa6", "type": "IMAGE", "checksum": "abc=",
            "thumbhash": null, "originalFileName": "IMG.1.jpg", "isTrashed": false, "isFavorite": true,
            "exifInfo": { "description": "a cat", "city": null },
            "tags": [{ "id": "t", "name": "cat", "value": "pets/cat" }],
        });
        let asset = Asset::deserialize(&item).unwrap();
        assert!(asset.is_usable());
        let sidecar = asset.sidecar("https://a/photos/1");
        assert_eq!(sidecar["title"], "IMG.1");
        assert_eq!(sidecar["description"], "a cat");
        assert_eq!(sidecar["tags"], json!(["pets/cat"]));
        let changed = |key: &str, value: Value| {
            let mut item = item.clone();
            item[key] = value;
            Asset::deserialize(&item).unwrap()
        };
        assert_ne!(changed("thumbhash", json!("x")).version(), asset.version());
        assert_eq!(
            changed("isFavorite", json!(false)).version(),
            asset.version()
        );
        for (key, value) in [
            ("id", json!("../../../../../../etc/passwd-of-36-x")),
            ("type", json!("VIDEO")),
            ("isTrashed", json!(true)),
        ] {
            assert!(!changed(key, value).is_usable(), "{key}");
        }
    }
}
