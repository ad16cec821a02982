//! The gallery's pictures: list, add, show, change, remove.

use crate::app::Shared;
use crate::content::{self, Content};
use crate::files;
use crate::objects::{PictureObject, PicturesObject};
use crate::options::{MAX_WORD, check_filter, check_text, check_words};
use crate::params::Params;
use crate::problem::{Kind, Problem, ProblemObject};
use crate::stills;
use crate::upload::{self, PictureBody, PictureForm, Words};
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use moue::Gallery;
use moue::gallery::{Filter, GalleryError, NewPicture, Picture};
use serde::{Deserialize, Deserializer};
use utoipa::{IntoParams, ToSchema};

/// Pictures of a page at most.
const MAX_PAGE: usize = 200;

/// Bytes of a caption: those of the longest that collections have, and of a paragraph.
const MAX_CAPTION: usize = 4000;

/// The query of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ListParams {
    /// Where to go on: `next` of the page before.
    cursor: Option<String>,
    /// Pictures of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: usize,
    /// Only pictures with this tag; may be repeated.
    tag: Vec<String>,
    /// Only pictures whose label or caption contains this.
    text: Option<String>,
    /// Only pictures of this source: upload, folder, zip …
    source: Option<String>,
    /// Only pictures added at this second since 1970 or later.
    since: Option<u64>,
    /// Only pictures added before this second since 1970.
    until: Option<u64>,
}

impl Default for ListParams {
    fn default() -> Self {
        Self {
            cursor: None,
            limit: 50,
            tag: Vec::new(),
            text: None,
            source: None,
            since: None,
            until: None,
        }
    }
}

impl ListParams {
    fn first(&self) -> Result<u64, Problem> {
        let Some(cursor) = &self.cursor else {
            return Ok(0);
        };
        let number = cursor.parse();
        number.map_err(|_| Problem::bad("cursor is none that this server gave"))
    }

    fn filter(self) -> Result<Filter, Problem> {
        let filter = Filter {
            tags: self.tag,
            text: self.text,
            source: self.source,
            since: self.since,
            until: self.until,
        };
        check_filter(&filter)?;
        Ok(filter)
    }
}

/// Why a list ends early.
enum End {
    Full,
    Failed(GalleryError),
}

impl From<GalleryError> for End {
    fn from(error: GalleryError) -> Self {
        Self::Failed(error)
    }
}

