//! The page: three files of ours, or a built web app.

use crate::app::Shared;
use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::services::{ServeDir, ServeFile};

const PAGE: &str = include_str!("../../page/index.html");
const STYLE: &str = include_str!("../../page/page.css");
const SCRIPT: &str = include_str!("../../page/page.js");
const ICON: &str = include_str!("../../page/icon.svg");

/// Adds the page's routes.
pub(super) fn add(router: Router<Shared>, app: &Shared) -> Router<Shared> {
    let router = router
        .route("/", get(async || file("text/html; charset=utf-8", PAGE)))
        .route(
            "/page/page.css",
            get(async || file("text/css; charset=utf-8", STYLE)),
        )
        .route(
            "/page/page.js",
            get(async || file("text/javascript; charset=utf-8", SCRIPT)),
        )
        .route("/page/icon.svg", get(async || file("image/svg+xml", ICON)));
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
