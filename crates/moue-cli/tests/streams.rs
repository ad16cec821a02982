//! Graphs, live sources and timelines, as their users see them.

mod common;

use common::{World, data};
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect()
}

#[test]
fn run_prints_the_packets_of_every_output() {
    let w = World::new();
    let picture = w.drawing("gus-smirk");
    let ran = w.run(&[
        "run",
        "builtin:facial_search",
        "--input",
        &format!("input_frame={picture}"),
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let lines = ran.json();
    let streams: Vec<&str> = lines
        .iter()
        .map(|l| l["stream"].as_str().unwrap())
        .collect();
    assert_eq!(streams, ["detections", "embeddings", "memes"]);
    assert!(lines.iter().all(|l| l["timestamp"] == 0));
    let face = &w
        .run(&["detect", &picture, "--json", "--effort", "live"])
        .json()[0]["faces"][0];
    assert_eq!(
        &lines[0]["value"][0], face,
        "a detection is what `detect` prints"
    );
    let embedding = &w
        .run(&["embed", &picture, "--json", "--effort", "live"])
        .json()[0]["faces"][0]["embedding"];
    assert_eq!(&lines[1]["value"], embedding);
    let found = w
        .run(&["find", &picture, "--json", "--effort", "live"])
        .json();
    for (rank, m) in found[0]["faces"][0]["matches"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
    {
        assert_eq!(
            (
                &lines[2]["value"][rank]["label"],
                &lines[2]["value"][rank]["score"]
            ),
            (&m["label"], &m["distance"])
        );
    }
}

#[test]
fn a_graph_without_a_detection_ends_cleanly() {
    let w = World::new();
    w.blank("blank.png");
    let ran = w.run(&[
        "run",
        "builtin:facial_search",
        "--input",
        "input_frame=blank.png",
    ]);
    assert_eq!(ran.code, Some(0));
    let lines = ran.json();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["value"], Value::Array(Vec::new()));
}

#[test]
fn side_packets_come_from_galleries_tables_and_lists() {
    let w = World::new();
    let picture = w.drawing("mina-grin");
    w.drawing_as("gus-furious", "folder/angry.png");
    w.drawing_as("lola-grin", "folder/happy.png");
    assert_eq!(
        w.run(&["gallery", "add", "my.moue", "folder"]).code,
        Some(0)
    );
    let input = format!("input_frame={picture}");
    let search = |vectors: &str, labels: &str| {
        let (vectors, labels) = (
            format!("embeddings_collection={vectors}"),
            format!("collection_labels={labels}"),
        );
        w.run(&[
            "run",
            "builtin:facial_search",
            "--input",
            &input,
            "--output",
            "memes",
            "--side",
            &vectors,
            "--side",
            &labels,
        ])
    };
    let best = |ran: &common::Ran| ran.json()[0]["value"][0]["label"].clone();
    assert_eq!(best(&search("my.moue", "my.moue")), "happy");
    let table: Vec<f32> = ["angry", "happy"]
        .iter()
        .flat_map(|name| {
            let picture = format!("folder/{name}.png");
            let faces = w.run(&["embed", &picture, "--json"]).json();
            numbers(&faces[0]["faces"][0]["embedding"])
                .into_iter()
                .map(|v| v as f32)
                .collect::<Vec<_>>()
        })
        .collect();
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 64), }";
    let mut npy = b"\x93NUMPY\x01\x00".to_vec();
    npy.extend(118u16.to_le_bytes());
    npy.extend(format!("{header:<117}\n").bytes());
    npy.extend(table.iter().flat_map(|v| v.to_le_bytes()));
    w.write("vectors.npy", &npy);
    w.write("labels.txt", b"cross\nglad\n");
    assert_eq!(best(&search("vectors.npy", "labels.txt")), "glad");
    w.write("labels.txt", b"cross\n");
    let ran = search("vectors.npy", "labels.txt");
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr
            .contains("COLLECTION has 2 vectors, and LABELS 1 labels"),
        "{}",
        ran.stderr
    );
}

