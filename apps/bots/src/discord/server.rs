//! The server that Discord sends commands to.

use super::{Bot, MESSAGE_LATER, Received, whisper};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Bytes of a command: a message with all its embeds takes some hundred kilobytes.
const MAX_BODY: usize = 1 << 20;

/// The longest time of a body. Discord waits 3 s for an answer.
const BODY_TIME: Duration = Duration::from_secs(3);

/// Pictures that are worked on at a time. Each takes a thread, which waits for the network more than
/// it computes.
const WORKERS: usize = 8;

const BUSY: &str = "Too many pictures at once. Try again in a moment.";

#[derive(Clone)]
struct Shared {
    bot: Arc<Bot>,
    workers: Arc<Semaphore>,
}

/// Answers Discord's requests to `/interactions` until `stop`. Discord wants HTTPS, so a proxy with a
/// certificate is before it, which also bounds how slowly a header may come.
///
/// # Errors
/// If the system refuses connections.
pub async fn serve(
    listener: TcpListener,
    bot: Bot,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let shared = Shared {
        bot: Arc::new(bot),
        workers: Arc::new(Semaphore::new(WORKERS)),
    };
    let router = Router::new()
        .route("/interactions", post(interaction))
        .with_state(shared);
    axum::serve(listener, router)
        .with_graceful_shutdown(stop)
        .await
}

async fn interaction(State(shared): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = match tokio::time::timeout(BODY_TIME, to_bytes(body, MAX_BODY)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    let signature = text(&parts.headers, "x-signature-ed25519");
    let timestamp = text(&parts.headers, "x-signature-timestamp");
    match shared.bot.receive(signature, timestamp, &body) {
        Received::Forged => StatusCode::UNAUTHORIZED.into_response(),
        Received::Answered(answer) => json_response(&answer),
        Received::Work(selfie) => {
            let Ok(place) = shared.workers.try_acquire_owned() else {
                return json_response(&whisper(BUSY));
            };
            tokio::task::spawn_blocking(move || {
                if let Err(error) = shared.bot.work(&selfie) {
                    eprintln!("not answered: {error:#}");
                }
                drop(place);
            });
            json_response(&json!({ "type": MESSAGE_LATER }))
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

fn json_response(value: &Value) -> Response {
    let media = [(header::CONTENT_TYPE, "application/json")];
    (media, Body::from(value.to_string())).into_response()
}
