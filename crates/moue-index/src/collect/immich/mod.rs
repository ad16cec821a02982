//! Immich, a server of photos that people run at home: its pictures come into a gallery by its API.

mod api;
mod error;
mod memory;

pub use api::{Asset, ImmichServer};
pub use error::ImmichError;

use super::fetch::FetchError;
use super::folder;
use super::options::FetchOptions;
use api::Api;
use memory::{Memory, Remembered};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

/// Assets that are tagged by one request, of which each is a row of Immich's database.
const TAGGED_AT_ONCE: usize = 500;

/// What came of fetching one picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Its file, or why it could not be fetched.
    pub file: Result<PathBuf, String>,
    /// A file of an earlier run that it has taken the place of under another name; it is deleted.
    pub replaced: Option<PathBuf>,
}

/// The pictures of an Immich server, in a folder: previews of 1,440 pixels, each with a side-car. The
/// folder also remembers which assets it has and which have no face, so that the next run fetches only
/// what is new or has changed.
///
/// ```no_run
/// use moue_index::{FetchOptions, Immich, ImmichServer};
/// let server = ImmichServer::new("https://photos.example", &std::env::var("IMMICH_KEY")?)?;
/// let mut immich = Immich::open(&server, "pictures", &FetchOptions::default())?;
/// for asset in immich.list()? {
///     if immich.is_due(&asset) {
///         println!("{:?}", immich.fetch(&asset).file);
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Immich {
    api: Api,
    memory: Memory,
    folder: PathBuf,
    picture_bytes: u64,
    bytes_left: u64,
}

impl Immich {
    /// Opens the folder and creates it if there is none. Nothing is asked of the server yet.
    ///
    /// # Errors
    /// [`ImmichError`] if the folder cannot be written or has the pictures of another server.
    pub fn open(
        server: &ImmichServer,
        folder: impl AsRef<Path>,
        options: &FetchOptions,
    ) -> Result<Self, ImmichError> {
        let folder = std::path::absolute(folder.as_ref());
        let folder = folder.map_err(|error| ImmichError::Folder(PathBuf::new(), error))?;
        if server.is_plain() && !options.allow_private {
            return Err(ImmichError::Plain(server.address().to_owned()));
        }
        Ok(Self {
            memory: Memory::open(&folder, server.address())?,
            api: Api::new(server, options),
            folder,
            picture_bytes: options.picture_bytes,
            bytes_left: options.total_bytes,
        })
    }

    /// All pictures that the key may see, but those in the trash. Videos are left out.
    ///
    /// # Errors
    /// [`ImmichError`] if the server cannot be reached, refuses the key, or answers something else than
    /// Immich does. A list that is cut short is an error, never a shorter list.
    pub fn list(&self) -> Result<Vec<Asset>, ImmichError> {
        self.api.list()
    }

    /// Whether a picture is new, has changed, or its file is gone.
    pub fn is_due(&self, asset: &Asset) -> bool {
        let Some(known) = self.memory.get(&asset.id) else {
            return true;
        };
        let is_there = known.file.as_ref().is_none_or(|name| {
            let meta = std::fs::metadata(self.folder.join(name));
            meta.is_ok_and(|meta| meta.len() == known.bytes)
        });
        known.version != asset.version() || !is_there
    }

    /// Fetches a picture: its preview, or its thumbnail if Immich has made no preview yet; then it is
    /// due again.
    pub fn fetch(&mut self, asset: &Asset) -> Fetched {
        let before = self
            .memory
            .get(&asset.id)
            .and_then(|known| known.file.clone());
        let file = self.fetch_new(asset);
        let before = before.map(|name| self.folder.join(name));
        let replaced = before.filter(|before| file.as_ref().is_ok_and(|file| file != before));
        if let Some(path) = &replaced {
            folder::delete(path);
        }
        Fetched {
            file: file.map_err(|error| explained(&error)),
            replaced,
        }
    }

    fn fetch_new(&mut self, asset: &Asset) -> Result<PathBuf, FetchError> {
        if self.bytes_left == 0 {
            return Err(FetchError::NothingLeft);
        }
        let limit = self.picture_bytes.min(self.bytes_left);
        let preview = self.api.preview(&asset.id, limit)?;
        let bytes = &preview.bytes;
        self.bytes_left = self.bytes_left.saturating_sub(bytes.len() as u64);
        let about = asset.sidecar(&self.api.page_of(&asset.id));
        let path = folder::write_with(&self.folder, &asset.id, bytes, about)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self.memory.put(
            &asset.id,
            Remembered {
                // An asset has its version only with its preview.
                version: if preview.is_final {
                    asset.version()
                } else {
                    String::new()
                },
                file: Some(name.into_owned()),
                bytes: bytes.len() as u64,
                sha256: moue::digest::sha256_hex(bytes),
            },
        )?;
        Ok(path)
    }

