//! HTTP with limits, retries and manners.

use super::FetchOptions;
use super::address::PublicOnly;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use ureq::Agent;
use ureq::unversioned::transport::DefaultConnector;

/// Longest wait that a server may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
const REDIRECTS: u32 = 5;

/// Why something cannot be fetched.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("the server answered {0}")]
    Status(u16),
    #[error("larger than the {0} bytes that are allowed")]
    TooLarge(u64),
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
    /// Whether another try may help.
    fn may_pass(&self) -> bool {
        match self {
            Self::Status(code) => *code == 429 || *code >= 500,
            Self::Http(ureq::Error::Timeout(_) | ureq::Error::ConnectionFailed) => true,
            Self::Http(ureq::Error::Io(e)) => e.kind() != std::io::ErrorKind::PermissionDenied,
            _ => false,
        }
    }
}

/// Fetches within limits.
pub(super) struct Fetcher {
    agent: Agent,
    retries: u32,
    wait: Duration,
    stop: Arc<AtomicBool>,
}

impl Fetcher {
    pub(super) fn new(options: &FetchOptions) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(options.timeout))
            .max_redirects(REDIRECTS)
            .https_only(!options.allow_private)
            .http_status_as_error(false)
            .user_agent(concat!("moue/", env!("CARGO_PKG_VERSION")))
            .build();
        let resolver = PublicOnly::new(options.allow_private);
        let agent = Agent::with_parts(config, DefaultConnector::default(), resolver);
        Self {
            agent,
            retries: options.retries,
            wait: options.wait,
            stop: Arc::clone(&options.stop),
        }
    }

    /// The content at an address, of at most `most` bytes.
    pub(super) fn get(&self, url: &str, most: u64) -> Result<Vec<u8>, FetchError> {
        let mut wait = self.wait;
        for round in 0.. {
            let (error, asked) = match self.once(url, most) {
                Ok(bytes) => return Ok(bytes),
                Err(failed) => failed,
            };
            if round >= self.retries || !error.may_pass() {
                return Err(error);
            }
            self.rest(asked.unwrap_or(wait).min(LONGEST_WAIT))?;
            wait *= 2;
        }
        Err(FetchError::Stopped)
    }

    /// One try; with an error goes how long the server asks to wait.
    fn once(&self, url: &str, most: u64) -> Result<Vec<u8>, (FetchError, Option<Duration>)> {
        let plain = |error| (error, None);
        let mut answer = self
            .agent
            .get(url)
            .call()
            .map_err(|e| plain(FetchError::Http(e)))?;
        let status = answer.status().as_u16();
        if status != 200 {
            let header = answer
                .headers()
                .get("retry-after")
                .and_then(|v| v.to_str().ok()?.parse().ok());
            return Err((FetchError::Status(status), header.map(Duration::from_secs)));
        }
        if answer
            .body()
            .content_length()
            .is_some_and(|length| length > most)
        {
            return Err(plain(FetchError::TooLarge(most)));
        }
        match answer.body_mut().with_config().limit(most).read_to_vec() {
            Ok(bytes) => Ok(bytes),
            Err(ureq::Error::BodyExceedsLimit(_)) => Err(plain(FetchError::TooLarge(most))),
            Err(error) => Err(plain(FetchError::Http(error))),
        }
    }

    /// Waits, but not for one who has left.
    fn rest(&self, time: Duration) -> Result<(), FetchError> {
        let start = Instant::now();
        while start.elapsed() < time {
            if self.stop.load(Ordering::Relaxed) {
                return Err(FetchError::Stopped);
            }
            std::thread::sleep(Duration::from_millis(50).min(time));
        }
        Ok(())
    }
}
