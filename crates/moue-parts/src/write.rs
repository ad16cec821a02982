//! Writing a part.

use crate::columns::{Columns, Row, schema};
use crate::error::PartError;
use crate::journal::{Journal, replace};
use crate::read::Reader;
use crate::rejected::Rejected;
use moue::gallery::{Gallery, GalleryError, MemoryStorage, Picture, path_of};
use moue::weights::expression_fingerprint;
use moue_index::{AddOptions, Candidate, Event, Status};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Times that a picture may be in work when its worker dies. Once may be the machine's fault.
const MAX_DEATHS: u32 = 2;

/// Rows of a group, which a writer has in memory: with thumbnails some tens of megabytes.
const GROUP_ROWS: usize = 4096;

/// How a part's pictures are read: as [`moue_index::add`] reads them, but one after the other, so that
/// the journal names the one that kills a worker. Parts run side by side instead.
pub type PartOptions = AddOptions;

/// What became of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its file.
    pub file: PathBuf,
    /// Pictures with a face.
    pub pictures: u64,
    /// Faces.
    pub faces: u64,
    /// What was left out.
    pub rejected: Vec<Rejected>,
    /// Whether the file was there already.
    pub is_known: bool,
}

/// Reads the pictures among `manifest` that belong to `part` (from 0) of `count` into a Parquet file
/// in `folder`, `part-00002-of-00016.parquet`. The manifest is the same for every part. `on_event` is
/// called for each picture. A file that is there is not written again.
///
/// ```no_run
/// use moue_parts::{PartOptions, Reader, write_part};
/// let pictures = moue_index::walk(&["/pictures"]);
/// let part = write_part(pictures, "rows".as_ref(), 2, 16, &PartOptions::default(), |_| ())?;
/// println!("{} pictures in {}", part.pictures, part.file.display());
/// for pictures in Reader::open(&part.file)? {
///     println!("{}", pictures?.len());
/// }
/// # Ok::<(), moue_parts::PartError>(())
/// ```
///
/// # Errors
/// [`PartError`] if the folder cannot be written or the work is canceled; then there is no file.
pub fn write_part(
    manifest: Vec<Candidate>,
    folder: &Path,
    part: u32,
    count: u32,
    options: &PartOptions,
    mut on_event: impl FnMut(Event),
) -> Result<Part, PartError> {
    if part >= count {
        return Err(PartError::NoSuchPart { part, count });
    }
    std::fs::create_dir_all(folder).map_err(|e| PartError::file(folder, e))?;
    let name = format!("part-{part:05}-of-{count:05}");
    let file = folder.join(format!("{name}.parquet"));
    if file.exists() {
        return described(file, true);
    }
    let journal = Journal::open(folder.join(format!(".{name}.journal")));
    let mut collected = Collected::new()?;
    for candidate in own(manifest, part, count) {
        collected.take(candidate, &journal, options, &mut on_event)?;
    }
    let bytes = collected.parquet(&file)?;
    replace(&file, &bytes).map_err(|e| PartError::file(&file, e))?;
    journal.remove();
    described(file, false)
}

/// The pictures of one part, in an order of their own, so that the file does not depend on the manifest's.
fn own(manifest: Vec<Candidate>, part: u32, count: u32) -> Vec<Candidate> {
    let mut own = moue_index::shard(manifest, part, count);
    own.sort_by(|a, b| a.path.cmp(&b.path));
    own.dedup_by(|a, b| a.path == b.path);
    own
}

fn described(file: PathBuf, is_known: bool) -> Result<Part, PartError> {
    let mut reader = Reader::open(&file)?;
    let rejected = reader.rejected().to_vec();
    let mut counts = [0, 0];
    for pictures in &mut reader {
        let pictures = pictures?;
        counts[0] += pictures.len() as u64;
        counts[1] += pictures.iter().map(|p| p.faces.len() as u64).sum::<u64>();
    }
    Ok(Part {
        file,
        pictures: counts[0],
        faces: counts[1],
        rejected,
        is_known,
    })
}

/// What was read so far.
struct Collected {
    gallery: Gallery,
    rejected: Vec<Rejected>,
}

impl Collected {
    fn new() -> Result<Self, PartError> {
        Ok(Self {
            gallery: Gallery::with_storage(MemoryStorage::default(), "part")?,
            rejected: Vec::new(),
        })
    }