/// List pictures, in the order in which they were added.
#[utoipa::path(
    get,
    path = "/v1/pictures",
    params(ListParams),
    responses(
        (status = 200, body = PicturesObject, description = "A page of pictures"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "A problem"),
    )
)]
pub(super) async fn list(
    State(app): State<Shared>,
    Params(params): Params<ListParams>,
) -> Result<Json<PicturesObject>, Problem> {
    let limit = params.limit;
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(Problem::bad(format!("limit is from 1 to {MAX_PAGE}")));
    }
    let first = params.first()?;
    let filter = params.filter()?;
    let page = app.read(move |store, cancel| {
        let mut pictures = Vec::new();
        // One more than the page has: whether there is another page.
        let ended = store.gallery()?.for_each_picture_from(first, |picture| {
            cancel.check().map_err(GalleryError::from)?;
            if !picture.hidden && filter.matches(&picture) {
                pictures.push(PictureObject::from(picture));
            }
            if pictures.len() > limit {
                return Err(End::Full);
            }
            Ok(())
        });
        match ended {
            Ok(()) | Err(End::Full) => Ok(pictures),
            Err(End::Failed(error)) => Err(error.into()),
        }
    });
    let mut pictures = page.await?;
    let next = (pictures.len() > limit)
        .then(|| pictures.pop())
        .flatten()
        .map(|picture| picture.id.to_string());
    Ok(Json(PicturesObject { pictures, next }))
}

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
pub(super) async fn add(
    State(app): State<Shared>,
    Params(params): Params<WordParams>,
    request: Request,
) -> Result<Response, Problem> {
    let body = app.body(request).await?;
    let upload = upload::picture_of(&body.0.headers, body.1).await?;
    let words = params.or(upload.words.clone());
    check(&words)?;
    let hash = moue::digest::sha256(&upload.image);
    let known = app.read(move |store, _| Ok(store.gallery()?.find_hash(&hash)?));
    if let Some(known) = known.await? {
        return Ok(shown(StatusCode::OK, known));
    }
    let extracting = app.compute(move |engine, cancel| {
        let extracted = engine.extract(&upload.image, cancel)?;
        Ok((extracted, upload))
    });
    let extracted = extracting.await?;
    let stored = app.write(move |store, cancel| {
        let folder = store.uploads().ok_or_else(files::read_only)?;
        let image = &extracted.1.image;
        // The file first: a record whose file is missing would be worse than a file too many.
        let path = files::keep(folder, &hash, image)?;
        let inside = extracted.0.metadata;
        let new = NewPicture {
            hash,
            path: moue::gallery::stored_text(&path),
            label: words.label.or(inside.label).unwrap_or_default(),
            caption: words.caption.or(inside.caption),
            tags: merged(words.tags, inside.tags),
            source: "upload".into(),
            perceptual_hash: Some(extracted.0.perceptual_hash),
            faces: extracted.0.faces,
            ..NewPicture::default()
        };
        store.write(cancel, |gallery| insert(gallery, new))
    });
    let stored = stored.await?;
    let status = if stored.0 {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok(shown(status, stored.1))
}

/// Adds a picture; returns whether it was new, and how the gallery has it.
fn insert(gallery: &Gallery, new: NewPicture) -> Result<(bool, Picture), Problem> {
    let hash = new.hash;
    let added = gallery.add(&[new])?;
    let picture = gallery.find_hash(&hash)?;
    let picture = picture.ok_or_else(|| Problem::internal(&"an added picture is missing"))?;
    Ok((added.first() == Some(&true), picture))
}

fn shown(status: StatusCode, picture: Picture) -> Response {
    let address = format!("/v1/pictures/{}", picture.id);
    let mut response = (status, Json(PictureObject::from(picture))).into_response();
    if let Ok(address) = HeaderValue::from_str(&address) {
        response.headers_mut().insert(header::LOCATION, address);
    }
    response
}

/// The first tags, and those of the others that are not among them.
fn merged(first: Vec<String>, others: Vec<String>) -> Vec<String> {
    let mut tags = first;
    for tag in others {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// What is written about a picture, for a body that is the picture itself.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WordParams {
    /// What to call it.
    label: Option<String>,
    /// A description.
    caption: Option<String>,
    /// A word to filter by; may be repeated.
    tag: Vec<String>,
}

impl WordParams {
    /// With what the body has, where the query has nothing.
    fn or(self, body: Words) -> Words {
        Words {
            label: self.label.or(body.label),
            caption: self.caption.or(body.caption),
            tags: merged(self.tag, body.tags),
        }
    }
}

fn check(words: &Words) -> Result<(), Problem> {
    if let Some(caption) = &words.caption {
        check_caption(caption)?;
    }
    if let Some(label) = &words.label {
        check_text(label, MAX_WORD)?;
    }
    check_tags(&words.tags)
}

fn check_tags(tags: &[String]) -> Result<(), Problem> {
    if tags.iter().any(|tag| tag.trim().is_empty()) {
        return Err(Problem::bad("a tag is empty"));
    }
    check_words(tags.iter())
}

/// Captions have lines.
fn check_caption(caption: &str) -> Result<(), Problem> {
    let lines = caption.replace(['\n', '\r', '\t'], " ");
    check_text(&lines, MAX_CAPTION)
}

/// The number in a path.
fn id_of(path: &str) -> Result<u64, Problem> {
    path.parse().map_err(|_| Problem::no_such_picture())
}

/// The picture of a face.
fn picture_of(gallery: &Gallery, id: u64) -> Result<Picture, Problem> {
    gallery.picture_of(id)?.ok_or_else(Problem::no_such_picture)
}

/// Show a picture.
#[utoipa::path(
    get,
    path = "/v1/pictures/{id}",
    params(("id" = u64, Path, description = "The number of the picture, or of one of its faces")),
    responses(
        (status = 200, body = PictureObject, description = "The picture"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "A problem"),
    )
)]
pub(super) async fn get(
    State(app): State<Shared>,
    Path(id): Path<String>,
) -> Result<Json<PictureObject>, Problem> {
    let id = id_of(&id)?;
    let picture = app.read(move |store, _| picture_of(&*store.gallery()?, id));
    Ok(Json(picture.await?.into()))
}

