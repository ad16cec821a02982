//! The web app, as files in memory: read from a folder when the server starts, or compiled in. So
//! nothing of a request's path ever becomes one on the disk.

use crate::content::{Kept, cached};
use crate::error::ServerError;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::OnceLock;

/// What `build.rs` found.
const EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/web.rs"));

const INDEX: &str = "index.html";

/// In the page this server sends: by it the app knows that there is a gallery to ask for, without a
/// request that servers of files would answer with an error.
const MARK: &str = "<head>\n    <meta name=\"moue-server\" content=\"v1\" />";

/// Bytes of all files. The app has 7 MB.
const MAX_BYTES: u64 = 64 << 20;

/// Files, and folders inside of each other.
const MAX_FILES: usize = 500;
const MAX_DEPTH: usize = 4;

/// Smaller files gain nothing that a network's packets would show.
const MIN_PACKED: usize = 1024;

/// The files of the app by their paths, without a first slash.
pub(crate) struct WebApp {
    files: BTreeMap<String, WebFile>,
}

struct WebFile {
    media: &'static str,
    bytes: Bytes,
    /// Names the content.
    tag: String,
    /// Whether its name changes with its content.
    is_hashed: bool,
    /// Compressed for the first client that takes it; `None` if that makes it no smaller.
    packed: OnceLock<Option<Bytes>>,
}

impl WebApp {
    /// The app of a folder, or the one that is compiled in; `None` if there is neither.
    ///
    /// # Errors
    /// [`ServerError`] if the folder has none.
    pub(crate) fn open(folder: Option<&Path>) -> Result<Option<Self>, ServerError> {
        if let Some(folder) = folder {
            return Self::read(folder).map(Some);
        }
        let files = EMBEDDED.iter();
        let files = files.map(|(name, bytes)| ((*name).to_owned(), Bytes::from_static(bytes)));
        Ok((!EMBEDDED.is_empty()).then(|| Self::of(files)))
    }

    fn read(folder: &Path) -> Result<Self, ServerError> {
        let mut files = Vec::new();
        let mut room = MAX_BYTES;
        collect(folder, "", 0, &mut room, &mut files).map_err(|source| ServerError::File {
            path: folder.to_owned(),
            source,
        })?;
        if !files.iter().any(|(name, _)| name == INDEX) {
            return Err(ServerError::NoWebApp(folder.to_owned()));
        }
        Ok(Self::of(files.into_iter()))
    }

    fn of(files: impl Iterator<Item = (String, Bytes)>) -> Self {
        let file = |(name, bytes): (String, Bytes)| {
            let file = WebFile::new(&name, bytes);
            (name, file)
        };
        Self {
            files: files.map(file).collect(),
        }
    }

    /// Whether a path of a request is one of a file.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.file(path).is_some()
    }

    fn file(&self, path: &str) -> Option<&WebFile> {
        let name = path.strip_prefix('/')?;
        let name = if name.is_empty() { INDEX } else { name };
        self.files.get(name)
    }

    /// The answer with a file. Compresses it at the first time, so this takes some tenths of a second
    /// for the largest one.
    pub(crate) fn respond(&self, path: &str, asks: &HeaderMap) -> Option<Response> {
        let file = self.file(path)?;
        let packed = if takes_gzip(asks) {
            file.packed()
        } else {
            None
        };
        let tag = match packed {
            Some(_) => format!("{}-gzip", file.tag),
            None => file.tag.clone(),
        };
        let body = packed.unwrap_or(&file.bytes).clone();
        let mut response = cached(asks, &tag, file.media, file.cache(), body);
        response.extensions_mut().insert(Kept);
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        if packed.is_some() {
            let gzip = HeaderValue::from_static("gzip");
            headers.insert(header::CONTENT_ENCODING, gzip);
        }
        Some(response)
    }
}

impl WebFile {
    fn new(name: &str, bytes: Bytes) -> Self {
        let bytes = if name == INDEX { marked(bytes) } else { bytes };
        let hash = moue::digest::hex(&moue::digest::sha256(&bytes));
        Self {
            media: media_type(name),
            tag: hash[..16].to_owned(),
            is_hashed: name.starts_with("assets/"),
            packed: OnceLock::new(),
            bytes,
        }
    }

