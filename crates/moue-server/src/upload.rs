//! Pictures that clients send: as the body itself, as a form, or in JSON.

use crate::body::{Buffered, Share};
use crate::problem::{Kind, Problem};
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt::Formatter;
use std::marker::PhantomData;
use utoipa::ToSchema;

/// Bytes of JSON that is read at once, and not by a worker: more takes a millisecond, which is long for
/// all other connections.
const SMALL_TEXT: usize = 256 << 10;

/// Fields of a form, besides which it has no use for more.
const MAX_FIELDS: usize = 32;

/// A picture in JSON.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PictureBody {
    /// The file in base64.
    pub(crate) image: String,
    /// What to call it.
    #[serde(default)]
    pub(crate) label: Option<String>,
    /// A description.
    #[serde(default)]
    pub(crate) caption: Option<String>,
    /// Words to filter by.
    #[serde(default)]
    pub(crate) tags: Vec<String>,
}

/// A picture as a form sends it.
#[derive(ToSchema)]
#[allow(dead_code)] // Describes the form; it is read field by field.
pub(crate) struct PictureForm {
    /// The file.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    image: Vec<u8>,
    /// What to call it.
    label: Option<String>,
    /// A description.
    caption: Option<String>,
    /// Words to filter by, each in a field of its own.
    #[schema(required = false)]
    tags: Vec<String>,
}

/// What is written about a picture.
#[derive(Debug, Default, Clone)]
pub(crate) struct Words {
    pub(crate) label: Option<String>,
    pub(crate) caption: Option<String>,
    pub(crate) tags: Vec<String>,
}

/// A picture that a client has sent.
pub(crate) struct Upload {
    pub(crate) image: Bytes,
    pub(crate) words: Words,
    /// Its part of the memory for bodies.
    pub(crate) _share: Share,
}

/// Takes the picture out of a body. Of a large one that takes a while, so it is a worker's job.
///
/// # Errors
/// [`Problem`] if there is none, or it is of another type.
pub(crate) fn picture_of(headers: &HeaderMap, body: Buffered) -> Result<Upload, Problem> {
    let media = media_type(headers)?;
    let bytes = body.joined();
    let taken = match media.as_str() {
        "multipart/form-data" => form(headers, bytes)?,
        "application/json" => from_json(&bytes)?,
        "application/octet-stream" => (bytes, Words::default()),
        image if image.starts_with("image/") => (bytes, Words::default()),
        other => return Err(no_picture(other)),
    };
    if taken.0.is_empty() {
        return Err(Problem::bad("the picture has no bytes"));
    }
    Ok(Upload {
        image: taken.0,
        words: taken.1,
        _share: body.share,
    })
}

fn no_picture(media: &str) -> Problem {
    let detail =
        format!("the body is {media:?}; send image/*, multipart/form-data or application/json");
    Problem::new(Kind::NotAPicture, detail)
}

/// The media type of a body, without parameters and in small letters.
pub(crate) fn media_type(headers: &HeaderMap) -> Result<String, Problem> {
    let value = headers.get(header::CONTENT_TYPE);
    let text = value.map(HeaderValue::to_str).transpose();
    let text = text.ok().flatten();
    let text = text.ok_or_else(|| Problem::new(Kind::NotAPicture, "there is no Content-Type"))?;
    let media = text.split(';').next().unwrap_or_default();
    Ok(media.trim().to_ascii_lowercase())
}

fn from_json(bytes: &[u8]) -> Result<(Bytes, Words), Problem> {
    let body: PictureBody = json(bytes)?;
    let image = STANDARD.decode(&body.image);
    let image = image.map_err(|_| Problem::bad("image is no base64"))?;
    let words = Words {
        label: body.label,
        caption: body.caption,
        tags: body.tags,
    };
    Ok((image.into(), words))
}

/// Reads a JSON object.
///
/// # Errors
/// [`Problem`] if it is none, or not of this type.
pub(crate) fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // Its errors repeat at most a word of what was sent.
    let read = serde_json::from_slice(bytes);
    let Object(value) = read.map_err(|error| Problem::bad(format!("the JSON: {error}")))?;
    Ok(value)
}

/// Reads the small JSON object of a request.
///
/// # Errors
/// As for [`json`], and if it is of another type or large.
pub(crate) fn small_json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: &Buffered,
) -> Result<T, Problem> {
    require_json(headers)?;
    if body.bytes() > SMALL_TEXT {
        let detail = format!("this body has at most {SMALL_TEXT} bytes");
        return Err(Problem::new(Kind::TooLarge, detail));
    }
    json(&body.joined())
}

/// A struct that is read from a JSON object alone: serde takes a list of its fields' values for it too,
/// so that `[]` would be a change that changes nothing.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = T;

            fn expecting(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }

        deserializer.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

fn form(headers: &HeaderMap, bytes: Bytes) -> Result<(Bytes, Words), Problem> {
    // All of it is there, so it never waits; the reader is one for streams alone.
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| Problem::internal(&error))?;
    runtime.block_on(from_form(headers, bytes))
}

async fn from_form(headers: &HeaderMap, bytes: Bytes) -> Result<(Bytes, Words), Problem> {
    let mut request = Request::new(Body::from(bytes));
    if let Some(media) = headers.get(header::CONTENT_TYPE) {
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, media.clone());
    }
    // The size was checked when the body was read.
    let form = Multipart::from_request(request, &()).await;
    let mut form = form.map_err(|_| Problem::bad("the form has no boundary"))?;
    let mut image = None;
    let mut words = Words::default();
    for _ in 0..MAX_FIELDS {
        let field = form.next_field().await.map_err(|_| damaged_form())?;
        let Some(field) = field else {
            let image = image.ok_or_else(|| Problem::bad("the form has no field image"))?;
            return Ok((image, words));
        };
        let name = field.name().unwrap_or_default().to_owned();
        if name == "image" {
            image = Some(field.bytes().await.map_err(|_| damaged_form())?);
            continue;
        }
        let text = field.bytes().await.map_err(|_| damaged_form())?;
        let text = String::from_utf8(text.to_vec());
        let text = text.map_err(|_| Problem::bad("a field of the form is no UTF-8"))?;
        set_word(&mut words, &name, text)?;
    }
    Err(Problem::bad("the form has too many fields"))
}

fn set_word(words: &mut Words, name: &str, text: String) -> Result<(), Problem> {
    match name {
        // What a form leaves empty was not filled in.
        _ if text.is_empty() => {}
        "label" => words.label = Some(text),
        "caption" => words.caption = Some(text),
        "tags" => words.tags.push(text),
        _ => {
            return Err(Problem::bad(
                "a form has the fields image, label, caption and tags",
            ));
        }
    }
    Ok(())
}

fn damaged_form() -> Problem {
    Problem::bad("the form is damaged")
}

/// Refuses a body that is not said to be JSON. A page elsewhere cannot send that type without asking
/// first.
///
/// # Errors
/// [`Problem`] if it is of another type.
pub(crate) fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    if media_type(headers)? == "application/json" {
        return Ok(());
    }
    Err(Problem::new(
        Kind::NotAPicture,
        "the body has to be application/json",
    ))
}
