//! Many candidates on all cores: workers read, detect and embed; one writer commits.

mod event;
mod options;
mod words;
mod worker;
mod writer;

pub use event::{AddSummary, Event, Status};
pub use options::{AddError, AddOptions};

use crate::extract::FaceExtractor;
use crate::threads::thread_count;
use crate::walk::Candidate;
use moue::Gallery;
use std::sync::mpsc;
use worker::{Queue, Worker};
use writer::{BATCH, Writer};

/// Extracts the faces of all candidates and adds the pictures that have some. `on_event` is called
/// on this thread for each candidate, once its result is on the disk. The order of calls is that in
/// which candidates are finished.
///
/// A file whose size and time are as the gallery has recorded them is not read. A file that has
/// moved keeps its faces and gets its new path.
///
/// # Errors
/// [`AddError`] if the gallery fails. A candidate that fails is an event, never an error.
///
/// # Examples
/// ```no_run
/// use moue::Gallery;
/// use moue_index::{AddOptions, Status, add, walk};
/// let gallery = Gallery::open_or_create("my.moue")?;
/// let summary = add(&gallery, walk(&["memes"]), &AddOptions::default(), |event| {
///     if event.status == Status::Unreadable {
///         eprintln!("{}: {}", event.path.display(), event.detail.unwrap_or_default());
///     }
/// })?;
/// println!("{} added", summary.added);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn add(
    gallery: &Gallery,
    candidates: Vec<Candidate>,
    options: &AddOptions,
    on_event: impl FnMut(Event),
) -> Result<AddSummary, AddError> {
    let extractor =
        FaceExtractor::new(options.extract.clone())?.with_cancel(options.cancel.clone());
    let queue = Queue::new(&candidates);
    // One batch may wait while another is committed. Without a bound, the faces and thumbnails of
    // all candidates could pile up in memory before a slow disk.
    let (sender, receiver) = mpsc::sync_channel(BATCH);
    let mut writer = Writer::new(gallery, on_event);
    std::thread::scope(|scope| {
        for _ in 0..thread_count(options.threads, candidates.len()) {
            let worker = Worker {
                gallery,
                options,
                extractor: extractor.clone(),
                queue: &queue,
                sender: sender.clone(),
            };
            scope.spawn(move || worker.run());
        }
        // Only workers hold senders now, so the channel disconnects when the last one has ended.
        drop(sender);
        let result = writer.receive(&receiver);
        // After an error, workers that wait for a place in the channel end when it closes;
        // otherwise the scope would wait for them for ever.
        drop(receiver);
        result
    })?;
    Ok(writer.summary())
}