    /// The page, the service worker and the list of files are asked for anew each time, so that a new
    /// version arrives; all else has the hash of its content in its name.
    fn cache(&self) -> &'static str {
        if self.is_hashed {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        }
    }

    fn packed(&self) -> Option<&Bytes> {
        let packed = self.packed.get_or_init(|| {
            if self.bytes.len() < MIN_PACKED {
                return None;
            }
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            let packed = encoder
                .write_all(&self.bytes)
                .and_then(|()| encoder.finish());
            let packed = packed.ok().filter(|packed| packed.len() < self.bytes.len());
            packed.map(Bytes::from)
        });
        packed.as_ref()
    }
}

/// The page with the mark of this server.
fn marked(bytes: Bytes) -> Bytes {
    match std::str::from_utf8(&bytes) {
        Ok(text) => text.replacen("<head>", MARK, 1).into(),
        Err(_) => bytes,
    }
}

fn collect(
    folder: &Path,
    prefix: &str,
    depth: usize,
    room: &mut u64,
    files: &mut Vec<(String, Bytes)>,
) -> std::io::Result<()> {
    let too_large = || std::io::Error::other("it has more files than a web app");
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .map_or(Cow::default(), |n| n.to_string_lossy());
        let name = format!("{prefix}{name}");
        let meta = std::fs::metadata(&path)?;
        if meta.is_dir() {
            if depth >= MAX_DEPTH {
                return Err(too_large());
            }
            collect(&path, &format!("{name}/"), depth + 1, room, files)?;
        } else if meta.is_file() {
            *room = room.checked_sub(meta.len()).ok_or_else(too_large)?;
            if files.len() >= MAX_FILES {
                return Err(too_large());
            }
            files.push((name, std::fs::read(&path)?.into()));
        }
    }
    Ok(())
}

fn takes_gzip(asks: &HeaderMap) -> bool {
    let values = asks.get_all(header::ACCEPT_ENCODING).iter();
    let values = values.filter_map(|value| value.to_str().ok());
    let mut codings = values.flat_map(|value| value.split(','));
    // One with `;q=0` is refused; other weights do not matter, as there is no other coding.
    codings.any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        is_gzip && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;

    fn app() -> WebApp {
        let files = [
            (
                "index.html",
                "<html><head><title>x</title></head></html>".to_owned(),
            ),
            ("assets/a-1.js", "let a = 1;\n".repeat(500)),
            ("sw.js", "self".into()),
        ];
        WebApp::of(
            files
                .into_iter()
                .map(|(name, text)| (name.to_owned(), text.into())),
        )
    }

    fn asks(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn the_page_is_marked_and_the_rest_is_as_it_was() {
        let app = app();
        let page = String::from_utf8(app.file("/").unwrap().bytes.to_vec()).unwrap();
        assert!(
            page.starts_with("<html><head>\n    <meta name=\"moue-server\""),
            "{page}"
        );
        assert_eq!(&app.file("/sw.js").unwrap().bytes[..], b"self");
        for path in ["", "sw.js", "/../sw.js", "/assets", "/assets/", "//sw.js"] {
            assert!(!app.has(path), "{path}");
        }
    }

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        let app = app();
        for (accepts, is_packed) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0, GZIP;q=0.8", true),
            ("identity, gzip;q=0", false),
            ("br", false),
        ] {
            let asks = asks(header::ACCEPT_ENCODING, accepts);
            let answer = app.respond("/assets/a-1.js", &asks).unwrap();
            let coding = answer.headers().get(header::CONTENT_ENCODING);
            assert_eq!(coding.is_some(), is_packed, "{accepts}");
        }
        // As small as it is.
        let asks = asks(header::ACCEPT_ENCODING, "gzip");
        let answer = app.respond("/sw.js", &asks).unwrap();
        assert_eq!(answer.headers().get(header::CONTENT_ENCODING), None);
    }

    #[test]
    fn what_a_client_has_is_not_sent_again() {
        let app = app();
        let first = app.respond("/", &HeaderMap::new()).unwrap();
        let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
        let again = app
            .respond("/", &asks(header::IF_NONE_MATCH, &tag))
            .unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(again.headers()[header::CACHE_CONTROL], "no-cache");
        let script = app.respond("/assets/a-1.js", &HeaderMap::new()).unwrap();
        let cache = script.headers()[header::CACHE_CONTROL].to_str().unwrap();
        assert!(cache.contains("immutable"), "{cache}");
    }
}
