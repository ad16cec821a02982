//! What the server asks of a gallery, whatever keeps it.

use crate::problem::Problem;
use moue::cancel::CancelToken;
use moue::gallery::{Filter, Match, NewPicture, Picture, SearchOptions};
use moue::{Expression, Gallery};
use moue_store::Counts;
use std::collections::BTreeMap;
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
    pub(super) fn keeps_words(&self, before: &Picture) -> bool {
        let label = self.label.as_ref();
        let caption = self.caption.as_ref();
        label.is_none_or(|label| *label == before.label)
            && caption.is_none_or(|caption| *caption == before.caption)
    }

    pub(super) fn apply(self, picture: &mut Picture) {
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
    pub(crate) matching: Option<&'a dyn Fn(&Picture) -> bool>,
    /// Those that were added last come first.
    pub(crate) newest_first: bool,
    /// The first id, or with `newest_first` the one after the last.
    pub(crate) from: Option<u64>,
    /// Pictures at most.
    pub(crate) limit: usize,
}

impl Part<'_> {
    pub(super) fn includes(&self, picture: &Picture) -> bool {
        let is_matching = || self.matching.is_none_or(|matching| matching(picture));
        !picture.hidden && self.filter.matches(picture) && is_matching()
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
    pub(super) fn of(part: &Part<'_>, mut pictures: Vec<Picture>) -> Self {
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
