//! Files that the program writes. Every one is made here: its format is checked before the work,
//! nothing that somebody else made is overwritten, and a file is whole or absent.

mod format;
mod mark;
mod unfinished;

pub(crate) use format::Kind;
#[cfg(feature = "man")]
pub(crate) use mark::MAN_MARK;
pub(crate) use mark::{CSV_MARK, EDL_MARK, HTML_MARK, JSON_MARK, XML_MARK};
pub(crate) use unfinished::{Unfinished, remove_unfinished};

use crate::output;
use anyhow::{Context, Result, anyhow, bail, ensure};
use image::{DynamicImage, RgbImage};
use std::cell::RefCell;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// What a command may write.
pub(crate) struct Outputs {
    force: bool,
    /// Files that the command reads, as canonical paths.
    inputs: Vec<PathBuf>,
    /// Files that are already spoken for.
    planned: RefCell<Vec<PathBuf>>,
}

impl Outputs {
    /// Outputs of a command that reads `inputs`; those that are no files are ignored.
    pub(crate) fn new<P: AsRef<Path>>(force: bool, inputs: impl IntoIterator<Item = P>) -> Self {
        let inputs = inputs.into_iter();
        Self {
            force,
            inputs: inputs
                .filter_map(|path| path.as_ref().canonicalize().ok())
                .collect(),
            planned: RefCell::new(Vec::new()),
        }
    }

    /// The file that an option names, checked: to be called before any work. `option` is for
    /// messages.
    pub(crate) fn file(&self, option: &str, path: &Path, kind: Kind) -> Result<OutputFile> {
        let file = || -> Result<OutputFile> {
            kind.check(path)?;
            let target = self.target(path)?;
            self.check_existing(&target)?;
            check_writable(&target)?;
            self.plan(&target)?;
            Ok(OutputFile { target, kind })
        };
        // The requested file is written even if nobody reads the printed lines any more.
        output::outlive_readers();
        file().with_context(|| format!("{option} {}", path.display()))
    }

    /// As [`Self::file`], for an option that may be absent.
    pub(crate) fn optional(
        &self,
        option: &str,
        path: Option<&Path>,
        kind: Kind,
    ) -> Result<Option<OutputFile>> {
        path.map(|path| self.file(option, path, kind)).transpose()
    }

    /// The folder that an option names; it is created if there is none.
    pub(crate) fn folder(self, option: &str, path: &Path) -> Result<OutputFolder> {
        output::outlive_readers();
        let shown = || format!("{option} {}", path.display());
        std::fs::create_dir_all(path)
            .with_context(|| format!("{}: the folder cannot be made", shown()))?;
        check_writable(&path.join("scratch")).with_context(shown)?;
        Ok(OutputFolder {
            path: path.to_owned(),
            outputs: self,
        })
    }

    /// Where the file is: a link is followed, so that the link stays and its file is replaced.
    fn target(&self, path: &Path) -> Result<PathBuf> {
        if let Ok(target) = path.canonicalize() {
            return Ok(target);
        }
        let name = path.file_name().context("this names no file")?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let folder = folder.canonicalize().map_err(|error| match error.kind() {
            ErrorKind::NotFound => anyhow!("there is no folder {}", folder.display()),
            _ => anyhow!(error).context(format!("the folder {}", folder.display())),
        })?;
        Ok(folder.join(name))
    }

    /// Refuses to overwrite what moue did not write.
    fn check_existing(&self, target: &Path) -> Result<()> {
        let Ok(metadata) = target.metadata() else {
            return Ok(());
        };
        ensure!(!metadata.is_dir(), "this is a folder");
        // Devices and pipes, such as /dev/stdout, hold nothing that could be lost.
        if self.force || !metadata.is_file() {
            return Ok(());
        }
        let reason = if self.inputs.iter().any(|input| input == target) {
            "this is an input of the command"
        } else {
            match mark::origin(target) {
                mark::Origin::Ours => return Ok(()),
                mark::Origin::Gallery => "this is a gallery",
                mark::Origin::Foreign => "this exists, and nothing in it shows that moue wrote it",
            }
        };
        bail!("{reason}; choose another name, or overwrite it with --force")
    }

    fn plan(&self, target: &Path) -> Result<()> {
        let mut planned = self.planned.borrow_mut();
        ensure!(
            !planned.iter().any(|other| other == target),
            "two results would go into this file"
        );
        planned.push(target.to_owned());
        Ok(())
    }
}

/// Whether moue wrote this file, and may make it again.
pub(crate) fn is_own(path: &Path) -> bool {
    mark::origin(path) == mark::Origin::Ours
}

/// Whether an earlier run of moue wrote `path` as `target`, or into the folder `target`. Such a file of a
/// folder that is read is no input of a command that writes it anew.
pub(crate) fn is_earlier_result(path: &Path, target: Option<&Path>) -> bool {
    let Some(target) = target.and_then(|target| target.canonicalize().ok()) else {
        return false;
    };
    lies_in(path, &target) && is_own(path)
}

