//! Lists of pictures, and one picture.

use super::id_of;
use crate::app::Shared;
use crate::objects::{PictureObject, PicturesObject};
use crate::options::check_filter;
use crate::params::{Params, number};
use crate::problem::{Problem, ProblemObject};
use crate::store::Part;
use axum::Json;
use axum::extract::{Path, State};
use moue::gallery::Filter;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Pictures of a page at most.
const MAX_PAGE: usize = 200;

/// The order of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    /// As they were added.
    #[default]
    Oldest,
    /// Those that were added last first.
    Newest,
}

/// The query of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(in crate::routes) struct ListParams {
    /// Where to go on: `next` of the page before.
    cursor: Option<String>,
    /// In which order; a cursor is one of the same order.
    #[param(inline)]
    order: Order,
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
    #[serde(deserialize_with = "number")]
    since: Option<u64>,
    /// Only pictures added before this second since 1970.
    #[serde(deserialize_with = "number")]
    until: Option<u64>,
}

impl Default for ListParams {
    fn default() -> Self {
        Self {
            cursor: None,
            order: Order::default(),
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
    fn cursor(&self) -> Result<Option<u64>, Problem> {
        let number = self.cursor.as_ref().map(|cursor| cursor.parse());
        let number = number.transpose();
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

/// List pictures, in the order in which they were added or the other way round.
#[utoipa::path(
    get,
    path = "/v1/pictures",
    params(ListParams),
    responses(
        (status = 200, body = PicturesObject, description = "A page of pictures"),
        (status = "default", body = ProblemObject, content_type = "application/problem+json", description = "A problem"),
    )
)]
pub(in crate::routes) async fn list(
    State(app): State<Shared>,
    Params(params): Params<ListParams>,
) -> Result<Json<PicturesObject>, Problem> {
    let limit = checked_limit(params.limit)?;
    let cursor = params.cursor()?;
    let order = params.order;
    let filter = params.filter()?;
    let page = app.read(move |store, cancel| {
        let part = Part {
            filter: &filter,
            matching: None,
            newest_first: order == Order::Newest,
            from: cursor,
            limit,
        };
        store.page(&part, cancel)
    });
    let page = page.await?;
    let pictures = page.pictures.into_iter().map(PictureObject::from).collect();
    let next = page.next;
    Ok(Json(PicturesObject { pictures, next }))
}

fn checked_limit(limit: usize) -> Result<usize, Problem> {
    if (1..=MAX_PAGE).contains(&limit) {
        Ok(limit)
    } else {
        Err(Problem::bad(format!("limit is from 1 to {MAX_PAGE}")))
    }
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
pub(in crate::routes) async fn get(
    State(app): State<Shared>,
    Path(id): Path<String>,
) -> Result<Json<PictureObject>, Problem> {
    let id = id_of(&id)?;
    let picture = app.read(move |store, _| store.existing(id));
    Ok(Json(picture.await?.into()))
}
