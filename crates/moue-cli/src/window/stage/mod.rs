//! The window of `moue live` and of graphs, by the toolkit.

mod cards;
mod content;
mod inbox;
mod layout;
mod moment;

pub(super) use moment::LiveMoment;

use super::message::{Closing, Message};
use super::ui::{Host, Kind, Look, Waker};
use anyhow::Result;
use content::Stage;
use inbox::Inbox;
use std::sync::Arc;

/// Pixels along a side of a match's picture: as large as it is shown on a screen of twice the usual
/// density.
pub(super) const TILE: usize = 320;

/// The smallest window in which everything has its place, in points.
const SMALLEST: [f32; 2] = [320.0, 320.0];

/// How other threads reach the window.
#[derive(Clone)]
pub(super) struct Proxy {
    inbox: Arc<Inbox>,
    waker: Waker,
}

impl Proxy {
    /// Sends a message; `false` if the window has ended.
    pub(super) fn send(&self, message: Message) -> bool {
        self.inbox.put(message);
        self.waker.wake()
    }
}

/// A window that is on the screen from the first picture on, which gives its size.
pub(super) struct Window {
    host: Host,
    proxy: Proxy,
}

impl Window {
    /// Connects to the desktop.
    pub(super) fn open() -> Result<Self> {
        let host = Host::open()?;
        let proxy = Proxy {
            inbox: Arc::default(),
            waker: host.waker(),
        };
        Ok(Self { host, proxy })
    }

    pub(super) fn proxy(&self) -> Proxy {
        self.proxy.clone()
    }

    /// Shows what is sent until the window is closed.
    pub(super) fn run(self, closing: Closing) -> Result<()> {
        let look = Look {
            title: "moue",
            size: layout::USUAL,
            smallest: SMALLEST,
            theme: None,
            kind: Kind::Normal,
        };
        let stage = Stage::new(self.proxy.inbox, closing);
        self.host.run(look, stage).map(drop)
    }
}
