//! The files and thumbnails of pictures, by id. Paths come from the gallery alone, and only a file
//! with the content that the gallery knows is sent: a gallery may come from someone else, and its
//! paths lead anywhere.

use crate::config::Limits;
use crate::problem::{Kind, Problem};
use crate::store::Store;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use moue::Frame;
use moue::cancel::CancelToken;
use moue::digest;
use moue::frame::DecodeOptions;
use moue::gallery::{Picture, StoredFace, thumbnail};
use moue_drawings::{Drawing, by_path};
use moue_index::{Archive, Place};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Bytes of a file that is sent. Larger ones are videos.
const MAX_BYTES: u64 = 64 << 20;

/// Pixels along a side of a drawing.
const DRAWING_SIZE: u32 = 512;

/// Pixels along a side of a drawing's thumbnail: sharp on a phone at the size of a photo's.
const SMALL_DRAWING: u32 = 160;

/// An answer with this extension has bytes that the server keeps anyway.
#[derive(Clone, Copy)]
pub(crate) struct Kept;

/// A file of some type.
pub(crate) struct Content {
    pub(crate) bytes: Vec<u8>,
    pub(crate) media: &'static str,
}

/// Pixels along a side of a drawing in a grid.
const PREVIEW_DRAWING: u32 = 320;

/// A drawing of moue's own, as large as previews are; `None` for any other picture.
///
/// # Errors
/// [`Problem`] if it cannot be written.
pub(crate) fn drawing_preview(picture: &Picture) -> Result<Option<Content>, Problem> {
    let drawing = by_path(&picture.path);
    drawing
        .map(|drawing| png(&drawing, PREVIEW_DRAWING))
        .transpose()
}

/// The file of a picture; a drawing as PNG.
///
/// # Errors
/// [`Problem`] if it is gone, has changed, or is too large.
pub(crate) fn original(picture: &Picture) -> Result<Content, Problem> {
    if let Some(drawing) = by_path(&picture.path) {
        return png(&drawing, DRAWING_SIZE);
    }
    let bytes = read(&picture.path)?;
    if digest::hex(&digest::sha256(&bytes)) != picture.hash {
        return Err(gone());
    }
    let media = media_type(&bytes).ok_or_else(gone)?;
    Ok(Content { bytes, media })
}

/// The small picture of a face.
///
/// # Errors
/// [`Problem`] if there is none and none can be made.
pub(crate) fn small(
    store: &Store,
    picture: &Picture,
    face: &StoredFace,
    limits: &Limits,
    cancel: &CancelToken,
) -> Result<Content, Problem> {
    if let Some(drawing) = by_path(&picture.path) {
        return png(&drawing, SMALL_DRAWING);
    }
    let stored = store.thumbnail(face.id)?;
    let bytes = match stored {
        Some(bytes) => bytes,
        None => {
            // Readers are more than workers, and each of them may decode.
            let options = DecodeOptions {
                max_memory: limits.decode_bytes / 4,
                ..limits.decoding(cancel)
            };
            let frame = Frame::decode_with(&original(picture)?.bytes, &options)?;
            thumbnail(&frame, &face.face()).ok_or_else(gone)?
        }
    };
    let media = media_type(&bytes).ok_or_else(gone)?;
    Ok(Content { bytes, media })
}

fn png(drawing: &Drawing, size: u32) -> Result<Content, Problem> {
    let pixels = drawing.render(size);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size, size);
    encoder.set_color(png::ColorType::Rgb);
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&pixels));
    written.map_err(|error| Problem::internal(&error))?;
    let media = "image/png";
    Ok(Content { bytes, media })
}

/// The bytes of a file, or of a member of a ZIP.
fn read(path: &str) -> Result<Vec<u8>, Problem> {
    match Place::of(path) {
        Place::File(file) => read_file(&file),
        Place::Member(zip, name) => read_member(&zip, name),
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, Problem> {
    // Before it is opened: opening a pipe waits for a writer.
    let meta = std::fs::metadata(path).map_err(|_| gone())?;
    if !meta.is_file() {
        return Err(gone());
    }
    let file = File::open(path).map_err(|_| gone())?;
    let mut bytes = Vec::new();
    let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|_| gone())?;
    if bytes.len() as u64 > MAX_BYTES {
        let detail = format!("the file has more than {MAX_BYTES} bytes");
        return Err(Problem::new(Kind::NotFound, detail));
    }
    Ok(bytes)
}

fn read_member(zip: &Path, name: &str) -> Result<Vec<u8>, Problem> {
    let archive = Archive::open(zip).map_err(|_| gone())?;
    let content = archive.read_named(name).map_err(|_| gone())?;
    content.ok_or_else(gone)
}

fn gone() -> Problem {
    let detail = "the picture's file is gone or has changed since it was added";
    Problem::new(Kind::NotFound, detail)
}

/// The type of a picture or video by its first bytes; `None` for anything else. SVG and HTML, which
/// can carry scripts, are not among them.
pub(crate) fn media_type(bytes: &[u8]) -> Option<&'static str> {
    let brand = bytes
        .get(8..12)
        .filter(|_| bytes.get(4..8) == Some(b"ftyp"));
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'B', b'M', ..] => Some("image/bmp"),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some("image/tiff"),
        [0xFF, 0x0A, ..] | [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] => Some("image/jxl"),
        [0x1A, 0x45, 0xDF, 0xA3, ..] => Some("video/webm"),
        _ if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") => Some("image/webp"),
        _ => match brand? {
            b"avif" | b"avis" => Some("image/avif"),
            b"heic" | b"heix" | b"mif1" | b"msf1" | b"heim" | b"heis" => Some("image/heic"),
            b"qt  " => Some("video/quicktime"),
            _ => Some("video/mp4"),
        },
    }
}

/// The ending of a file with this content.
pub(crate) fn ending(media: &str) -> &'static str {
    match media {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/bmp" => "bmp",
        "image/tiff" => "tif",
        "image/jxl" => "jxl",
        "image/webp" => "webp",
        "image/avif" => "avif",
        "image/heic" => "heic",
        _ => "bin",
    }
}

/// An answer with a file of this tag and media type, which clients may keep as `cache` says; without
/// the file if the client has it already.
pub(crate) fn cached(
    asks: &HeaderMap,
    tag: &str,
    media: &'static str,
    cache: &'static str,
    file: Bytes,
) -> Response {
    let tag = format!("\"{tag}\"");
    let mut response = if is_known(asks, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// Whether the client has the file of this tag, by RFC 9110.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get_all(header::IF_NONE_MATCH).iter();
    let mut known = known.filter_map(|value| value.to_str().ok());
    known.any(|value| value == "*" || value.split(',').any(|t| t.trim() == tag))
}

/// An answer with a file that never changes under its address, or that the client has it already.
pub(crate) fn respond(headers: &HeaderMap, tag: &str, content: Content) -> Response {
    // Private: what needs a key is for its owner alone. Ids are never used twice.
    let cache = "private, max-age=86400, immutable";
    cached(headers, tag, content.media, cache, content.bytes.into())
}