/// Whether a file is the one at `target`, a canonical path, or lies in that folder.
pub(crate) fn lies_in(path: &Path, target: &Path) -> bool {
    path.canonicalize()
        .is_ok_and(|path| path.starts_with(target))
}

/// A folder into which a command writes files.
pub(crate) struct OutputFolder {
    path: PathBuf,
    outputs: Outputs,
}

impl OutputFolder {
    /// Writes a picture into the folder.
    pub(crate) fn save(&self, name: &str, image: &DynamicImage) -> Result<()> {
        let path = self.path.join(name);
        self.put(&path, &Kind::Picture.encode(&path, image)?)
    }

    /// Writes a file into the folder. One that is there with these very bytes stays.
    pub(crate) fn write(&self, name: impl AsRef<Path>, bytes: &[u8]) -> Result<()> {
        self.put(&self.path.join(name), bytes)
    }

    /// Begins a copy of a file, for contents that need not fit into memory. One that is there stays
    /// unless it is the same or may be overwritten, see [`FileCopy::finish`].
    pub(crate) fn copy(&self, name: impl AsRef<Path>) -> Result<FileCopy<'_>> {
        let path = self.path.join(name);
        let begin = || -> Result<FileCopy<'_>> {
            let target = self.outputs.target(&path)?;
            let file = Unfinished::create(&target)?;
            Ok(FileCopy {
                file,
                target,
                outputs: &self.outputs,
            })
        };
        begin().with_context(|| format!("cannot write {}", path.display()))
    }

    /// A file in the folder that is gone once it is dropped, or the program ends.
    pub(crate) fn scratch(&self) -> Result<Unfinished> {
        scratch(&self.path)
    }

    /// Begins a file of a set, such as an export: it may replace one of that name if the set's
    /// header shows that moue wrote the set.
    pub(crate) fn begin(&self, name: &str, header: &str) -> Result<Unfinished> {
        let path = self.path.join(name);
        let begin = || -> Result<Unfinished> {
            let target = self.outputs.target(&path)?;
            if mark::origin(&self.path.join(header)) != mark::Origin::Ours {
                self.outputs.check_existing(&target)?;
            }
            Ok(Unfinished::create(&target)?)
        };
        begin().with_context(|| format!("cannot write {}", path.display()))
    }

    fn put(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        if mark::holds(path, bytes) {
            return Ok(());
        }
        let put = || -> Result<()> {
            let target = self.outputs.target(path)?;
            self.outputs.check_existing(&target)?;
            write(&target, bytes)
        };
        put().with_context(|| path.display().to_string())
    }
}

/// A copy under way; dropped before [`FileCopy::finish`] it leaves nothing.
pub(crate) struct FileCopy<'a> {
    file: Unfinished,
    target: PathBuf,
    outputs: &'a Outputs,
}

impl FileCopy<'_> {
    /// Puts the copy in its place.
    pub(crate) fn finish(self) -> Result<()> {
        if mark::are_equal(&self.target, self.file.path())? {
            return Ok(());
        }
        self.outputs
            .check_existing(&self.target)
            .with_context(|| self.target.display().to_string())?;
        Ok(self.file.finish()?)
    }
}

impl Write for FileCopy<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// A file that will be written.
pub(crate) struct OutputFile {
    target: PathBuf,
    kind: Kind,
}

impl OutputFile {
    /// The folder in which the file will be.
    pub(crate) fn folder(&self) -> &Path {
        self.target.parent().unwrap_or(Path::new(""))
    }

    /// Pixels along a side of a picture that the file may hold.
    pub(crate) fn longest_side(&self) -> u32 {
        format::longest_side(&self.target)
    }

    /// Writes a picture in the format of the file's ending.
    pub(crate) fn save(&self, image: &RgbImage) -> Result<()> {
        self.write(&self.encode(image)?)
    }

    /// The bytes of a picture in the format of the file's ending.
    pub(crate) fn encode(&self, image: &RgbImage) -> Result<Vec<u8>> {
        let image = DynamicImage::ImageRgb8(image.clone());
        self.kind.encode(&self.target, &image)
    }

    /// Begins the file, for another program to write; [`finish_video`] puts it in its place.
    pub(crate) fn begin(&self) -> Result<Unfinished> {
        let begun = Unfinished::create(&self.target);
        begun.with_context(|| format!("cannot write {}", self.target.display()))
    }

    /// A file beside this one that is gone once it is dropped, or the program ends.
    pub(crate) fn scratch(&self) -> Result<Unfinished> {
        scratch(self.folder())
    }

    /// Writes the whole file, unless there is one by now.
    pub(crate) fn write_new(&self, bytes: &[u8]) -> Result<()> {
        let written = || -> std::io::Result<()> {
            let mut file = Unfinished::create(&self.target)?;
            file.write_all(bytes)?;
            file.finish_new()
        };
        written().with_context(|| format!("cannot write {}", self.target.display()))
    }

