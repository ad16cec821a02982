//! Files of the server, and files that clients send.

use crate::common::{World, drawing};
use crate::refused;
use moue::gallery::NewPicture;
use moue::{Expression, Face, Gallery};

#[test]
fn paths_lead_nowhere() {
    let w = World::with(|config, folder| {
        std::fs::create_dir(folder.join("page")).unwrap();
        std::fs::write(folder.join("page/index.html"), "the app").unwrap();
        std::fs::write(folder.join("secret.txt"), "SECRET").unwrap();
        std::fs::write(folder.join("page/link.txt"), "plain").unwrap();
        config.web = Some(folder.join("page"));
    });
    let attacks = [
        ("dots", "/../../../../etc/passwd"),
        ("escaped dots", "/%2e%2e/%2e%2e/etc/passwd"),
        ("escaped separators", "/page/..%2f..%2fetc%2fpasswd"),
        (
            "an id of dots",
            "/v1/pictures/..%2f..%2fetc%2fpasswd/content",
        ),
        ("an id with a null", "/v1/pictures/0%00.png/content"),
        ("a back slash", "/v1/pictures/..%5c..%5cwindows/thumbnail"),
        ("an absolute path", "/v1/pictures/%2fetc%2fpasswd/content"),
    ];
    for (name, path) in attacks {
        refused(name, &w.get(path), &[400, 404]);
    }
    for path in [
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/..%5csecret.txt",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
    ] {
        let answer = w.get(path);
        let text = answer.text();
        assert!(
            !text.contains("SECRET") && !text.contains("root:"),
            "{path}"
        );
    }
    assert_eq!(w.get("/").text(), "the app");
    assert_eq!(w.get("/link.txt").text(), "plain");
}

#[test]
fn names_of_files_stay_with_the_client() {
    let w = World::gallery();
    let mut form = b"--b\r\nContent-Disposition: form-data; name=\"image\"; \
        filename=\"../../../tmp/evil.sh\"\r\nContent-Type: text/html\r\n\r\n"
        .to_vec();
    form.extend(drawing("gus-calm"));
    form.extend(b"\r\n--b--\r\n");
    let added = w.post("/v1/pictures", "multipart/form-data; boundary=b", &form);
    assert_eq!(added.status, 201);
    let files: Vec<_> = std::fs::read_dir(w.path("my.uploads")).unwrap().collect();
    assert_eq!(files.len(), 1);
    let name = files[0].as_ref().unwrap().file_name();
    let hash = added.json()["hash"].as_str().unwrap().to_owned();
    assert_eq!(name.to_str(), Some(&*format!("{hash}.png")));
    assert!(!added.text().contains("evil"));
}

#[test]
fn only_pictures_are_kept_and_sent() {
    let w = World::gallery();
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let html = b"<!doctype html><script>alert(1)</script>";
    let playlist = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n";
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    for (name, media, bytes) in [
        ("SVG", "image/svg+xml", &svg[..]),
        ("HTML", "image/png", html),
        ("a playlist", "image/gif", playlist),
        ("what another program decodes", "image/heic", heic),
    ] {
        refused(name, &w.post("/v1/pictures", media, bytes), &[415]);
    }
    // A gallery of somebody else names files of ours.
    let secret = w.path("secret.txt");
    std::fs::write(&secret, "SECRET").unwrap();
    let entry = |label: &str, hash| NewPicture {
        hash,
        path: secret.to_str().unwrap().into(),
        label: label.into(),
        faces: vec![(Face::whole(), Expression([0.125; 64])).into()],
        ..NewPicture::default()
    };
    let other = Gallery::open_for_writing(w.path("my.moue")).unwrap();
    let known = moue::digest::sha256(b"SECRET");
    other
        .add(&[entry("guess", [7; 32]), entry("known", known)])
        .unwrap();
    drop(other);
    for id in ["0", "1"] {
        for file in ["content", "thumbnail", "thumbnail?of=picture"] {
            let answer = w.get(&format!("/v1/pictures/{id}/{file}"));
            refused(file, &answer, &[404]);
        }
    }
    // Their faces are found, and where they are is not told.
    let found = w.get("/v1/pictures").text();
    assert!(found.contains("secret.txt") && !found.contains(secret.to_str().unwrap()));
}

#[test]
fn ranges_are_no_files_of_their_own() {
    let w = World::gallery();
    let png = drawing("gus-calm");
    assert_eq!(w.post("/v1/pictures", "image/png", &png).status, 201);
    let many = format!("bytes={}", "0-0,".repeat(1_000));
    // One that is not understood may be ignored (RFC 9110); many small ones would be an answer larger than
    // the file.
    for range in ["bytes=0-0", "bytes=-1", "bytes=9-1", "lines=1", &many] {
        let headers = [("Range", range)];
        let answer = w.send("GET", "/v1/pictures/0/content", &headers, b"");
        assert_eq!((answer.status, &answer.body), (200, &png), "{range}");
    }
}
