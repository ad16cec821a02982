//! `moue gallery add` beyond folders of stills: sequences, ZIPs, captions, near-duplicates,
//! watching, the network.

mod common;

use common::World;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use zip::write::{SimpleFileOptions, ZipWriter};

fn by_name(lines: &[Value], field: &str) -> HashMap<String, String> {
    let name = |l: &Value| {
        l["picture"]
            .as_str()
            .unwrap_or_default()
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    lines
        .iter()
        .map(|l| (name(l), l[field].as_str().unwrap_or_default().to_owned()))
        .collect()
}

#[test]
fn an_animation_gives_its_distinct_expressions_with_their_times() {
    let w = World::new();
    w.animation(
        "mood.gif",
        &[("mina-smile", 12), ("mina-shocked", 12), ("mina-smile", 8)],
    );
    let added = w.run(&["gallery", "add", "g.moue", "mood.gif", "--json"]);
    assert_eq!(
        (added.code, &added.json()[0]["faces"]),
        (Some(0), &json!(2)),
        "{}",
        added.stderr
    );
    let picture = w.drawing("mina-shocked");
    let found = w
        .run(&["find", &picture, "--gallery", "g.moue", "--json"])
        .json();
    let first = &found[0]["faces"][0]["matches"][0];
    let time = first["time"].as_f64().unwrap();
    assert!((0.48..0.6).contains(&time), "{first}");
    assert!(
        w.run(&["find", &picture, "--gallery", "g.moue"])
            .stdout
            .contains(" s\n")
    );
}

#[test]
fn a_zip_is_read_without_unpacking_and_its_bad_members_have_reasons() {
    let w = World::new();
    let picture = std::fs::read(w.path(&w.drawing("rex-wink"))).unwrap();
    let mut pack = ZipWriter::new(std::fs::File::create(w.path("pack.zip")).unwrap());
    let zeros = vec![0; 60 << 20];
    let members: [(&str, &[u8]); 6] = [
        ("good/wink.png", &picture),
        ("../../evil.png", &picture),
        ("bomb.png", &zeros),
        ("cut.png", &picture[..900]),
        ("inner.zip", b"x"),
        ("readme.txt", b"x"),
    ];
    for (name, bytes) in members {
        pack.start_file(name, SimpleFileOptions::default()).unwrap();
        pack.write_all(bytes).unwrap();
    }
    pack.finish().unwrap();
    w.write(
        "cut.zip",
        &std::fs::read(w.path("pack.zip")).unwrap()[..2000],
    );
    let ran = w.run(&["gallery", "add", "g.moue", "pack.zip", "cut.zip", "--json"]);
    let (status, error) = (
        by_name(&ran.json(), "status"),
        by_name(&ran.json(), "error"),
    );
    assert_eq!(status["wink.png"], "added");
    for (name, reason) in [
        ("evil.png", "out of"),
        ("bomb.png", "too large"),
        ("cut.png", "cut off"),
        ("inner.zip", "ZIP"),
        ("cut.zip", "damaged"),
    ] {
        assert_eq!(status[name], "unreadable");
        assert!(error[name].contains(reason), "{name}: {}", error[name]);
    }
    assert!(!status.contains_key("readme.txt") && !w.path("../../evil.png").exists());
    let listed = w.run(&["gallery", "list", "g.moue", "--json"]).json();
    assert!(
        listed[0]["path"]
            .as_str()
            .unwrap()
            .ends_with("pack.zip!/good/wink.png")
    );
    assert_eq!(
        (&listed[0]["source"], &listed[0]["label"]),
        (&json!("zip"), &json!("wink"))
    );
    let again = w
        .run(&["gallery", "add", "g.moue", "pack.zip", "--json"])
        .json();
    assert_eq!(by_name(&again, "status")["wink.png"], "known");
}

#[test]
fn captions_tags_and_filters() {
    let w = World::new();
    w.drawing_as("mina-smile", "a.png");
    w.drawing_as("gus-smile", "b.png");
    w.drawing_as("rex-smile", "c.png");
    w.write(
        "a.png.json",
        br#"{"title": "Happy Mina", "description": "all is well", "tags": ["joy"]}"#,
    );
    w.write("b.json", br#"{"keywords": "joy, gus"}"#);
    assert_eq!(
        w.run(&[
            "gallery", "add", "g.moue", "a.png", "b.png", "c.png", "--tag", "set"
        ])
        .code,
        Some(0)
    );
    let shown = w.run(&["gallery", "show", "g.moue", "0", "--json"]).json();
    assert_eq!(
        w.run(&["gallery", "show", "g.moue", "nothing"]).code,
        Some(1)
    );
    assert!(shown[0]["tags"].as_array().unwrap().contains(&json!("set")));
    let labels = |args: &[&str]| {
        let mut all = vec!["find", "c.png", "--gallery", "g.moue", "--json"];
        all.extend(args);
        let found = w.run(&all).json();
        let matches = found[0]["faces"][0]["matches"].as_array().unwrap().clone();
        matches
            .iter()
            .map(|m| m["label"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(labels(&[]).len(), 3);
    assert_eq!(labels(&["--tag", "joy", "--tag", "gus"]), ["b"]);
    assert_eq!(labels(&["--label", "WELL"]), ["Happy Mina"]);
    assert_eq!(labels(&["--source", "zip"]), [""; 0]);
    assert_eq!(labels(&["--until", "2020-01-01"]), [""; 0]);
    assert_eq!(labels(&["--max-distance", "0.01"]), ["c"]);
    assert!(
        !labels(&["--not", "a.png"]).contains(&"Happy Mina".into()),
        "it is nearer to a.png than to c.png"
    );
    let together = w
        .run(&[
            "find",
            "a.png",
            "b.png",
            "--together",
            "--gallery",
            "g.moue",
            "--json",
        ])
        .json();
    assert_eq!(together[0]["matches"].as_array().unwrap().len(), 3);

    let tagged = w
        .run(&[
            "gallery", "tag", "g.moue", "--add", "new", "--drop", "joy", "--tag", "joy", "--json",
        ])
        .json();
    assert_eq!(tagged[0]["changed"], 2);
    assert_eq!(labels(&["--tag", "new"]).len(), 2);
    assert_eq!(
        w.run(&["gallery", "tag", "g.moue", "nothing", "--add", "x"])
            .code,
        Some(1)
    );
    assert_eq!(
        w.run(&["gallery", "tag", "g.moue", "0"]).code,
        Some(2),
        "nothing to do is an error"
    );
    let path = shown[0]["path"].as_str().unwrap();
    assert_eq!(
        w.run(&[
            "gallery",
            "rename",
            "g.moue",
            path,
            "Renamed",
            "--caption",
            "so"
        ])
        .code,
        Some(0)
    );
    assert_eq!(labels(&["--label", "renamed"]).len(), 1);
}

#[test]
fn a_moved_file_keeps_its_face_and_a_copy_is_one_of_three() {
    let w = World::new();
    for (drawing, file) in [
        ("mina-smile", "in/a.png"),
        ("gus-smile", "in/b.png"),
        ("rex-smile", "in/c.png"),
        ("ivy-smile", "in/d.png"),
    ] {
        w.drawing_as(drawing, file);
    }
    // The same picture at another size.
    image::open(w.path("in/a.png"))
        .unwrap()
        .resize(200, 200, image::imageops::FilterType::Triangle)
        .save(w.path("in/small.png"))
        .unwrap();
    assert_eq!(w.run(&["gallery", "add", "g.moue", "in"]).code, Some(0));
    let before = w.run(&["gallery", "list", "g.moue", "--json"]).json();
    let found = w
        .run(&["find", "in/a.png", "--gallery", "g.moue", "--json"])
        .json();
    let labels: Vec<&str> = found[0]["faces"][0]["matches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["label"].as_str().unwrap())
        .collect();
    assert_eq!((labels[0], labels.len()), ("a", 3));
    assert!(!labels.contains(&"small"), "{labels:?}");
    assert_eq!(
        w.run(&["gallery", "stats", "g.moue", "--json"]).json()[0]["near_duplicates"],
        1
    );

    std::fs::create_dir(w.path("in/deep")).unwrap();
    std::fs::rename(w.path("in/b.png"), w.path("in/deep/moved.png")).unwrap();
    let ran = w.run(&["gallery", "add", "g.moue", "in", "--json"]);
    assert_eq!(
        (
            ran.code,
            by_name(&ran.json(), "status")["moved.png"].as_str()
        ),
        (Some(0), "moved")
    );
    let after = w.run(&["gallery", "list", "g.moue", "--json"]).json();
    assert_eq!(after.len(), before.len());
    let moved = after.iter().find(|l| l["label"] == "moved").unwrap();
    assert!(
        moved["path"]
            .as_str()
            .unwrap()
            .ends_with("in/deep/moved.png")
    );
    assert!(
        before
            .iter()
            .any(|l| l["id"] == moved["id"] && l["label"] == "b")
    );
}

#[test]
fn export_import_merge_verify_compact_map_and_shards() {
    let w = World::new();
    for (i, drawing) in moue_drawings::all().step_by(60).enumerate() {
        w.drawing_as(&drawing.name(), &format!("in/{i}.png"));
    }
    for part in ["1/3", "2/3", "3/3"] {
        let name = format!("part{}.moue", &part[..1]);
        assert!(
            w.run(&["gallery", "add", &name, "in", "--shard", part])
                .code
                .unwrap()
                < 2
        );
    }
    let merge = [
        "gallery",
        "merge",
        "all.moue",
        "part1.moue",
        "part2.moue",
        "part3.moue",
        "--json",
    ];
    let added: u64 = w
        .run(&merge)
        .json()
        .iter()
        .map(|l| l["added"].as_u64().unwrap())
        .sum();
    assert_eq!(added, 12);
    assert!(
        w.run(&merge).json().iter().all(|l| l["added"] == 0),
        "merging again adds nothing"
    );
    assert_eq!(
        w.run(&["gallery", "merge", "all.moue", "absent.moue"]).code,
        Some(2)
    );

    assert_eq!(
        w.run(&["gallery", "export", "all.moue", "out"]).code,
        Some(0)
    );
    assert_eq!(
        w.run(&["gallery", "import", "back.moue", "out", "--json"])
            .json()[0]["added"],
        12
    );
    let faces = |name: &str| {
        let found = w
            .run(&[
                "find",
                "in/3.png",
                "--gallery",
                name,
                "--top",
                "12",
                "--json",
            ])
            .json();
        found[0]["faces"][0]["matches"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m["distance"].as_f64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(faces("back.moue"), faces("all.moue"));
    let pictures = std::fs::read_to_string(w.path("out/pictures.jsonl")).unwrap();
    w.write(
        "out/pictures.jsonl",
        format!("{{\"broken\n{pictures}").as_bytes(),
    );
    let import = w.run(&["gallery", "import", "other.moue", "out"]);
    assert_eq!(import.code, Some(1));
    assert!(
        import.stderr.contains("line 1") && import.stdout.contains("12 added"),
        "{}",
        import.stderr
    );

    let report = w.run(&["gallery", "verify", "back.moue", "--json"]).json();
    assert_eq!(
        (&report[0]["faces"], &report[0]["problems"]),
        (&json!(12), &json!([]))
    );
    assert_eq!(w.run(&["gallery", "compact", "back.moue"]).code, Some(0));
    assert_eq!(
        w.run(&["gallery", "map", "back.moue", "-o", "map.html"])
            .code,
        Some(0)
    );
    let page = std::fs::read_to_string(w.path("map.html")).unwrap();
    assert_eq!(
        page.matches("\"image\":\"/9j/").count(),
        12,
        "each face has its JPEG"
    );
    assert!(
        !page.contains("http:") && !page.contains("https:"),
        "the page needs nothing else"
    );
}

#[test]
fn a_watched_folder_and_its_gallery_stay_alike() {
    let w = World::new();
    w.drawing_as("mina-smile", "in/a.png");
    let mut child = w
        .command(&["gallery", "watch", "g.moue", "in", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // Reads until `status` was told of `name`; the test's own time limit is what ends a wait in
    // vain.
    let mut until = |status: &str, name: &str| {
        for line in lines.by_ref() {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            if line["status"] == status
                && line["picture"].as_str().unwrap_or_default().ends_with(name)
            {
                return;
            }
        }
        panic!("the program ended before {status} {name}");
    };
    until("added", "a.png");
    until("settled", "");
    w.drawing_as("gus-sob", "in/new/b.png");
    until("added", "b.png");
    until("settled", "");
    std::fs::rename(w.path("in/a.png"), w.path("in/new/c.png")).unwrap();
    until("moved", "c.png");
    until("settled", "");
    std::fs::remove_file(w.path("in/new/b.png")).unwrap();
    until("removed", "b.png");
    until("settled", "");
    // Another writer gets its turn between changes.
    let picture = w.drawing("rex-wink");
    assert_eq!(w.run(&["gallery", "add", "g.moue", &picture]).code, Some(0));
    child.kill().unwrap();
    child.wait().unwrap();
    let listed = w.run(&["gallery", "list", "g.moue", "--json"]).json();
    let mut labels: Vec<&str> = listed
        .iter()
        .map(|l| l["label"].as_str().unwrap())
        .collect();
    labels.sort_unstable();
    assert_eq!(labels, ["c", "rex-wink"]);
}

/// A server on this machine that answers by path; `hits` counts what was asked.
struct Server {
    address: String,
    hits: Arc<Mutex<HashMap<String, usize>>>,
}

impl Server {
    fn start(picture: Vec<u8>, other: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let hits: Arc<Mutex<HashMap<String, usize>>> = Arc::default();
        let (base, counted, tries) = (
            address.clone(),
            Arc::clone(&hits),
            Arc::new(AtomicUsize::new(0)),
        );
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (base, picture, other, counted, tries) = (
                    base.clone(),
                    picture.clone(),
                    other.clone(),
                    Arc::clone(&counted),
                    Arc::clone(&tries),
                );
                std::thread::spawn(move || {
                    answer(stream, &base, &picture, &other, &counted, &tries)
                });
            }
        });
        Self { address, hits }
    }
}

fn answer(
    mut stream: TcpStream,
    base: &str,
    picture: &[u8],
    other: &[u8],
    hits: &Mutex<HashMap<String, usize>>,
    tries: &AtomicUsize,
) {
    let mut request = String::new();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    reader.read_line(&mut request).unwrap();
    let mut header = String::new();
    while reader.read_line(&mut header).is_ok_and(|n| n > 2) {
        header.clear();
    }
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    *hits.lock().unwrap().entry(path.clone()).or_default() += 1;
    let mut reply = |status: &str, extra: &str, body: &[u8], claimed: usize| {
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {claimed}\r\nConnection: close\r\n{extra}\r\n"
        );
        let _ = stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(body));
    };
    match path.as_str() {
        "/list" => {
            let names = [
                "good", "busy", "cut", "huge", "html", "loop", "gone", "moved", "../evil",
            ];
            let memes: Vec<Value> = names
                .iter()
                .map(|n| json!({ "id": n, "name": format!("The {n}"), "url": format!("{base}/{n}") }))
                .collect();
            let body = json!({ "success": true, "data": { "memes": memes } }).to_string();
            reply("200 OK", "", body.as_bytes(), body.len());
        }
        "/good" => reply("200 OK", "", picture, picture.len()),
        // Busy twice, then fine.
        "/busy" if tries.fetch_add(1, Ordering::Relaxed) < 2 => {
            reply("503 Busy", "Retry-After: 0\r\n", b"", 0)
        }
        "/busy" | "/target" => reply("200 OK", "", other, other.len()),
        "/cut" => reply("200 OK", "", &picture[..500], picture.len()),
        "/huge" => reply("200 OK", "", b"", 1 << 40),
        "/html" => reply("200 OK", "", b"<html>", 6),
        "/loop" => reply("302 Found", &format!("Location: {base}/loop\r\n"), b"", 0),
        "/moved" => reply("302 Found", &format!("Location: {base}/target\r\n"), b"", 0),
        _ => reply("404 Not Found", "", b"", 0),
    }
}

#[test]
fn a_collection_comes_from_a_server_that_misbehaves() {
    let w = World::new();
    let bytes = |name: &str| std::fs::read(w.path(&w.drawing(name))).unwrap();
    let server = Server::start(bytes("mina-smile"), bytes("gus-sob"));
    let list = format!("{}/list", server.address);
    let refused = w.run(&["gallery", "add", "g.moue", "imgflip", "--listing", &list]);
    assert_eq!(
        refused.code,
        Some(2),
        "private addresses are refused unless allowed"
    );

    let args = [
        "gallery",
        "add",
        "g.moue",
        "imgflip",
        "--listing",
        &list,
        "--allow-private",
        "--json",
    ];
    let ran = w.run(&args);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("from the network"),
        "it says that it uses the network"
    );
    let (status, error) = (
        by_name(&ran.json(), "status"),
        by_name(&ran.json(), "error"),
    );
    assert_eq!(status["good.png"], "added");
    let mut same = [status["busy.png"].as_str(), status["moved.png"].as_str()];
    same.sort_unstable();
    assert_eq!(
        same,
        ["added", "known"],
        "another address of the same picture"
    );
    for (name, reason) in [
        ("The cut", ""),
        ("The huge", "larger"),
        ("The html", "no picture"),
        ("The loop", ""),
        ("The gone", "404"),
    ] {
        assert_eq!(status[name], "unreadable", "{name}");
        assert!(
            error[name].contains(reason) && !error[name].is_empty(),
            "{name}: {}",
            error[name]
        );
    }
    assert!(!w.path("evil").exists());
    let listed = w.run(&["gallery", "list", "g.moue", "--json"]).json();
    assert!(
        listed
            .iter()
            .any(|l| l["label"] == "The good" && l["source"] == "imgflip"),
        "{listed:?}"
    );

    // What is there is not fetched again, unless its content is no longer what came.
    let folder = w.path("g.moue.pictures/imgflip");
    std::fs::write(folder.join("busy.png"), b"spoilt").unwrap();
    w.run(&args);
    let hits = server.hits.lock().unwrap();
    assert_eq!((hits["/good"], hits["/busy"], hits["/gone"]), (1, 4, 2));
    drop(hits);
    assert_eq!(
        std::fs::read(folder.join("busy.png")).unwrap(),
        bytes("gus-sob")
    );
}

/// What a hostile collection may hold, beyond what the gallery's own test has.
#[cfg(unix)]
#[test]
fn long_animations_large_sides_odd_names_and_locked_files_end_in_time() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::PermissionsExt;
    let w = World::new();
    std::fs::create_dir(w.path("in")).unwrap();
    std::fs::write(w.path("in/long.gif"), long_gif(100_000)).unwrap();
    let header: Vec<u8> = [b"GIF89a".as_slice(), &[0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0]].concat();
    std::fs::write(w.path("in/large.gif"), header).unwrap();
    w.drawing_as("rex-wink", "in/plain.png");
    std::fs::copy(
        w.path("in/plain.png"),
        w.path("in").join(OsStr::from_bytes(b"odd\xff\nname.png")),
    )
    .unwrap();
    w.drawing_as("ivy-cross", "in/locked.png");
    std::fs::set_permissions(
        w.path("in/locked.png"),
        std::fs::Permissions::from_mode(0o000),
    )
    .unwrap();
    let start = std::time::Instant::now();
    let ran = w.run(&["gallery", "add", "g.moue", "in", "--json"]);
    assert!(
        start.elapsed() < Duration::from_secs(60),
        "{:?}",
        start.elapsed()
    );
    let status = by_name(&ran.json(), "status");
    assert_eq!(
        (status["long.gif"].as_str(), status["large.gif"].as_str()),
        ("no_face", "unreadable")
    );
    assert_eq!(
        ran.json()
            .iter()
            .filter(|l| l["status"] == "added" || l["status"] == "known")
            .count()
            + usize::from(status["locked.png"] == "unreadable"),
        3
    );
}

/// A GIF of 1 × 1 pixel and so many frames.
fn long_gif(frames: usize) -> Vec<u8> {
    let mut bytes = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff".to_vec();
    for _ in 0..frames {
        bytes.extend(b"\x21\xF9\x04\x04\x05\x00\x00\x00\x2C\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00");
    }
    bytes.push(0x3B);
    bytes
}

/// Merging and compacting are cut short at many moments; nothing is lost. `MOUE_KILLS` says how
/// many rounds.
#[cfg(unix)]
#[test]
fn merge_and_compact_survive_kill() {
    let w = World::new();
    for (i, drawing) in moue_drawings::all().step_by(9).enumerate() {
        w.drawing_as(&drawing.name(), &format!("in/{i}.png"));
    }
    assert_eq!(
        w.run(&["gallery", "add", "source.moue", "in"]).code,
        Some(0)
    );
    let of = |name: &str| w.run(&["gallery", "verify", name, "--json"]).json()[0].clone();
    let all = of("source.moue")["pictures"].as_u64().unwrap();
    w.run(&["gallery", "add", "full.moue", "in"]);
    let rounds: u64 = std::env::var("MOUE_KILLS")
        .ok()
        .and_then(|v| v.parse().ok())
        .unwrap_or(4);
    for round in 0..rounds {
        let delay = Duration::from_micros(1500 + 29_000 * round / rounds.max(1));
        let _ = std::fs::remove_file(w.path("target.moue"));
        w.run(&["gallery", "add", "target.moue", "in/0.png"]);
        kill_after(
            &w,
            &["gallery", "merge", "target.moue", "source.moue"],
            delay,
        );
        let report = of("target.moue");
        assert_eq!(report["problems"], json!([]), "round {round}");
        assert!(report["pictures"].as_u64().unwrap() >= 1);
        w.run(&["gallery", "merge", "target.moue", "source.moue"]);
        assert_eq!(of("target.moue")["pictures"], all);
        w.run(&[
            "gallery",
            "remove",
            "full.moue",
            &w.path("in/1.png").to_string_lossy(),
        ]);
        kill_after(&w, &["gallery", "compact", "full.moue"], delay);
        let report = of("full.moue");
        assert_eq!(
            (&report["problems"], &report["pictures"]),
            (&json!([]), &json!(all - 1)),
            "round {round}"
        );
        assert_eq!(
            w.run(&["gallery", "add", "full.moue", "in/1.png"]).code,
            Some(0)
        );
    }
}

#[cfg(unix)]
fn kill_after(w: &World, args: &[&str], delay: Duration) {
    let mut child = w
        .command(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(delay);
    let _ = child.kill();
    child.wait().unwrap();
}

/// Nothing but what is read counts as an ending: a reader that stops early is no error.
#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let w = World::new();
    let mut child = w
        .command(&["gallery", "list", "builtin"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut some = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut some).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
