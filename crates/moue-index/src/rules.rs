//! What belongs to a folder: the one rule that a walk and `watch` ask for every path.
//!
//! Hidden files and folders do not, nor what the ignore files of the folder and of those above it
//! list. A line of an ignore file may also bring back what is hidden, as in `.gitignore` files.

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Files that list what is left out, with the syntax of `.gitignore`; the last has the last word.
const IGNORE_FILES: [&str; 2] = [".ignore", ".moueignore"];

/// Bytes of the largest ignore file that is read: ten thousands of lines.
const MAX_BYTES: u64 = 1 << 20;

/// The rules inside of a folder.
pub(crate) struct Rules {
    files: Vec<Gitignore>,
    /// Those of the folder above it, as far as the walk began there.
    above: Option<Rc<Rules>>,
}

/// An ignore file that is not read, and why.
pub(crate) type Problem = (PathBuf, String);

impl Rules {
    /// Reads the ignore files of a folder. One that is not a regular file is not opened: a named
    /// pipe would wait for a writer, a device may never end.
    pub(crate) fn of(folder: &Path, above: Option<Rc<Self>>, problems: &mut Vec<Problem>) -> Self {
        let mut files = Vec::new();
        for name in IGNORE_FILES {
            let path = folder.join(name);
            match read(&path) {
                Ok(Some(text)) => files.push(parse(folder, &path, &text)),
                Ok(None) => {}
                Err(reason) => problems.push((path, reason)),
            }
        }
        Self { files, above }
    }

    /// Whether a file or folder that is directly inside of the folder is left out.
    pub(crate) fn leave_out(&self, path: &Path, is_folder: bool) -> bool {
        let mut rules = Some(self);
        while let Some(level) = rules {
            for file in level.files.iter().rev() {
                match file.matched(path, is_folder) {
                    Match::Ignore(_) => return true,
                    Match::Whitelist(_) => return false,
                    Match::None => {}
                }
            }
            rules = level.above.as_deref();
        }
        is_hidden(path)
    }
}

/// Whether a path is that of an ignore file, whose change may concern all of its folder.
pub(crate) fn is_ignore_file(path: &Path) -> bool {
    IGNORE_FILES
        .iter()
        .any(|name| path.file_name() == Some(name.as_ref()))
}

pub(crate) fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

fn read(path: &Path) -> Result<Option<String>, String> {
    let Ok(meta) = std::fs::metadata(path) else {
        return Ok(None);
    };
    if !meta.is_file() {
        return Err("not a regular file, so its rules are not applied".into());
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!(
            "more than {MAX_BYTES} bytes, so its rules are not applied"
        ));
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

fn parse(folder: &Path, path: &Path, text: &str) -> Gitignore {
    let mut builder = GitignoreBuilder::new(folder);
    for line in text.trim_start_matches('\u{feff}').lines() {
        // A line that is no pattern leaves nothing out.
        let _ = builder.add_line(Some(path.to_owned()), line);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}
