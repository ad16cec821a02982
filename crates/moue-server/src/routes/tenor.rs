//! `/v2/search` in the shape of Tenor's API, for chat clients whose users can name a server.

use crate::app::Shared;
use crate::config::Limits;
use crate::content::{self, Content};
use crate::key_ring::KeyRing;
use crate::options::{MAX_WORD, check_text};
use crate::params::Params;
use crate::problem::{Problem, ProblemObject};
use crate::stills;
use crate::store::Part;
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use moue::cancel::CancelToken;
use moue::digest;
use moue::gallery::{Filter, Picture};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use subtle::ConstantTimeEq;
use utoipa::{IntoParams, ToSchema};

/// Results of a page at most, as Tenor has it.
const MAX_RESULTS: usize = 50;

/// The query of a search. Others of Tenor's parameters are ignored.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct TenorParams {
    /// Words that label, caption or tags have, all of them; without any, every picture.
    q: String,
    /// Results of a page, 1 to 50.
    #[param(default = 20)]
    limit: Option<String>,
    /// Where to go on: `next` of the page before.
    pos: String,
    /// The key, as Tenor's clients send it.
    #[allow(dead_code)] // Read before the request is let in.
    key: Option<String>,
}

/// Some pictures.
#[derive(Serialize, ToSchema)]
#[schema(as = TenorResults)]
pub(super) struct Results {
    /// The pictures.
    results: Vec<TenorResult>,
    /// `pos` of the next page; empty after the last.
    next: String,
}

/// A picture in Tenor's shape.
#[derive(Serialize, ToSchema)]
struct TenorResult {
    /// Its number.
    id: String,
    /// Empty, as with Tenor.
    title: String,
    /// Its label or caption.
    content_description: String,
    /// Seconds since 1970.
    created: f64,
    /// Its tags.
    tags: Vec<String>,
    /// Always empty.
    #[schema(value_type = Vec<String>)]
    flags: [&'static str; 0],
    /// Always false.
    hasaudio: bool,
    /// Its address.
    itemurl: String,
    /// Its address.
    url: String,
    /// Its files by format: `gif` and `tinygif` of an animation, `mp4` of a video, `webp` or `png` of
    /// a still.
    media_formats: BTreeMap<&'static str, Media>,
}

/// A file of a picture.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Media {
    /// Its address, which needs no key and is hard to guess.
    url: String,
    /// Always 0: it is not measured.
    duration: f64,
    /// Always empty.
    preview: String,
    /// Width and height in pixels.
    #[schema(value_type = Vec<u32>)]
    dims: [u32; 2],
    /// Bytes; 0 where the file is made when it is asked for.
    size: usize,
}

/// Search pictures by words, as Tenor's clients do.
#[utoipa::path(
    get,
    path = "/v2/search",
    operation_id = "search_words",
    params(TenorParams),
    responses(
        (status = 200, body = Results, description = "The pictures, in the order in which they were added"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "A problem"),
    )
)]
pub(super) async fn search(
    State(app): State<Shared>,
    Params(params): Params<TenorParams>,
    request: Request,
) -> Result<Json<Results>, Problem> {
    check_text(&params.q, MAX_WORD)?;
    let limit = params.limit()?;
    let first = params.first()?;
    let words: Vec<String> = params.q.split_whitespace().map(str::to_lowercase).collect();
    let addresses = Addresses::new(&app, &request);
    let found = app.read(move |store, cancel| {
        let wanted = |picture: &Picture| has_words(picture, &words);
        let page = store.page(
            &Part {
                filter: &Filter::default(),
                matching: Some(&wanted),
                newest_first: false,
                from: Some(first),
                limit,
            },
            cancel,
        )?;
        // One whose file is gone has nothing to show.
        let results = page
            .pictures
            .iter()
            .filter_map(|picture| addresses.result(picture).ok());
        Ok(Results {
            results: results.collect(),
            next: page.next.unwrap_or_default(),
        })
    });
    Ok(Json(found.await?))
}

impl TenorParams {
    fn limit(&self) -> Result<usize, Problem> {
        let Some(limit) = &self.limit else {
            return Ok(20);
        };
        let limit = limit.parse::<usize>();
        let limit = limit.map_err(|_| Problem::bad("limit is a number"))?;
        Ok(limit.clamp(1, MAX_RESULTS))
    }

    fn first(&self) -> Result<u64, Problem> {
        if self.pos.is_empty() {
            return Ok(0);
        }
        let number = self.pos.parse();
        number.map_err(|_| Problem::bad("pos is none that this server gave"))
    }
}

fn has_words(picture: &Picture, words: &[String]) -> bool {
    let mut text = picture.label.to_lowercase();
    for more in picture.caption.iter().chain(&picture.tags) {
        text.push('\n');
        text.push_str(&more.to_lowercase());
    }
    words.iter().all(|word| text.contains(word))
}

