//! `moue serve`: its guide, and its promise to lose nothing.

// The program has it only with the feature.
#![cfg(all(feature = "server", feature = "collections", unix))]

mod common;

use common::immich::{Immich, KEY, Preview, asset};
use common::server::Server;
use common::{World, installed};
use moue::Gallery;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

const GUIDE: &str = include_str!("../../../docs/server.md");

/// The commands of the guide's console blocks.
fn commands() -> Vec<&'static str> {
    let blocks = GUIDE.split("```console\n").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().unwrap());
    blocks
        .flat_map(str::lines)
        .filter_map(|line| line.strip_prefix("$ "))
        .collect()
}

#[test]
fn every_command_of_the_chapter_works() {
    if !installed("curl") || !installed("jq") {
        return;
    }
    let w = World::new();
    w.drawing_as("lola-grin", "me.jpg");
    w.drawing_as("gus-laugh", "pictures/laugh.png");
    let png = std::fs::read(w.path("pictures/laugh.png")).unwrap();
    let immich = Immich::start(vec![asset(1, "IMG_1.jpg", Preview::Picture(png))]);
    let commands = commands();
    assert!(commands.len() >= 15, "{commands:?}");
    let mut server = None;
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_moue")).parent();
    let path = std::env::join_paths(
        folder
            .map(Into::into)
            .into_iter()
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    for command in commands {
        let served = command
            .strip_prefix("moue serve ")
            .filter(|rest| rest.starts_with("--"));
        if let Some(args) = served {
            drop(server.take());
            server = Some(Server::start(&w, &args.split(' ').collect::<Vec<_>>()));
            continue;
        }
        let address = server
            .as_ref()
            .map_or(String::new(), |s: &Server| s.address.to_string());
        let here = command.replace("127.0.0.1:8090", &address);
        let here = here.replace("http://127.0.0.1:2283", &immich.address);
        let ran = Command::new("bash")
            .args(["-ec", &here])
            .current_dir(w.path(""))
            .env("PATH", path.as_ref().unwrap())
            .env("IMMICH_KEY", KEY)
            .output()
            .unwrap();
        let stdout = String::from_utf8_lossy(&ran.stdout);
        let stderr = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{command}: {stdout}{stderr}");
    }
    for file in [
        "backup/gallery.json",
        "faces.json",
        "added.json",
        "small.jpg",
        "keys.json",
        "photos.moue",
    ] {
        assert!(w.path(file).exists(), "{file}");
    }
}

/// Sends a picture; returns its hash once the server has acknowledged it.
fn upload(address: SocketAddr, png: &[u8]) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    let head = format!(
        "POST /v1/pictures HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: image/png\r\nContent-Length: {}\r\n\r\n",
        png.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(png).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let created = answer.starts_with("HTTP/1.1 201");
    created.then(|| moue::digest::hex(&moue::digest::sha256(png)))
}

/// Rounds of killing; `MOUE_KILL_ROUNDS=30` does more.
fn rounds() -> usize {
    let rounds = std::env::var("MOUE_KILL_ROUNDS").ok();
    rounds.map_or(4, |rounds| rounds.parse().unwrap())
}

#[test]
fn a_killed_server_has_lost_no_picture_that_it_acknowledged() {
    let w = World::new();
    let names = [
        "gus-calm",
        "gus-laugh",
        "lola-grin",
        "mina-calm",
        "ivy-shocked",
        "lola-angry",
    ];
    let mut pictures = Vec::new();
    for name in names {
        w.drawing_as(name, "one.png");
        pictures.push(std::fs::read(w.path("one.png")).unwrap());
    }
    let mut acknowledged = BTreeMap::new();
    for round in 0..rounds() {
        let mut server = Server::start(&w, &["--gallery", "my.moue"]);
        let address = server.address;
        // Trailing bytes make each upload another file.
        let pictures = pictures.clone();
        let sender = std::thread::spawn(move || {
            let numbered = |number: usize| {
                let mut png = pictures[number % pictures.len()].clone();
                png.extend(format!("{round}-{number}").bytes());
                png
            };
            let all = (0..).map_while(|number| upload(address, &numbered(number)));
            all.collect::<Vec<_>>()
        });
        // Killed in the middle of something: after another number of pictures each time.
        let gallery = w.path("my.moue");
        let before = acknowledged.len() as u64;
        while Gallery::open(&gallery)
            .and_then(|g| g.picture_count())
            .unwrap_or(0)
            < before + 3 + round as u64
        {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        server.kill();
        let hashes = sender.join().unwrap();
        assert!(!hashes.is_empty());
        acknowledged.extend(hashes.into_iter().map(|hash| (hash, round)));
    }
    let mut server = Server::start(&w, &["--gallery", "my.moue"]);
    let gallery = Gallery::open(w.path("my.moue")).unwrap();
    for (hash, round) in &acknowledged {
        let bytes = moue::digest::from_hex(hash).unwrap();
        let found = gallery.find_hash(&bytes).unwrap();
        assert!(found.is_some(), "acknowledged in round {round} and lost");
        let file = w.path(&format!("my.uploads/{hash}.png"));
        assert_eq!(moue::digest::sha256(&std::fs::read(file).unwrap()), bytes);
    }
    server.kill();
}

#[test]
fn terminating_ends_it_in_order() {
    let w = World::new();
    let mut server = Server::start(&w, &[]);
    let address = server.address.to_string();
    assert_eq!(
        w.run(&["serve", "check", "--address", &address]).code,
        Some(0)
    );
    let pid = server.child.id().to_string();
    let killed = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    assert!(killed.success());
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    let silent = w.run(&["serve", "check", "--address", &address]);
    assert_eq!(silent.code, Some(2));
    assert!(silent.stderr.contains("no server"), "{}", silent.stderr);
}

#[test]
fn what_others_reach_needs_a_key() {
    let w = World::new();
    let ran = w.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("moue serve key add"), "{}", ran.stderr);
    let ran = w.run(&["serve", "key", "add", "a b", "--keys", "keys.json"]);
    assert_eq!(ran.code, Some(2));
}

#[test]
fn two_programs_that_add_keys_at_once_lose_none() {
    const ROUNDS: usize = 15;
    let w = World::new();
    for round in 0..ROUNDS {
        let names = ["a", "b"].map(|name| format!("{name}{round}"));
        let children = names.map(|name| {
            let args = ["serve", "key", "add", &name, "--keys", "keys.json"];
            w.command(&args).stdout(Stdio::null()).spawn().unwrap()
        });
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
    }
    let listed = w.run(&["serve", "key", "list", "--keys", "keys.json"]);
    assert_eq!(
        listed.stdout.lines().count(),
        2 * ROUNDS,
        "{}",
        listed.stdout
    );
}

#[test]
fn two_flags_serve_https() {
    if !installed("curl") || !installed("openssl") {
        return;
    }
    let w = World::new();
    let made = Command::new("openssl")
        .args(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(' '),
        )
        .args([
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        ])
        .args(["-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(w.path(""))
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let server = Server::start(&w, &["--tls-cert", "cert.pem", "--tls-key", "key.pem"]);
    for version in ["--http1.1", "--http2"] {
        let url = format!("https://{}/v1/info", server.address);
        let ran = Command::new("curl")
            .args([
                "-sS",
                "--fail-with-body",
                "--cacert",
                "cert.pem",
                version,
                &url,
            ])
            .current_dir(w.path(""))
            .output()
            .unwrap();
        assert!(ran.status.success(), "{ran:?}");
        assert!(String::from_utf8_lossy(&ran.stdout).contains("\"pictures\":940"));
    }
    let address = server.address.to_string();
    assert_eq!(
        w.run(&["serve", "check", "--address", &address]).code,
        Some(0)
    );
    let swapped = w.run(&["serve", "--tls-cert", "key.pem", "--tls-key", "cert.pem"]);
    assert_eq!(swapped.code, Some(2));
}
