//! Brings pictures into moue's galleries: folders, ZIP files, animations, videos, known
//! collections.
//!
//! [`walk`] finds candidates, [`add`] looks at them on all cores and stores what it finds,
//! [`FaceExtractor`] does the same for one picture, and [`watch`] keeps a gallery like a folder.
//!
//! ```no_run
//! use moue::Gallery;
//! use moue_index::{AddOptions, add, walk};
//! let gallery = Gallery::open_or_create("my.moue")?;
//! let tally = add(&gallery, walk(&["memes".into()]), &AddOptions::default(), |event| println!("{event:?}"))?;
//! println!("{} added", tally.added);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod add;
mod archive;
#[cfg(feature = "collections")]
mod collect;
mod extract;
mod metadata;
mod sequence;
mod thumbnail;
mod walk;
mod watch;

pub use add::{AddError, AddOptions, AddSummary, Event, Status, add};
pub use archive::{ArchiveError, ArchiveLimits, MemberName, members, read_member};
#[cfg(feature = "collections")]
pub use collect::{CollectError, Collected, Collection, FetchOptions, collect};
pub use extract::{ExtractError, ExtractOptions, Extracted, FaceExtractor};
pub use metadata::{Metadata, metadata_of, read_sidecar};
pub use thumbnail::thumbnail;
pub use walk::{Candidate, CandidateKind, shard, walk};
pub use watch::{Followed, WatchError, watch};
