//! The gallery that is served, wherever it is.

mod file;
mod remote;

use crate::config::{GallerySource, ServerConfig};
use crate::error::ServerError;
use crate::problem::{Kind, Problem};
use file::FileGallery;
use moue::cancel::CancelToken;
use moue::gallery::{Filter, Match, NewPicture, Picture, SearchOptions};
use moue::{Expression, Gallery};
use moue_store::Counts;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What requests ask of a gallery. All methods fail with a [`Problem`] if it cannot be read, or is of a
/// kind that cannot do this.
pub(crate) trait Served: Send + Sync {
    /// The pictures that match.
    fn search(
        &self,
        targets: &[Expression],
        options: &SearchOptions,
    ) -> Result<Vec<Match>, Problem>;

    /// How large it is.
    fn counts(&self) -> Result<Counts, Problem>;

    /// The fingerprint of the weights of its expressions; soon told, so that it also shows whether the
    /// gallery can be read.
    fn fingerprint(&self) -> Result<String, Problem>;

    /// The picture with this content.
    fn find(&self, content: &[u8; 32]) -> Result<Option<Picture>, Problem>;

    /// The picture of a face.
    fn picture_of(&self, face: u64) -> Result<Option<Picture>, Problem>;

    /// The small picture of a face.
    fn thumbnail(&self, face: u64) -> Result<Option<Vec<u8>>, Problem>;

    /// A page of a list.
    fn page(&self, part: &Part<'_>, cancel: &CancelToken) -> Result<Page, Problem>;

    /// How many pictures that are not hidden have each tag.
    fn tags(&self, cancel: &CancelToken) -> Result<BTreeMap<String, u64>, Problem>;

    /// Adds a picture; returns whether its content was new.
    fn add(&self, picture: NewPicture, cancel: &CancelToken) -> Result<bool, Problem>;

    /// Changes the picture of a face, and returns it as it is then.
    fn change(
        &self,
        face: u64,
        change: Change,
        cancel: &CancelToken,
    ) -> Result<Option<Picture>, Problem>;

    /// Removes the picture of a face, and returns what it was.
    fn remove(&self, face: u64, cancel: &CancelToken) -> Result<Option<Picture>, Problem>;

    /// The gallery itself, for what reads all its expressions at once.
    fn gallery(&self) -> Result<Arc<Gallery>, Problem>;
}

/// What changes about a picture; what is `None` stays.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub(crate) label: Option<String>,
    /// `Some(None)` removes it.
    pub(crate) caption: Option<Option<String>>,
    /// All its tags.
    pub(crate) tags: Option<Vec<String>>,
}

impl Change {
    /// Whether label and caption stay as they are: clients may send all that a picture has.
    fn keeps_words(&self, before: &Picture) -> bool {
        let label = self.label.as_ref();
        let caption = self.caption.as_ref();
        label.is_none_or(|label| *label == before.label)
            && caption.is_none_or(|caption| *caption == before.caption)
    }

    fn apply(self, picture: &mut Picture) {
        if let Some(label) = self.label {
            picture.label = label;
        }
        if let Some(caption) = self.caption {
            picture.caption = caption;
        }
        if let Some(tags) = self.tags {
            picture.tags = tags;
        }
    }
}

/// Which pictures a page of a list has. Hidden ones are on none.
pub(crate) struct Part<'a> {
    pub(crate) filter: &'a Filter,
    /// What no filter can say.
    pub(crate) wanted: Option<&'a dyn Fn(&Picture) -> bool>,
    /// Those that were added last come first.
    pub(crate) newest_first: bool,
    /// The first id, or with `newest_first` the one after the last.
    pub(crate) from: Option<u64>,
    /// Pictures at most.
    pub(crate) limit: usize,
}

impl Part<'_> {
    fn includes(&self, picture: &Picture) -> bool {
        let is_wanted = || self.wanted.is_none_or(|wanted| wanted(picture));
        !picture.hidden && self.filter.matches(picture) && is_wanted()
    }
}

/// Pictures of a list that is read page by page.
pub(crate) struct Page {
    pub(crate) pictures: Vec<Picture>,
    /// Where the next page starts, if there is one.
    pub(crate) next: Option<String>,
}

impl Page {
    /// The page of pictures of which there is one more than it has if there is another page.
    fn of(part: &Part<'_>, mut pictures: Vec<Picture>) -> Self {
        let is_more = pictures.len() > part.limit;
        // Downwards a page begins below an id, upwards at one.
        let place = if part.newest_first {
            part.limit.wrapping_sub(1)
        } else {
            part.limit
        };
        let next = pictures.get(place).filter(|_| is_more);
        let next = next.map(|picture| picture.id.to_string());
        pictures.truncate(part.limit);
        Self { pictures, next }
    }
}

/// The gallery, and the folder of its uploaded pictures.
pub(crate) struct Store {
    served: Box<dyn Served>,
    uploads: Option<PathBuf>,
}

impl Deref for Store {
    type Target = dyn Served;

    fn deref(&self) -> &Self::Target {
        &*self.served
    }
}

impl Store {
    /// Opens the gallery, and creates a file if there is none.
    pub(crate) fn open(config: &ServerConfig) -> Result<Self, ServerError> {
        let compiled_in = |gallery| Self {
            served: Box::new(FileGallery::compiled_in(gallery)),
            uploads: None,
        };
        let uploads = config.uploads.clone();
        Ok(match &config.gallery {
            GallerySource::Builtin => compiled_in(Gallery::builtin()?),
            GallerySource::Emoji => compiled_in(Gallery::emoji()?),
            GallerySource::File(path) => Self {
                served: Box::new(FileGallery::open(path)?),
                uploads: uploads.or_else(|| Some(path.with_extension("uploads"))),
            },
            GallerySource::Store(store) => Self {
                served: Box::new(remote::Remote(Arc::clone(&store.0))),
                uploads,
            },
        })
    }

    /// The folder of uploaded pictures; compiled-in galleries have none.
    pub(crate) fn uploads(&self) -> Option<&Path> {
        self.uploads.as_deref()
    }

    /// The folder that a picture is put into.
    ///
    /// # Errors
    /// [`Problem`] with the reason if there is none.
    pub(crate) fn folder(&self) -> Result<&Path, Problem> {
        let refused = || self.gallery().map_or_else(|_| no_folder(), |_| read_only());
        self.uploads().ok_or_else(refused)
    }

    /// The picture of a face.
    ///
    /// # Errors
    /// [`Problem`] if there is none.
    pub(crate) fn existing(&self, face: u64) -> Result<Picture, Problem> {
        self.picture_of(face)?.ok_or_else(Problem::no_such_picture)
    }
}

fn read_only() -> Problem {
    Problem::new(Kind::Forbidden, "this gallery cannot be changed")
}

/// A gallery on a server has no place beside it.
fn no_folder() -> Problem {
    let detail =
        "this server has no folder for pictures; start it with `moue serve --uploads FOLDER`";
    Problem::new(Kind::NotOffered, detail)
}
