//! Connections: how many there are, and how long nothing may move on one.

use crate::config::Limits;
use axum_server::accept::Accept;
use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

/// Lets as many connections in as there may be, each [`Watched`].
#[derive(Debug, Clone)]
pub(crate) struct Guarded {
    free: Arc<Semaphore>,
    idle_time: Duration,
}

impl Guarded {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            free: Arc::new(Semaphore::new(limits.connections)),
            idle_time: limits.idle_time,
        }
    }
}

impl<S> Accept<TcpStream, S> for Guarded {
    type Stream = Watched;
    type Service = S;
    type Future = Ready<io::Result<(Watched, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        // Dropping the stream closes it. A queue would keep those waiting that take nothing.
        let permit = Arc::clone(&self.free).try_acquire_owned();
        let accepted = permit.map_err(io::Error::other).and_then(|permit| {
            // An answer is written at once, so there is nothing to collect.
            stream.set_nodelay(true)?;
            Ok((Watched::new(stream, permit, self.idle_time), service))
        });
        ready(accepted)
    }
}

/// A connection that fails once nothing has moved on it for some time: neither a request nor an
/// answer that its client does not read.
pub(crate) struct Watched {
    stream: TcpStream,
    idle_time: Duration,
    moved: Instant,
    alarm: Pin<Box<Sleep>>,
    _open: Counted,
    _permit: OwnedSemaphorePermit,
}

/// An open connection, for the metrics.
struct Counted;

impl Counted {
    fn new() -> Self {
        metrics::gauge!("moue_connections").increment(1);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!("moue_connections").decrement(1);
    }
}

impl Watched {
    fn new(stream: TcpStream, permit: OwnedSemaphorePermit, idle_time: Duration) -> Self {
        Self {
            stream,
            idle_time,
            moved: Instant::now(),
            alarm: Box::pin(sleep(idle_time)),
            _open: Counted::new(),
            _permit: permit,
        }
    }

    /// Passes a result on; one that waits waits no longer than the connection may be idle.
    fn watched<T>(
        &mut self,
        cx: &mut Context<'_>,
        result: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.moved = Instant::now();
            return result;
        }
        while self.alarm.as_mut().poll(cx).is_ready() {
            // The alarm is not moved with every byte; when it rings, it is set to what is left.
            let end = self.moved + self.idle_time;
            if end <= Instant::now() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.alarm.as_mut().reset(end);
        }
        Poll::Pending
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.watched(cx, result)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watched(cx, result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, buffers);
        self.watched(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
