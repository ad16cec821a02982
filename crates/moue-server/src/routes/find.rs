//! Search by picture and by vector.

use crate::app::Shared;
use crate::engine::{Embedded, Engine, How};
use crate::objects::{FaceObject, FacesObject, MatchObject, MatchesObject};
use crate::options::{DetectParams, FindParams, SearchBody};
use crate::params::Params;
use crate::problem::{Problem, ProblemObject};
use crate::upload::{self, PictureBody, PictureForm};
use axum::Json;
use axum::extract::{Request, State};
use moue::Frame;
use moue::cancel::CancelToken;
use moue::finder::FaceChoice;
use moue::gallery::SearchOptions;

/// Answers with what `objects` makes of the picture of a request.
async fn answer(
    app: &Shared,
    request: Request,
    schema: &'static str,
    how: How,
    objects: impl FnOnce(&mut Engine, &Frame<'_>, &CancelToken) -> Result<Vec<FaceObject>, Problem>
    + Send
    + 'static,
) -> Result<Json<FacesObject>, Problem> {
    let body = app.body(request).await?;
    let answered = app.compute(move |engine, cancel| {
        let upload = upload::picture_of(&body.0.headers, body.1)?;
        let frame = engine.decode(&upload.image, how.effort, cancel)?;
        let faces = objects(engine, &frame, cancel)?;
        Ok(FacesObject::new(schema, &frame, faces))
    });
    Ok(Json(answered.await?))
}

/// Find the pictures that make the face of a photo.
///
/// The photo is neither stored nor logged. It is the body itself, the field `image` of a form, or
/// `image` of a JSON object, in base64.
#[utoipa::path(
    post,
    path = "/v1/find",
    params(FindParams),
    request_body(content(
        (Vec<u8> = "image/*"),
        (PictureForm = "multipart/form-data"),
        (PictureBody = "application/json"),
    )),
    responses(
        (status = 200, body = FacesObject, description = "The faces, each with its matches; empty if there is none"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "A problem"),
    )
)]
pub(super) async fn find(
    State(app): State<Shared>,
    Params(params): Params<FindParams>,
    request: Request,
) -> Result<Json<FacesObject>, Problem> {
    let options = params.options()?;
    let how = How {
        effort: params.effort.into(),
        choice: params.face.into(),
        cropped: params.cropped,
    };
    let store = app.store.clone();
    answer(
        &app,
        request,
        "moue.find/1",
        how,
        move |engine, frame, cancel| {
            let options = with_cancel(options, cancel);
            let mut faces = Vec::new();
            for embedded in engine.embed(frame, how, cancel)? {
                let matches = match &embedded.expression {
                    Ok(expression) => store.search(&[*expression], &options)?,
                    Err(_) => Vec::new(),
                };
                let matches = matches.into_iter().map(MatchObject::from).collect();
                let face = FaceObject::new(&embedded.face).with_expression(&embedded.expression);
                faces.push(face.with_matches(matches));
            }
            Ok(faces)
        },
    )
    .await
}

fn with_cancel(options: SearchOptions, cancel: &CancelToken) -> SearchOptions {
    SearchOptions {
        cancel: cancel.clone(),
        ..options
    }
}

/// Find the faces of a photo.
#[utoipa::path(
    post,
    path = "/v1/detect",
    params(DetectParams),
    request_body(content(
        (Vec<u8> = "image/*"),
        (PictureForm = "multipart/form-data"),
        (PictureBody = "application/json"),
    )),
    responses(
        (status = 200, body = FacesObject, description = "The faces"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "A problem"),
    )
)]
pub(super) async fn detect(
    State(app): State<Shared>,
    Params(params): Params<DetectParams>,
    request: Request,
) -> Result<Json<FacesObject>, Problem> {
    let how = how(&params);
    answer(
        &app,
        request,
        "moue.detect/1",
        how,
        move |engine, frame, cancel| {
            let faces = engine.detect(frame, how, cancel)?;
            Ok(faces.iter().map(FaceObject::new).collect())
        },
    )
    .await
}

/// Embed the expressions of a photo's faces.
#[utoipa::path(
    post,
    path = "/v1/embed",
    params(DetectParams),
    request_body(content(
        (Vec<u8> = "image/*"),
        (PictureForm = "multipart/form-data"),
        (PictureBody = "application/json"),
    )),
    responses(
        (status = 200, body = FacesObject, description = "The faces, each with its 64 numbers"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "A problem"),
    )
)]
pub(super) async fn embed(
    State(app): State<Shared>,
    Params(params): Params<DetectParams>,
    request: Request,
) -> Result<Json<FacesObject>, Problem> {
    let how = how(&params);
    answer(
        &app,
        request,
        "moue.embed/1",
        how,
        move |engine, frame, cancel| {
            let faces = engine.embed(frame, how, cancel)?;
            let object = |e: &Embedded| FaceObject::new(&e.face).with_embedding(&e.expression);
            Ok(faces.iter().map(object).collect())
        },
    )
    .await
}

fn how(params: &DetectParams) -> How {
    How {
        effort: params.effort.into(),
        choice: FaceChoice::All,
        cropped: params.cropped,
    }
}

/// Find pictures by expressions that the client has embedded itself.
///
/// So no face leaves the client: 64 numbers do.
#[utoipa::path(
    post,
    path = "/v1/search",
    request_body = SearchBody,
    responses(
        (status = 200, body = MatchesObject, description = "The pictures that match"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "A problem"),
    )
)]
pub(super) async fn search(
    State(app): State<Shared>,
    request: Request,
) -> Result<Json<MatchesObject>, Problem> {
    let body = app.body(request).await?;
    upload::require_json(&body.0.headers)?;
    let store = app.store.clone();
    let matches = app.compute(move |_, cancel| {
        let search: SearchBody = upload::json(&body.1.joined())?;
        let parsed = search.parse()?;
        let options = with_cancel(parsed.1, cancel);
        store.search(&parsed.0, &options)
    });
    Ok(Json(MatchesObject::new(matches.await?)))
}
