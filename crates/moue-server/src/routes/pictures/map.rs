//! All pictures by expression, and their tags.

use crate::app::Shared;
use crate::options::check_filter;
use crate::params::{Params, number};
use crate::problem::{Problem, ProblemObject};
use axum::Json;
use axum::extract::State;
use moue::Gallery;
use moue::cancel::CancelToken;
use moue::gallery::{Filter, GalleryError, Picture, StoredFace};
use moue_index::FaceGrid;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Pictures that are arranged. More would take longer to send than to look at; of more, every second
/// one, or every third, is taken.
const MAX_PICTURES: u64 = 20_000;

/// Tags that are listed, those of most pictures first.
const MAX_TAGS: usize = 200;

/// Characters of the words of a picture.
const MAX_WORDS: usize = 80;

/// The query of a map.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(in crate::routes) struct MapParams {
    /// Only pictures with this tag; may be repeated.
    tag: Vec<String>,
    /// Only pictures whose label or caption contains this.
    text: Option<String>,
    /// Only pictures of this source: upload, folder, zip …
    source: Option<String>,
    /// Only pictures added at this second since 1970 or later.
    #[serde(deserialize_with = "number")]
    since: Option<u64>,
    /// Only pictures added before this second since 1970.
    #[serde(deserialize_with = "number")]
    until: Option<u64>,
}

impl From<MapParams> for Filter {
    fn from(params: MapParams) -> Self {
        Self {
            tags: params.tag,
            text: params.text,
            source: params.source,
            since: params.since,
            until: params.until,
        }
    }
}

/// Pictures in a grid without gaps: near cells have similar expressions.
#[derive(Serialize, ToSchema)]
#[schema(as = Map)]
pub(in crate::routes) struct MapObject {
    /// Always moue.server.map/1.
    schema: &'static str,
    /// Cells of a row; the last row may have fewer.
    columns: usize,
    /// The pictures, row by row from the top.
    pictures: Vec<PlacedObject>,
    /// Pictures of the gallery that are not in it, because there are too many.
    left_out: u64,
}

/// A picture of a map.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Placed)]
struct PlacedObject {
    /// The number of the picture.
    id: u64,
    /// The number of its largest face, by which it is placed.
    face: u64,
    /// Its caption, else its label, at most 80 characters.
    words: String,
}

/// A tag and how many pictures have it.
#[derive(Serialize, ToSchema)]
#[schema(as = Tag)]
struct TagObject {
    tag: String,
    pictures: u64,
}

/// The tags of a gallery.
#[derive(Serialize, ToSchema)]
#[schema(as = Tags)]
pub(in crate::routes) struct TagsObject {
    /// Those of most pictures first; at most 200.
    tags: Vec<TagObject>,
}

/// The pictures that are arranged, each with whether `filter` selects it.
fn placed(
    gallery: &Gallery,
    filter: &Filter,
    cancel: &CancelToken,
) -> Result<Vec<(PlacedObject, bool)>, Problem> {
    let step = gallery.stats()?.pictures.div_ceil(MAX_PICTURES).max(1);
    let mut found = Vec::new();
    let mut count = 0;
    gallery.for_each_picture(|picture| {
        cancel.check().map_err(GalleryError::from)?;
        count += 1;
        if !picture.hidden && (count - 1) % step == 0 {
            found.extend(object(&picture).map(|object| (object, filter.matches(&picture))));
        }
        Ok::<(), GalleryError>(())
    })?;
    Ok(found)
}

fn object(picture: &Picture) -> Option<PlacedObject> {
    let area = |face: &&StoredFace| face.bounding_box.width * face.bounding_box.height;
    let largest = picture
        .faces
        .iter()
        .max_by(|a, b| area(a).total_cmp(&area(b)))?;
    let words = picture.caption.as_ref().unwrap_or(&picture.label);
    Some(PlacedObject {
        id: picture.id,
        face: largest.id,
        words: words.chars().take(MAX_WORDS).collect(),
    })
}

/// Arrange pictures by expression.
///
/// The first answer takes a second or so of a large gallery; the arrangement is then kept, and pictures
/// that are added meanwhile are placed beside those that they are like.
#[utoipa::path(
    get,
    path = "/v1/map",
    params(MapParams),
    responses(
        (status = 200, body = MapObject, description = "The pictures in a grid"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "A problem"),
    )
)]
pub(in crate::routes) async fn map(
    State(app): State<Shared>,
    Params(params): Params<MapParams>,
) -> Result<Json<MapObject>, Problem> {
    let filter = Filter::from(params);
    check_filter(&filter)?;
    let shared = app.clone();
    let map = app.arrange(move |store, cancel| {
        let gallery = store.gallery()?;
        let all = placed(&gallery, &filter, cancel)?;
        let faces: Vec<u64> = all.iter().map(|(object, _)| object.face).collect();
        let places = shared.maps.places(&gallery, &faces)?;
        let total = gallery.stats()?.pictures;
        Ok(arranged(all, &places, total))
    });
    Ok(Json(map.await?))
}

fn arranged(all: Vec<(PlacedObject, bool)>, places: &[[f32; 2]], total: u64) -> MapObject {
    let left_out = total.saturating_sub(all.len() as u64);
    let wanted = all
        .into_iter()
        .zip(places)
        .filter(|((_, is_wanted), _)| *is_wanted);
    let (objects, places): (Vec<PlacedObject>, Vec<[f32; 2]>) =
        wanted.map(|((object, _), place)| (object, *place)).unzip();
    let grid = FaceGrid::of(&places);
    MapObject {
        schema: "moue.server.map/1",
        columns: grid.columns,
        pictures: grid.cells.iter().map(|i| objects[*i].clone()).collect(),
        left_out,
    }
}

/// List the tags of all pictures.
#[utoipa::path(
    get,
    path = "/v1/tags",
    responses(
        (status = 200, body = TagsObject, description = "The tags, those of most pictures first"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "A problem"),
    )
)]
pub(in crate::routes) async fn tags(
    State(app): State<Shared>,
) -> Result<Json<TagsObject>, Problem> {
    let counted = app.read(|store, cancel| store.tags(cancel));
    let tags = counted.await?.into_iter();
    let mut tags: Vec<TagObject> = tags
        .map(|(tag, pictures)| TagObject { tag, pictures })
        .collect();
    // Stable, so that equal ones stay in the alphabet's order.
    tags.sort_by_key(|tag| std::cmp::Reverse(tag.pictures));
    tags.truncate(MAX_TAGS);
    Ok(Json(TagsObject { tags }))
}
