//! A stand-in for an Immich server: the requests that moue makes, as Immich's OpenAPI description has
//! them (`/search/metadata`, `/assets/{id}/thumbnail`, `/tags`, `/tags/assets`), and its misbehaviors.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

pub(crate) const KEY: &str = "k3yOfImmich-SECRET";

/// How the server answers for a picture.
#[derive(Clone)]
pub(crate) enum Preview {
    Picture(Vec<u8>),
    /// Immich has made no preview yet.
    ThumbnailOnly(Vec<u8>),
    /// Busy so many times, then fine.
    Busy(usize, Vec<u8>),
    CutOff(Vec<u8>),
    Huge,
    Endless,
    Html,
    Redirect(String),
    Gone,
}

/// How it answers to a list.
#[derive(Clone, Default, PartialEq)]
pub(crate) enum Listing {
    #[default]
    Well,
    Html,
    CutOff,
    Huge,
    OtherJson,
    SamePageAgain,
    OldPagesAgain,
    NoNumber,
    Redirect(String),
    Status(&'static str),
}

/// An asset of the library.
#[derive(Clone)]
pub(crate) struct Asset {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) checksum: String,
    pub(crate) description: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) preview: Preview,
}

/// The `n`th asset, called `name`.
pub(crate) fn asset(n: usize, name: &str, preview: Preview) -> Asset {
    Asset {
        id: id(n),
        name: name.to_owned(),
        checksum: format!("checksum-{n}"),
        description: None,
        tags: Vec::new(),
        preview,
    }
}

pub(crate) fn id(n: usize) -> String {
    format!("00000000-0000-4000-8000-{n:012}")
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) assets: Vec<Asset>,
    pub(crate) listing: Listing,
    /// Assets of a page.
    pub(crate) page: usize,
    /// Permissions that the key has not.
    pub(crate) forbidden: Vec<&'static str>,
    /// Methods and paths, as they were asked.
    pub(crate) asked: Vec<String>,
    /// By the ids of tags, their names and assets.
    pub(crate) tags: BTreeMap<String, (String, BTreeSet<String>)>,
}

/// A running server.
pub(crate) struct Immich {
    pub(crate) address: String,
    state: Arc<Mutex<State>>,
}

impl Immich {
    pub(crate) fn start(assets: Vec<Asset>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State {
            assets,
            page: 2,
            ..State::default()
        }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &state));
            }
        });
        Self { address, state }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// What was asked since the last call.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state().asked)
    }

    /// How many pictures were asked for since the last call.
    pub(crate) fn fetched(&self) -> usize {
        let asked = self.asked();
        asked
            .iter()
            .filter(|path| path.contains("/thumbnail"))
            .count()
    }
}

struct Request {
    method: String,
    path: String,
    key: String,
    body: Value,
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut words = first.split(' ').map(str::to_owned);
    let (mut length, mut key) = (0, String::new());
    let method = words.next()?;
    let path = words.next()?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "x-api-key" => key = value.to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        method,
        path,
        key,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    })
}

/// What is sent: a status, headers, a body, and the length that is claimed for it.
struct Reply(String, String, Vec<u8>, usize);

fn reply(status: &str, body: impl Into<Vec<u8>>) -> Reply {
    let body = body.into();
    let length = body.len();
    Reply(status.into(), String::new(), body, length)
}

fn problem(status: &str) -> Reply {
    let code: u16 = status[..3].parse().unwrap();
    let body = json!({ "message": status[4..], "statusCode": code, "correlationId": "1" });
    reply(status, body.to_string())
}

fn redirect(address: &str) -> Reply {
    let mut reply = reply("302 Found", "");
    reply.1 = format!("Location: {address}\r\n");
    reply
}

fn serve(stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    let Some(request) = read(&mut reader) else {
        return;
    };
    let stream = reader.get_mut();
    let Reply(status, headers, body, length) = answer(&request, &mut state.lock().unwrap());
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n"
    );
    // A client that has enough closes early.
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&body);
}

fn answer(request: &Request, state: &mut State) -> Reply {
    state
        .asked
        .push(format!("{} {}", request.method, request.path));
    if request.key != KEY {
        return problem("401 Invalid API key");
    }
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let needed = match path {
        "/api/search/metadata" => "asset.read",
        "/api/tags" => "tag.create",
        "/api/tags/assets" => "tag.asset",
        _ => "asset.view",
    };
    if state.forbidden.contains(&needed) {
        return problem("403 Missing required permission");
    }
    match (request.method.as_str(), path) {
        ("POST", "/api/search/metadata") => list(&request.body, state),
        ("PUT", "/api/tags") => make_tags(&request.body, state),
        ("PUT", "/api/tags/assets") => tag(&request.body, state),
        ("GET", path) => thumbnail(path, query, state),
        _ => problem("404 Not Found"),
    }
}

