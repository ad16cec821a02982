//! Bodies of requests: within limits of size and time, all of them together too.

use crate::config::Limits;
use crate::problem::{Kind, Problem};
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Bytes of bodies that are held at once.
#[derive(Default)]
pub(crate) struct BodyMemory(AtomicUsize);

/// A part of [`BodyMemory`], given back when it is dropped.
pub(crate) struct Share {
    of: Arc<BodyMemory>,
    bytes: usize,
}

impl Share {
    fn none(of: &Arc<BodyMemory>) -> Self {
        let of = Arc::clone(of);
        Self { of, bytes: 0 }
    }

    fn grow(&mut self, bytes: usize, limit: usize) -> Result<(), Problem> {
        let before = self.of.0.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
        if before + bytes > limit {
            return Err(Problem::busy(
                "other requests fill the memory for bodies; try again",
            ));
        }
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.of.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// A body in memory.
pub(crate) struct Buffered {
    pub(crate) bytes: Bytes,
    /// Counted until the work on it is done.
    pub(crate) share: Share,
}

/// Reads a body.
///
/// # Errors
/// [`Problem`] if it is too large, too slow or cut off, or others fill the memory.
pub(crate) async fn read(
    headers: &HeaderMap,
    mut body: Body,
    limits: &Limits,
    memory: &Arc<BodyMemory>,
) -> Result<Buffered, Problem> {
    if let Some(length) = content_length(headers)? {
        // Refused before it is sent, where the client waits for 100 Continue.
        check_size(length, limits)?;
    }
    let mut share = Share::none(memory);
    let mut parts: Vec<Bytes> = Vec::new();
    let mut length = 0;
    let end = Instant::now() + limits.body_time;
    while let Some(part) = next_part(&mut body, end, limits.body_stall).await? {
        length += part.len();
        check_size(length as u64, limits)?;
        share.grow(part.len(), limits.all_bodies_bytes)?;
        parts.push(part);
    }
    let bytes = match &parts[..] {
        [one] => one.clone(),
        _ => parts.concat().into(),
    };
    Ok(Buffered { bytes, share })
}

fn content_length(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get(header::CONTENT_LENGTH) else {
        return Ok(None);
    };
    let length = value.to_str().ok().and_then(|text| text.parse().ok());
    length
        .map(Some)
        .ok_or_else(|| Problem::bad("Content-Length is no number"))
}

fn check_size(length: u64, limits: &Limits) -> Result<(), Problem> {
    let limit = limits.body_bytes;
    if length > limit as u64 {
        let detail = format!("a body has at most {limit} bytes");
        return Err(Problem::new(Kind::TooLarge, detail));
    }
    Ok(())
}

/// The next part of a body; of trailers nothing.
async fn next_part(
    body: &mut Body,
    end: Instant,
    stall: Duration,
) -> Result<Option<Bytes>, Problem> {
    let until = end.min(Instant::now() + stall);
    match timeout_at(until, body.frame()).await {
        Ok(None) => Ok(None),
        Ok(Some(Ok(frame))) => Ok(Some(frame.into_data().unwrap_or_default())),
        Ok(Some(Err(_))) => Err(Problem::bad("the body is cut off")),
        Err(_) => {
            let detail = "the body did not come within the time that it may take";
            Err(Problem::new(Kind::SlowBody, detail))
        }
    }
}
