//! The files of pictures, and small ones.

use super::id_of;
use crate::app::Shared;
use crate::content::{self, Content};
use crate::params::Params;
use crate::problem::{Kind, Problem, ProblemObject};
use crate::stills;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// What a thumbnail shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Of {
    /// The face and its surroundings, 96 × 96 pixels.
    #[default]
    Face,
    /// The whole picture, its longer side 320 pixels; the face where its file is gone.
    Picture,
}

/// The query of a thumbnail.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(in crate::routes) struct ThumbnailParams {
    /// What it shows.
    #[param(inline)]
    of: Of,
}

/// A small picture of a face, or of the whole picture.
#[utoipa::path(
    get,
    path = "/v1/pictures/{id}/thumbnail",
    params(
        ("id" = u64, Path, description = "The number of the face, or of its picture"),
        ThumbnailParams,
    ),
    responses(
        (status = 200, body = Vec<u8>, content_type = "image/*", description = "JPEG, or PNG of a drawing"),
        (status = 304, description = "The client has it"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "A problem"),
    )
)]
pub(in crate::routes) async fn thumbnail(
    State(app): State<Shared>,
    Path(id): Path<String>,
    Params(params): Params<ThumbnailParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = id_of(&id)?;
    if params.of == Of::Picture
        && let Some(preview) = preview(&app, id).await?
    {
        return Ok(content::respond(&headers, &preview.0, preview.1));
    }
    let limits = app.config.limits.clone();
    let small = app.read(move |store, cancel| {
        let picture = store.existing(id)?;
        let face = picture.faces.iter().find(|face| face.id == id);
        let face = face.or(picture.faces.first());
        let face = face.ok_or_else(Problem::no_such_picture)?;
        let small = content::small(store, &picture, face, &limits, cancel)?;
        Ok((format!("{}-{}", picture.hash, face.id), small))
    });
    let small: (String, Content) = small.await?;
    Ok(content::respond(&headers, &small.0, small.1))
}

/// The whole picture, reduced, and its tag; `None` if a thumbnail of the face has to do.
async fn preview(app: &Shared, id: u64) -> Result<Option<(String, Content)>, Problem> {
    let picture = app.read(move |store, _| store.existing(id));
    let picture = picture.await?;
    let limits = app.config.limits.clone();
    // It decodes or draws, so it is a worker's job.
    let reduced = app.compute(move |_, cancel| {
        if let Some(drawing) = content::drawing_preview(&picture)? {
            return Ok((format!("{}-whole", picture.hash), drawing));
        }
        let original = content::original(&picture)?;
        let preview = stills::preview(&original.bytes, &limits, cancel)?;
        Ok((format!("{}-whole", picture.hash), preview))
    });
    match reduced.await {
        Ok(preview) => Ok(Some(preview)),
        Err(problem) if matches!(problem.kind, Kind::NotFound | Kind::NotAPicture) => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// The file of a picture.
///
/// A drawing is a PNG. A file that has changed since it was added is not sent.
#[utoipa::path(
    get,
    path = "/v1/pictures/{id}/content",
    params(("id" = u64, Path, description = "The number of the picture, or of one of its faces")),
    responses(
        (status = 200, body = Vec<u8>, content_type = "image/*", description = "The file"),
        (status = 304, description = "The client has it"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "A problem"),
    )
)]
pub(in crate::routes) async fn content(
    State(app): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = id_of(&id)?;
    let file = app.read(move |store, _| {
        let picture = store.existing(id)?;
        let file = content::original(&picture)?;
        Ok((picture.hash, file))
    });
    let file: (String, Content) = file.await?;
    Ok(content::respond(&headers, &file.0, file.1))
}
