//! Discord's API: registering commands, fetching pictures, answering.

use super::command::{self, MAX_PHOTO, Selfie};
use crate::form::Form;
use crate::moue::{Picture, agent};
use anyhow::{Result, anyhow, bail, ensure};
use serde_json::{Value, json};
use std::time::Duration;
use ureq::http::{Response, Uri};
use ureq::{Agent, Body};

/// Where Discord has the attachments of messages.
pub const CDN: [&str; 2] = ["https://cdn.discordapp.com", "https://media.discordapp.net"];

/// The longest time of a request: ten megabytes at 3 Mbit/s.
const TIME: Duration = Duration::from_secs(30);

/// How often a request is made that fails for a reason that may pass.
const ATTEMPTS: u32 = 4;

/// Before the second attempt; it doubles each time.
const PAUSE: Duration = Duration::from_millis(500);

/// The longest time that Discord may ask to wait. Nobody waits longer for a reaction.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// Bytes of an answer, of which only errors are read.
const MAX_ANSWER: u64 = 1 << 20;

const TOO_MANY_REQUESTS: u16 = 429;
const NOT_FOUND: u16 = 404;

/// Discord's API.
#[derive(Debug)]
pub struct Api {
    agent: Agent,
    address: String,
    cdn: Vec<String>,
}

impl Api {
    /// The API at an address, `https://discord.com/api/v10`; attachments are fetched from the servers
    /// of `cdn` alone, [`CDN`].
    pub fn new(address: &str, cdn: &[&str]) -> Self {
        Self {
            agent: agent(TIME),
            address: address.trim_end_matches('/').to_owned(),
            cdn: cdn.iter().map(|&server| server.to_owned()).collect(),
        }
    }

    /// Whether an address is one of an attachment's.
    pub(super) fn is_cdn(&self, url: &str) -> bool {
        let Ok(url) = url.parse::<Uri>() else {
            return false;
        };
        // The authority has user names and ports too, so that none of them gets by.
        let server = url.scheme_str().zip(url.authority());
        let server = server.map(|(scheme, authority)| format!("{scheme}://{authority}"));
        server.is_some_and(|server| self.cdn.contains(&server))
    }

    /// Tells Discord the commands of the application with this token. Those that it knows stay.
    ///
    /// # Errors
    /// If Discord cannot be reached or refuses the token.
    pub fn register(&self, token: &str) -> Result<()> {
        let authorization = format!("Bot {token}");
        let url = format!("{}/applications/@me", self.address);
        let me = self.send(&[], token, || {
            let request = self.agent.get(&url);
            request.header("authorization", &authorization).call()
        })?;
        let application: Value = json_of(me)?;
        let id = application["id"].as_str().unwrap_or_default();
        ensure!(
            !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()),
            "Discord names no application"
        );
        let url = format!("{}/applications/{id}/commands", self.address);
        let commands = command::commands();
        let registered = self.send(&[], token, || {
            let request = self.agent.put(&url);
            let request = request.header("authorization", &authorization);
            request.send_json(&commands)
        });
        registered.map(drop)
    }

    /// Fetches a picture from an address of [`Api::is_cdn`].
    pub(super) fn download(&self, url: &str) -> Result<Vec<u8>> {
        ensure!(self.is_cdn(url), "the picture is not on Discord's servers");
        let mut answer = self.send(&[], "", || self.agent.get(url).call())?;
        let body = answer.body_mut().with_config().limit(MAX_PHOTO);
        Ok(body.read_to_vec()?)
    }

    /// Answers with a text.
    pub(super) fn say(&self, selfie: &Selfie, text: &str) -> Result<()> {
        let url = self.answer_of(selfie);
        let message = json!({ "content": text });
        // Its answer is known to Discord only when it has read that there will be one.
        let sent = self.send(&[NOT_FOUND], &selfie.token, || {
            self.agent.patch(&url).send_json(&message)
        });
        sent.map(drop)
    }

    /// Answers with a picture.
    pub(super) fn send_picture(&self, selfie: &Selfie, picture: &Picture) -> Result<()> {
        let url = self.answer_of(selfie);
        let name = format!("reaction.{}", ending(&picture.media));
        let about = json!({
            "attachments": [{ "id": 0, "filename": name }],
            "allowed_mentions": { "parse": [] },
        });
        let form = Form::default()
            .text("payload_json", &about.to_string())
            .file("files[0]", &name, picture)
            .finish();
        let sent = self.send(&[NOT_FOUND], &selfie.token, || {
            let request = self.agent.patch(&url);
            let request = request.header("content-type", Form::media());
            request.send(&form[..])
        });
        sent.map(drop)
    }

    fn answer_of(&self, selfie: &Selfie) -> String {
        let Selfie {
            application, token, ..
        } = selfie;
        format!(
            "{}/webhooks/{application}/{token}/messages/@original",
            self.address
        )
    }

    /// Makes a request until it succeeds or fails for good. Besides rate limits and failures of the
    /// server the statuses of `passing` are repeated. `secret` is in no error.
    fn send(
        &self,
        passing: &[u16],
        secret: &str,
        request: impl Fn() -> Result<Response<Body>, ureq::Error>,
    ) -> Result<Response<Body>> {
        let mut pause = PAUSE;
        for attempt in 1..=ATTEMPTS {
            let failure = match request() {
                Ok(answer) if answer.status().is_success() => return Ok(answer),
                Ok(answer) => Failure::of(answer, passing),
                Err(error) => Failure::unreachable(&hidden(&error.to_string(), secret)),
            };
            let wait = failure.retry_after.unwrap_or(pause);
            if !failure.is_passing || attempt == ATTEMPTS || wait > MAX_WAIT {
                return Err(failure.error);
            }
            std::thread::sleep(wait);
            pause *= 2;
        }
        bail!("Discord was not asked")
    }
}

/// A request that has failed.
struct Failure {
    error: anyhow::Error,
    is_passing: bool,
    retry_after: Option<Duration>,
}

impl Failure {
    fn unreachable(reason: &str) -> Self {
        Self {
            error: anyhow!("Discord cannot be reached: {reason}"),
            is_passing: true,
            retry_after: None,
        }
    }

    fn of(answer: Response<Body>, passing: &[u16]) -> Self {
        let status = answer.status();
        let is_limit = status == TOO_MANY_REQUESTS;
        let header = seconds(answer.headers().get("retry-after"));
        let body: Value = json_of(answer).unwrap_or_default();
        let retry_after = header.or(body["retry_after"].as_f64());
        let reason = body["message"].as_str().unwrap_or("no reason given");
        Self {
            error: anyhow!("Discord answered {status}: {reason}"),
            is_passing: is_limit || status.is_server_error() || passing.contains(&status.as_u16()),
            retry_after: retry_after
                .filter(|_| is_limit)
                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
        }
    }
}

fn seconds(header: Option<&ureq::http::HeaderValue>) -> Option<f64> {
    header?.to_str().ok()?.parse().ok()
}

fn json_of(mut answer: Response<Body>) -> Result<Value> {
    let body = answer.body_mut().with_config().limit(MAX_ANSWER);
    Ok(body.read_json()?)
}

/// An error without what it must not have.
fn hidden(error: &str, secret: &str) -> String {
    match secret {
        "" => error.to_owned(),
        secret => error.replace(secret, "TOKEN"),
    }
}

/// The ending of a file's name, by which Discord knows how to show it.
fn ending(media: &str) -> &'static str {
    match media {
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "video/mp4" => "mp4",
        "video/webm" => "webm",
        _ => "jpg",
    }
}
