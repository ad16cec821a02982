//! Galleries beyond one file: what every store of moue's faces can do.
//!
//! | to … | start at |
//! |---|---|
//! | use a store without knowing which | [`GalleryStore`] |
//! | use a `.moue` file as one | [`FileStore`] |
//! | search one where a gallery is expected | [`Searched`] |
//! | write another store | [`search`](fn@search), which needs only the nearest faces ([`Nearby`]) |
//! | test it | the feature `suite` |
//!
//! A store is sharp about three things. A picture is its content: putting it again adds nothing. The
//! fingerprint of the weights is kept, and another program's vectors are refused. And what answers a
//! search is decided by the code that searches a file, so a store differs from another in how many
//! of the nearest faces it finds, and in nothing else.
//!
//! ```
//! use moue::Gallery;
//! use moue::gallery::{Filter, MemoryStorage, NewPicture};
//! use moue::{Expression, Face};
//! use moue_store::{FileStore, GalleryStore, Selection, Selector};
//! let store = FileStore::new(Gallery::with_storage(MemoryStorage::default(), "memory")?);
//! let mut expression = Expression([0.0; 64]);
//! expression.0[0] = 1.0;
//! let cat = NewPicture {
//!     path: "cat.jpg".into(),
//!     faces: vec![(Face::whole(), expression).into()],
//!     ..NewPicture::default()
//! };
//! assert_eq!(store.put(&[cat.clone(), cat])?, [true, false]);
//! let selection = Selection::of(Selector::Path("cat.jpg".into()));
//! assert_eq!(store.tag(&selection, &["animal".into()], &[])?, 1);
//! assert_eq!(store.count()?.faces, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod address;
mod error;
mod file;
mod for_each;
mod listing;
mod search;
mod searched;
mod store;
#[cfg(feature = "suite")]
pub mod suite;

pub use address::Address;
pub use error::StoreError;
pub use file::FileStore;
pub use for_each::for_each;
pub use listing::{Listing, count_tags};
pub use search::{Asked, Nearby, OverFetch, search};
pub use searched::Searched;
pub use store::{Counts, GalleryStore, Selection, Selector, StoredPicture};
