//! Brings pictures into moue's galleries: folders, ZIP files, animations, videos, known collections.
//!
//! [`walk`] finds candidates, [`add`] looks at them on all cores and stores what it finds, [`Looker`] does the
//! same for one picture, and [`watch`] keeps a gallery like a folder.
//!
//! ```no_run
//! use moue::Gallery;
//! use moue_index::{AddOptions, add, walk};
//! let gallery = Gallery::open_or_create("my.moue".as_ref())?;
//! let tally = add(&gallery, walk(&["memes".into()]), &AddOptions::default(), |event| println!("{event:?}"))?;
//! println!("{} added", tally.added);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bulk;
#[cfg(feature = "collections")]
mod collect;
mod look;
mod pack;
mod sequence;
mod texts;
mod thumbnail;
mod walk;
mod watch;

pub use bulk::{AddError, AddOptions, Event, Status, Tally, add};
#[cfg(feature = "collections")]
pub use collect::{CollectError, Collected, Collection, FetchOptions, collect};
pub use look::{LookError, LookOptions, Looker, Seen};
pub use pack::{MemberName, PackError, PackLimits, members, read_member};
pub use texts::{Texts, read_sidecar, texts_of};
pub use thumbnail::thumbnail;
pub use walk::{Candidate, What, shard, walk};
pub use watch::{Followed, WatchError, watch};