    /// Writes the whole file.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<()> {
        write(&self.target, bytes)
    }
}

/// Refuses a file that could not be written after all the work: begins it and leaves it. Permissions do
/// not tell as much: they do not hold for root, nor are they those of a disk that can only be read.
fn check_writable(target: &Path) -> Result<()> {
    // To open a pipe is to wait for its reader.
    if target.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        return Ok(());
    }
    let folder = target.parent().unwrap_or(Path::new(""));
    let begun = Unfinished::create(target).map(drop);
    begun.with_context(|| format!("the folder {} cannot be written", folder.display()))
}

fn scratch(folder: &Path) -> Result<Unfinished> {
    let begun = Unfinished::create(&folder.join("scratch"));
    begun.with_context(|| format!("cannot write into {}", folder.display()))
}

/// Puts a video that another program has written in its place, with moue's mark at its end.
pub(crate) fn finish_video(mut file: Unfinished) -> Result<()> {
    file.append(&mark::video_mark())?;
    Ok(file.finish()?)
}

fn write(target: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let mut file = Unfinished::create(target)?;
        file.write_all(bytes)?;
        file.finish()
    };
    write().with_context(|| format!("cannot write {}", target.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(outputs: &Outputs, path: &Path, kind: Kind) -> String {
        match outputs.file("-o", path, kind) {
            Ok(_) => String::new(),
            Err(error) => format!("{error:#}"),
        }
    }

    #[test]
    fn only_what_moue_wrote_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("own.jpg"), b"somebody's").unwrap();
        std::fs::write(at("g.png"), b"redb\x1a\x0a\xa9\x0d\x0a").unwrap();
        let outputs = |force| Outputs::new(force, [at("in.png")]);
        let new = |name| outputs(false).file("-o", &at(name), Kind::Picture).unwrap();
        new("in.png").save(&RgbImage::new(4, 4)).unwrap();
        for name in ["in.png", "own.jpg", "g.png"] {
            let text = refusal(&outputs(false), &at(name), Kind::Picture);
            assert!(text.contains("--force"), "{name}: {text}");
            assert_eq!(refusal(&outputs(true), &at(name), Kind::Picture), "");
        }
        for name in ["a.png", "a.jpg", "a.JPEG"] {
            new(name).save(&RgbImage::new(8, 8)).unwrap();
            new(name).save(&RgbImage::new(4, 4)).unwrap();
            assert_eq!(moue::Frame::open(at(name)).unwrap().width(), 4);
        }
        assert_eq!(std::fs::read(at("own.jpg")).unwrap(), b"somebody's");
    }

    #[test]
    fn formats_folders_and_names_are_checked_before_the_work() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let outputs = Outputs::new(true, [at("")]);
        assert!(refusal(&outputs, &at("a.heic"), Kind::Picture).contains(".png"));
        assert!(refusal(&outputs, &at("a"), Kind::Picture).contains(".png"));
        assert!(refusal(&outputs, &at("a.jpg"), Kind::Csv).contains(".csv"));
        assert!(refusal(&outputs, &at("none/a.png"), Kind::Picture).contains("no folder"));
        assert!(refusal(&outputs, &at(""), Kind::Html).contains("folder"));
        assert_eq!(refusal(&outputs, &at("a.png"), Kind::Picture), "");
        assert!(refusal(&outputs, &at("a.png"), Kind::Picture).contains("two results"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    /// Not even root makes files there.
    #[cfg(target_os = "linux")]
    #[test]
    fn folders_that_cannot_be_written_are_refused_before_the_work() {
        let outputs = Outputs::new(true, [""; 0]);
        let text = refusal(&outputs, Path::new("/proc/a.png"), Kind::Picture);
        assert!(
            text.contains("-o /proc/a.png: the folder /proc cannot be written"),
            "{text}"
        );
        let refused = outputs.folder("--save", Path::new("/proc")).err();
        let text = format!("{:#}", refused.unwrap());
        assert!(
            text.contains("--save /proc: the folder /proc cannot be written"),
            "{text}"
        );
    }

    #[test]
    fn copies_in_folders_are_replaced_only_if_they_are_equal() {
        let folder = tempfile::tempdir().unwrap();
        let outputs = Outputs::new(false, [""; 0]);
        let out = outputs
            .folder("--save", &folder.path().join("new"))
            .unwrap();
        out.write("a.jpg", b"a photo").unwrap();
        out.write("a.jpg", b"a photo").unwrap();
        assert!(out.write("a.jpg", b"another").is_err());
        assert_eq!(std::fs::read(out.path.join("a.jpg")).unwrap(), b"a photo");
        assert_eq!(std::fs::read_dir(&out.path).unwrap().count(), 1);
    }
}