/// What changes about a picture; what is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = Change)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ChangeBody {
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
pub(super) async fn change(
    State(app): State<Shared>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<PictureObject>, Problem> {
    let id = id_of(&id)?;
    let body = app.body(request).await?;
    upload::require_json(&body.0.headers)?;
    let change: ChangeBody = upload::json(&body.1.bytes)?;
    check(&Words {
        label: change.label.clone(),
        caption: change.caption.clone().flatten(),
        tags: change.tags.clone().unwrap_or_default(),
    })?;
    let changed = app.write(move |store, cancel| {
        store.write(cancel, |gallery| {
            let edited = gallery.edit(id, |picture| apply(change, picture))?;
            edited.ok_or_else(Problem::no_such_picture)
        })
    });
    Ok(Json(changed.await?.into()))
}

fn apply(change: ChangeBody, picture: &mut Picture) {
    if let Some(label) = change.label {
        picture.label = label;
    }
    if let Some(caption) = change.caption {
        picture.caption = caption;
    }
    if let Some(tags) = change.tags {
        picture.tags = merged(Vec::new(), tags);
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
pub(super) async fn remove(
    State(app): State<Shared>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = id_of(&id)?;
    let removed = app.write(move |store, cancel| {
        let picture = store.write(cancel, |gallery| {
            let picture = picture_of(gallery, id)?;
            let hash = moue::digest::from_hex(&picture.hash);
            let hash = hash.ok_or_else(|| Problem::internal(&"a picture has no hash"))?;
            gallery.replace(&[hash], &[])?;
            Ok(picture)
        })?;
        // After the record: a file too many can be removed again.
        if let Some(folder) = store.uploads() {
            files::forget(folder, &picture);
        }
        Ok(())
    });
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}

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
pub(super) struct ThumbnailParams {
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
pub(super) async fn thumbnail(
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
        let gallery = store.gallery()?;
        let picture = picture_of(&gallery, id)?;
        let face = picture.faces.iter().find(|face| face.id == id);
        let face = face.or(picture.faces.first());
        let face = face.ok_or_else(Problem::no_such_picture)?;
        let small = content::small(&gallery, &picture, face, &limits, cancel)?;
        Ok((format!("{}-{}", picture.hash, face.id), small))
    });
    let small: (String, Content) = small.await?;
    Ok(content::respond(&headers, &small.0, small.1))
}

/// The whole picture, reduced, and its tag; `None` if a thumbnail of the face has to do.
async fn preview(app: &Shared, id: u64) -> Result<Option<(String, Content)>, Problem> {
    let picture = app.read(move |store, _| picture_of(&*store.gallery()?, id));
    let picture = picture.await?;
    if content::is_drawing(&picture) {
        return Ok(None);
    }
    let limits = app.config.limits.clone();
    // It decodes, so it is a worker's job.
    let reduced = app.compute(move |_, cancel| {
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
pub(super) async fn content(
    State(app): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = id_of(&id)?;
    let file = app.read(move |store, _| {
        let picture = picture_of(&*store.gallery()?, id)?;
        let file = content::original(&picture)?;
        Ok((picture.hash, file))
    });
    let file: (String, Content) = file.await?;
    Ok(content::respond(&headers, &file.0, file.1))
}