#[test]
fn subgraphs_are_found_beside_the_graph_and_in_folders() {
    let w = World::new();
    let picture = w.drawing("mina-grin");
    std::fs::create_dir(w.path("parts")).unwrap();
    let inner = "type: 'Faces' input_stream: 'IMAGE:picture' output_stream: 'DETECTIONS:faces'
        node { calculator: 'MoueFaceDetectionSubgraph' input_stream: 'IMAGE:picture' output_stream: 'DETECTIONS:faces' }";
    w.write("parts/faces.pbtxt", inner.as_bytes());
    let main = "input_stream: 'a' output_stream: 'b' node { calculator: 'Faces' input_stream: 'IMAGE:a' output_stream: 'DETECTIONS:b' }";
    w.write("main.pbtxt", main.as_bytes());
    let input = format!("a={picture}");
    let missing = w.run(&["run", "main.pbtxt", "--input", &input]);
    assert_eq!(missing.code, Some(2));
    assert!(
        missing
            .stderr
            .contains("there is no calculator or subgraph called Faces"),
        "{}",
        missing.stderr
    );
    let found = w.run(&["run", "main.pbtxt", "--graphs", "parts", "--input", &input]);
    assert_eq!(
        found.json()[0]["value"].as_array().unwrap().len(),
        1,
        "{}",
        found.stderr
    );
    w.write("faces.pbtxt", inner.as_bytes());
    assert_eq!(
        w.run(&["run", "main.pbtxt", "--input", &input]).code,
        Some(0),
        "beside the graph"
    );
    let top = w.run(&[
        "run",
        "parts/faces.pbtxt",
        "--input",
        &format!("picture={picture}"),
    ]);
    assert_eq!(
        top.json()[0]["stream"],
        "faces",
        "a subgraph can be run by itself"
    );
}

