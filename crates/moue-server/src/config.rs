//! What is served, where, and within which limits.

use moue::cancel::CancelToken;
use moue::frame::DecodeOptions;
use moue_store::GalleryStore;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The gallery that is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GallerySource {
    /// The compiled-in drawings.
    Builtin,
    /// The compiled-in emoji.
    Emoji,
    /// A file. It is created if there is none.
    File(PathBuf),
    /// A gallery elsewhere. It has no folder for uploaded pictures unless one is given.
    Store(SharedStore),
}

/// A gallery that is opened already: on a server of databases, for instance.
///
/// ```
/// use moue::gallery::MemoryStorage;
/// use moue_server::{GallerySource, SharedStore};
/// use moue_store::FileStore;
/// use std::sync::Arc;
/// let gallery = moue::Gallery::with_storage(MemoryStorage::default(), "memory")?;
/// let source = GallerySource::Store(SharedStore(Arc::new(FileStore::new(gallery))));
/// # let _ = source;
/// # Ok::<(), moue::gallery::GalleryError>(())
/// ```
#[derive(Clone)]
pub struct SharedStore(pub Arc<dyn GalleryStore>);

impl std::fmt::Debug for SharedStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SharedStore").field(&self.0.name()).finish()
    }
}

// By what it is, not by its address: two stores may be one gallery.
impl PartialEq for SharedStore {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for SharedStore {}

/// Certificate and private key, PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and those that it depends on.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// A server's configuration. The default serves the compiled-in drawings to this machine alone.
///
/// ```
/// use moue_server::ServerConfig;
/// let config = ServerConfig::default();
/// assert_eq!(config.listen.to_string(), "127.0.0.1:8090");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ServerConfig {
    /// The address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The gallery.
    pub gallery: GallerySource,
    /// The folder of uploaded pictures; unless given, beside the gallery's file: `my.uploads` of `my.moue`.
    pub uploads: Option<PathBuf>,
    /// The file of keys. With one every request needs a key; without one the server only listens on
    /// a loopback address.
    pub keys: Option<PathBuf>,
    /// Names by which clients reach the server, besides its address: what `Host` may be.
    pub hosts: Vec<String>,
    /// Origins of pages elsewhere that may use it, such as `https://photos.example`.
    pub origins: Vec<String>,
    /// Serve HTTPS.
    pub tls: Option<TlsFiles>,
    /// A folder with a built web app, which is read when the server starts; unless given, the app
    /// that is compiled in. Without either there is a small page.
    pub web: Option<PathBuf>,
    /// Bounds on what one client can take.
    pub limits: Limits,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8090)),
            gallery: GallerySource::Builtin,
            uploads: None,
            keys: None,
            hosts: Vec::new(),
            origins: Vec::new(),
            tls: None,
            web: None,
            limits: Limits::default(),
        }
    }
}

/// Bounds on what clients can take of the machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Bytes of all bodies that are held at once.
    pub all_bodies_bytes: usize,
    /// Bytes of all large answers that clients have not taken yet.
    pub all_answers_bytes: usize,
    /// Pixels of a picture.
    pub pixels: u64,
    /// Bytes that decoding a picture may take.
    pub decode_bytes: u64,
    /// Threads that decode, detect and search.
    pub workers: usize,
    /// Requests that wait for them.
    pub queue: usize,
    /// From the last byte of a request to its answer.
    pub answer_time: Duration,
    /// Until the header of a request is complete, also the first one of a connection.
    pub header_time: Duration,
    /// Until the body is complete.
    pub body_time: Duration,
    /// Between two parts of a body.
    pub body_stall: Duration,
    /// A connection on which nothing moves for this long is closed.
    pub idle_time: Duration,
    /// Connections at once.
    pub connections: usize,
    /// Requests a second of one key, or of one address without a key; not from this machine.
    pub rate: NonZero<u32>,
    /// What is under way when the server is stopped has this long.
    pub stop_time: Duration,
    /// Whether `heif-convert` and `ffmpeg` decode HEIC, AVIF and JPEG XL for clients.
    pub other_programs: bool,
}

impl Limits {
    /// For decoding pictures of clients.
    pub(crate) fn decoding(&self, cancel: &CancelToken) -> DecodeOptions {
        DecodeOptions {
            max_pixels: self.pixels,
            max_memory: self.decode_bytes,
            max_stall: self.answer_time,
            cancel: cancel.clone(),
            ..DecodeOptions::default()
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // A photo of a phone has 2 to 8 MiB.
            body_bytes: 10 << 20,
            // What the queue and its workers hold at most, if every body is of average size.
            all_bodies_bytes: 256 << 20,
            // Four files of the largest size, or a thousand pages of a list.
            all_answers_bytes: 256 << 20,
            pixels: 40_000_000,
            decode_bytes: 256 << 20,
            workers: std::thread::available_parallelism().map_or(1, NonZero::get),
            queue: 32,
            answer_time: Duration::from_secs(20),
            header_time: Duration::from_secs(10),
            // 10 MiB at 1.4 Mbit/s, a poor uplink.
            body_time: Duration::from_secs(60),
            body_stall: Duration::from_secs(10),
            idle_time: Duration::from_secs(75),
            // Each takes about 20 kB while it sends its header.
            connections: 16_384,
            rate: const { NonZero::new(20).unwrap() },
            stop_time: Duration::from_secs(20),
            // They are large programs in C, and their memory is not bounded by ours.
            other_programs: false,
        }
    }
}
