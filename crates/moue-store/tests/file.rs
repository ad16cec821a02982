//! The suite on a `.moue` file, and on the search by over-fetching over one.

use moue::Expression;
use moue::gallery::{Filter, Match, NewPicture, Picture, SearchOptions, Shortlisted};
use moue_store::suite::{self, Harness, Required};
use moue_store::{
    Asked, Counts, FileStore, GalleryStore, Nearby, OverFetch, Selection, StoreError, StoredPicture,
};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str) -> FileStore {
        let path: PathBuf = self.0.path().join(format!("{name}.moue"));
        FileStore::new(moue::Gallery::open_or_create(path).unwrap())
    }
}

impl Harness for Files {
    fn open(&mut self, name: &str) -> Box<dyn GalleryStore> {
        Box::new(self.file(name))
    }
}

#[test]
fn a_file_passes() {
    let report = suite::run(&mut Files::new(), &Required::default());
    assert_eq!((report.recall, report.filtered_recall), (1.0, 1.0));
    assert!(report.searches > 200);
}

/// Over-fetches from a file, as stores do from a server. An approximate one misses some faces.
struct Remote {
    file: FileStore,
    /// Of so many faces one is missed; 0 for none.
    misses: u64,
    asked: AtomicUsize,
}

impl Nearby for Remote {
    fn nearest(&self, asked: &Asked<'_>) -> Result<Vec<Shortlisted>, StoreError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let point = Expression(*asked.point);
        let mut faces = Vec::new();
        self.file.export(asked.filter, &mut |stored| {
            for (face, expression) in stored.picture.faces.iter().zip(&stored.expressions) {
                let is_missed = self.misses > 0 && face.id % self.misses == 1;
                if expression.distance(&point) <= asked.within && !is_missed {
                    faces.push(Shortlisted {
                        id: face.id,
                        expression: *expression,
                        picture: stored.picture.clone(),
                    });
                }
            }
            ControlFlow::Continue(())
        })?;
        let distance = |face: &Shortlisted| face.expression.distance(&point);
        faces.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
        faces.truncate(asked.limit);
        Ok(faces)
    }
}

impl GalleryStore for Remote {
    fn name(&self) -> &str {
        "remote"
    }
    fn is_exact(&self) -> bool {
        self.misses == 0
    }
    fn fingerprint(&self) -> Result<String, StoreError> {
        self.file.fingerprint()
    }
    fn count(&self) -> Result<Counts, StoreError> {
        self.file.count()
    }
    fn contains(&self, contents: &[[u8; 32]]) -> Result<Vec<bool>, StoreError> {
        self.file.contains(contents)
    }
    fn put(&self, pictures: &[NewPicture]) -> Result<Vec<bool>, StoreError> {
        self.file.put(pictures)
    }
    fn remove(&self, selection: &Selection) -> Result<u64, StoreError> {
        self.file.remove(selection)
    }
    fn tag(
        &self,
        selection: &Selection,
        add: &[String],
        drop: &[String],
    ) -> Result<u64, StoreError> {
        self.file.tag(selection, add, drop)
    }
    fn add_words(&self, content: &[u8; 32], words: &str) -> Result<bool, StoreError> {
        self.file.add_words(content, words)
    }
    fn search(
        &self,
        targets: &[Expression],
        options: &SearchOptions,
    ) -> Result<Vec<Match>, StoreError> {
        let fetch = if self.misses == 0 {
            OverFetch::EXACT
        } else {
            OverFetch::approximate(512)
        };
        moue_store::search(self, targets, options, &fetch)
    }
    fn picture(&self, face: u64) -> Result<Option<StoredPicture>, StoreError> {
        self.file.picture(face)
    }
    fn find(&self, content: &[u8; 32]) -> Result<Option<Picture>, StoreError> {
        self.file.find(content)
    }
    fn export(
        &self,
        filter: &Filter,
        body: &mut dyn FnMut(StoredPicture) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.file.export(filter, body)
    }
}

struct Remotes {
    files: Files,
    misses: u64,
}

impl Harness for Remotes {
    fn open(&mut self, name: &str) -> Box<dyn GalleryStore> {
        Box::new(Remote {
            file: self.files.file(name),
            misses: self.misses,
            asked: AtomicUsize::new(0),
        })
    }
}

#[test]
fn over_fetching_answers_as_a_scan_does() {
    let mut remotes = Remotes {
        files: Files::new(),
        misses: 0,
    };
    let required = Required {
        faces: 1_500,
        ..Required::default()
    };
    let report = suite::run(&mut remotes, &required);
    assert_eq!(report.recall, 1.0);
}

#[test]
fn a_store_that_misses_faces_is_found_out() {
    let mut remotes = Remotes {
        files: Files::new(),
        misses: 5,
    };
    let required = Required {
        faces: 1_500,
        recall: 0.95,
    };
    let run = std::panic::AssertUnwindSafe(|| suite::run(&mut remotes, &required));
    let message = std::panic::catch_unwind(run).unwrap_err();
    let message = message.downcast_ref::<String>().expect("a message");
    assert!(message.contains("recall"), "{message}");
}

#[test]
fn plain_searches_ask_once() {
    let files = Files::new();
    let store = Remote {
        file: files.file("once"),
        misses: 0,
        asked: AtomicUsize::new(0),
    };
    let picture = |i: usize| {
        let mut expression = Expression([0.1; 64]);
        expression.0[i % 64] += i as f32 / 100.0;
        let length = expression.0.iter().map(|v| v * v).sum::<f32>().sqrt();
        let expression = Expression(expression.0.map(|v| v / length));
        NewPicture {
            hash: moue::digest::sha256(&i.to_le_bytes()),
            faces: vec![(moue::Face::whole(), expression).into()],
            ..NewPicture::default()
        }
    };
    let pictures: Vec<NewPicture> = (0..500).map(picture).collect();
    store.put(&pictures).unwrap();
    let query = pictures[77].faces[0].expression;
    let found = store.search(&[query], &SearchOptions::nearest(5)).unwrap();
    assert_eq!((found.len(), found[0].distance), (5, 0.0));
    assert_eq!(store.asked.load(Ordering::Relaxed), 1);
}