    fn take(
        &mut self,
        candidate: Candidate,
        journal: &Journal,
        options: &PartOptions,
        on_event: &mut impl FnMut(Event),
    ) -> Result<(), PartError> {
        let path = candidate.path.to_string_lossy().into_owned();
        if journal.deaths(&path) >= MAX_DEATHS {
            let event = killed(candidate.path);
            self.reject("killed", &event);
            on_event(event);
            return Ok(());
        }
        let started = journal.starts(&path);
        started.map_err(|e| PartError::file(&candidate.path, e))?;
        let one = AddOptions {
            threads: 1,
            ..options.clone()
        };
        let mut events = Vec::new();
        moue_index::add(&self.gallery, vec![candidate], &one, |event| {
            events.push(event)
        })?;
        if let Err(cancelled) = options.cancel.check() {
            // The picture in work has not killed anyone.
            journal.remove();
            return Err(cancelled.into());
        }
        for event in events {
            self.report(&event);
            on_event(event);
        }
        Ok(())
    }

    fn report(&mut self, event: &Event) {
        match event.status {
            Status::NoFace => self.reject("no_face", event),
            Status::Unreadable => self.reject("unreadable", event),
            Status::Failed => self.reject("failed", event),
            Status::Added | Status::Known | Status::Moved | Status::WordsRead => {}
        }
    }

    fn reject(&mut self, status: &str, event: &Event) {
        self.rejected.push(Rejected {
            path: event.path.to_string_lossy().into_owned(),
            status: status.to_owned(),
            detail: event.detail.clone(),
        });
    }

    /// The pictures by path.
    fn pictures(&self) -> Result<Vec<Picture>, GalleryError> {
        let mut pictures: Vec<Picture> = Vec::new();
        self.gallery.for_each_picture(|picture| {
            pictures.push(picture);
            Ok::<(), GalleryError>(())
        })?;
        pictures.sort_by_cached_key(|picture| path_of(&picture.path));
        Ok(pictures)
    }

    /// The file's bytes: a row for each face, by path and place.
    fn parquet(&mut self, file: &Path) -> Result<Vec<u8>, PartError> {
        self.rejected.sort();
        let failed = |error: ParquetError| PartError::damaged(file, error);
        let mut bytes = Vec::new();
        let properties = properties(&self.rejected).map_err(failed)?;
        let mut writer = ArrowWriter::try_new(&mut bytes, Arc::new(schema()), Some(properties))
            .map_err(failed)?;
        let mut columns = Columns::new();
        let mut rows = 0;
        for picture in &self.pictures()? {
            rows += picture.faces.len();
            self.push(picture, &mut columns, file)?;
            if rows >= GROUP_ROWS {
                let full = std::mem::replace(&mut columns, Columns::new());
                write(&mut writer, full).map_err(failed)?;
                rows = 0;
            }
        }
        write(&mut writer, columns).map_err(failed)?;
        writer.close().map_err(failed)?;
        Ok(bytes)
    }

    fn push(&self, picture: &Picture, columns: &mut Columns, file: &Path) -> Result<(), PartError> {
        for (number, face) in picture.faces.iter().enumerate() {
            let Some(expression) = self.gallery.expression(face.id)? else {
                continue;
            };
            let thumbnail = self.gallery.thumbnail(face.id)?;
            let row = Row {
                picture,
                number,
                face,
                expression: &expression,
                thumbnail: thumbnail.as_deref(),
            };
            let pushed = columns.push(&row);
            pushed.map_err(|error| PartError::damaged(file, error))?;
        }
        Ok(())
    }
}

/// What is said of a picture that is not tried again.
fn killed(path: PathBuf) -> Event {
    Event {
        path,
        status: Status::Failed,
        faces: 0,
        detail: Some(format!("{MAX_DEATHS} workers died of it")),
        as_before: false,
    }
}

fn write(writer: &mut ArrowWriter<&mut Vec<u8>>, columns: Columns) -> Result<(), ParquetError> {
    writer.write(&columns.finish()?)
}

fn properties(rejected: &[Rejected]) -> Result<WriterProperties, ParquetError> {
    let rejected = serde_json::to_string(rejected);
    let rejected = rejected.map_err(|error| ParquetError::External(Box::new(error)))?;
    let metadata = [
        ("moue.part", "1"),
        ("moue.weights", expression_fingerprint()),
        ("moue.rejected", &rejected),
    ];
    let metadata = metadata.map(|(key, value)| KeyValue::new(key.to_owned(), value.to_owned()));
    Ok(WriterProperties::builder()
        // As pyarrow has it unless told otherwise.
        .set_compression(Compression::SNAPPY)
        .set_key_value_metadata(Some(metadata.to_vec()))
        .build())
}
