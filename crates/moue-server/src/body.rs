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
    /// A share for so many bytes.
    ///
    /// # Errors
    /// [`Problem`] if others fill the memory.
    pub(crate) fn of(
        memory: &Arc<BodyMemory>,
        bytes: usize,
        limit: usize,
    ) -> Result<Self, Problem> {
        let mut share = Self::none(memory);
        share.grow(bytes, limit)?;
        Ok(share)
    }

    /// The same bytes, which are counted until the last clone is dropped.
    pub(crate) fn with(self, bytes: Bytes) -> Bytes {
        Bytes::from_owner(Counted {
            bytes,
            _share: self,
        })
    }

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

/// Bytes and their share.
struct Counted {
    bytes: Bytes,
    _share: Share,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Parts that are shorter are copied together: each one of a byte would take its record, and keep the
/// buffer that it was received in.
const SHORT: usize = 4 << 10;

/// A body in memory.
pub(crate) struct Buffered {
    parts: Parts,
    /// Counted until the work on it is done.
    pub(crate) share: Share,
}

impl Buffered {
    pub(crate) fn bytes(&self) -> usize {
        self.parts.bytes
    }

    /// The body in one piece. Copies it if it came in several, so a large one is a worker's to join.
    pub(crate) fn joined(&self) -> Bytes {
        self.parts.joined()
    }
}

/// The parts of a body.
#[derive(Default)]
struct Parts {
    complete: Vec<Bytes>,
    /// Short ones that came last.
    short: Vec<u8>,
    bytes: usize,
}

impl Parts {
    fn push(&mut self, part: Bytes) {
        self.bytes += part.len();
        if part.len() >= SHORT || self.bytes == part.len() {
            self.flush();
            self.complete.push(part);
            return;
        }
        self.short.extend_from_slice(&part);
        if self.short.len() >= SHORT {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if !self.short.is_empty() {
            self.complete.push(std::mem::take(&mut self.short).into());
        }
    }

    fn joined(&self) -> Bytes {
        match &self.complete[..] {
            [one] if self.short.is_empty() => one.clone(),
            parts => {
                let mut all = Vec::with_capacity(self.bytes);
                parts.iter().for_each(|part| all.extend_from_slice(part));
                all.extend_from_slice(&self.short);
                all.into()
            }
        }
    }
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
    let mut parts = Parts::default();
    let end = Instant::now() + limits.body_time;
    while let Some(part) = next_part(&mut body, end, limits.body_stall).await? {
        check_size((parts.bytes + part.len()) as u64, limits)?;
        share.grow(part.len(), limits.all_bodies_bytes)?;
        parts.push(part);
    }
    Ok(Buffered { parts, share })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_byte_take_no_more_than_their_bytes() {
        let mut parts = Parts::default();
        let body: Vec<u8> = (0..100_000).map(|n| n as u8).collect();
        for byte in &body {
            parts.push(Bytes::copy_from_slice(&[*byte]));
        }
        assert!(parts.complete.len() <= 1 + body.len() / SHORT);
        assert_eq!(parts.joined(), body);
    }

    #[test]
    fn parts_stay_in_their_order() {
        let mut parts = Parts::default();
        let lengths = [3, SHORT, 5, 7, SHORT + 1, SHORT - 1, 1, 2];
        let pieces: Vec<Vec<u8>> = lengths.iter().map(|n| vec![*n as u8; *n]).collect();
        for piece in &pieces {
            parts.push(piece.clone().into());
        }
        assert_eq!(parts.joined(), pieces.concat());
        assert!(Parts::default().joined().is_empty());
    }
}
