//! The history and the favorites: a file in the user's data folder.

use super::item::Item;
use crate::files::Unfinished;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What was picked last: some weeks of it. More would not be looked through.
const HISTORY: usize = 100;

/// Favorites: as many as a grid can be scrolled through.
const FAVORITES: usize = 1000;

/// Bytes of the file that are read at most: far more than so many items take.
const MAX_BYTES: u64 = 16 << 20;

/// What is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lists {
    /// What was picked, the last first.
    #[serde(default)]
    pub(crate) history: Vec<Item>,
    /// The last marked first.
    #[serde(default)]
    pub(crate) favorites: Vec<Item>,
}

/// A change of what is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Picked(Item),
    Favored(Item),
    Unfavored(Item),
}

impl Change {
    /// Whether it is one of the history.
    pub(crate) fn is_history(&self) -> bool {
        matches!(self, Self::Picked(_))
    }
}

impl Lists {
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::Picked(item) => put_first(&mut self.history, item, HISTORY),
            Change::Favored(item) => put_first(&mut self.favorites, item, FAVORITES),
            Change::Unfavored(item) => self.favorites.retain(|other| !other.is_same(&item)),
        }
    }

    pub(crate) fn is_favorite(&self, item: &Item) -> bool {
        self.favorites.iter().any(|other| other.is_same(item))
    }
}

fn put_first(list: &mut Vec<Item>, item: Item, most: usize) {
    list.retain(|other| !other.is_same(&item));
    list.insert(0, item);
    list.truncate(most);
}

/// The file that keeps the lists; without a place for it nothing is kept.
pub(crate) struct Kept(Option<PathBuf>);

impl Kept {
    /// The file in the user's data folder.
    pub(crate) fn of_user() -> Self {
        Self(data_folder().map(|folder| folder.join("pick.json")))
    }

    /// What the file has. One that cannot be understood is put aside as FILE.damaged, so that nothing
    /// of it is lost, and the lists are empty.
    pub(crate) fn load(&self) -> Result<Lists> {
        let Some(path) = &self.0 else {
            return Ok(Lists::default());
        };
        read(path).with_context(|| path.display().to_string())
    }

    /// Changes the lists in the file. It is read again before, as another window may have changed it.
    pub(crate) fn change(&self, change: Change) -> Result<()> {
        let Some(path) = &self.0 else {
            return Ok(());
        };
        let mut lists = self.load()?;
        lists.apply(change);
        write(path, &lists).with_context(|| format!("{} cannot be written", path.display()))
    }
}

fn read(path: &Path) -> Result<Lists> {
    let bytes = match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Lists::default()),
        Err(error) => return Err(error.into()),
        Ok(metadata) if metadata.len() > MAX_BYTES => Vec::new(),
        Ok(_) => std::fs::read(path)?,
    };
    if let Ok(lists) = serde_json::from_slice(&bytes) {
        return Ok(lists);
    }
    let mut aside = OsString::from(path);
    aside.push(".damaged");
    std::fs::rename(path, aside).context("it is damaged and cannot be put aside")?;
    Ok(Lists::default())
}

/// Writes the whole file beside the old one, which it then replaces.
fn write(path: &Path, lists: &Lists) -> Result<()> {
    let folder = path.parent().context("it has no folder")?;
    make_private(folder)?;
    // A link stays one: what it leads to is replaced.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut file = Unfinished::create(&target)?;
    file.append(&serde_json::to_vec_pretty(lists)?)?;
    Ok(file.finish()?)
}

/// What somebody likes to send is nobody else's business.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Where the system keeps the data of programs, with a folder of ours.
fn data_folder() -> Option<PathBuf> {
    let set = |name: &str| {
        let path = PathBuf::from(std::env::var_os(name)?);
        // The standard says to ignore relative ones.
        path.is_absolute().then_some(path)
    };
    let home = || set("HOME");
    let folder = if cfg!(windows) {
        set("APPDATA")?
    } else if cfg!(target_os = "macos") {
        home()?.join("Library/Application Support")
    } else {
        set("XDG_DATA_HOME").or_else(|| Some(home()?.join(".local/share")))?
    };
    Some(folder.join("moue"))
}

#[cfg(test)]
mod tests {
    use super::super::item::tests::item;
    use super::*;

    #[test]
    fn what_is_picked_again_comes_first_and_is_there_once() {
        let mut lists = Lists::default();
        for label in ["a", "b", "a"] {
            lists.apply(Change::Picked(item(label)));
        }
        assert_eq!(lists.history, [item("a"), item("b")]);
        for number in 0..HISTORY + 5 {
            lists.apply(Change::Picked(item(&number.to_string())));
        }
        assert_eq!(lists.history.len(), HISTORY);
        assert_eq!(lists.history[0], item(&(HISTORY + 4).to_string()));
    }

    #[test]
    fn the_file_keeps_the_lists_and_two_windows_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/pick.json");
        let [one, other] = [(); 2].map(|()| Kept(Some(path.clone())));
        assert_eq!(one.load().unwrap(), Lists::default());
        one.change(Change::Picked(item("a"))).unwrap();
        other.change(Change::Favored(item("b"))).unwrap();
        one.change(Change::Picked(item("c"))).unwrap();
        let lists = other.load().unwrap();
        assert_eq!(lists.history, [item("c"), item("a")]);
        assert!(lists.is_favorite(&item("b")) && !lists.is_favorite(&item("a")));
        one.change(Change::Unfavored(item("b"))).unwrap();
        assert_eq!(one.load().unwrap().favorites, []);
        // Nothing unfinished is left beside it.
        assert_eq!(
            std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1
        );
    }

    #[test]
    fn a_damaged_file_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pick.json");
        std::fs::write(&path, "{\"history\": [").unwrap();
        let kept = Kept(Some(path.clone()));
        assert_eq!(kept.load().unwrap(), Lists::default());
        kept.change(Change::Picked(item("a"))).unwrap();
        assert_eq!(kept.load().unwrap().history.len(), 1);
        let aside = std::fs::read_to_string(folder.path().join("pick.json.damaged")).unwrap();
        assert_eq!(aside, "{\"history\": [");
    }
}