#[test]
fn graphs_are_drawn_and_traced() {
    let w = World::new();
    let dot = w.run(&["graph", "builtin:facial_search", "--dot"]);
    assert!(
        dot.stdout.starts_with("digraph") && dot.stdout.contains("style=dashed"),
        "the loop is dashed"
    );
    let svg = w.run(&["graph", "builtin:facial_search", "--svg"]);
    assert!(svg.stdout.starts_with("<svg") && svg.stdout.contains("ClosestEmbeddingsCalculator"));
    assert!(
        w.run(&["graph", "builtin:facial_search"])
            .stdout
            .contains("streams in:  input_frame")
    );
    let picture = w.drawing("mina-grin");
    let ran = w.run(&[
        "run",
        "builtin:facial_search",
        "--input",
        &format!("input_frame={picture}"),
        "--trace",
        "trace.json",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let trace: Value =
        serde_json::from_slice(&std::fs::read(w.path("trace.json")).unwrap()).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    let inference = events
        .iter()
        .find(|e| e["ph"] == "X" && e["name"].as_str().unwrap().contains("InferenceCalculator"));
    assert!(inference.unwrap()["dur"].as_f64().unwrap() > 0.0);
    assert!(events.iter().any(|e| e["ph"] == "C"), "queue lengths");
}

#[test]
fn mistakes_in_commands_say_what_there_is() {
    let w = World::new();
    let picture = w.drawing("mina-grin");
    let says = |args: &[&str]| {
        let ran = w.run(args);
        assert_eq!(ran.code, Some(2), "{args:?}");
        ran.stderr
    };
    let input = format!("input_frame={picture}");
    assert!(
        says(&["run", "builtin:search", "--input", &input])
            .contains("there are facial_search, face_detection")
    );
    assert!(
        says(&["run", "builtin:facial_search", "--input", "frame=x.png"])
            .contains("it has input_frame")
    );
    assert!(
        says(&[
            "run",
            "builtin:facial_search",
            "--input",
            &input,
            "--output",
            "meme"
        ])
        .contains("did you mean memes?")
    );
    assert!(says(&["run", "none.pbtxt"]).contains("cannot read none.pbtxt"));
    assert!(
        says(&[
            "run",
            "builtin:facial_search",
            "--input",
            &input,
            "--side",
            "labels=x"
        ])
        .contains("embeddings_collection")
    );
    assert!(says(&["timeline", "none.gif"]).contains("none.gif"));
    w.blank("blank.png");
    assert!(says(&["timeline", "blank.png"]).contains("no face in any of its 1 frames"));
    assert!(says(&["live", "--raw", "640", "--json"]).contains("640x480@30"));
}

#[test]
fn an_animation_is_a_stream_with_its_own_times() {
    let w = World::new();
    w.animation("clip.gif", &[("mina-calm", 8), ("mina-laugh", 8)]);
    let ran = w.run(&[
        "run",
        "builtin:facial_search",
        "--input",
        "input_frame=clip.gif",
        "--output",
        "memes",
    ]);
    let times: Vec<i64> = ran
        .json()
        .iter()
        .map(|l| l["timestamp"].as_i64().unwrap())
        .collect();
    assert_eq!(times, (0..16).map(|i| i * 40_000).collect::<Vec<_>>());
}

#[test]
fn live_json_has_a_line_for_each_frame_and_a_steady_answer() {
    let w = World::new();
    w.animation("clip.gif", &[("mina-calm", 12), ("mina-laugh", 12)]);
    let ran = w.run(&["live", "--video", "clip.gif", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let lines = ran.json();
    assert_eq!(lines.len(), 24);
    assert!(
        lines
            .iter()
            .all(|l| l["schema"] == "moue.live/1" && l.get("embedding").is_none())
    );
    let shown: Vec<&str> = lines
        .iter()
        .map(|l| l["shown"][0]["path"].as_str().unwrap())
        .collect();
    let changes = shown.windows(2).filter(|w| w[0] != w[1]).count();
    assert_eq!(
        changes, 1,
        "one change of face, one change of picture: {shown:?}"
    );
    assert!(shown[12 + 2] != shown[11], "and it comes within two frames");
    let logged = w
        .run(&[
            "live",
            "--video",
            "clip.gif",
            "--json",
            "--log-embeddings",
            "--frames",
            "2",
        ])
        .json();
    assert_eq!(
        (logged.len(), numbers(&logged[1]["embedding"]).len()),
        (2, 64)
    );
}

#[test]
fn raw_frames_come_from_standard_input() {
    let w = World::new();
    let pixels = moue_drawings::find("lola-grin").unwrap().render(128);
    let mut command = w.command(&["live", "--raw", "128x128@25", "--json"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&pixels).unwrap();
    stdin.write_all(&pixels).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(
        lines
            .iter()
            .map(|l| l["timestamp"].as_i64().unwrap())
            .collect::<Vec<_>>(),
        [0, 40_000]
    );
    assert_eq!(lines[0]["faces"].as_array().unwrap().len(), 1);
}

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
    let text = |name: &str| std::fs::read_to_string(w.path(name)).unwrap();
    assert_eq!(text("m.csv").lines().count(), 2);
    assert!(text("m.srt").starts_with("1\n00:00:01,") || text("m.srt").starts_with("1\n00:00:02,"));
    let page = text("m.html");
    assert_eq!(page.matches("data:image/png;base64,").count(), 2);
    assert!(page.contains("<polyline") && !page.contains("http://") && !page.contains("https://"));
}

/// Whether a program that this test needs is installed.
fn installed(program: &str) -> bool {
    let there = Command::new(program)
        .arg("-version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok();
    if !there {
        eprintln!("SKIPPED: {program} is not installed");
    }
    there
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
    assert!(
        ran.stderr.contains("broken.mp4") && ran.stderr.contains("ffmpeg"),
        "{}",
        ran.stderr
    );
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

/// Opens the window on a display of its own, looks at it, and closes it with a key.
#[test]
#[cfg(all(target_os = "linux", feature = "window"))]
fn the_window_shows_the_match_and_closes_on_a_key() {
    if !["Xvfb", "xdotool", "import"].iter().all(|p| installed(p)) {
        return;
    }
    let w = World::new();
    w.animation("clip.gif", &[("mina-laugh", 400)]);
    let display = format!(":{}", 100 + std::process::id() % 800);
    let mut screen = Command::new("Xvfb")
        .args([&display, "-screen", "0", "1280x800x24"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(700));
    let mut child = w
        .command(&["live", "--video", "clip.gif", "--window"])
        .env("DISPLAY", &display)
        .env_remove("WAYLAND_DISPLAY")
        .spawn()
        .unwrap();
    let shot = w.path("shot.png");
    let mut yellow = 0;
    for _ in 0..40 {
        std::thread::sleep(Duration::from_millis(250));
        let taken = Command::new("import")
            .args(["-window", "root"])
            .arg(&shot)
            .env("DISPLAY", &display)
            .status()
            .unwrap();
        let Ok(picture) = image::open(&shot) else {
            continue;
        };
        assert!(taken.success());
        // The frame around the best match and the corners around the face.
        yellow = picture
            .to_rgb8()
            .pixels()
            .filter(|p| p.0 == [255, 196, 61])
            .count();
        if yellow > 2000 {
            break;
        }
    }
    let _ = Command::new("xdotool")
        .args(["key", "space"])
        .env("DISPLAY", &display)
        .status();
    let mut closed = None;
    for _ in 0..40 {
        closed = child.try_wait().unwrap();
        if closed.is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let _ = (child.kill(), screen.kill(), child.wait(), screen.wait());
    assert!(
        yellow > 2000,
        "the face and the match are marked: {yellow} pixels"
    );
    assert_eq!(closed.and_then(|s| s.code()), Some(0), "a key closes it");
}
