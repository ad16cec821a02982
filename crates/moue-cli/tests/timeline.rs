//! `moue timeline`, and videos.

mod common;

use common::{World, data, installed};
use serde_json::Value;
use std::process::Command;

#[test]
fn a_timeline_finds_the_moment_and_writes_every_form() {
    let w = World::new();
    w.animation(
        "clip.gif",
        &[("mina-calm", 40), ("mina-laugh", 12), ("mina-calm", 40)],
    );
    let ran = w.run(&[
        "timeline", "clip.gif", "--json", "--csv", "m.csv", "--srt", "m.srt", "--html", "m.html",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let line = &ran.json()[0];
    assert_eq!(
        (&line["schema"], &line["frames"], &line["faces"]),
        (&"moue.timeline/1".into(), &92.into(), &92.into())
    );
    let moments = line["moments"].as_array().unwrap();
    assert_eq!(moments.len(), 1, "{moments:?}");
    let time = moments[0]["time"].as_f64().unwrap();
    assert!(
        (1.6..2.1).contains(&time),
        "the laugh is from 1.60 to 2.08 s: {time}"
    );
    let happiness = |emotions: &Value| emotions["happiness"].as_f64().unwrap();
    assert!(happiness(&moments[0]["emotions"]) > 0.5);
    let matches = moments[0]["matches"].as_array().unwrap();
    assert!(!matches.is_empty() && line["note"].is_null());
    let listed = w.run(&["gallery", "list", "builtin", "--json"]).json();
    for m in matches {
        let entry = listed.iter().find(|e| e["path"] == m["path"]).unwrap();
        assert!(
            happiness(&entry["emotions"]) > 0.2,
            "{m} contradicts a laugh"
        );
    }
    let text = |name: &str| std::fs::read_to_string(w.path(name)).unwrap();
    assert_eq!(text("m.csv").lines().count(), 2);
    assert!(text("m.srt").starts_with("1\n00:00:01,") || text("m.srt").starts_with("1\n00:00:02,"));
    let page = text("m.html");
    assert_eq!(page.matches("data:image/png;base64,").count(), 2);
    assert!(page.contains("<polyline") && !page.contains("http://") && !page.contains("https://"));
}

#[test]
fn frames_are_bounded_and_a_cut_is_told() {
    let w = World::new();
    w.animation("clip.gif", &[("mina-calm", 30), ("mina-laugh", 12)]);
    let whole = w.run(&["timeline", "clip.gif", "--json"]);
    assert_eq!(whole.json()[0]["complete"], true);
    assert_eq!(whole.stderr, "");
    // As many as there are cut nothing off.
    let all = w.run(&["timeline", "clip.gif", "--json", "--frames", "42"]);
    assert_eq!((all.json(), all.stderr.as_str()), (whole.json(), ""));
    let told = "clip.gif: only the first 5 frames were read";
    let cut = w.run(&["timeline", "clip.gif", "--json", "--frames", "5"]);
    let line = &cut.json()[0];
    assert_eq!(
        (&line["frames"], &line["complete"]),
        (&5.into(), &false.into())
    );
    assert!(cut.stderr.contains(told), "{}", cut.stderr);
    let live = w.run(&["live", "--video", "clip.gif", "--json", "--frames", "5"]);
    assert_eq!(live.json().len(), 5);
    assert!(live.stderr.contains(told), "{}", live.stderr);
    let live = w.run(&["live", "--video", "clip.gif", "--json", "--frames", "42"]);
    assert_eq!((live.json().len(), live.stderr.as_str()), (42, ""));
}

#[test]
fn a_video_in_the_place_of_a_picture_is_told_by_name() {
    let w = World::new();
    // Whatever its name.
    for name in ["clip.mp4", "clip.jpg"] {
        w.write(name, b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41");
        for command in ["find", "detect", "embed"] {
            let ran = w.run(&[command, name]);
            assert_eq!(ran.code, Some(2), "{}", ran.stderr);
            let told = format!("{name}: this is a video, not a picture; `moue timeline`");
            assert!(ran.stderr.contains(&told), "{}", ran.stderr);
        }
    }
}

#[test]
fn videos_are_read_upright_and_broken_ones_named() {
    let (Some(videos), true) = (data("video"), installed("ffmpeg")) else {
        return;
    };
    let w = World::new();
    let clip = videos.join("lp_d18.mp4");
    let clip = clip.to_str().unwrap();
    let straight = w
        .run(&["live", "--video", clip, "--json", "--frames", "3"])
        .json();
    assert_eq!(straight.len(), 3);
    let size = |line: &Value| {
        (
            line["width"].as_u64().unwrap(),
            line["height"].as_u64().unwrap(),
        )
    };
    let turned = w.path("turned.mp4");
    let status = Command::new("ffmpeg")
        .args([
            "-v",
            "error",
            "-i",
            clip,
            "-c",
            "copy",
            "-t",
            "0.5",
            "-metadata:s:v:0",
            "rotate=90",
        ])
        .arg(&turned)
        .status()
        .unwrap();
    if status.success() {
        let lines = w
            .run(&["live", "--video", "turned.mp4", "--json", "--frames", "1"])
            .json();
        let (width, height) = size(&straight[0]);
        assert_eq!(
            size(&lines[0]),
            (height, width),
            "the rotation in the file is honored"
        );
    }
    w.write("broken.mp4", b"no video at all");
    let ran = w.run(&["timeline", "broken.mp4"]);
    assert_eq!(ran.code, Some(2));
    ran.assert_says(
        "moue: broken.mp4: it is no video, or damaged or cut off (ffmpeg: Invalid data",
    );
    // A half of a video, whose index is at its end.
    let bytes = std::fs::read(clip).unwrap();
    w.write("half.mp4", &bytes[..bytes.len() / 2]);
    let half = w.run(&["timeline", "half.mp4"]);
    half.assert_says("moue: half.mp4: it is no video, or damaged or cut off (ffmpeg: Invalid data");
}

#[test]
fn without_ffmpeg_a_video_says_how_to_get_it() {
    let w = World::new();
    w.write("clip.mp4", b"");
    let output = w
        .command(&["timeline", "clip.mp4"])
        .env("PATH", "")
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr.contains("apt install ffmpeg"), "{stderr}");
}

#[test]
fn a_clip_without_moments_says_why() {
    let w = World::new();
    for (pose, reason) in [
        ("mina-calm", "neutral"),
        ("mina-laugh", "happiness all the time"),
    ] {
        w.animation("clip.gif", &[(pose, 40)]);
        let ran = w.run(&["timeline", "clip.gif", "--html", "m.html"]);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        assert!(ran.stdout.contains(reason), "{}", ran.stdout);
        let page = std::fs::read_to_string(w.path("m.html")).unwrap();
        assert!(page.contains(reason));
        std::fs::remove_file(w.path("m.html")).unwrap();
    }
}

#[test]
fn a_clip_without_a_face_or_a_moment_is_no_error() {
    let w = World::new();
    w.blank("blank.png");
    w.blank_animation("blank.gif", 3);
    w.animation("calm.gif", &[("mina-calm", 40)]);
    for (clip, reason) in [
        ("blank.png", "blank.png: no face in its only frame\n"),
        ("blank.gif", "blank.gif: no face in any of its 3 frames\n"),
        ("calm.gif", "the face stays neutral"),
    ] {
        let ran = w.run(&["timeline", clip, "--only", "2"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""), "{clip}");
        assert!(ran.stdout.contains(reason), "{}", ran.stdout);
        let reel = w.run(&[
            "timeline", clip, "--json", "--reel", "r.mp4", "--page", "p.html",
        ]);
        assert_eq!(reel.code, Some(1), "{clip}");
        reel.assert_says("no video is cut, as there is no moment with a picture");
        let line = &reel.json()[0];
        assert_eq!(line["moments"], serde_json::json!([]));
        let note = line["note"].as_str().unwrap();
        assert!(reason.contains(note), "{note}");
        let page = std::fs::read_to_string(w.path("p.html")).unwrap();
        assert!(page.contains(note) && !w.path("r.mp4").exists());
    }
}

#[test]
fn a_page_seeks_in_its_video_and_keeps_the_shape_of_pictures() {
    let (Some(videos), true) = (data("video"), installed("ffmpeg")) else {
        return;
    };
    let w = World::new();
    std::fs::copy(videos.join("lp_d12.mp4"), w.path("a clip.mp4")).unwrap();
    let ran = w.run(&["timeline", "a clip.mp4", "--html", "m.html", "--json"]);
    let moments = ran.json()[0]["moments"].as_array().unwrap().len();
    assert!(moments > 1, "{}", ran.stdout);
    let page = std::fs::read_to_string(w.path("m.html")).unwrap();
    assert!(page.contains(r#"src="./a%20clip.mp4""#));
    assert_eq!(page.matches("<li data-time=").count(), moments);
    assert!(page.contains("currentTime"));
}

/// People's faces in real clips: every moment is expressive, and calm clips have none.
#[test]
fn no_moment_of_the_test_clips_is_neutral() {
    let (Some(clips), true) = (data("clips"), installed("ffmpeg")) else {
        return;
    };
    let w = World::new();
    // A smile, four of five faces that a viewer named, a frown and a wink, and a calm walk.
    for (clip, least, most) in [("lp_d0", 1, 1), ("lp_d3", 4, 6), ("lp_s18", 0, 0)] {
        let path = clips.join(format!("{clip}.mp4"));
        let ran = w.run(&["timeline", path.to_str().unwrap(), "--json"]);
        let moments = ran.json()[0]["moments"].as_array().unwrap().clone();
        assert!(
            (least..=most).contains(&moments.len()),
            "{clip}: {moments:?}"
        );
        for moment in moments {
            let neutral = moment["emotions"]["neutral"].as_f64().unwrap();
            assert!(neutral < 0.65, "{clip} at {}", moment["time"]);
        }
    }
}

/// Two people beside each other, whose expressions overlap: a laugh on the left from 1.6 to 2.8 s,
/// and an angry face on the right from 2.2 to 3.2 s.
fn two_people(w: &World) {
    let rows = [
        (["mina-calm", "gus-calm"], 40),
        (["mina-laugh", "gus-calm"], 15),
        (["mina-laugh", "gus-furious"], 15),
        (["mina-calm", "gus-furious"], 10),
        (["mina-calm", "gus-calm"], 40),
    ];
    w.animation_of_rows("two.gif", &rows);
}

#[test]
fn moments_of_two_people_are_told_apart_and_may_overlap() {
    let w = World::new();
    two_people(&w);
    let ran = w.run(&[
        "timeline", "two.gif", "--json", "--csv", "m.csv", "--srt", "m.srt",
    ]);
    let line = &ran.json()[0];
    let people = line["people"].as_array().unwrap();
    assert_eq!(people.len(), 2, "{people:?}");
    let moments = line["moments"].as_array().unwrap();
    assert_eq!(moments.len(), 2, "{moments:?}");
    for moment in moments {
        let left = moment["box"]["xmin"].as_f64().unwrap() < 0.5;
        let (emotion, from, to) = if left {
            ("happiness", 1.6, 2.8)
        } else {
            ("anger", 2.2, 3.2)
        };
        assert!(
            moment["emotions"][emotion].as_f64().unwrap() > 0.4,
            "{moment}"
        );
        let time = moment["time"].as_f64().unwrap();
        assert!((from..=to).contains(&time), "{moment}");
    }
    assert_ne!(moments[0]["person"], moments[1]["person"]);
    let text = |name: &str| std::fs::read_to_string(w.path(name)).unwrap();
    let [first, second] = [0, 1].map(|i| moments[i]["person"].to_string());
    let csv = text("m.csv");
    let last: Vec<&str> = csv.lines().filter_map(|l| l.rsplit(',').next()).collect();
    assert_eq!(last, ["person", &first, &second]);
    assert!(text("m.srt").contains(&format!("\nperson {first}: ")));
    let printed = w.run(&["timeline", "two.gif"]).stdout;
    assert!(
        printed.contains("2 people") && printed.contains(&format!("person {second}")),
        "{printed}"
    );
    // One person is not told from anybody.
    w.animation(
        "one.gif",
        &[("mina-calm", 40), ("mina-laugh", 15), ("mina-calm", 40)],
    );
    let one = w.run(&["timeline", "one.gif"]).stdout;
    assert!(!one.contains("person") && !one.contains("people"), "{one}");
}

#[test]
fn after_a_cut_everybody_is_new() {
    let w = World::new();
    let shots = [
        ("mina-calm", 40),
        ("mina-laugh", 15),
        ("mina-calm", 30),
        ("vik-calm", 40),
        ("vik-furious", 15),
        ("vik-calm", 30),
    ];
    w.animation("cut.gif", &shots);
    let line = &w.run(&["timeline", "cut.gif", "--json"]).json()[0];
    let people = line["people"].as_array().unwrap();
    assert_eq!(people.len(), 2, "{people:?}");
    let seconds = |person: usize, key: &str| people[person][key].as_f64().unwrap();
    assert!(
        seconds(0, "end") < 3.4 && seconds(1, "start") >= 3.4 - 1e-6,
        "{people:?}"
    );
    let moments = line["moments"].as_array().unwrap();
    let found: Vec<_> = moments
        .iter()
        .map(|m| m["person"].as_u64().unwrap())
        .collect();
    assert_eq!(found, [1, 2], "{moments:?}");
}

#[test]
fn only_the_chosen_moments_are_kept() {
    let w = World::new();
    two_people(&w);
    let numbers = |args: &[&str]| {
        let line = w
            .run(&[&["timeline", "two.gif", "--json"], args].concat())
            .json();
        let moments = line[0]["moments"].as_array().unwrap().clone();
        moments
            .iter()
            .map(|m| m["number"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers(&[]), [1, 2]);
    assert_eq!(numbers(&["--only", "2"]), [2]);
    assert_eq!(numbers(&["--only", "2,1"]), [1, 2]);
    let wrong = w.run(&["timeline", "two.gif", "--only", "1,3"]);
    assert!(
        wrong.code == Some(2)
            && wrong.stderr.contains("--only 3")
            && wrong.stderr.contains("1 to 2"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn a_page_of_some_moments_names_them_in_its_command() {
    let w = World::new();
    two_people(&w);
    let page = |args: &[&str]| {
        w.run(&[&["timeline", "two.gif", "--html", "page.html"], args].concat());
        std::fs::read_to_string(w.path("page.html")).unwrap()
    };
    let whole = page(&[]);
    assert!(whole.contains("two-reel.mp4</code>") && !whole.contains("data-some"));
    assert!(page(&["--only", "2"]).contains("two-reel.mp4 --only 2</code>"));
}

#[test]
fn what_a_clip_begins_with_is_no_moment() {
    let w = World::new();
    // A face at rest, and an expression that is over as soon as the clip begins.
    for (first, frames) in [("mina-calm", 30), ("mina-laugh", 6)] {
        let parts = [
            (first, frames),
            ("mina-calm", 40),
            ("mina-furious", 20),
            ("mina-calm", 30),
        ];
        w.animation("clip.gif", &parts);
        let line = &w.run(&["timeline", "clip.gif", "--json"]).json()[0];
        let times: Vec<_> = line["moments"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m["time"].as_f64().unwrap())
            .collect();
        let angry = (frames + 40) as f64 * 0.04;
        assert!(
            times.len() == 1 && (angry..angry + 0.8).contains(&times[0]),
            "{first}: {times:?}"
        );
    }
}

#[test]
fn the_parts_of_a_reel_can_be_ticked_on_the_page() {
    let w = World::new();
    two_people(&w);
    std::fs::rename(w.path("two.gif"), w.path("it's two.gif")).unwrap();
    let args = [
        "timeline",
        "it's two.gif",
        "--page",
        "p.html",
        "--pure",
        "--moments",
        "9",
    ];
    assert_eq!(w.run(&args).code, Some(0));
    let page = std::fs::read_to_string(w.path("p.html")).unwrap();
    assert_eq!(
        page.matches("<input type=\"checkbox\" checked value=")
            .count(),
        2
    );
    assert!(page.contains("person 1") && page.contains("person 2"));
    // The command has what decides which moments there are.
    let quoted = if cfg!(windows) {
        "'it''s two.gif'"
    } else {
        r"'it'\''s two.gif'"
    };
    let start = format!("moue timeline {quoted} --pure --moments 9");
    assert!(page.contains(&format!("data-start=\"{start}\"")), "{page}");
    assert!(!page.contains("http://") && !page.contains("https://"));
}
