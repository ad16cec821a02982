//! The server: it listens, serves, and ends in order.

use crate::app::{App, Shared};
use crate::config::{Limits, ServerConfig, TlsFiles};
use crate::connection::Guarded;
use crate::error::ServerError;
use crate::routes;
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Streams of one HTTP/2 connection: a page of thumbnails.
const STREAMS: u32 = 64;

/// Bytes of the headers of a request.
const HEADER_BYTES: usize = 32 << 10;

/// A server that listens, and does not answer yet.
///
/// ```no_run
/// use moue_server::{Server, ServerConfig};
/// let server = Server::bind(ServerConfig::default())?;
/// println!("http://{}", server.address());
/// server.run(moue_server::stop_signals())?;
/// # Ok::<(), moue_server::ServerError>(())
/// ```
pub struct Server {
    app: Shared,
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<RustlsConfig>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Opens the gallery, loads networks and keys, and listens.
    ///
    /// # Errors
    /// [`ServerError`] with what is wrong and what to do.
    pub fn bind(config: ServerConfig) -> Result<Self, ServerError> {
        let tls = config.tls.as_ref().map(tls_of).transpose()?;
        let listen = config.listen;
        let app = Arc::new(App::new(config, routes::openapi())?);
        let failed = |source| ServerError::Listen {
            address: listen,
            source,
        };
        let listener = TcpListener::bind(listen).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self {
            app,
            listener,
            address,
            tls,
        })
    }

    /// The address, with the port that was taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether it serves HTTPS.
    pub fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Serves until `stop` is ready; then it takes no more connections, completes what is under way,
    /// and returns. Blocks the calling thread.
    ///
    /// # Errors
    /// [`ServerError::Serve`] if there can be no connections any more.
    pub fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), ServerError> {
        raise_file_limit();
        // This thread alone moves bytes; the work on pictures has its own. Two wake each other for each
        // request: a live search then took 1.15 of what the library alone takes, with one 1.09.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(ServerError::Serve)?;
        let served = runtime.block_on(self.serve(stop));
        // A thread that waits for another program must not keep the process.
        runtime.shutdown_background();
        served.map_err(ServerError::Serve)
    }

    async fn serve(self, stop: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        let limits = self.app.config.limits.clone();
        let handle = Handle::new();
        tokio::spawn(end(handle.clone(), self.app.clone(), stop));
        let service = routes::router(&self.app).into_make_service_with_connect_info::<SocketAddr>();
        let guarded = Guarded::new(&limits);
        let mut server = axum_server::from_tcp(self.listener)?.handle(handle);
        bound(server.http_builder(), &limits);
        // What sends nothing at all, or half of the first line, is not HTTP yet to the builder.
        let server = server.first_request_timeout(limits.header_time);
        match self.tls {
            None => server.acceptor(guarded).serve(service).await,
            Some(tls) => {
                let acceptor = RustlsAcceptor::new(tls).handshake_timeout(limits.header_time);
                let acceptor = acceptor.acceptor(guarded);
                server.acceptor(acceptor).serve(service).await
            }
        }
    }
}

/// Sets what a connection may take.
fn bound(builder: &mut Builder<TokioExecutor>, limits: &Limits) {
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_time)
        .max_buf_size(HEADER_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEADER_BYTES as u32)
        .keep_alive_interval(limits.idle_time / 3)
        .keep_alive_timeout(limits.header_time);
}

async fn end(handle: Handle<SocketAddr>, app: Shared, stop: impl Future<Output = ()>) {
    stop.await;
    tracing::info!("stopping");
    app.stopping.store(true, Ordering::Relaxed);
    handle.graceful_shutdown(Some(app.config.limits.stop_time));
}

/// Ready when the process is to end: by Ctrl-C, or as service managers ask for it.
pub async fn stop_signals() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        // Without a handler the signal ends the process at once, as it does anyway.
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// Each connection is an open file, and the usual limit is 1,024.
fn raise_file_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        let raised = Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::warn!(error = %error, "the limit of open files stays");
        }
    }
}

fn tls_of(files: &TlsFiles) -> Result<RustlsConfig, ServerError> {
    let certificates = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(&files.certificate, &error))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|e| wrong(&files.key, &e))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| {
            config
                .with_no_client_auth()
                .with_single_cert(certificates, key)
        })
        .map_err(|error| wrong(&files.certificate, &error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}

fn wrong(path: &Path, reason: &dyn std::fmt::Display) -> ServerError {
    ServerError::Tls {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}
