//! Health, metrics, and what is served.

use super::Secret;
use crate::app::Shared;
use crate::keys::Scope;
use crate::problem::{Problem, ProblemObject};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use utoipa::ToSchema;

/// What is served.
#[derive(Serialize, ToSchema)]
#[schema(as = Info)]
pub(super) struct InfoObject {
    /// Always moue.server.info/1.
    schema: &'static str,
    /// The version of moue.
    version: &'static str,
    /// Pictures of the gallery.
    pictures: u64,
    /// Their faces.
    faces: u64,
    /// The fingerprint of the weights: expressions made with others cannot be compared.
    weights: String,
    /// Whether pictures can be added and changed.
    writable: bool,
    /// Bytes that a body may have.
    max_body_bytes: usize,
    /// What this client may do.
    scopes: BTreeSet<Scope>,
    /// The name of the key that was sent; null on a server without keys.
    key: Option<String>,
}

/// Show what is served.
#[utoipa::path(
    get,
    path = "/v1/info",
    responses(
        (status = 200, body = InfoObject, description = "Counts, version and limits"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "A problem"),
    )
)]
pub(super) async fn info(
    State(app): State<Shared>,
    secret: Option<Extension<Secret>>,
) -> Result<Json<InfoObject>, Problem> {
    let max_body_bytes = app.config.limits.body_bytes;
    let key = app.keys.as_ref().zip(secret);
    let key = key.and_then(|(keys, secret)| keys.with_hash(&secret.0.0));
    // Who needs no key may do everything.
    let mut scopes = BTreeSet::from([Scope::Read, Scope::Write, Scope::Admin]);
    if let Some(key) = &key {
        scopes.retain(|scope| key.allows(*scope));
    }
    let key = key.map(|key| key.name);
    let info = app.read(move |store, _| {
        let counts = store.counts()?;
        Ok(InfoObject {
            schema: "moue.server.info/1",
            version: env!("CARGO_PKG_VERSION"),
            pictures: counts.pictures,
            faces: counts.faces,
            weights: store.fingerprint()?,
            writable: store.uploads().is_some(),
            max_body_bytes,
            scopes,
            key,
        })
    });
    Ok(Json(info.await?))
}

/// Whether the server runs.
#[utoipa::path(
    get,
    path = "/healthz",
    responses((status = 200, body = String, content_type = "text/plain", description = "It runs"))
)]
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether the server takes requests.
#[utoipa::path(
    get,
    path = "/readyz",
    responses(
        (status = 200, body = String, content_type = "text/plain", description = "It takes requests"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "It is stopping, busy, or cannot read the gallery"),
    )
)]
pub(super) async fn readyz(State(app): State<Shared>) -> Result<&'static str, Problem> {
    if app.stopping.load(Ordering::Relaxed) {
        return Err(Problem::busy("the server is stopping"));
    }
    if app.is_busy() {
        return Err(Problem::busy("as many requests wait as may wait"));
    }
    app.read(|store, _| store.fingerprint()).await?;
    Ok("ready\n")
}

/// Counters and times for Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    responses(
        (status = 200, body = String, content_type = "text/plain", description = "Prometheus' text format"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "A problem"),
    )
)]
pub(super) async fn metrics(State(app): State<Shared>) -> Response {
    // What was measured since the last time goes into the buckets.
    app.metrics.run_upkeep();
    let media = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (StatusCode::OK, media, app.metrics.render()).into_response()
}

/// The description of the API.
pub(super) async fn openapi(State(app): State<Shared>) -> Response {
    let media = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::OK, media, app.openapi.clone()).into_response()
}
