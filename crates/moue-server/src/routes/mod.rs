//! What the server answers, and its description.

mod find;
mod keys;
mod links;
mod page;
mod pictures;
mod service;
mod tenor;

pub(crate) use tenor::Secret;

use crate::app::Shared;
use crate::layer;
use crate::problem::{Problem, ProblemObject};
use axum::Router;
use axum::body::Body;
use axum::http::Response;
use axum::response::IntoResponse;
use axum::routing::get;
use std::any::Any;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "moue",
        description = "Finds the pictures of a gallery that make the same face. Errors are RFC 9457 \
                       problems; every answer has the header x-request-id."
    ),
    components(schemas(ProblemObject)),
    modifiers(&Keys),
    security((), ("bearer" = []), ("key" = []))
)]
struct Description;

/// The two ways to send a key.
struct Keys;

impl Modify for Keys {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let header = ApiKey::Header(ApiKeyValue::new("x-api-key"));
        components.add_security_scheme("key", SecurityScheme::ApiKey(header));
    }
}

fn pictures() -> OpenApiRouter<Shared> {
    use pictures::{add, change, list, map, sent};
    OpenApiRouter::new()
        .routes(routes!(list::list, add::add))
        .routes(routes!(list::get, change::change, change::remove))
        .routes(routes!(sent::thumbnail))
        .routes(routes!(sent::content))
        .routes(routes!(map::map))
        .routes(routes!(map::tags))
}

fn described() -> (Router<Shared>, utoipa::openapi::OpenApi) {
    let mut described = routes();
    links::add(&mut described.1);
    described
}

fn routes() -> (Router<Shared>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(find::find))
        .routes(routes!(find::detect))
        .routes(routes!(find::embed))
        .routes(routes!(find::search))
        .merge(pictures())
        .routes(routes!(tenor::search))
        .routes(routes!(keys::list, keys::add))
        .routes(routes!(keys::revoke))
        .routes(routes!(service::info))
        .routes(routes!(service::healthz))
        .routes(routes!(service::readyz))
        .routes(routes!(service::metrics))
        .split_for_parts()
}

/// The description of the API, OpenAPI 3.1 in JSON.
///
/// ```
/// assert!(moue_server::openapi().contains("\"/v1/find\""));
/// ```
pub fn openapi() -> String {
    let description = described().1;
    // It has no map with keys other than text, which alone could fail.
    let mut text = serde_json::to_string_pretty(&description).unwrap_or_default();
    text.push('\n');
    text
}

/// All routes, with the layer around them.
pub(crate) fn router(app: &Shared) -> Router {
    let router = described().0;
    let router = router
        .route("/openapi.json", get(service::openapi))
        .route("/v2/media/{id}/{token}/{format}", get(tenor::media));
    page::add(router, app)
        .fallback(page::web)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(axum::middleware::from_fn_with_state(
            app.clone(),
            layer::around,
        ))
        .with_state(app.clone())
}

fn panicked(panic: Box<dyn Any + Send>) -> Response<Body> {
    let text = panic.downcast_ref::<&str>().copied();
    Problem::internal(&text.unwrap_or("a handler panicked")).into_response()
}
