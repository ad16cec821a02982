//! What all requests share.

use crate::arrangement::MapCache;
use crate::body::{self, BodyMemory, Buffered, Share};
use crate::config::{Limits, ServerConfig};
use crate::engine::{Engine, stay_on_thread};
use crate::error::ServerError;
use crate::guard::{Client, Hosts, Origins};
use crate::jobs::Jobs;
use crate::key_ring::KeyRing;
use crate::problem::{Kind, Problem};
use crate::store::Store;
use crate::telemetry;
use crate::web::WebApp;
use axum::extract::Request;
use axum::http::request::Parts;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use metrics_exporter_prometheus::PrometheusHandle;
use moue::cancel::CancelToken;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Threads that read records and thumbnails; they wait for the disk more than they compute.
const READERS: usize = 4;

/// Reads that wait for them: a page of thumbnails of each of a few clients.
const READ_QUEUE: usize = 512;

/// Seconds of requests that a client may send at once after a rest.
const BURST_SECONDS: NonZero<u32> = NonZero::new(5).unwrap();

/// Clients whose rates are remembered before those that are at rest are forgotten.
const REMEMBERED_CLIENTS: usize = 10_000;

/// A server's state.
pub(crate) struct App {
    pub(crate) config: ServerConfig,
    pub(crate) store: Arc<Store>,
    pub(crate) keys: Option<Arc<KeyRing>>,
    /// The web app, where there is one.
    pub(crate) web: Option<Arc<WebApp>>,
    pub(crate) maps: MapCache,
    pub(crate) hosts: Hosts,
    pub(crate) origins: Origins,
    pub(crate) metrics: PrometheusHandle,
    pub(crate) openapi: String,
    /// Whether it is about to end.
    pub(crate) stopping: AtomicBool,
    engines: Jobs<Engine>,
    readers: Jobs<()>,
    writer: Jobs<()>,
    arranger: Jobs<()>,
    body_memory: Arc<BodyMemory>,
    answer_memory: Arc<BodyMemory>,
    rates: DefaultKeyedRateLimiter<Client>,
}

fn quota(limits: &Limits) -> Quota {
    // A screen of the page's grid comes at once, and then nothing for a while.
    let burst = limits.rate.saturating_mul(BURST_SECONDS);
    Quota::per_second(limits.rate).allow_burst(burst)
}

/// What handlers get.
pub(crate) type Shared = Arc<App>;

impl App {
    pub(crate) fn new(config: ServerConfig, openapi: String) -> Result<Self, ServerError> {
        let limits = &config.limits;
        let keys = config.keys.as_deref().map(KeyRing::open).transpose()?;
        let has_keys = keys.as_ref().is_some_and(|keys| !keys.is_empty());
        if !has_keys && !config.listen.ip().is_loopback() {
            return Err(ServerError::NoKeys(config.listen));
        }
        let engine = Engine::new(limits)?;
        let engines = Jobs::start(
            "engines",
            limits.workers,
            limits.queue,
            &engine,
            stay_on_thread,
        );
        Ok(Self {
            store: Arc::new(Store::open(&config)?),
            keys: keys.map(Arc::new),
            web: WebApp::open(config.web.as_deref())?.map(Arc::new),
            maps: MapCache::default(),
            hosts: Hosts::new(&config)?,
            origins: Origins::new(&config)?,
            metrics: telemetry::recorder(),
            openapi,
            stopping: AtomicBool::new(false),
            engines,
            readers: Jobs::start("readers", READERS, READ_QUEUE, &(), stay_on_thread),
            // One, as there is one writer's lock.
            writer: Jobs::start("writer", 1, limits.queue, &(), || {}),
            // One, as all who wait for the map wait for the same one.
            arranger: Jobs::start("arranger", 1, limits.queue, &(), || {}),
            body_memory: Arc::default(),
            answer_memory: Arc::default(),
            rates: RateLimiter::keyed(quota(limits)),
            config,
        })
    }

    /// Reads the body of a request.
    ///
    /// # Errors
    /// [`Problem`] if it is too large or too slow.
    pub(crate) async fn body(&self, request: Request) -> Result<(Parts, Buffered), Problem> {
        let split = request.into_parts();
        let parts = split.0;
        let limits = &self.config.limits;
        let body = body::read(&parts.headers, split.1, limits, &self.body_memory).await?;
        Ok((parts, body))
    }

    /// The share of an answer of so many bytes.
    ///
    /// # Errors
    /// [`Problem`] if clients that read slowly fill the memory.
    pub(crate) fn answer_share(&self, bytes: usize) -> Result<Share, Problem> {
        let limit = self.config.limits.all_answers_bytes;
        Share::of(&self.answer_memory, bytes, limit)
    }

    /// Runs `work` on a worker with its networks.
    ///
    /// # Errors
    /// [`Problem`] if all are busy, it takes too long, or fails.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Engine, &CancelToken) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.engines.run(self.config.limits.answer_time, work).await
    }

    /// Runs `work`, which reads the gallery.
    ///
    /// # Errors
    /// As for [`App::compute`].
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store, &CancelToken) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = Arc::clone(&self.store);
        let work = move |(): &mut (), cancel: &CancelToken| work(&store, cancel);
        self.readers.run(self.config.limits.answer_time, work).await
    }

    /// Runs `work`, which changes the gallery; one at a time.
    ///
    /// # Errors
    /// As for [`App::compute`].
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store, &CancelToken) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = Arc::clone(&self.store);
        let work = move |(): &mut (), cancel: &CancelToken| work(&store, cancel);
        self.writer.run(self.config.limits.answer_time, work).await
    }

    /// Runs `work`, which arranges the gallery by expression; one at a time, and no picture waits for it.
    ///
    /// # Errors
    /// As for [`App::compute`].
    pub(crate) async fn arrange<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store, &CancelToken) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = Arc::clone(&self.store);
        let work = move |(): &mut (), cancel: &CancelToken| work(&store, cancel);
        self.arranger
            .run(self.config.limits.answer_time, work)
            .await
    }

    /// Whether a path is one of the web app's files.
    pub(crate) fn is_page(&self, path: &str) -> bool {
        self.web.as_ref().is_some_and(|web| web.has(path))
    }

    /// Whether a picture would be refused for want of room in the queue.
    pub(crate) fn is_busy(&self) -> bool {
        self.engines.is_full()
    }

    /// Counts a request of a client.
    ///
    /// # Errors
    /// [`Problem`] if there were too many in the last second.
    pub(crate) fn check_rate(&self, client: &Client) -> Result<(), Problem> {
        if self.rates.len() > REMEMBERED_CLIENTS {
            self.rates.retain_recent();
        }
        self.rates.check_key(client).map_err(|_| {
            let detail = format!("at most {} requests a second", self.config.limits.rate);
            Problem::new(Kind::TooManyRequests, detail)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_slowed_down_and_others_are_not() {
        let app = App::new(ServerConfig::default(), String::new()).unwrap();
        let client = |address: &str| Client::at(format!("{address}:1").parse().unwrap());
        let one = client("[2001:db8::1]");
        let refused = (0..1000).find_map(|_| app.check_rate(&one).err());
        assert_eq!(refused.unwrap().kind, Kind::TooManyRequests);
        // A neighbor in the same network is the same client; another network is not.
        assert_eq!(one, client("[2001:db8::2]"));
        assert!(app.check_rate(&client("[2001:db8:0:1::1]")).is_ok());
        assert!(app.check_rate(&client("192.0.2.1")).is_ok());
        let key = Client::Key("phone".into(), "hash".into());
        assert!(app.check_rate(&key).is_ok());
    }
}
