//! Errors of requests, as RFC 9457 has them: `application/problem+json`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use moue::cancel::Cancelled;
use moue::detect::DetectError;
use moue::frame::{DecodeError, DecodeLimit};
use moue::gallery::GalleryError;
use moue::network::NetworkError;
use moue::video::SourceError;
use moue_index::ExtractError;
use moue_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong, as clients get it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemObject<'a> {
    /// Names the kind of problem, `urn:moue:problem:KIND`; programs can rely on it.
    #[serde(rename = "type")]
    kind: String,
    /// The kind in words.
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong with this request.
    detail: &'a str,
    /// The number of the request in the server's log.
    request_id: &'a str,
}

/// Kinds of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    BadRequest,
    NoKey,
    Forbidden,
    NotFound,
    NoSuchMethod,
    Conflict,
    SlowBody,
    TooLarge,
    NotAPicture,
    OtherHost,
    NoFace,
    TooManyRequests,
    Internal,
    NotOffered,
    Busy,
    Deadline,
}

impl Kind {
    fn row(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::BadRequest => (S::BAD_REQUEST, "bad-request", "The request is not valid"),
            Self::NoKey => (S::UNAUTHORIZED, "no-key", "A key is needed"),
            Self::Forbidden => (S::FORBIDDEN, "forbidden", "This is not allowed"),
            Self::NotFound => (S::NOT_FOUND, "not-found", "There is no such thing"),
            Self::NoSuchMethod => (S::METHOD_NOT_ALLOWED, "method", "Not with this method"),
            Self::Conflict => (S::CONFLICT, "conflict", "There is one already"),
            Self::SlowBody => (S::REQUEST_TIMEOUT, "slow-body", "The body came too slowly"),
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "too-large", "It is too large"),
            Self::NotAPicture => (
                S::UNSUPPORTED_MEDIA_TYPE,
                "not-a-picture",
                "It is no picture that can be read",
            ),
            Self::OtherHost => (
                S::MISDIRECTED_REQUEST,
                "other-host",
                "The request is for another host",
            ),
            Self::NoFace => (S::UNPROCESSABLE_ENTITY, "no-face", "There is no face"),
            Self::TooManyRequests => (S::TOO_MANY_REQUESTS, "rate", "Too many requests"),
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "internal", "The server failed"),
            Self::NotOffered => (
                S::NOT_IMPLEMENTED,
                "not-offered",
                "This gallery cannot do that",
            ),
            Self::Busy => (S::SERVICE_UNAVAILABLE, "busy", "The server is busy"),
            Self::Deadline => (S::SERVICE_UNAVAILABLE, "deadline", "It took too long"),
        }
    }

    /// Seconds after which another try makes sense.
    fn retry_after(self) -> Option<HeaderValue> {
        match self {
            Self::Busy | Self::Deadline | Self::TooManyRequests => {
                Some(HeaderValue::from_static("1"))
            }
            _ => None,
        }
    }
}

/// A problem of a request. Its answer gets a body in the outermost layer, which knows the request's
/// number.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) kind: Kind,
    detail: String,
    closes: bool,
}

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self {
            kind,
            detail,
            // The body may be unread: what follows on the connection would be taken for a request.
            closes: matches!(kind, Kind::SlowBody | Kind::TooLarge),
        }
    }

    /// The same problem, which ends the connection: of a message that is not what a client sends, as
    /// it may be the rest of another one.
    pub(crate) fn closing(self) -> Self {
        Self {
            closes: true,
            ..self
        }
    }

    pub(crate) fn bad(detail: impl Into<String>) -> Self {
        Self::new(Kind::BadRequest, detail)
    }

    pub(crate) fn busy(detail: &str) -> Self {
        Self::new(Kind::Busy, detail)
    }

    /// For faults of the server. Their text goes into the log and not to the client: it may name
    /// files.
    pub(crate) fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(error = %error, "internal error");
        Self::new(Kind::Internal, "the server's log has the reason")
    }

    pub(crate) fn no_such_picture() -> Self {
        Self::new(Kind::NotFound, "there is no picture or face with this id")
    }

    /// The name of its kind in URNs and metrics.
    pub(crate) fn name(&self) -> &'static str {
        self.kind.row().1
    }

    /// The body for the request with this number.
    pub(crate) fn body(&self, request_id: &str) -> Vec<u8> {
        let row = self.kind.row();
        let object = ProblemObject {
            kind: format!("urn:moue:problem:{}", row.1),
            title: row.2,
            status: row.0.as_u16(),
            detail: &self.detail,
            request_id,
        };
        serde_json::to_vec(&object).unwrap_or_default()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.kind.row().0.into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.kind.retry_after() {
            headers.insert(header::RETRY_AFTER, seconds);
        }
        if self.kind == Kind::NoKey {
            let bearer = HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, bearer);
        }
        if self.closes {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Cancelled> for Problem {
    fn from(_: Cancelled) -> Self {
        Self::new(
            Kind::Deadline,
            "the answer took longer than a request may take",
        )
    }
}

impl From<GalleryError> for Problem {
    fn from(error: GalleryError) -> Self {
        match error {
            GalleryError::Cancelled(cancelled) => cancelled.into(),
            GalleryError::Busy(_) => {
                Self::busy("another program is writing to the gallery; try again")
            }
            GalleryError::ReadOnly(_) => {
                Self::new(Kind::Forbidden, "this gallery cannot be changed")
            }
            // Their texts have the gallery's path.
            other => Self::internal(&other),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::File(error) => error.into(),
            StoreError::Cancelled(cancelled) => cancelled.into(),
            StoreError::Unreachable { .. } => {
                tracing::error!(error = %error, "the gallery's server is away");
                Self::busy("the gallery's server cannot be reached; try again")
            }
            // Their texts have the store's address.
            other => Self::internal(&other),
        }
    }
}

impl From<NetworkError> for Problem {
    fn from(error: NetworkError) -> Self {
        Self::internal(&error)
    }
}

impl From<DetectError> for Problem {
    fn from(error: DetectError) -> Self {
        match error {
            DetectError::Network(error) => error.into(),
            DetectError::Cancelled(cancelled) => cancelled.into(),
            other => Self::internal(&other),
        }
    }
}

impl From<DecodeError> for Problem {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Cancelled(cancelled) => cancelled.into(),
            DecodeError::TooLarge { resource, .. } => {
                let kind = match resource {
                    DecodeLimit::Scans | DecodeLimit::Frames => Kind::NotAPicture,
                    _ => Kind::TooLarge,
                };
                Self::new(kind, error.to_string())
            }
            // What other programs print may name files of theirs.
            DecodeError::Program(error) => {
                tracing::warn!(error = %error, "another program failed");
                Self::new(Kind::NotAPicture, "it cannot be decoded")
            }
            other => Self::new(Kind::NotAPicture, other.to_string()),
        }
    }
}

impl From<ExtractError> for Problem {
    fn from(error: ExtractError) -> Self {
        match error {
            ExtractError::NoFace => Self::new(Kind::NoFace, "the picture has no face"),
            ExtractError::NoExpression(error) => Self::new(Kind::NoFace, error.to_string()),
            ExtractError::Source(SourceError::Decode(error)) => error.into(),
            ExtractError::Cancelled(cancelled) => cancelled.into(),
            ExtractError::Detect(error) => error.into(),
            other => Self::internal(&other),
        }
    }
}
