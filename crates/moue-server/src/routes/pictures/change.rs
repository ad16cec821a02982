//! Changing and removing pictures.

use super::id_of;
use super::words::{self, merged};
use crate::app::Shared;
use crate::files;
use crate::objects::PictureObject;
use crate::problem::{Problem, ProblemObject};
use crate::store::Change;
use crate::upload::{self, Words};
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

/// What changes about a picture; what is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = Change)]
#[serde(deny_unknown_fields, default)]
pub(in crate::routes) struct ChangeBody {
    /// What to call it.
    #[serde(deserialize_with = "some")]
    #[schema(nullable = false)]
    label: Option<String>,
    /// A description; null removes it.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    caption: Option<Option<String>>,
    /// All its tags.
    #[serde(deserialize_with = "some")]
    #[schema(nullable = false)]
    tags: Option<Vec<String>>,
}

/// A key may be absent, and null is no value of it.
fn some<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// Tells null from a key that is absent.
fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// Change label, caption or tags of a picture.
#[utoipa::path(
    patch,
    path = "/v1/pictures/{id}",
    params(("id" = u64, Path, description = "The number of the picture, or of one of its faces")),
    request_body = ChangeBody,
    responses(
        (status = 200, body = PictureObject, description = "The picture as it is now"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "A problem"),
    )
)]
pub(in crate::routes) async fn change(
    State(app): State<Shared>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<PictureObject>, Problem> {
    let id = id_of(&id)?;
    let body = app.body(request).await?;
    let change: ChangeBody = upload::small_json(&body.0.headers, &body.1)?;
    change.check()?;
    let changed = app.write(move |store, cancel| {
        let changed = store.change(id, change.into(), cancel)?;
        changed.ok_or_else(Problem::no_such_picture)
    });
    Ok(Json(changed.await?.into()))
}

impl ChangeBody {
    fn check(&self) -> Result<(), Problem> {
        words::check(&Words {
            label: self.label.clone(),
            caption: self.caption.clone().flatten(),
            tags: self.tags.clone().unwrap_or_default(),
        })
    }
}

impl From<ChangeBody> for Change {
    fn from(body: ChangeBody) -> Self {
        Self {
            label: body.label,
            caption: body.caption,
            tags: body.tags.map(|tags| merged(Vec::new(), tags)),
        }
    }
}

/// Remove a picture.
///
/// Its file is removed too if it was uploaded; others stay where they are.
#[utoipa::path(
    delete,
    path = "/v1/pictures/{id}",
    params(("id" = u64, Path, description = "The number of the picture, or of one of its faces")),
    responses(
        (status = 204, description = "It is removed"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "A problem"),
    )
)]
pub(in crate::routes) async fn remove(
    State(app): State<Shared>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = id_of(&id)?;
    let removed = app.write(move |store, cancel| {
        let removed = store.remove(id, cancel)?;
        let picture = removed.ok_or_else(Problem::no_such_picture)?;
        // After the record: a file too many can be removed again.
        if let Some(folder) = store.uploads() {
            files::forget(folder, &picture);
        }
        Ok(())
    });
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}
