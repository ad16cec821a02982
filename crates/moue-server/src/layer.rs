//! The layer around all routes: it admits requests, gives each a number, completes its answer, and
//! counts and logs it.

use crate::app::{App, Shared};
use crate::content::Kept;
use crate::guard::{Client, authorize, needed_scope};
use crate::problem::{Kind, Problem};
use crate::routes::Secret;
use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;
use std::time::Instant;

/// Our page: its own files alone, no inline scripts, and pictures that it got with its key.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; \
     worker-src 'self'; manifest-src 'self'; font-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";

/// Headers of every answer.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    // A picture stays one, whatever its bytes look like.
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(), geolocation=()",
    ),
];

/// Bytes of an answer that are worth counting: the connection itself takes about as much.
const LARGE_ANSWER: usize = 64 << 10;

/// Headers that pages of other origins may send.
const CORS_HEADERS: &str = "authorization, content-type, x-api-key";

const CORS_METHODS: &str = "GET, POST, PATCH, DELETE";

/// A request that was let in.
struct Admitted {
    client: Client,
    /// The foreign origin of its page, where that is allowed.
    origin: Option<String>,
}

/// The layer.
pub(crate) async fn around(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let id = request_id();
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("none", MatchedPath::as_str).to_owned();
    let method = known_method(request.method());
    let (client, response) = match admit(&app, &request, peer) {
        Err(problem) => (String::new(), problem.into_response()),
        Ok(admitted) => {
            let client = admitted.client.name().to_owned();
            let response = serve(admitted, request, next).await;
            (client, held(&app, response).await)
        }
    };
    let response = complete(response, &id);
    let status = response.status().as_u16();
    let seconds = started.elapsed().as_secs_f64();
    tracing::info!(
        request_id = id,
        method,
        route,
        status,
        seconds,
        key = client,
        "request"
    );
    count(route, method, status, seconds);
    response
}

/// Answers a request that was let in.
async fn serve(admitted: Admitted, mut request: Request, next: Next) -> Response {
    if let Client::Key(_, hash) = admitted.client {
        request.extensions_mut().insert(Secret(hash));
    }
    let response = if admitted.origin.is_some() && is_preflight(&request) {
        preflight()
    } else {
        next.run(request).await
    };
    with_origin(response, admitted.origin)
}

/// Counts the bytes of a large answer until its client has taken them: else each of many clients that
/// read slowly would keep one in memory.
async fn held(app: &App, response: Response) -> Response {
    let bytes = response.body().size_hint().exact().unwrap_or(0) as usize;
    if bytes < LARGE_ANSWER || response.extensions().get::<Kept>().is_some() {
        return response;
    }
    let share = match app.answer_share(bytes) {
        Ok(share) => share,
        Err(problem) => return problem.into_response(),
    };
    let split = response.into_parts();
    // All of it is there: it has an exact size.
    match axum::body::to_bytes(split.1, bytes).await {
        Ok(bytes) => Response::from_parts(split.0, Body::from(share.with(bytes))),
        Err(error) => Problem::internal(&error).into_response(),
    }
}

fn count(route: String, method: &'static str, status: u16, seconds: f64) {
    let status = status.to_string();
    metrics::histogram!("moue_request_seconds", "route" => route.clone()).record(seconds);
    metrics::counter!(
        "moue_requests_total",
        "route" => route, "method" => method, "status" => status
    )
    .increment(1);
}

fn admit(app: &Shared, request: &Request, peer: SocketAddr) -> Result<Admitted, Problem> {
    let headers = request.headers();
    check_framing(headers).map_err(Problem::closing)?;
    let host = app.hosts.check(request.uri(), headers);
    let host = host.map_err(Problem::closing)?;
    let path = request.uri().path();
    let scope = needed_scope(request.method(), path);
    let is_page = *request.method() == Method::GET && app.is_page(path);
    let scope = scope.filter(|_| !is_page);
    // A link to the page may be followed from anywhere; what it then asks for comes from itself.
    let is_open = scope.is_none() && *request.method() == Method::GET;
    let origin = app.origins.check(headers, &host, is_open)?;
    // A preflight has no key; it is answered without one.
    let scope = scope.filter(|_| !(origin.is_some() && is_preflight(request)));
    let client = authorize(app.keys.as_deref(), headers, request.uri(), peer, scope);
    if !peer.ip().to_canonical().is_loopback() {
        // Wrong keys count too, for the address that they come from.
        app.check_rate(client.as_ref().unwrap_or(&Client::at(peer)))?;
    }
    let client = client?;
    Ok(Admitted { client, origin })
}

/// Refuses a request that another server on the way may have read differently (request smuggling):
/// hyper takes the transfer encoding where there is a length too.
fn check_framing(headers: &HeaderMap) -> Result<(), Problem> {
    let has_length = headers.contains_key(header::CONTENT_LENGTH);
    if has_length && headers.contains_key(header::TRANSFER_ENCODING) {
        return Err(Problem::bad("there is a length and a transfer encoding"));
    }
    Ok(())
}

fn is_preflight(request: &Request) -> bool {
    let asks = request.headers();
    *request.method() == Method::OPTIONS && asks.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, CORS_METHODS),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, CORS_HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    for (name, value) in allowed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn with_origin(mut response: Response, origin: Option<String>) -> Response {
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    let origin = origin.and_then(|origin| HeaderValue::from_str(&origin).ok());
    // Whether other pages may read it is decided by the browser, which this header tells.
    let resource = if origin.is_some() {
        "cross-origin"
    } else {
        "same-origin"
    };
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    let name = HeaderName::from_static("cross-origin-resource-policy");
    let policy = HeaderValue::from_static(resource);
    headers.entry(name).or_insert(policy);
    response
}

/// Gives a problem its body, and every answer its headers.
fn complete(mut response: Response, id: &str) -> Response {
    let status = response.status();
    let problem = response.extensions_mut().remove::<Problem>();
    // What the router itself refuses has no problem yet.
    let is_bare = problem.is_none() && (status.is_client_error() || status.is_server_error());
    let problem = problem.or_else(|| is_bare.then(|| of_status(status)));
    if let Some(problem) = problem {
        metrics::counter!("moue_problems_total", "kind" => problem.name()).increment(1);
        *response.body_mut() = Body::from(problem.body(id));
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        let media = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, media);
    }
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Answers depend on keys and change with the gallery.
    let no_store = HeaderValue::from_static("no-store");
    headers.entry(header::CACHE_CONTROL).or_insert(no_store);
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

fn of_status(status: StatusCode) -> Problem {
    let kind = match status {
        StatusCode::NOT_FOUND => Kind::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Kind::NoSuchMethod,
        status if status.is_client_error() => Kind::BadRequest,
        _ => Kind::Internal,
    };
    Problem::new(kind, "see /openapi.json for what there is")
}

/// A method as a label: clients can invent any number of others.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Random, so that it tells nothing about other requests.
fn request_id() -> String {
    let mut bytes = [0; 8];
    // Without random numbers all are 0, and the log has its times.
    let _ = getrandom::fill(&mut bytes);
    format!("{:016x}", u64::from_le_bytes(bytes))
}
