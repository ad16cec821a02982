//! The API's keys, for those who have one with the scope `admin`.

use crate::app::Shared;
use crate::key_ring::KeyRing;
use crate::keys::{KeyError, Scope, StoredKey};
use crate::problem::{Kind, Problem, ProblemObject};
use crate::upload;
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// A key, without its text, which is stored nowhere.
#[derive(Serialize, ToSchema)]
#[schema(as = Key)]
pub(super) struct KeyObject {
    /// What its owner calls it.
    name: String,
    /// What it allows.
    scopes: BTreeSet<Scope>,
    /// Seconds since 1970.
    created: u64,
}

impl From<StoredKey> for KeyObject {
    fn from(key: StoredKey) -> Self {
        Self {
            name: key.name,
            scopes: key.scopes,
            created: key.created,
        }
    }
}

/// The keys.
#[derive(Serialize, ToSchema)]
#[schema(as = Keys)]
pub(super) struct KeysObject {
    /// In the order in which they were made.
    keys: Vec<KeyObject>,
}

/// A key that is to be made.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewKey)]
#[serde(deny_unknown_fields)]
pub(super) struct NewKeyBody {
    /// What to call it.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$")]
    name: String,
    /// What it allows.
    #[schema(min_items = 1, max_items = 3)]
    scopes: BTreeSet<Scope>,
}

/// A key that was made.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeKey)]
pub(super) struct MadeKeyObject {
    /// What its owner calls it.
    name: String,
    /// What it allows.
    scopes: BTreeSet<Scope>,
    /// Its text. Nobody can read it again.
    key: String,
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Exists(name) => {
                Self::new(Kind::Conflict, format!("there is a key called {name}"))
            }
            KeyError::Unknown(_) => Self::new(Kind::NotFound, "there is no key of this name"),
            KeyError::Name(_) | KeyError::Scope(_) => Self::bad(error.to_string()),
            // Their texts have the file's path.
            other => Self::internal(&other),
        }
    }
}

fn no_keys() -> Problem {
    let detail = "this server has no keys; moue serve --keys FILE gives it some";
    Problem::new(Kind::NotFound, detail)
}

/// Works with the keys, where no two changes can meet.
async fn with_keys<T: Send + 'static>(
    app: &Shared,
    work: impl FnOnce(&KeyRing) -> Result<T, KeyError> + Send + 'static,
) -> Result<T, Problem> {
    let keys = app.keys.clone().ok_or_else(no_keys)?;
    app.write(move |_, _| Ok(work(&keys)?)).await
}

/// List the API's keys.
#[utoipa::path(
    get,
    path = "/v1/keys",
    operation_id = "list_keys",
    responses(
        (status = 200, body = KeysObject, description = "Names and what they allow"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "A problem"),
    )
)]
pub(super) async fn list(State(app): State<Shared>) -> Result<Json<KeysObject>, Problem> {
    let keys = with_keys(&app, KeyRing::list).await?;
    let keys = keys.into_iter().map(KeyObject::from).collect();
    Ok(Json(KeysObject { keys }))
}

/// Make a key.
///
/// The answer alone has its text; the server keeps a hash.
#[utoipa::path(
    post,
    path = "/v1/keys",
    operation_id = "add_key",
    request_body = NewKeyBody,
    responses(
        (status = 201, body = MadeKeyObject, description = "It works from now on"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "A problem"),
    )
)]
pub(super) async fn add(
    State(app): State<Shared>,
    request: Request,
) -> Result<(StatusCode, Json<MadeKeyObject>), Problem> {
    let body = app.body(request).await?;
    let NewKeyBody { name, scopes } = upload::small_json(&body.0.headers, &body.1)?;
    if scopes.is_empty() {
        return Err(Problem::bad("scopes has none"));
    }
    let made = with_keys(&app, move |keys| {
        let key = keys.add(&name, scopes.clone())?;
        Ok(MadeKeyObject { name, scopes, key })
    });
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// Revoke a key.
///
/// It is refused from now on, also if it is the one that was sent.
#[utoipa::path(
    delete,
    path = "/v1/keys/{name}",
    operation_id = "revoke_key",
    params(("name" = String, Path, description = "What its owner calls it")),
    responses(
        (status = 204, description = "It is revoked"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "A problem"),
    )
)]
pub(super) async fn revoke(
    State(app): State<Shared>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    with_keys(&app, move |keys| keys.revoke(&name)).await?;
    Ok(StatusCode::NO_CONTENT)
}
