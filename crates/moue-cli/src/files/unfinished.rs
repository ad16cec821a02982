//! A file under a temporary name until it is whole.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Temporary files that Ctrl-C has to remove.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Counts the temporary files, for their names.
static COUNT: AtomicU32 = AtomicU32::new(0);

fn list() -> MutexGuard<'static, Vec<PathBuf>> {
    // A push or a removal leaves a valid list, also if it panics.
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes all temporary files of the program: to be called before it ends at once.
pub(crate) fn remove_unfinished() {
    for path in list().drain(..) {
        // It may have been renamed meanwhile.
        let _ = std::fs::remove_file(path);
    }
}

/// A file that is written beside its target and takes its place in [`Self::finish`]. Dropped
/// before, it disappears, and the target is as it was.
#[derive(Debug)]
pub(crate) struct Unfinished {
    file: File,
    /// `None` if the target is a device or a pipe, which is written to directly.
    temporary: Option<PathBuf>,
    target: PathBuf,
}

impl Unfinished {
    /// Begins a file; `target` is no link.
    pub(crate) fn create(target: &Path) -> io::Result<Self> {
        let metadata = target.metadata().ok();
        if metadata
            .as_ref()
            .is_some_and(|metadata| !metadata.is_file())
        {
            return Ok(Self {
                file: OpenOptions::new().write(true).open(target)?,
                temporary: None,
                target: target.to_owned(),
            });
        }
        let (temporary, file) = create_beside(target)?;
        list().push(temporary.clone());
        // From here on dropping removes it.
        let unfinished = Self {
            file,
            temporary: Some(temporary),
            target: target.to_owned(),
        };
        if let Some(metadata) = metadata {
            unfinished.file.set_permissions(metadata.permissions())?;
        }
        Ok(unfinished)
    }

    /// Where the bytes are until then.
    pub(crate) fn path(&self) -> &Path {
        self.temporary.as_deref().unwrap_or(&self.target)
    }

    /// Adds bytes to what another program has written.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::End(0))?;
        self.file.write_all(bytes)
    }

    /// Puts the file in its place, once all of it is on the disk.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        let Some(temporary) = &self.temporary else {
            return self.file.flush();
        };
        // A full disk is noticed here at the latest.
        self.file.sync_all()?;
        std::fs::rename(temporary, &self.target)?;
        forget(temporary);
        self.temporary = None;
        Ok(())
    }

    /// As [`Self::finish`], but fails if there is a file in its place by now.
    pub(crate) fn finish_new(self) -> io::Result<()> {
        self.file.sync_all()?;
        // Unlike a rename, a hard link is never made over another file. Where the file system has
        // none, an empty file takes the place first.
        if std::fs::hard_link(self.path(), &self.target).is_ok() {
            return Ok(());
        }
        File::create_new(&self.target)?;
        self.finish()
    }
}

/// What the names of temporary files begin with; the number of the process and a count follow.
const PREFIX: &str = ".moue-";

/// A new file beside the target, as a rename works only within a file system.
fn create_beside(target: &Path) -> io::Result<(PathBuf, File)> {
    let folder = target.parent().unwrap_or(Path::new(""));
    if is_first_in(folder) {
        remove_left_behind(folder);
    }
    loop {
        // The process keeps several runs of the program apart, the number several files of one.
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = target.with_file_name(format!("{PREFIX}{}-{number}", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            // Left by a process that was killed and had the same number.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(file) if hold(&file, &path) => return Ok((path, file)),
            Ok(_) => {}
        }
    }
}

/// Whether this run writes into the folder for the first time: one folder may get very many files, and
/// listing it for each takes longer than writing them.
fn is_first_in(folder: &Path) -> bool {
    static FOLDERS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    // An insertion that panics leaves a valid set.
    let mut folders = FOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
    folders.insert(folder.to_owned())
}

/// Locks the file as long as it is open, so that other runs see that somebody writes it: the system
/// takes the lock from a process that is killed, whatever its number and on whichever machine.
/// `false` if another run took it for left behind before the lock was there.
fn hold(file: &File, path: &Path) -> bool {
    // On Windows a lock keeps others from reading, and we read the file before it is renamed. Where a
    // file system has no locks, nobody can take the file for left behind either.
    if cfg!(unix) {
        let _ = file.lock();
    }
    path.exists()
}

/// Removes the temporary files of runs that were killed, as far as possible.
fn remove_left_behind(folder: &Path) {
    if !cfg!(unix) {
        return;
    }
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        // Only regular files are opened: a pipe of that name would wait for its other end.
        let is_ours =
            is_temporary(&entry.file_name()) && entry.file_type().is_ok_and(|t| t.is_file());
        let path = entry.path();
        // The lock is held until the file is gone: who locks it next has to see that it is.
        if is_ours
            && let Ok(file) = File::open(&path)
            && file.try_lock().is_ok()
        {
            // It may belong to another user.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Whether a name is one of [`create_beside`]. Those of unfinished galleries have another form; their
/// database locks them.
fn is_temporary(name: &OsStr) -> bool {
    let rest = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
    let parts = rest.and_then(|rest| rest.split_once('-'));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    parts.is_some_and(|(process, number)| is_number(process) && is_number(number))
}

fn forget(temporary: &Path) {
    list().retain(|path| path != temporary);
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // The error that led here is reported; this one would add nothing.
            let _ = std::fs::remove_file(temporary);
            forget(temporary);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finished_leaves_everything_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.txt");
        std::fs::write(&target, b"before").unwrap();
        let mut file = Unfinished::create(&target).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(std::fs::read(&target).unwrap(), b"before");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let mut file = Unfinished::create(&target).unwrap();
        file.write_all(b"after").unwrap();
        file.finish().unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"after");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn what_killed_runs_left_is_removed_and_what_others_write_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        // Also of a process number that is in use again, as that of process 1 always is.
        for name in [
            ".moue-1-0",
            ".moue-999999999-3",
            ".moue-x-0",
            ".moue-1a2b3c",
            ".moue-1-",
        ] {
            std::fs::write(path(name), b"half").unwrap();
        }
        let other = Unfinished::create(&path("other.png")).unwrap();
        let mut file = Unfinished::create(&path("mine.png")).unwrap();
        file.write_all(b"whole").unwrap();
        file.finish().unwrap();
        assert!(other.path().exists(), "somebody writes it");
        assert!(!path(".moue-1-0").exists() && !path(".moue-999999999-3").exists());
        for name in [".moue-x-0", ".moue-1a2b3c", ".moue-1-", "mine.png"] {
            assert!(path(name).exists(), "{name} is no temporary file of ours");
        }
    }
}
