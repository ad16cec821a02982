//! Adding pictures.

use super::words::{self, WordParams, merged};
use crate::app::Shared;
use crate::engine::Engine;
use crate::files;
use crate::objects::PictureObject;
use crate::params::Params;
use crate::problem::{Problem, ProblemObject};
use crate::store::Store;
use crate::upload::{self, PictureBody, PictureForm, Upload, Words};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use moue::cancel::CancelToken;
use moue::gallery::{NewPicture, Picture, stored_text};
use moue_index::Extracted;

/// Add a picture.
///
/// The server keeps its file and its faces. What it knows already is not added again.
#[utoipa::path(
    post,
    path = "/v1/pictures",
    params(WordParams),
    request_body(content(
        (Vec<u8> = "image/*"),
        (PictureForm = "multipart/form-data"),
        (PictureBody = "application/json"),
    )),
    responses(
        (status = 201, body = PictureObject, description = "It was added and is on the disk", headers(
            ("location" = String, description = "Its address")
        )),
        (status = 200, body = PictureObject, description = "The gallery has it already"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "A problem"),
    )
)]
pub(in crate::routes) async fn add(
    State(app): State<Shared>,
    Params(params): Params<WordParams>,
    request: Request,
) -> Result<Response, Problem> {
    let body = app.body(request).await?;
    let extracting = app.compute({
        let store = app.store.clone();
        move |engine, cancel| {
            let upload = upload::picture_of(&body.0.headers, body.1)?;
            let words = params.or(upload.words.clone());
            extracted(&store, engine, upload, words, cancel)
        }
    });
    let extracted = match extracting.await? {
        Sent::Known(picture) => return Ok(shown(StatusCode::OK, picture)),
        Sent::New(picture, upload) => (*picture, upload),
    };
    let stored = app.write(move |store, cancel| insert(store, extracted.0, &extracted.1, cancel));
    let stored = stored.await?;
    let status = [StatusCode::OK, StatusCode::CREATED][usize::from(stored.0)];
    Ok(shown(status, stored.1))
}

/// What a client has sent.
enum Sent {
    /// The gallery has it.
    Known(Picture),
    New(Box<NewPicture>, Upload),
}

/// What the gallery stores of a picture that it does not have.
fn extracted(
    store: &Store,
    engine: &mut Engine,
    upload: Upload,
    words: Words,
    cancel: &CancelToken,
) -> Result<Sent, Problem> {
    words::check(&words)?;
    let hash = moue::digest::sha256(&upload.image);
    if let Some(known) = store.find(&hash)? {
        return Ok(Sent::Known(known));
    }
    let extracted = engine.extract(&upload.image, cancel)?;
    let new = new_picture(hash, words, extracted);
    Ok(Sent::New(Box::new(new), upload))
}

/// The picture with what the client has written about it, and else with what its file has.
fn new_picture(hash: [u8; 32], words: Words, extracted: Extracted) -> NewPicture {
    let inside = extracted.metadata;
    NewPicture {
        hash,
        label: words.label.or(inside.label).unwrap_or_default(),
        caption: words.caption.or(inside.caption),
        tags: merged(words.tags, inside.tags),
        source: "upload".into(),
        perceptual_hash: Some(extracted.perceptual_hash),
        faces: extracted.faces,
        ..NewPicture::default()
    }
}

/// Keeps the file and adds the picture; returns whether it was new, and how the gallery has it.
fn insert(
    store: &Store,
    new: NewPicture,
    upload: &Upload,
    cancel: &CancelToken,
) -> Result<(bool, Picture), Problem> {
    let folder = store.folder()?;
    let hash = new.hash;
    // The file first: a record whose file is missing would be worse than a file too many.
    let path = files::keep(folder, &hash, &upload.image)?;
    let path = stored_text(&path);
    let is_new = store.add(NewPicture { path, ..new }, cancel)?;
    let picture = store.find(&hash)?;
    let picture = picture.ok_or_else(|| Problem::internal(&"an added picture is missing"))?;
    Ok((is_new, picture))
}

fn shown(status: StatusCode, picture: Picture) -> Response {
    let address = format!("/v1/pictures/{}", picture.id);
    let mut response = (status, Json(PictureObject::from(picture))).into_response();
    if let Ok(address) = HeaderValue::from_str(&address) {
        response.headers_mut().insert(header::LOCATION, address);
    }
    response
}