fn list(body: &Value, state: &State) -> Reply {
    let page = body["page"].as_u64().unwrap() as usize;
    let size = body["size"].as_u64().unwrap() as usize;
    assert!(page >= 1 && (1..=1000).contains(&size), "{body}");
    assert_eq!(body["type"], "IMAGE");
    let size = size.min(state.page);
    let from = ((page - 1) * size).min(state.assets.len());
    let to = (page * size).min(state.assets.len());
    let mut next = (to < state.assets.len()).then(|| (page + 1).to_string());
    let mut items: Vec<Value> = state.assets[from..to].iter().map(described).collect();
    match &state.listing {
        Listing::Html => return reply("200 OK", "<html><body>Sign in</body></html>"),
        Listing::Huge => return Reply("200 OK".into(), String::new(), Vec::new(), 1 << 40),
        Listing::OtherJson => return reply("200 OK", r#"{"albums": [], "assets": 7}"#),
        Listing::Status(status) => return problem(status),
        Listing::Redirect(address) => return redirect(address),
        Listing::SamePageAgain => next = Some(page.to_string()),
        Listing::OldPagesAgain => {
            next = Some((page + 1).to_string());
            items = state.assets[..size].iter().map(described).collect();
        }
        Listing::NoNumber => next = Some("-1".into()),
        Listing::Well | Listing::CutOff => {}
    }
    let count = items.len();
    let found = json!({
        "albums": { "total": 0, "count": 0, "items": [], "facets": [] },
        "assets": { "total": count, "count": count, "items": items, "facets": [], "nextPage": next },
    });
    let mut whole = reply("200 OK", found.to_string());
    if state.listing == Listing::CutOff {
        whole.2.truncate(40);
    }
    whole
}

/// An asset with the keys that the description requires.
fn described(asset: &Asset) -> Value {
    let time = "2026-05-01T10:00:00.000Z";
    let tags: Vec<Value> = asset
        .tags
        .iter()
        .map(|tag| json!({ "id": tag, "name": tag, "value": tag, "createdAt": time, "updatedAt": time }))
        .collect();
    json!({
        "id": asset.id, "deviceAssetId": "1", "deviceId": "phone", "ownerId": id(0), "type": "IMAGE",
        "originalPath": format!("/data/{}", asset.name), "originalFileName": asset.name,
        "originalMimeType": "image/jpeg", "thumbhash": asset.checksum, "checksum": asset.checksum,
        "fileCreatedAt": time, "fileModifiedAt": time, "createdAt": time, "updatedAt": time,
        "localDateTime": time, "isFavorite": false, "isArchived": false, "isTrashed": false,
        "isOffline": false, "hasMetadata": true, "visibility": "timeline", "duration": "0:00:00.00000",
        "livePhotoVideoId": null, "duplicateId": null, "people": [], "tags": tags,
        "exifInfo": { "description": asset.description, "city": null },
    })
}

fn thumbnail(path: &str, query: &str, state: &mut State) -> Reply {
    let id = path
        .strip_prefix("/api/assets/")
        .and_then(|p| p.strip_suffix("/thumbnail"));
    let is_preview = query == "size=preview";
    assert!(is_preview || query == "size=thumbnail", "{query}");
    let asset = state.assets.iter_mut().find(|asset| Some(&*asset.id) == id);
    let Some(asset) = asset else {
        return problem("400 Not found or no asset.view access");
    };
    let found = |bytes: &[u8]| reply("200 OK", bytes);
    match &mut asset.preview {
        Preview::ThumbnailOnly(_) if is_preview => problem("404 Asset media not found"),
        Preview::Busy(left, _) if *left > 0 => {
            *left -= 1;
            let mut busy = problem("503 Busy");
            busy.1 = "Retry-After: 0\r\n".into();
            busy
        }
        Preview::Picture(bytes) | Preview::ThumbnailOnly(bytes) | Preview::Busy(_, bytes) => {
            found(bytes)
        }
        Preview::CutOff(bytes) => {
            let mut cut = found(bytes);
            cut.2.truncate(500);
            cut
        }
        Preview::Huge => Reply("200 OK".into(), String::new(), Vec::new(), 1 << 40),
        // No length, and more than any picture may have.
        Preview::Endless => {
            let mut endless = reply("200 OK", vec![b'1'; 21 << 20]);
            endless.1 = "X-Endless: 1\r\n".into();
            endless
        }
        Preview::Html => found(b"<html><body>Sign in</body></html>"),
        Preview::Redirect(address) => redirect(address),
        Preview::Gone => problem("404 Asset media not found"),
    }
}

fn make_tags(body: &Value, state: &mut State) -> Reply {
    let mut made = Vec::new();
    for name in body["tags"].as_array().unwrap() {
        let name = name.as_str().unwrap().to_owned();
        let known = state.tags.iter().find(|(_, tag)| tag.0 == name);
        let id = known.map_or_else(|| id(900 + state.tags.len()), |(id, _)| id.clone());
        let last = name.rsplit('/').next().unwrap().to_owned();
        made.push(json!({ "id": id, "name": last, "value": name }));
        state.tags.entry(id).or_insert((name, BTreeSet::new()));
    }
    reply("200 OK", Value::from(made).to_string())
}

fn tag(body: &Value, state: &mut State) -> Reply {
    let known: BTreeSet<&str> = state.assets.iter().map(|asset| &*asset.id).collect();
    let mut count = 0;
    for tag in body["tagIds"].as_array().unwrap() {
        let tagged = state.tags.get_mut(tag.as_str().unwrap()).unwrap();
        for asset in body["assetIds"].as_array().unwrap() {
            let asset = asset.as_str().unwrap();
            count += usize::from(known.contains(asset) && tagged.1.insert(asset.to_owned()));
        }
    }
    reply("200 OK", json!({ "count": count }).to_string())
}
