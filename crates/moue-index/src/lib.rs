//! Adds pictures to moue's galleries: from folders, ZIP files, animations, videos and known
//! collections.
//!
//! | to … | call | which returns |
//! |---|---|---|
//! | find the pictures under some paths | [`walk`] | a [`Candidate`] for each file and member of a ZIP |
//! | take one part of many | [`shard`] | the candidates of one job of several |
//! | add candidates to a gallery | [`add`] | an [`Event`] for each and an [`AddSummary`] |
//! | embed a gallery again with other weights | [`reembed`] | a [`Reembedded`] for each picture and a [`ReembedSummary`] |
//! | keep a gallery in step with folders | [`watch`] | a [`WatchEvent`] for each change |
//! | extract the faces of one picture | [`FaceExtractor`] | [`Extracted`]: faces, perceptual hash, metadata |
//! | arrange faces by expression | [`layout`], [`FaceGrid`] | places in the plane; cells of a grid |
//! | read captions and tags | [`metadata_of`], [`read_sidecar`] | [`Metadata`] |
//! | read a ZIP file within limits | [`Archive`] | names and contents of its members |
//! | fetch a collection | `collect` | the files, each with a side-car |
//! | follow an Immich server | `Immich` | its pictures that are new, changed or removed; and its tags |
//! | forget deleted files | [`forget`] | the paths of the pictures that are gone |
//!
//! # From a folder to a gallery
//!
//! ```no_run
//! use moue::Gallery;
//! use moue_index::{AddOptions, add, walk};
//! let gallery = Gallery::open_or_create("my.moue")?;
//! let candidates = walk(&["memes"]);
//! let summary = add(&gallery, candidates, &AddOptions::default(), |event| println!("{event:?}"))?;
//! println!("{} added", summary.added);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is added
//!
//! Every face of a still. Of an animation or video, only frames that have changed are searched, and
//! only faces are kept whose expressions differ by 0.35 or more; each has the time at which it is
//! shown. Videos need the program `ffmpeg`.
//!
//! A picture is identified by the SHA-256 of its file. Adding it again changes nothing, a file that
//! has moved keeps its faces, and a file whose size and time are as recorded is not read at all.
//!
//! A path has one content. When a file has changed, its new content takes the place of the old one.
//! It keeps the tags, and a label that was not made from the file's name, as these were given to the
//! picture that the user sees under that name; a caption is kept unless the new file has its own. If
//! another file still has the old content, the old picture gets that file's path instead.
//!
//! # Untrusted input
//!
//! Pictures of a collection can have any content. Every reader has limits: bytes of a file, pixels,
//! frames, members and ratio of a ZIP ([`ArchiveLimits`]), bytes of metadata. A file that cannot be
//! read is an event, never an error or a panic, and the others are not affected.
//!
//! # Features
//!
//! `collections` adds `collect` and `Immich`, the only parts of this crate that use the network. `stores` adds
//! `add_to_store`, for galleries on servers.

mod absence;
mod add;
mod archive;
#[cfg(feature = "collections")]
mod collect;
mod collection;
mod extract;
mod files;
mod forget;
mod kinds;
mod map;
mod metadata;
mod panics;
mod place;
mod reembed;
mod reopened;
mod rules;
mod sequence;
#[cfg(feature = "stores")]
mod stores;
mod threads;
mod walk;
mod watch;

pub use add::{AddError, AddOptions, AddSummary, Event, Status, add};
pub use archive::{Archive, ArchiveError, ArchiveLimits, MemberName, members, read_member};
#[cfg(feature = "collections")]
pub use collect::{
    Asset, CollectError, Collected, FetchOptions, Fetched, Immich, ImmichError, ImmichServer,
    collect,
};
pub use collection::Collection;
pub use extract::{ExtractError, ExtractOptions, Extracted, FaceExtractor};
pub use forget::forget;
pub use map::{FaceGrid, layout, layout_beside};
pub use metadata::{Metadata, metadata_of, read_sidecar};
pub use moue::gallery::thumbnail;
pub use place::Place;
pub use reembed::{Origin, ReembedError, ReembedOptions, ReembedSummary, Reembedded, reembed};
#[cfg(feature = "stores")]
pub use stores::{StoreAddError, add_to_store};
pub use walk::{Candidate, CandidateKind, Survey, shard, survey, walk};
pub use watch::{WatchError, WatchEvent, watch};