    /// The files that are there, in the order of their names.
    pub fn files(&self) -> Vec<PathBuf> {
        let names = self.memory.iter().filter_map(|known| known.1.file.as_ref());
        let files: BTreeSet<PathBuf> = names.map(|name| self.folder.join(name)).collect();
        files.into_iter().filter(|file| file.is_file()).collect()
    }

    /// Deletes a file in which there is no face. That is remembered, so that it is not fetched again
    /// until the picture changes. Returns whether it was one of the folder.
    ///
    /// # Errors
    /// [`ImmichError`] if the folder cannot be written.
    pub fn discard(&mut self, file: &Path) -> Result<bool, ImmichError> {
        let Some(id) = self.id_of(file) else {
            return Ok(false);
        };
        let without = self.memory.get(&id).map(|known| Remembered {
            file: None,
            bytes: 0,
            ..known.clone()
        });
        if let Some(without) = without {
            let put = self.memory.put(&id, without);
            put.map_err(|error| ImmichError::Folder(self.folder.clone(), error))?;
        }
        folder::delete(file);
        Ok(true)
    }

    /// The asset of a file of the folder.
    fn id_of(&self, file: &Path) -> Option<String> {
        let name = file.strip_prefix(&self.folder).ok()?.to_str()?;
        let id = name.split('.').next()?;
        let known = self.memory.get(id)?;
        (known.file.as_deref() == Some(name)).then(|| id.to_owned())
    }

    /// Deletes the files of assets that are not in `listed`, all that the server has, any more, and
    /// returns them, for [`forget`](crate::forget()).
    ///
    /// # Errors
    /// [`ImmichError::AllGone`] if none of several is listed: then it is rather another key or library.
    pub fn drop_removed(&mut self, listed: &[Asset]) -> Result<Vec<PathBuf>, ImmichError> {
        let listed: HashSet<&str> = listed.iter().map(|asset| &*asset.id).collect();
        let known = self.memory.iter();
        let gone = known.filter(|known| !listed.contains(&**known.0));
        let gone: Vec<(String, Option<String>)> = gone
            .map(|known| (known.0.clone(), known.1.file.clone()))
            .collect();
        if gone.len() > 1 && gone.len() == self.memory.len() {
            return Err(ImmichError::AllGone(gone.len()));
        }
        let mut files = Vec::new();
        for (id, name) in gone {
            let forgotten = self.memory.forget(&id);
            forgotten.map_err(|error| ImmichError::Folder(self.folder.clone(), error))?;
            let file = name.map(|name| self.folder.join(name));
            file.iter().for_each(|file| folder::delete(file));
            files.extend(file);
        }
        Ok(files)
    }

    /// The ids of the assets whose preview has this content, a SHA-256 in hexadecimal.
    pub fn assets_by_content(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut assets: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (id, known) in self.memory.iter().filter(|known| known.1.file.is_some()) {
            assets.entry(&known.sha256).or_default().push(id);
        }
        assets
    }

    /// Tags that assets came with, by their ids: Immich has them already.
    pub fn own_tags(&self, id: &str) -> Vec<String> {
        let name = self.memory.get(id).and_then(|known| known.file.as_ref());
        let tags = name.and_then(|name| folder::sidecar_tags(&self.folder.join(name)));
        tags.unwrap_or_default()
    }

    /// Tags assets on the server: by tag, the ids of those that get it. A `/` in a tag makes it one
    /// below another. Returns how many tags were new to an asset.
    ///
    /// # Errors
    /// [`ImmichError`] as for [`list`](Self::list); what was tagged before stays so.
    pub fn tag(&self, tags: &BTreeMap<String, BTreeSet<String>>) -> Result<u64, ImmichError> {
        let names: Vec<&str> = tags.keys().map(String::as_str).collect();
        let ids = self.api.make_tags(&names)?;
        let mut count = 0;
        for (tag, assets) in ids.iter().zip(tags.values()) {
            let assets: Vec<&str> = assets.iter().map(String::as_str).collect();
            for some in assets.chunks(TAGGED_AT_ONCE) {
                count += self.api.tag(tag, some)?;
            }
        }
        Ok(count)
    }
}

/// Why a picture could not be fetched, in words that tell what to do about it.
fn explained(error: &FetchError) -> String {
    match error {
        FetchError::Status(300..=403) => ImmichError::of(error, "asset.view").to_string(),
        error => error.to_string(),
    }
}
