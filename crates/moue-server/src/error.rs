//! Errors of starting and running a server.

use crate::keys::KeyError;
use moue::gallery::GalleryError;
use moue::network::NetworkError;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a server does not start, or ends.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// An address that other machines reach needs a key.
    #[error(
        "{0} can be reached from other machines, so it needs a key: \
         moue serve key add NAME --keys FILE, then serve with --keys FILE"
    )]
    NoKeys(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system reported.
        source: io::Error,
    },
    /// The connections can no longer be served.
    #[error("serving failed: {0}")]
    Serve(io::Error),
    /// The gallery cannot be opened.
    #[error(transparent)]
    Gallery(#[from] GalleryError),
    /// The networks do not load.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The file of keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// A folder or file cannot be used.
    #[error("{path}: {source}")]
    File {
        /// The folder or file.
        path: PathBuf,
        /// What the system reported.
        source: io::Error,
    },
    /// The folder of the web app has none.
    #[error("{0} has no index.html; cargo xtask web builds the web app into target/web")]
    NoWebApp(PathBuf),
    /// Certificate and key make no TLS server.
    #[error("{path}: {reason}")]
    Tls {
        /// The file that is wrong.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No server answers at this address, or another answer.
    #[error("no server of moue answers at {0}")]
    Silent(SocketAddr),
    /// A name in the configuration is none.
    #[error("{0:?} is no host name or origin")]
    Name(String),
}
