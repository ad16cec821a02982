//! Where the picture of a gallery's path is.

use moue::gallery::path_of;
use std::path::PathBuf;

/// What a path of a gallery leads to; nothing has been opened yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place<'a> {
    /// A file, or a path that leads nowhere.
    File(PathBuf),
    /// A member of a ZIP file, by its name there.
    Member(PathBuf, &'a str),
}

impl<'a> Place<'a> {
    /// The place of a path as galleries store it: a member of a ZIP has the ZIP's path, `!/` and
    /// its name.
    pub fn of(path: &'a str) -> Self {
        let file = path_of(path);
        if file.exists() {
            return Self::File(file);
        }
        // A folder's name may end in `!`, so each place is tried where a ZIP may end.
        let ends = path.match_indices("!/");
        let mut members = ends.map(|(at, _)| (path_of(&path[..at]), &path[at + 2..]));
        match members.find(|(zip, _)| zip.is_file()) {
            Some((zip, name)) => Self::Member(zip, name),
            None => Self::File(file),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_may_end_like_a_zip() {
        let folder = tempfile::tempdir().unwrap();
        let odd = folder.path().join("wow!");
        std::fs::create_dir(&odd).unwrap();
        std::fs::write(odd.join("a.zip"), b"").unwrap();
        let path = format!("{}/a.zip!/in/b.png", odd.display());
        let member = Place::Member(odd.join("a.zip"), "in/b.png");
        assert_eq!(Place::of(&path), member);
        let plain = odd.join("a.zip").display().to_string();
        assert_eq!(Place::of(&plain), Place::File(odd.join("a.zip")));
        let gone = odd.join("gone.png").display().to_string();
        assert_eq!(Place::of(&gone), Place::File(odd.join("gone.png")));
    }
}
