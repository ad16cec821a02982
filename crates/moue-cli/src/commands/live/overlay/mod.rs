//! `moue live --overlay`: the shown picture as a page for OBS and other programs that show one.

mod guard;
mod picture;
mod server;
mod shown;

use crate::output::message;
use crate::stores::{self, Store};
use crate::view;
use anyhow::{Context, Result, anyhow};
use moue::Match;
use shown::{Found, Shown};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// A running server.
pub(super) struct Overlay {
    changes: Sender<Option<Match>>,
    last: Option<u64>,
}

impl Overlay {
    /// Listens, and shows nothing yet.
    pub(super) fn start(address: SocketAddr, gallery: &Path) -> Result<Self> {
        let gallery = stores::open(gallery)?;
        let listener = TcpListener::bind(address).map_err(|error| explained(address, error))?;
        let address = listener.local_addr()?;
        let (changes, received) = channel();
        let (shown, watched) = watch::channel(Shown {
            number: milliseconds(),
            found: None,
        });
        // Pictures are read on a thread of their own, so that a large one holds up no frame.
        start("overlay pictures", move || {
            publish(gallery.as_ref(), &received, &shown)
        })?;
        start("overlay", move || {
            if let Err(error) = server::run(listener, watched) {
                message(&format!("the overlay has ended: {error}"));
            }
        })?;
        message(&format!("overlay: http://{address}/"));
        Ok(Self {
            changes,
            last: None,
        })
    }

    /// Shows this picture; none while there is no face.
    pub(super) fn show(&mut self, found: Option<&Match>) {
        let id = found.map(|found| found.id);
        if id != self.last {
            self.last = id;
            // The thread that receives ends with the program.
            let _ = self.changes.send(found.cloned());
        }
    }
}

fn start(name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    let thread = std::thread::Builder::new().name(name.into());
    thread.spawn(work).context("cannot start a thread")?;
    Ok(())
}

fn milliseconds() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |time| time.as_millis() as u64)
}

/// Reads the picture of each change, and of several that wait only that of the last.
fn publish(gallery: &Store, changes: &Receiver<Option<Match>>, shown: &watch::Sender<Shown>) {
    while let Ok(change) = changes.recv() {
        let found = changes.try_iter().last().unwrap_or(change);
        let found = found.and_then(|m| match picture::read(gallery, &m) {
            Ok(picture) => Some(Found {
                caption: view::caption(&m).to_owned(),
                ..picture
            }),
            Err(error) => {
                message(&format!("{}: {error:#}", crate::output::shown(&m.label)));
                None
            }
        });
        shown.send_modify(|shown| {
            shown.number += 1;
            shown.found = found;
        });
    }
}

fn explained(address: SocketAddr, error: std::io::Error) -> anyhow::Error {
    match error.kind() {
        ErrorKind::AddrInUse => anyhow!(
            "--overlay {address}: another program uses port {}; another number may be free, \
             and 0 takes one that is",
            address.port()
        ),
        ErrorKind::AddrNotAvailable => {
            anyhow!("--overlay {address}: this machine does not have this address")
        }
        _ => anyhow!("--overlay {address}: {error}"),
    }
}
