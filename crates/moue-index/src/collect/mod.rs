//! Known collections of reaction pictures on the network.

mod address;
mod fetch;
mod folder;
mod immich;
mod listing;
mod options;

pub use immich::{Asset, Fetched, Immich, ImmichError, ImmichServer};
pub use options::{CollectError, FetchOptions};

use crate::Collection;
use fetch::{FetchError, Fetcher};
use listing::ListedPicture;
use std::path::{Path, PathBuf};

/// Bytes of a listing. Those of the known collections take some hundred kilobytes.
const MAX_LISTING_BYTES: u64 = 32 << 20;

/// The result for one picture of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected {
    /// Its title in the listing.
    pub title: String,
    /// Its file, or why it could not be fetched.
    pub file: Result<PathBuf, String>,
    /// Whether the file was there from an earlier run, unchanged.
    pub kept: bool,
}

/// Fetches the pictures of a collection into `folder`, each with a side-car file with its title,
/// address and SHA-256. A picture that is in the folder with the right content is not fetched
/// again. `on_picture` is called for each picture that is done, with the total number of pictures.
///
/// Names are resolved to public addresses only, also after redirections, unless
/// [`FetchOptions::allow_private`] is set.
///
/// # Errors
/// [`CollectError`] if the listing cannot be fetched or the folder cannot be created. A picture
/// that cannot be fetched is in the answer, with the reason.
///
/// # Examples
/// ```no_run
/// use moue_index::{Collection, FetchOptions, collect};
/// let options = FetchOptions::default();
/// let pictures = collect(Collection::Imgflip, "pictures", &options, |count, picture| {
///     println!("one of {count}: {}", picture.title);
/// })?;
/// # Ok::<(), moue_index::CollectError>(())
/// ```
pub fn collect(
    collection: Collection,
    folder: impl AsRef<Path>,
    options: &FetchOptions,
    mut on_picture: impl FnMut(usize, &Collected),
) -> Result<Vec<Collected>, CollectError> {
    let folder = folder.as_ref();
    std::fs::create_dir_all(folder).map_err(|error| CollectError::Folder(folder.into(), error))?;
    let mut collector = Collector {
        fetcher: Fetcher::new(options),
        folder,
        options,
        bytes_left: options.total_bytes,
    };
    let listed = collector.listing(collection)?;
    let count = listed.len().min(options.max_pictures);
    let mut collected = Vec::with_capacity(count);
    for picture in listed.into_iter().take(count) {
        if options.cancel.is_cancelled() {
            break;
        }
        let picture = collector.collect(picture);
        on_picture(count, &picture);
        collected.push(picture);
    }
    Ok(collected)
}

struct Collector<'a> {
    fetcher: Fetcher,
    folder: &'a Path,
    options: &'a FetchOptions,
    bytes_left: u64,
}

impl Collector<'_> {
    fn listing(&self, collection: Collection) -> Result<Vec<ListedPicture>, CollectError> {
        let failed = |reason| CollectError::Listing {
            name: collection.name(),
            reason,
        };
        let own = collection.listing();
        let address = self.options.listing.as_deref().unwrap_or(own);
        let bytes = self
            .fetcher
            .get(address, MAX_LISTING_BYTES)
            .map_err(|error| failed(error.to_string()))?;
        listing::parse(collection, &bytes)
            .ok_or_else(|| failed("it has another form than expected".into()))
    }

    fn collect(&mut self, picture: ListedPicture) -> Collected {
        let result = self.keep_or_fetch(&picture);
        Collected {
            title: picture.title,
            kept: result.as_ref().is_ok_and(|(_, kept)| *kept),
            file: result
                .map(|(file, _)| file)
                .map_err(|error| error.to_string()),
        }
    }

    /// The file of a picture, and whether it was there already.
    fn keep_or_fetch(&mut self, picture: &ListedPicture) -> Result<(PathBuf, bool), FetchError> {
        let name = folder::file_name(&picture.id)
            .ok_or(FetchError::Refused("its id is no usable name".into()))?;
        if let Some(file) = folder::find_kept(self.folder, &name) {
            return Ok((file, true));
        }
        if self.bytes_left == 0 {
            return Err(FetchError::TooLarge(self.options.total_bytes));
        }
        let limit = self.options.picture_bytes.min(self.bytes_left);
        let bytes = self.fetcher.get(&picture.url, limit)?;
        self.bytes_left = self.bytes_left.saturating_sub(bytes.len() as u64);
        let file = folder::write_picture(self.folder, &name, picture, &bytes)?;
        Ok((file, false))
    }
}
