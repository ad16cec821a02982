//! `moue pick`: a small window with your face and the pictures that match it, to copy one with a key.
//!
//! `model` decides what happens, without a window or a thread: events change it and have effects.
//! Threads read frames (`watch`), search (`search`) and read pictures (`pictures`); they tell the
//! window by `reports`. `view` draws the model, `window` joins all of them.

mod copy;
mod daemon;
mod item;
mod kept;
mod keys;
mod model;
mod pictures;
mod reports;
mod search;
mod thumbnails;
mod view;
mod watch;
mod window;
mod words;

use crate::args::pick::{PickArgs, Theme};
use crate::args::shared::SourceArgs;
use crate::report::Outcome;
use crate::window::ui::{Host, Kind, Look, Waker};
use anyhow::{Result, anyhow, ensure};
use kept::Kept;
use reports::{Outbox, Report};
use search::{Request, SharedGallery};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use thumbnails::Thumbnails;
use watch::Watch;
use window::{PickWindow, Wires};

/// How long the end of the program waits for the camera to be let go.
const CAMERA_END: Duration = Duration::from_millis(500);

pub(crate) fn run(args: PickArgs) -> Result<Outcome> {
    ensure!(
        crate::window::is_possible(),
        "no window can be opened: there is no desktop (neither DISPLAY nor WAYLAND_DISPLAY is set); \
         `moue find` and `moue live --terminal` work without one"
    );
    if args.daemon {
        // It tells its windows by their standard input to close.
        anyhow::ensure!(
            args.source.raw.is_none(),
            "--daemon has no standard input for --raw"
        );
        return daemon::run(&args);
    }
    let host = Host::open()?;
    let look = look(args.theme);
    let is_closed = Arc::new(AtomicBool::new(false));
    let (window, watch) = start(args, host.waker(), Arc::clone(&is_closed));
    let shown = host.run(look, window);
    is_closed.store(true, Ordering::Relaxed);
    // A camera that is not let go in order may be busy for the next program.
    wait(&watch);
    match shown?.failure() {
        Some(reason) => Err(anyhow!(reason)),
        None => Ok(Outcome::Found),
    }
}

fn look(theme: Theme) -> Look {
    Look {
        title: "moue",
        size: [540.0, 740.0],
        smallest: [380.0, 480.0],
        kind: Kind::Dialog,
        theme: match theme {
            Theme::System => None,
            Theme::Light => Some(egui::Theme::Light),
            Theme::Dark => Some(egui::Theme::Dark),
        },
    }
}

/// The window and the threads behind it; returns also the one that has the camera.
fn start(args: PickArgs, waker: Waker, is_closed: Arc<AtomicBool>) -> (PickWindow, JoinHandle<()>) {
    let (sender, reports) = channel();
    let (requests, requested) = channel();
    let (wishes, wished) = channel();
    let outbox = Outbox::new(sender, waker);
    let gallery = Arc::new(SharedGallery::new(&args.search));
    let wires = Wires {
        reports,
        requests: requests.clone(),
        outbox: outbox.clone(),
        gallery: Arc::clone(&gallery),
        kept: Kept::of_user(),
        keeps_history: !args.no_history,
    };
    let window = PickWindow::new(wires, Thumbnails::new(wishes), args.close_at);
    let PickArgs {
        source,
        search,
        close_with_input,
        ..
    } = args;
    if close_with_input {
        dismiss_at_end_of_input(outbox.clone());
    }
    let watch = watching(source, requests, outbox.clone(), is_closed);
    let told = outbox.clone();
    let shared = Arc::clone(&gallery);
    std::thread::spawn(move || search::run(&search, &requested, &told, &shared));
    std::thread::spawn(move || pictures::run(&wished, &outbox, &gallery));
    (window, watch)
}

/// Tells the window to close when standard input ends.
fn dismiss_at_end_of_input(outbox: Outbox) {
    std::thread::spawn(move || {
        // An error is an end, too.
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        outbox.send(Report::Dismissed);
    });
}

/// The thread that has the camera.
fn watching(
    source: SourceArgs,
    requests: Sender<Request>,
    outbox: Outbox,
    is_closed: Arc<AtomicBool>,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let watch = Watch {
            outbox,
            requests,
            is_closed: &is_closed,
        };
        watch.run(&source);
    })
}

/// Waits for a thread to end, but not for long: a camera that hangs must not hold the program.
fn wait(thread: &JoinHandle<()>) {
    let end = Instant::now() + CAMERA_END;
    while !thread.is_finished() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(10));
    }
}
