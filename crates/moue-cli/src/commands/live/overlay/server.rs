//! The overlay's server: its page, and what is shown.

use super::guard;
use super::shown::Shown;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;
use tokio::sync::watch;

/// How long an answer waits for a change: shorter than any program waits for an answer.
const WAIT: Duration = Duration::from_secs(20);

/// The page loads from us alone, and no other page shows it or its pictures.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// Serves until the program ends.
pub(super) fn run(listener: TcpListener, shown: watch::Receiver<Shown>) -> std::io::Result<()> {
    let address = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        axum::serve(listener, router(address, shown)).await
    })
}

fn router(address: SocketAddr, shown: watch::Receiver<Shown>) -> Router {
    let file = |media: &'static str, text: &'static str| {
        get(move || async move { ([(header::CONTENT_TYPE, media)], text) })
    };
    Router::new()
        .route(
            "/",
            file("text/html; charset=utf-8", include_str!("page.html")),
        )
        .route("/page.css", file("text/css", include_str!("page.css")))
        .route("/page.js", file("text/javascript", include_str!("page.js")))
        .route("/shown/{number}", get(next))
        .route("/picture/{number}", get(picture))
        .with_state(shown)
        .layer(middleware::from_fn_with_state(address, guarded))
}

/// What is shown, as soon as its number is another one.
async fn next(
    Path(number): Path<u64>,
    State(mut watched): State<watch::Receiver<Shown>>,
) -> Json<Value> {
    let changed = watched.wait_for(|shown| shown.number != number);
    // Without a change the answer is the same again.
    let _ = tokio::time::timeout(WAIT, changed).await;
    let Shown { number, found } = watched.borrow().clone();
    let picture = found.as_ref().map(|_| format!("picture/{number}"));
    let caption = found.map(|found| found.caption);
    Json(json!({ "number": number, "picture": picture, "caption": caption }))
}

async fn picture(
    Path(number): Path<u64>,
    State(watched): State<watch::Receiver<Shown>>,
) -> Response {
    let shown = watched.borrow().clone();
    match shown.found.filter(|_| shown.number == number) {
        Some(found) => {
            let media = [(header::CONTENT_TYPE, found.media)];
            (media, found.bytes).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn guarded(State(address): State<SocketAddr>, request: Request, next: Next) -> Response {
    let mut response = if guard::is_ours(request.headers(), address) {
        next.run(request).await
    } else {
        let text = "this is no address of the overlay\n";
        (StatusCode::MISDIRECTED_REQUEST, text).into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let policy = "cross-origin-resource-policy";
    headers.insert(policy, HeaderValue::from_static("same-origin"));
    response
}
