//! Requests to the server: with a deadline, tried again where that can help, and canceled with the
//! caller.

use crate::place::{DEFAULT_PORT, Place};
use crate::wire::{Answer, GetVersionRequest, GetVersionResponse, Status};
use base64::Engine;
use http::uri::PathAndQuery;
use moue::cancel::CancelToken;
use moue_store::StoreError;
use std::future::Future;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tonic::client::Grpc;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request};
use tonic_prost::ProstCodec;

/// Bytes of an answer: 16,384 faces, the most that a search returns, with records of 64 KB are more,
/// but those of real galleries take 1 KB each.
const MAX_ANSWER: usize = 256 << 20;
/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a first try may take, and twice as long each next one. A search that was under way in a
/// query node that was killed is not answered; tried again, it goes to another replica.
const TRY: Duration = Duration::from_secs(10);
/// How long the first request of all is tried.
const GREETING: Duration = Duration::from_secs(8);
/// How often a waiting request looks at its caller's token.
const CANCEL_CHECK: Duration = Duration::from_millis(50);
/// The pause before a request is tried again, doubled up to the second.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(2)];

/// Codes of conditions that pass although servers do not call all of them retriable: a replica, a
/// channel, a segment or a node that was lost and is being replaced (`pkg/util/merr` in Milvus' sources).
const PASSING: [i32; 12] = [1, 11, 106, 401, 503, 504, 601, 602, 901, 902, 904, 905];
/// The codes of older servers that mean the same: no replica, another node, not ready, too many.
const PASSING_OLD: [i32; 6] = [45, 46, 49, 50, 55, 56];
/// What a connection to a server says that is being replaced and is back soon.
const PASSING_CODES: [Code; 6] = [
    Code::Unavailable,
    Code::Unknown,
    Code::Cancelled,
    Code::Aborted,
    Code::DeadlineExceeded,
    Code::ResourceExhausted,
];
/// There is no such collection.
const MISSING: [i32; 1] = [100];
const MISSING_OLD: i32 = 4;

/// A connection to one server. It opens no other one.
pub(crate) struct Client {
    place: Place,
    // One thread at a time drives the connection, the one that waits for an answer, so that the
    // library has no thread of its own.
    runtime: Runtime,
    channel: Channel,
    authorization: Option<MetadataValue<Ascii>>,
}

/// Why a try failed.
enum Failure {
    /// Another try may succeed.
    Passing(String),
    Final(StoreError),
}

impl Client {
    /// Prepares a connection; the first request makes it.
    pub(crate) fn new(place: Place) -> Result<Self, StoreError> {
        let unreachable = |reason: &dyn std::fmt::Display| StoreError::Unreachable {
            store: place.name.clone(),
            reason: reason.to_string(),
        };
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| unreachable(&e))?;
        let endpoint = Endpoint::from_shared(format!("http://{}", place.server()));
        let endpoint = endpoint.map_err(|e| unreachable(&e))?;
        Ok(Self {
            authorization: place.user.as_ref().and_then(authorization),
            channel: channel(
                &runtime,
                &endpoint.connect_timeout(CONNECT).tcp_nodelay(true),
            ),
            place,
            runtime,
        })
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Whether a Milvus server answers, so that a wrong address is told after seconds and not when
    /// all tries of a request are over. Returns its version.
    pub(crate) fn greet(&self) -> Result<String, StoreError> {
        let until = Instant::now() + GREETING;
        let cancel = CancelToken::default();
        let greeted = self.call_until(until, "GetVersion", &GetVersionRequest {}, &cancel);
        let version: GetVersionResponse = greeted.map_err(|error| match error {
            StoreError::Unreachable { store, reason } => StoreError::Unreachable {
                store,
                reason: format!(
                    "{reason}; check that Milvus runs there and that this is the port of its gRPC \
                     service (proxy.port in milvus.yaml, {DEFAULT_PORT} unless set)"
                ),
            },
            other => other,
        })?;
        Ok(version.version)
    }

    /// Asks the server, again while it reports what passes. So `request` must be one that may
    /// happen twice.
    pub(crate) fn call<Q, A>(
        &self,
        method: &'static str,
        request: &Q,
        cancel: &CancelToken,
    ) -> Result<A, StoreError>
    where
        Q: prost::Message + Clone + 'static,
        A: Answer,
    {
        let until = Instant::now() + Duration::from_secs(self.place.seconds.into());
        self.call_until(until, method, request, cancel)
    }