/// Addresses of pictures, as the client reaches the server.
struct Addresses {
    base: String,
    /// What the addresses of files are made of; they are open where there are no keys.
    secret: Option<String>,
}

impl Addresses {
    fn new(app: &Shared, request: &Request) -> Self {
        let headers = request.headers();
        let scheme = if app.config.tls.is_some() {
            "https"
        } else {
            "http"
        };
        // It was checked when the request was let in.
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let host = host.or(request.uri().authority().map(Authority::as_str));
        let key = request.extensions().get::<Secret>();
        Self {
            base: format!("{scheme}://{}", host.unwrap_or_default()),
            secret: key.map(|secret| secret.0.clone()),
        }
    }

    fn result(&self, picture: &Picture) -> Result<TenorResult, Problem> {
        let itemurl = format!("{}/v1/pictures/{}", self.base, picture.id);
        let caption = picture.caption.clone();
        Ok(TenorResult {
            id: picture.id.to_string(),
            title: String::new(),
            content_description: caption.unwrap_or_else(|| picture.label.clone()),
            created: picture.added as f64,
            tags: picture.tags.clone(),
            flags: [],
            hasaudio: false,
            url: itemurl.clone(),
            itemurl,
            media_formats: self.formats(picture)?,
        })
    }

    fn formats(&self, picture: &Picture) -> Result<BTreeMap<&'static str, Media>, Problem> {
        let file = content::original(picture)?;
        let names = format_names(file.media);
        let mut dims = stills::dims(&file.bytes)?;
        let mut size = file.bytes.len();
        if names == ["png"] {
            dims = stills::reduced(dims);
            size = 0;
        }
        let media = |name: &&'static str| Media {
            url: self.file(picture, name),
            duration: 0.0,
            preview: String::new(),
            dims,
            size,
        };
        Ok(names.iter().map(|name| (*name, media(name))).collect())
    }

    fn file(&self, picture: &Picture, format: &str) -> String {
        let token = self
            .secret
            .as_ref()
            .map_or("open".into(), |secret| token(secret, picture));
        format!("{}/v2/media/{}/{token}/{format}", self.base, picture.id)
    }
}

/// The hash of the key of a request to `/v2/`, from which the addresses of files are made.
#[derive(Debug, Clone)]
pub(crate) struct Secret(pub(crate) String);

/// Stands for the key in the address of a file, so that whoever is sent the address can see this one
/// file, as long as the key is not revoked. The key file alone has the hash that it is made of.
fn token(secret: &str, picture: &Picture) -> String {
    let text = format!("moue media {secret} {}", picture.hash);
    digest::hex(&digest::sha256(text.as_bytes()))[..32].to_owned()
}

fn is_valid(keys: &KeyRing, token_of: &str, picture: &Picture) -> bool {
    let hashes = keys.read_hashes();
    let mut valid = false;
    // All are compared, so that the time does not tell which was nearly right.
    for secret in hashes {
        let expected = token(&secret, picture);
        valid |= bool::from(expected.as_bytes().ct_eq(token_of.as_bytes()));
    }
    valid
}

/// A file as an address asks for it; `jpg` is for bots, whose APIs take no other stills.
fn in_format(
    format: &str,
    file: Content,
    limits: &Limits,
    cancel: &CancelToken,
) -> Result<Content, Problem> {
    match format {
        "png" => stills::png(&file.bytes, limits, cancel),
        "jpg" => stills::preview(&file.bytes, limits, cancel),
        _ => Ok(file),
    }
}

/// A file that a search has named.
pub(super) async fn media(
    State(app): State<Shared>,
    Path((id, token_of, format)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id: u64 = id.parse().map_err(|_| Problem::no_such_picture())?;
    let shared = app.clone();
    // It may decode, so it is a worker's job.
    let file = app.compute(move |_, cancel| {
        let picture = shared.store.existing(id)?;
        let keys = shared.keys.as_ref();
        // The same answer as for a picture that is not there: nothing is told without a key.
        if !keys.is_none_or(|keys| is_valid(keys, &token_of, &picture)) {
            return Err(Problem::no_such_picture());
        }
        let file = content::original(&picture)?;
        let file = in_format(&format, file, &shared.config.limits, cancel)?;
        Ok((format!("{}-{format}", picture.hash), file))
    });
    let file = file.await?;
    let mut response = content::respond(&headers, &file.0, file.1);
    // Chat clients show it in pages of their own.
    let name = HeaderName::from_static("cross-origin-resource-policy");
    let shared = HeaderValue::from_static("cross-origin");
    response.headers_mut().insert(name, shared);
    Ok(response)
}

/// What Tenor calls the formats that a picture of this media type is offered in.
fn format_names(media: &str) -> &'static [&'static str] {
    match media {
        "image/gif" => &["gif", "tinygif"],
        "image/webp" => &["webp"],
        "video/mp4" => &["mp4"],
        _ => &["png"],
    }
}
