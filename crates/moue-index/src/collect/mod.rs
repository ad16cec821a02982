//! Known collections of reaction pictures on the network. Nothing else of moue uses the network.

mod address;
mod fetch;

use fetch::{FetchError, Fetcher};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A collection that is known by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collection {
    /// imgflip.com's most used templates.
    Imgflip,
    /// memegen.link's templates.
    Memegen,
}

impl Collection {
    /// The collection of this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "imgflip" => Some(Self::Imgflip),
            "memegen" => Some(Self::Memegen),
            _ => None,
        }
    }

    /// Its name, which is also the source of its pictures in a gallery.
    pub fn name(self) -> &'static str {
        match self {
            Self::Imgflip => "imgflip",
            Self::Memegen => "memegen",
        }
    }

    fn listing(self) -> &'static str {
        match self {
            Self::Imgflip => "https://api.imgflip.com/get_memes",
            Self::Memegen => "https://api.memegen.link/templates/",
        }
    }
}

/// How to fetch.
#[derive(Debug, Clone)]
pub struct FetchOptions {
    /// Where the listing is, if not where the collection has it.
    pub listing: Option<String>,
    /// Allow private and loopback addresses, and HTTP without TLS.
    pub allow_private: bool,
    /// Pictures that are fetched at most.
    pub most: usize,
    /// Bytes of one picture.
    pub picture_bytes: u64,
    /// Bytes of all together.
    pub total_bytes: u64,
    /// Longest time for one answer.
    pub timeout: Duration,
    /// How often a request is made again.
    pub retries: u32,
    /// The first wait before that; each later one is twice as long.
    pub wait: Duration,
    /// Set to end early; what was fetched stays.
    pub stop: Arc<AtomicBool>,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self {
            listing: None,
            allow_private: false,
            most: 1000,
            picture_bytes: 20 << 20,
            total_bytes: 1 << 30,
            timeout: Duration::from_secs(30),
            retries: 3,
            wait: Duration::from_millis(500),
            stop: Arc::default(),
        }
    }
}

/// Why a collection cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CollectError {
    /// The listing cannot be fetched.
    #[error("the list of {name}: {reason}")]
    Listing {
        /// The collection.
        name: &'static str,
        /// What went wrong.
        reason: String,
    },
    /// The folder for the pictures cannot be written.
    #[error("{0}: {1}")]
    Folder(PathBuf, std::io::Error),
}

/// What became of one picture of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected {
    /// What it is called.
    pub title: String,
    /// Where it lies now; or why it could not be fetched.
    pub file: Result<PathBuf, String>,
    /// Whether it was there from an earlier run, unchanged.
    pub kept: bool,
}

/// A picture of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    id: String,
    title: String,
    url: String,
    tags: Vec<String>,
}

/// Fetches a collection's pictures into `folder`, each with a side-car that holds its title,
/// address and SHA-256. Pictures that are there with the right content are not fetched again.
/// `told` hears the number of pictures first with each one that is done.
///
/// # Errors
/// [`CollectError`] if there is no listing or no folder; a picture that fails is told.
pub fn collect(
    collection: Collection,
    folder: &Path,
    options: &FetchOptions,
    mut told: impl FnMut(usize, &Collected),
) -> Result<Vec<Collected>, CollectError> {
    std::fs::create_dir_all(folder).map_err(|e| CollectError::Folder(folder.into(), e))?;
    let fetcher = Fetcher::new(options);
    let address = options.listing.as_deref().unwrap_or(collection.listing());
    let failed = |reason: String| CollectError::Listing {
        name: collection.name(),
        reason,
    };
    let listing = fetcher
        .get(address, 32 << 20)
        .map_err(|e| failed(e.to_string()))?;
    let items = items(collection, &listing)
        .ok_or_else(|| failed("it has another form than expected".into()))?;
    let (mut left, mut all) = (options.total_bytes, Vec::new());
    let count = items.len().min(options.most);
    for item in items.into_iter().take(count) {
        if options.stop.load(Ordering::Relaxed) {
            break;
        }
        let (file, kept) = match one(&fetcher, folder, &item, &mut left, options) {
            Ok((file, kept)) => (Ok(file), kept),
            Err(error) => (Err(error.to_string()), false),
        };
        let collected = Collected {
            title: item.title,
            file,
            kept,
        };
        told(count, &collected);
        all.push(collected);
    }
    Ok(all)
}

