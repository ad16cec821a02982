//! HTTP with limits and retries.

use super::address::PublicOnly;
use super::options::FetchOptions;
use moue::cancel::CancelToken;
use std::time::{Duration, Instant};
use ureq::http::{Method, Request, Response};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body};

/// The longest time that a server may ask to wait with `Retry-After`. With a longer one the program
/// would seem to hang.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(30);

/// Redirections that are followed: content networks use one or two, and a loop has no end.
const MAX_REDIRECTS: u32 = 5;

/// How often a wait checks whether the work was canceled; shorter than a user notices.
const CANCEL_CHECK: Duration = Duration::from_millis(50);

const TOO_MANY_REQUESTS: u16 = 429;
const FIRST_SERVER_ERROR: u16 = 500;

/// Why something cannot be fetched.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("the server answered {0}")]
    Status(u16),
    #[error("larger than the {0} bytes that are allowed")]
    TooLarge(u64),
    #[error("this run has fetched as much as it may; the next one goes on")]
    NothingLeft,
    #[error("{0}")]
    Refused(String),
    #[error("{0}")]
    Http(ureq::Error),
    #[error("cannot be written: {0}")]
    Write(#[from] std::io::Error),
    #[error("stopped")]
    Stopped,
}

impl FetchError {
    /// Whether a repetition may help. A private address (`PermissionDenied`) stays private.
    fn is_transient(&self) -> bool {
        match self {
            Self::Status(code) => *code == TOO_MANY_REQUESTS || *code >= FIRST_SERVER_ERROR,
            Self::Http(ureq::Error::Timeout(_) | ureq::Error::ConnectionFailed) => true,
            Self::Http(ureq::Error::Io(e)) => e.kind() != std::io::ErrorKind::PermissionDenied,
            _ => false,
        }
    }
}

/// A failed request.
struct Failure {
    error: FetchError,
    /// How long the server asks to wait before the next one.
    retry_after: Option<Duration>,
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        Self {
            error,
            retry_after: None,
        }
    }
}

/// A request.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) url: &'a str,
    /// JSON that is sent.
    pub(super) body: Option<&'a str>,
    /// Bytes of the answer at most.
    pub(super) limit: u64,
}

/// A header that every request has.
pub(super) struct Header {
    pub(super) name: &'static str,
    pub(super) value: String,
}

/// Fetches within limits.
pub(super) struct Fetcher {
    agent: Agent,
    key: Option<Header>,
    retries: u32,
    retry_delay: Duration,
    cancel: CancelToken,
}

impl Fetcher {
    pub(super) fn new(options: &FetchOptions) -> Self {
        Self::with(options, MAX_REDIRECTS, None)
    }

    /// Sends a key with each request. Redirections are not followed: the key would go with them, to
    /// whatever server they name.
    pub(super) fn with_key(options: &FetchOptions, key: Header) -> Self {
        Self::with(options, 0, Some(key))
    }

    fn with(options: &FetchOptions, redirects: u32, key: Option<Header>) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(options.timeout))
            .max_redirects(redirects)
            .https_only(!options.allow_private)
            .http_status_as_error(false)
            .user_agent(concat!("moue/", env!("CARGO_PKG_VERSION")))
            .build();
        let resolver = PublicOnly::new(options.allow_private);
        Self {
            agent: Agent::with_parts(config, DefaultConnector::default(), resolver),
            key,
            retries: options.retries,
            retry_delay: options.retry_delay,
            cancel: options.cancel.clone(),
        }
    }

    /// The content at an address, of at most `limit` bytes.
    pub(super) fn get(&self, url: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        self.call(&Call {
            method: Method::GET,
            url,
            body: None,
            limit,
        })
    }

    /// What is answered to a request that may be repeated.
    pub(super) fn call(&self, call: &Call<'_>) -> Result<Vec<u8>, FetchError> {
        let mut delay = self.retry_delay;
        for attempt in 0.. {
            let failure = match self.request(call) {
                Ok(bytes) => return Ok(bytes),
                Err(failure) => failure,
            };
            if attempt >= self.retries || !failure.error.is_transient() {
                return Err(failure.error);
            }
            self.wait(failure.retry_after.unwrap_or(delay).min(MAX_RETRY_AFTER))?;
            delay *= 2;
        }
        Err(FetchError::Stopped)
    }

    fn send(&self, call: &Call<'_>) -> Result<Response<Body>, FetchError> {
        let mut request = Request::builder().method(call.method.clone()).uri(call.url);
        if let Some(key) = &self.key {
            request = request.header(key.name, &key.value);
        }
        let refused = |error: ureq::http::Error| FetchError::Refused(error.to_string());
        let answer = match call.body {
            None => self.agent.run(request.body(()).map_err(refused)?),
            Some(json) => {
                let request = request.header("content-type", "application/json");
                self.agent.run(request.body(json).map_err(refused)?)
            }
        };
        answer.map_err(FetchError::Http)
    }

    fn request(&self, call: &Call<'_>) -> Result<Vec<u8>, Failure> {
        let limit = call.limit;
        let mut response = self.send(call)?;
        let status = response.status();
        if !status.is_success() {
            return Err(Failure {
                error: FetchError::Status(status.as_u16()),
                retry_after: retry_after(&response),
            });
        }
        let claimed = response.body().content_length();
        if claimed.is_some_and(|length| length > limit) {
            return Err(FetchError::TooLarge(limit).into());
        }
        // The claim may be a lie or absent, so reading is limited too.
        let body = response.body_mut().with_config().limit(limit);
        body.read_to_vec().map_err(|error| match error {
            ureq::Error::BodyExceedsLimit(_) => FetchError::TooLarge(limit).into(),
            error => FetchError::Http(error).into(),
        })
    }

    fn wait(&self, time: Duration) -> Result<(), FetchError> {
        let start = Instant::now();
        while start.elapsed() < time {
            if self.cancel.is_cancelled() {
                return Err(FetchError::Stopped);
            }
            std::thread::sleep(CANCEL_CHECK.min(time));
        }
        Ok(())
    }
}

/// The header `Retry-After` in seconds; dates are not read.
fn retry_after(response: &Response<Body>) -> Option<Duration> {
    let value = response.headers().get("retry-after")?;
    Some(Duration::from_secs(value.to_str().ok()?.parse().ok()?))
}
