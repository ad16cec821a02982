//! The page: the web app if there is one, else a small page of three files.

use crate::app::Shared;
use crate::problem::{Kind, Problem};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

/// Path, type and text of the small page's files.
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
    if app.web.is_some() {
        // Where earlier versions served it.
        let moved = || get(async || Redirect::permanent("/"));
        return router
            .route("/", get(web))
            .route("/app", moved())
            .route("/app/", moved());
    }
    FILES
        .into_iter()
        .fold(router, |router, (path, media, text)| {
            router.route(path, get(async move || file(media, text)))
        })
}

fn file(media: &'static str, text: &'static str) -> Response {
    // Asked again each time: the page belongs to the server's version.
    let headers = [
        (header::CONTENT_TYPE, media),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

/// A file of the web app; what is no path of the API and of none is a problem.
pub(super) async fn web(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    if !app.is_page(request.uri().path()) {
        return Err(nothing());
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Problem::new(Kind::NoSuchMethod, "a file can only be read"));
    }
    send(&app, request.uri().clone(), request.headers().clone()).await
}

fn nothing() -> Problem {
    Problem::new(Kind::NotFound, "there is nothing at this path")
}

async fn send(app: &Shared, uri: Uri, asks: HeaderMap) -> Result<Response, Problem> {
    let web = app.web.clone();
    // Compressing is work, so it is a reader's.
    let answer = app.read(move |_, _| {
        let answer = web.and_then(|web| web.respond(uri.path(), &asks));
        answer.ok_or_else(nothing)
    });
    answer.await
}
