//! A client of `moue serve`.

use anyhow::{Context, Result};
use serde_json::Value;
use std::time::Duration;
use ureq::Agent;
use ureq::http::header::CONTENT_TYPE;

/// Longer than the server takes for an answer.
const TIME: Duration = Duration::from_secs(30);

/// Bytes of a picture that is passed on: what Telegram and Discord take.
const MAX_PICTURE: u64 = 10 << 20;

/// A server of moue.
#[derive(Debug)]
pub struct Moue {
    agent: Agent,
    address: String,
    key: String,
}

/// A picture of the gallery as a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Picture {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its type, such as `image/png`.
    pub media: String,
}

/// A picture of the gallery that others can fetch.
#[derive(Debug, PartialEq, Eq)]
pub struct Reaction {
    /// Its number.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// The address of its file.
    pub url: String,
    /// Whether it is a GIF; else it is a still.
    pub is_gif: bool,
}

/// An agent whose errors leave the answer to the caller.
pub(crate) fn agent(time: Duration) -> Agent {
    let config = Agent::config_builder()
        .timeout_global(Some(time))
        // Addresses are checked and keys are in headers: an answer must not lead either elsewhere.
        .max_redirects(0)
        .http_status_as_error(false);
    config.build().into()
}

impl Moue {
    /// A server at an address such as `http://127.0.0.1:8090`, with a key that may read; without one,
    /// empty.
    pub fn new(address: &str, key: &str) -> Self {
        Self {
            agent: agent(TIME),
            address: address.trim_end_matches('/').to_owned(),
            key: key.to_owned(),
        }
    }

    /// The number of the picture that is nearest to the largest face of a photo; `None` without a
    /// face.
    ///
    /// # Errors
    /// What the server answers, if it cannot read the photo or is busy.
    pub fn find(&self, photo: &[u8]) -> Result<Option<u64>> {
        let url = format!("{}/v1/find?limit=1&effort=live", self.address);
        let request = self.agent.post(&url).header("x-api-key", &self.key);
        let sent = request
            .header(CONTENT_TYPE, "application/octet-stream")
            .send(photo);
        let found = json(sent.context("moue cannot be reached")?)?;
        Ok(found["faces"][0]["matches"][0]["id"].as_u64())
    }

    /// The file of a picture.
    ///
    /// # Errors
    /// What the server answers, if there is none.
    pub fn picture(&self, id: u64) -> Result<Picture> {
        let url = format!("{}/v1/pictures/{id}/content", self.address);
        let request = self.agent.get(&url).header("x-api-key", &self.key);
        let mut answer = request.call().context("moue cannot be reached")?;
        let media = answer.headers().get(CONTENT_TYPE);
        let media = media
            .and_then(|media| media.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        anyhow::ensure!(answer.status() == 200, "moue has no such picture");
        let bytes = answer
            .body_mut()
            .with_config()
            .limit(MAX_PICTURE)
            .read_to_vec()?;
        Ok(Picture { bytes, media })
    }

    /// Pictures that have these words, at addresses that others can fetch.
    ///
    /// # Errors
    /// What the server answers.
    pub fn search(&self, words: &str, limit: usize) -> Result<Vec<Reaction>> {
        let url = format!("{}/v2/search", self.address);
        let request = self.agent.get(&url).header("x-api-key", &self.key);
        let request = request.query("q", words).query("limit", limit.to_string());
        let found = json(request.call().context("moue cannot be reached")?)?;
        let results = found["results"].as_array().cloned().unwrap_or_default();
        Ok(results.iter().filter_map(reaction).collect())
    }
}

fn reaction(result: &Value) -> Option<Reaction> {
    let formats = &result["media_formats"];
    let of = |format: &str| formats[format]["url"].as_str();
    let gif = of("gif");
    let still = of("png").or(of("webp"));
    Some(Reaction {
        id: result["id"].as_str()?.to_owned(),
        title: result["content_description"].as_str()?.to_owned(),
        url: gif.or(still)?.to_owned(),
        is_gif: gif.is_some(),
    })
}

/// An answer's JSON; a problem's text is the error.
fn json(mut answer: ureq::http::Response<ureq::Body>) -> Result<Value> {
    let status = answer.status();
    let body: Value = answer
        .body_mut()
        .read_json()
        .context("moue answered no JSON")?;
    let detail = body["detail"].as_str().unwrap_or("no reason given");
    anyhow::ensure!(status == 200, "moue answered {status}: {detail}");
    Ok(body)
}