    fn call_until<Q, A>(
        &self,
        deadline: Instant,
        method: &'static str,
        request: &Q,
        cancel: &CancelToken,
    ) -> Result<A, StoreError>
    where
        Q: prost::Message + Clone + 'static,
        A: Answer,
    {
        let mut pause = PAUSES[0];
        let mut patience = TRY;
        loop {
            let end = deadline.min(Instant::now() + patience);
            let reason = match self.attempt(method, request.clone(), end, cancel) {
                Ok(answer) => return Ok(answer),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Passing(reason)) => reason,
            };
            if Instant::now() + pause >= deadline {
                return Err(
                    self.unreachable(format!("{method} was not answered in time ({reason})"))
                );
            }
            self.pause(pause, cancel)?;
            pause = (pause * 2).min(PAUSES[1]);
            patience *= 2;
        }
    }

    /// Waits, or returns early with the caller.
    pub(crate) fn pause(&self, time: Duration, cancel: &CancelToken) -> Result<(), StoreError> {
        let end = Instant::now() + time;
        let asleep = async { tokio::time::sleep(time).await };
        match self.wait(asleep, end + CANCEL_CHECK, cancel) {
            Err(Failure::Final(error)) => Err(error),
            _ => Ok(()),
        }
    }

    fn attempt<Q, A>(
        &self,
        method: &'static str,
        message: Q,
        deadline: Instant,
        cancel: &CancelToken,
    ) -> Result<A, Failure>
    where
        Q: prost::Message + 'static,
        A: Answer,
    {
        let path = format!("/milvus.proto.milvus.MilvusService/{method}");
        let sent = self.send(path, self.request(message));
        let answer = self.wait(sent, deadline, cancel)?;
        let answer: A = answer.map_err(|status| self.failed(method, &status))?;
        match answer.status() {
            Some(status) if !is_fine(status) => Err(self.refused(method, status)),
            _ => Ok(answer),
        }
    }

    fn request<Q>(&self, message: Q) -> Request<Q> {
        let mut request = Request::new(message);
        if let Some(authorization) = &self.authorization {
            let metadata = request.metadata_mut();
            metadata.insert("authorization", authorization.clone());
        }
        request
    }

    async fn send<Q, A>(&self, path: String, request: Request<Q>) -> Result<A, tonic::Status>
    where
        Q: prost::Message + 'static,
        A: Answer,
    {
        let path = PathAndQuery::try_from(path)
            .map_err(|error| tonic::Status::internal(error.to_string()))?;
        let mut grpc = Grpc::new(self.channel.clone()).max_decoding_message_size(MAX_ANSWER);
        grpc.ready()
            .await
            .map_err(|error| tonic::Status::unavailable(reasons(&error)))?;
        let codec: ProstCodec<Q, A> = ProstCodec::default();
        let answer = grpc.unary(request, path, codec).await?;
        Ok(answer.into_inner())
    }

    /// Drives `work` until it is done, the deadline has passed, or the caller cancels.
    fn wait<T>(
        &self,
        work: impl Future<Output = T>,
        deadline: Instant,
        cancel: &CancelToken,
    ) -> Result<T, Failure> {
        self.runtime.block_on(async {
            let mut work = std::pin::pin!(work);
            loop {
                cancel.check().map_err(|c| Failure::Final(c.into()))?;
                if let Ok(done) = tokio::time::timeout(CANCEL_CHECK, work.as_mut()).await {
                    return Ok(done);
                }
                if Instant::now() >= deadline {
                    return Err(Failure::Passing("no answer".to_owned()));
                }
            }
        })
    }

    /// What a request that got no answer means.
    fn failed(&self, method: &'static str, status: &tonic::Status) -> Failure {
        let reason = reasons(status);
        match status.code() {
            Code::Unauthenticated | Code::PermissionDenied => {
                Failure::Final(self.unreachable(format!(
                    "it refuses this user ({reason}); write milvus://USER:PASSWORD@HOST:PORT/…"
                )))
            }
            code if PASSING_CODES.contains(&code) => Failure::Passing(reason),
            code => Failure::Final(StoreError::failed(
                &self.place.name,
                format_args!("{method} failed: {reason} ({code})"),
            )),
        }
    }

    /// What an answer that reports an error means.
    fn refused(&self, method: &'static str, status: &Status) -> Failure {
        let passes = status.retriable
            || PASSING.contains(&status.code)
            || PASSING_OLD.contains(&status.error_code);
        if passes {
            return Failure::Passing(status.reason.clone());
        }
        let Status { reason, code, .. } = status;
        if MISSING.contains(code) || status.error_code == MISSING_OLD {
            let store = self.place.name.clone();
            return Failure::Final(StoreError::Missing { store });
        }
        Failure::Final(StoreError::failed(
            &self.place.name,
            format_args!("Milvus refuses {method}: {reason} (code {code})"),
        ))
    }

    pub(crate) fn unreachable(&self, reason: String) -> StoreError {
        StoreError::Unreachable {
            store: self.place.name.clone(),
            reason,
        }
    }
}

/// A connection that its first request makes.
fn channel(runtime: &Runtime, endpoint: &Endpoint) -> Channel {
    let _inside = runtime.enter();
    endpoint.connect_lazy()
}

fn is_fine(status: &Status) -> bool {
    status.code == 0 && status.error_code == 0
}

fn authorization((name, password): &(String, String)) -> Option<MetadataValue<Ascii>> {
    let text = base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"));
    let mut value: MetadataValue<Ascii> = text.parse().ok()?;
    // Kept out of what libraries print.
    value.set_sensitive(true);
    Some(value)
}

/// An error with what caused it, as the outermost one only says "transport error".
fn reasons(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        source = inner.source();
    }
    text
}