/// The pictures of a listing; `None` if it is no listing.
fn items(collection: Collection, bytes: &[u8]) -> Option<Vec<Item>> {
    #[derive(Deserialize)]
    struct Template {
        id: String,
        name: String,
        #[serde(alias = "blank")]
        url: String,
        #[serde(default)]
        keywords: Vec<String>,
    }
    let value: Value = serde_json::from_slice(bytes).ok()?;
    let list = match collection {
        Collection::Imgflip => value.get("data")?.get("memes")?.clone(),
        Collection::Memegen => value,
    };
    let templates = list
        .as_array()?
        .iter()
        .filter_map(|t| serde_json::from_value::<Template>(t.clone()).ok());
    Some(
        templates
            .map(|t| Item {
                id: t.id,
                title: t.name,
                url: t.url,
                tags: t.keywords,
            })
            .collect(),
    )
}

/// Fetches one picture unless it is there.
fn one(
    fetcher: &Fetcher,
    folder: &Path,
    item: &Item,
    left: &mut u64,
    options: &FetchOptions,
) -> Result<(PathBuf, bool), FetchError> {
    let name = file_name(&item.id).ok_or(FetchError::Refused("its id is no usable name".into()))?;
    if let Some(file) = kept(folder, &name) {
        return Ok((file, true));
    }
    if *left == 0 {
        return Err(FetchError::TooLarge(options.total_bytes));
    }
    let bytes = fetcher.get(&item.url, options.picture_bytes.min(*left))?;
    *left = left.saturating_sub(bytes.len() as u64);
    let format = image::guess_format(&bytes)
        .map_err(|_| FetchError::Refused("what came is no picture".into()))?;
    let ending = format.extensions_str().first().copied().unwrap_or("bin");
    let file = folder.join(format!("{name}.{ending}"));
    let sidecar = json!({ "title": item.title, "tags": item.tags, "url": item.url, "sha256": moue::digest::sha256_hex(&bytes) });
    write_whole(&file, &bytes)?;
    write_whole(
        &folder.join(format!("{name}.{ending}.json")),
        sidecar.to_string().as_bytes(),
    )?;
    Ok((file, false))
}

/// A picture from an earlier run whose content is still what was fetched.
fn kept(folder: &Path, name: &str) -> Option<PathBuf> {
    ["jpg", "png", "gif", "webp"]
        .iter()
        .map(|ending| folder.join(format!("{name}.{ending}")))
        .find(|file| {
            let sidecar = std::fs::read(folder.join(format!(
                "{}.json",
                file.file_name().unwrap_or_default().display()
            )));
            let told = sidecar
                .ok()
                .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
            let bytes = std::fs::read(file).ok();
            bytes
                .zip(told)
                .is_some_and(|(bytes, told)| told["sha256"] == moue::digest::sha256_hex(&bytes))
        })
}

/// An id as a file's name: letters, digits, `-` and `_`; `None` if it has none of them.
fn file_name(id: &str) -> Option<String> {
    let name: String = id
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        })
        .take(80)
        .collect();
    name.chars().any(|c| c != '_').then_some(name)
}

/// Writes a file under another name first, so that it is whole or not there.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), FetchError> {
    use std::io::Write;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut temporary = tempfile::Builder::new()
        .prefix(".moue-")
        .tempfile_in(folder)?;
    temporary.write_all(bytes)?;
    temporary
        .persist(path)
        .map_err(|e| FetchError::Write(e.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_listings_are_read() {
        let imgflip = br#"{"success":true,"data":{"memes":[{"id":"181913649","name":"Drake","url":"https://i.imgflip.com/30b1gx.jpg","width":1,"height":1,"box_count":2},{"odd":1}]}}"#;
        let found = items(Collection::Imgflip, imgflip).unwrap();
        assert_eq!((found.len(), found[0].title.as_str()), (1, "Drake"));
        let memegen = br#"[{"id":"ds","name":"Daily Struggle","blank":"https://api.memegen.link/images/ds.png","keywords":["sweat"]}]"#;
        assert_eq!(
            items(Collection::Memegen, memegen).unwrap()[0].tags,
            ["sweat"]
        );
        assert!(
            items(Collection::Imgflip, b"<html>").is_none()
                && items(Collection::Memegen, b"{}").is_none()
        );
    }

    #[test]
    fn ids_become_harmless_names() {
        assert_eq!(
            file_name("../../etc/passwd").as_deref(),
            Some("______etc_passwd")
        );
        assert_eq!(file_name("../.."), None);
        assert_eq!(file_name("a-1").as_deref(), Some("a-1"));
    }
}
