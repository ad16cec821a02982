//! Galleries and the files that they know: copies, changed files, names of any bytes, members of
//! ZIPs, folders that come and go, and files that are not what a gallery claims.

mod common;

use common::World;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Stdio};

fn list(w: &World, gallery: &str) -> Vec<Value> {
    w.run(&["gallery", "list", gallery, "--json"]).json()
}

fn paths(w: &World, gallery: &str) -> Vec<String> {
    let names = list(w, gallery).into_iter().map(|entry| {
        let path = entry["path"].as_str().unwrap().to_owned();
        path.rsplit('/').next().unwrap().to_owned()
    });
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names
}

fn statuses(w: &World, args: &[&str]) -> Vec<String> {
    let lines = w.run(args).json();
    let status = lines
        .iter()
        .map(|line| line["status"].as_str().unwrap().to_owned());
    status.collect()
}

/// A run of `watch`, stopped when it is dropped.
struct Watch {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Watch {
    fn start(w: &World, gallery: &str, folder: &str) -> Self {
        let mut child = w
            .command(&[
                "gallery", "watch", gallery, folder, "--json", "--effort", "live",
            ])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// What is reported up to the next time that all is up to date. The test's own time limit is
    /// what ends a wait in vain.
    fn settled(&mut self) -> Vec<(String, String)> {
        let mut reported = Vec::new();
        for line in self.lines.by_ref() {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            common::validate(&line).unwrap();
            let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
            if text("status") == "settled" {
                return reported;
            }
            let picture = text("picture");
            let name = picture.rsplit('/').next().unwrap_or_default();
            reported.push((text("status"), name.to_owned()));
        }
        panic!("watch ended: {reported:?}");
    }

    /// Waits until `status` was reported for `name`, and returns all that was reported.
    fn until(&mut self, status: &str, name: &str) -> Vec<(String, String)> {
        let mut all = Vec::new();
        loop {
            all.extend(self.settled());
            if all.contains(&(status.into(), name.into())) {
                return all;
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_copy_of_a_removed_picture_is_added_again() {
    let w = World::new();
    w.drawing_as("mina-smile", "a.png");
    std::fs::copy(w.path("a.png"), w.path("b.png")).unwrap();
    // One after the other: of two at once either may be the first.
    w.run(&["gallery", "add", "g.moue", "a.png"]);
    w.run(&["gallery", "add", "g.moue", "b.png"]);
    assert_eq!(
        w.run(&["gallery", "remove", "g.moue", "a.png"]).code,
        Some(0)
    );
    let added = statuses(&w, &["gallery", "add", "g.moue", "b.png", "--json"]);
    assert_eq!(added, ["added"]);
    assert_eq!(paths(&w, "g.moue"), ["b.png"]);
}

#[test]
fn watch_keeps_the_copy_of_a_deleted_picture() {
    let w = World::new();
    w.drawing_as("mina-smile", "in/a.png");
    w.drawing_as("gus-sob", "in/other.png");
    std::fs::copy(w.path("in/a.png"), w.path("in/b.png")).unwrap();
    let mut watch = Watch::start(&w, "g.moue", "in");
    watch.settled();
    let known = paths(&w, "g.moue");
    let first = known
        .iter()
        .find(|name| *name != "other.png")
        .unwrap()
        .clone();
    let copy = if first == "a.png" { "b.png" } else { "a.png" };
    std::fs::remove_file(w.path(&format!("in/{first}"))).unwrap();
    watch.until("removed", &first);
    drop(watch);
    let mut expected = vec![copy.to_owned(), "other.png".to_owned()];
    expected.sort_unstable();
    assert_eq!(paths(&w, "g.moue"), expected);
}

#[test]
fn a_changed_file_takes_the_place_of_its_old_content() {
    let w = World::new();
    w.drawing_as("mina-smile", "in/x.png");
    w.run(&["gallery", "add", "g.moue", "in"]);
    w.run(&["gallery", "tag", "g.moue", "in/x.png", "--add", "mine"]);
    w.drawing_as("gus-sob", "in/x.png");
    w.run(&["gallery", "add", "g.moue", "in"]);
    let listed = list(&w, "g.moue");
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(listed[0]["tags"], json!(["mine"]), "tags are of the name");
    let sob = w.drawing("gus-sob");
    let found = w
        .run(&["find", &sob, "--gallery", "g.moue", "--json"])
        .json();
    let distance = found[0]["faces"][0]["matches"][0]["distance"]
        .as_f64()
        .unwrap();
    assert!(distance < 1e-3, "{distance}");
    // One whose new content has no face is no match any more.
    w.blank("in/x.png");
    w.run(&["gallery", "add", "g.moue", "in"]);
    assert_eq!(paths(&w, "g.moue"), [""; 0]);
}

#[test]
fn a_moved_and_replaced_picture_is_kept_under_its_new_name() {
    let w = World::new();
    w.drawing_as("mina-smile", "in/b.png");
    w.run(&["gallery", "add", "g.moue", "in"]);
    std::fs::rename(w.path("in/b.png"), w.path("in/c.png")).unwrap();
    w.drawing_as("gus-sob", "in/b.png");
    w.run(&["gallery", "add", "g.moue", "in"]);
    assert_eq!(paths(&w, "g.moue"), ["b.png", "c.png"]);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_no_text_are_kept_and_found() {
    use std::os::unix::ffi::OsStrExt;
    let w = World::new();
    let name = |byte: u8| {
        let bytes = [&b"in/No"[..], &[byte], b"l.png"].concat();
        std::path::PathBuf::from(std::ffi::OsStr::from_bytes(&bytes))
    };
    w.drawing_as("mina-smile", "in/1.png");
    w.drawing_as("gus-sob", "in/2.png");
    std::fs::rename(w.path("in/1.png"), w.path("").join(name(0xeb))).unwrap();
    std::fs::rename(w.path("in/2.png"), w.path("").join(name(0xe8))).unwrap();
    for _ in 0..2 {
        let mut watch = Watch::start(&w, "g.moue", "in");
        let reported = watch.settled();
        assert!(
            reported.iter().all(|(status, _)| status != "removed"),
            "{reported:?}"
        );
    }
    let listed = list(&w, "g.moue");
    assert_eq!(paths(&w, "g.moue"), [r"No\xE8l.png", r"No\xEBl.png"]);
    assert!(
        listed
            .iter()
            .all(|entry| entry["path_bytes"].as_str().unwrap().contains("4e6f"))
    );
    let query = w.drawing("mina-smile");
    let saved = w.run(&[
        "find",
        &query,
        "--gallery",
        "g.moue",
        "--save",
        "out",
        "--top",
        "1",
    ]);
    assert_eq!(saved.code, Some(0), "{}", saved.stderr);
    let copy = std::fs::read_dir(w.path("out"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    assert_eq!(
        std::fs::read(copy.path()).unwrap(),
        std::fs::read(w.path("").join(name(0xeb))).unwrap()
    );
    std::fs::copy(w.path("").join(name(0xeb)), w.path("in/copy.png")).unwrap();
    let again = statuses(&w, &["gallery", "add", "g.moue", "in", "--json"]);
    assert!(again.iter().all(|status| status == "known"), "{again:?}");
    let mut remove = w.command(&["gallery", "remove", "g.moue"]);
    assert!(remove.arg(name(0xeb)).status().unwrap().success());
    assert_eq!(list(&w, "g.moue").len(), 1);
}

fn zip(w: &World, file: &str, members: &[(&str, &str)]) {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(w.path(file)).unwrap());
    for (name, drawing) in members {
        let source = w.path(&w.drawing(drawing));
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(&std::fs::read(&source).unwrap()).unwrap();
        std::fs::remove_file(source).unwrap();
    }
    zip.finish().unwrap();
}

/// The color of a picture that cannot be shown.
const MISSING: image::Rgb<u8> = image::Rgb([200; 3]);

fn is_missing_in(sheet: &Path) -> bool {
    let sheet = image::open(sheet).unwrap().into_rgb8();
    let gray = sheet.pixels().filter(|pixel| **pixel == MISSING).count();
    // A missing picture fills a tile of 256 × 256.
    gray > 20_000
}

#[test]
fn matches_inside_of_zips_are_shown_and_saved() {
    let w = World::new();
    zip(&w, "pack.zip", &[("deep/e.png", "mina-smile")]);
    w.run(&["gallery", "add", "g.moue", "pack.zip"]);
    let query = w.drawing("mina-smile");
    let find = [
        "find",
        &query,
        "--gallery",
        "g.moue",
        "--save",
        "out",
        "--sheet",
        "sheet.png",
    ];
    let ran = w.run(&find);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let saved = std::fs::read(w.path("out/mina-smile-1-1-e.png")).unwrap();
    assert_eq!(saved, std::fs::read(w.path(&query)).unwrap());
    assert!(!is_missing_in(&w.path("sheet.png")));
    // Without the ZIP the thumbnail is shown, and nothing can be saved.
    std::fs::remove_file(w.path("pack.zip")).unwrap();
    std::fs::remove_dir_all(w.path("out")).unwrap();
    let ran = w.run(&find);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("pack.zip!/deep/e.png: not saved"),
        "{}",
        ran.stderr
    );
    assert!(!is_missing_in(&w.path("sheet.png")));
}

#[test]
fn only_the_content_that_the_gallery_knows_is_saved() {
    let w = World::new();
    let picture = w.drawing("mina-smile");
    w.drawing_as("mina-smile", "in/a.png");
    w.run(&["gallery", "add", "g.moue", "in"]);
    w.write("in/a.png", b"a private key");
    let ran = w.run(&["find", &picture, "--gallery", "g.moue", "--save", "out"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("a.png: not saved"), "{}", ran.stderr);
    assert_eq!(std::fs::read_dir(w.path("out")).unwrap().count(), 0);
}

#[test]
fn watch_goes_by_the_rules_of_add() {
    let w = World::new();
    w.drawing_as("mina-smile", "in/a.png");
    w.write("in/.moueignore", b"private/\n");
    let mut watch = Watch::start(&w, "g.moue", "in");
    watch.settled();
    w.drawing_as("gus-sob", "in/private/secret.png");
    w.drawing_as("rex-wink", "in/.thumbs/t.png");
    w.drawing_as("kaz-grin", "in/new/b.png");
    watch.until("added", "b.png");
    drop(watch);
    assert_eq!(paths(&w, "g.moue"), ["a.png", "b.png"]);
}

#[test]
fn what_is_gone_at_once_is_kept_and_comes_back() {
    let w = World::new();
    w.drawing_as("mina-smile", "disk/a.png");
    w.drawing_as("gus-sob", "disk/b.png");
    Watch::start(&w, "g.moue", "disk").settled();
    w.run(&["gallery", "tag", "g.moue", "0", "1", "--add", "fav"]);
    std::fs::rename(w.path("disk"), w.path("unmounted")).unwrap();
    std::fs::create_dir(w.path("disk")).unwrap();
    let reported = Watch::start(&w, "g.moue", "disk").settled();
    assert_eq!(reported, [("away".to_owned(), "disk".to_owned())]);
    std::fs::remove_dir(w.path("disk")).unwrap();
    std::fs::rename(w.path("unmounted"), w.path("disk")).unwrap();
    let mut reported = Watch::start(&w, "g.moue", "disk").settled();
    reported.sort_unstable();
    let known = |name: &str| ("known".to_owned(), name.to_owned());
    assert_eq!(
        reported,
        [known("a.png"), known("b.png")],
        "not looked at again"
    );
    assert!(
        list(&w, "g.moue")
            .iter()
            .all(|entry| entry["tags"] == json!(["fav"]))
    );
}

#[test]
fn values_that_no_detector_returns_are_refused_at_import() {
    let w = World::new();
    w.drawing_as("mina-smile", "in/a.png");
    w.drawing_as("gus-sob", "in/b.png");
    w.run(&["gallery", "add", "g.moue", "in"]);
    w.run(&["gallery", "export", "g.moue", "out"]);
    let text = std::fs::read_to_string(w.path("out/pictures.jsonl")).unwrap();
    let parsed = |line| serde_json::from_str::<Value>(line).unwrap();
    let mut lines = text.lines().map(parsed);
    let mut first = lines.next().unwrap();
    first["faces"][0]["box"]["xmin"] = json!(1e39);
    let second = lines.next().unwrap();
    let changed = format!("{first}\n{second}\n");
    w.write("out/pictures.jsonl", changed.as_bytes());
    let ran = w.run(&["gallery", "import", "new.moue", "out", "--json"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("xmin"), "{}", ran.stderr);
    assert_eq!(ran.json()[0]["added"], 1);
    assert_eq!(list(&w, "new.moue").len(), 1);
}

#[cfg(unix)]
#[test]
fn a_new_gallery_is_private_and_a_failed_command_leaves_none() {
    use std::os::unix::fs::PermissionsExt;
    let w = World::new();
    let picture = w.drawing("mina-smile");
    w.run(&["gallery", "add", "g.moue", &picture]);
    let mode = |name: &str| w.path(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("g.moue"), 0o600);
    std::fs::set_permissions(w.path("g.moue"), PermissionsExt::from_mode(0o644)).unwrap();
    w.run(&["gallery", "compact", "g.moue"]);
    assert_eq!(mode("g.moue"), 0o644, "the user's choice stays");
    assert_eq!(
        w.run(&["gallery", "merge", "new.moue", "absent.moue"]).code,
        Some(2)
    );
    assert!(!w.path("new.moue").exists());
    let left = std::fs::read_dir(w.path("")).unwrap().flatten();
    let left = left.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(b".moue-"));
    assert_eq!(left.count(), 0);
}

#[test]
fn a_flipped_bit_is_named_and_the_rest_is_saved() {
    let w = World::new();
    for (i, drawing) in moue_drawings::all().step_by(90).enumerate() {
        w.drawing_as(&drawing.name(), &format!("in/{i}.png"));
    }
    w.run(&["gallery", "add", "g.moue", "in", "--effort", "live"]);
    w.run(&["gallery", "export", "g.moue", "out"]);
    let pictures = list(&w, "g.moue").len();
    let table = std::fs::read(w.path("out/expressions.npy")).unwrap();
    let vector = &table[table.len() - 256..];
    let mut bytes = std::fs::read(w.path("g.moue")).unwrap();
    let ends = bytes
        .windows(256)
        .enumerate()
        .filter(|(_, window)| *window == vector);
    let places: Vec<usize> = ends.map(|(at, _)| at).collect();
    for at in &places {
        bytes[at + 3] ^= 0x80;
    }
    w.write("g.moue", &bytes);
    let verified = w.run(&["gallery", "verify", "g.moue"]);
    assert_eq!(verified.code, Some(1));
    assert!(!verified.stdout.contains("intact") && verified.stdout.contains(" can be read; "));
    let query = w.drawing("mina-smile");
    let found = w.run(&["find", &query, "--gallery", "g.moue"]);
    assert_eq!(found.code, Some(2), "{}", found.stdout);
    assert!(found.stderr.contains("--repair"), "{}", found.stderr);
    let repaired = w.run(&["gallery", "verify", "g.moue", "--repair", "--json"]);
    assert_eq!(repaired.code, Some(0), "{}", repaired.stderr);
    let report = &repaired.json()[0];
    assert_eq!(report["repaired"], true);
    // The database marks a file that it opens in the header; what was damaged is as it was.
    let kept = std::fs::read(w.path("g.moue.damaged")).unwrap();
    let is_kept = |at: &usize| kept[*at..][..256] == bytes[*at..][..256];
    assert!(places.iter().all(is_kept));
    assert_eq!(w.run(&["gallery", "verify", "g.moue"]).code, Some(0));
    assert_eq!(list(&w, "g.moue").len(), pictures - 1);
}
