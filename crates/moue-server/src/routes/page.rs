//! The page: three files of ours, or a built web app.

use crate::app::Shared;
use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::services::{ServeDir, ServeFile};

/// Path, type and text of the page's files.
const FILES: [(&str, &str, &str); 4] = [
    (
        "/",
        "text/html; charset=utf-8",
        include_str!("../../page/index.html"),
    ),
    (
        "/page/page.css",
        "text/css; charset=utf-8",
        include_str!("../../page/page.css"),
    ),
    (
        "/page/page.js",
        "text/javascript; charset=utf-8",
        include_str!("../../page/page.js"),
    ),
    (
        "/page/icon.svg",
        "image/svg+xml",
        include_str!("../../page/icon.svg"),
    ),
];

/// Adds the page's routes.
pub(super) fn add(router: Router<Shared>, app: &Shared) -> Router<Shared> {
    let router = FILES
        .into_iter()
        .fold(router, |router, (path, media, text)| {
            router.route(path, get(async move || file(media, text)))
        });
    match &app.config.page {
        // Its paths are checked there: no `..`, no links out by absolute parts.
        Some(folder) => {
            let index = ServeFile::new(folder.join("index.html"));
            router.nest_service("/app", ServeDir::new(folder).fallback(index))
        }
        None => router,
    }
}

fn file(media: &'static str, text: &'static str) -> Response {
    // Asked again each time: the page belongs to the server's version.
    let headers = [
        (header::CONTENT_TYPE, media),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}
