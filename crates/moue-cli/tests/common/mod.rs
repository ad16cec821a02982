//! A small harness: a temporary folder, pictures in it, and the program run there.
#![allow(dead_code, reason = "each test file uses a part")]

pub(crate) mod immich;
#[cfg(target_os = "linux")]
pub(crate) mod large;
pub(crate) mod postgres;
mod schema;
pub(crate) mod server;

use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A folder for one test, and the program.
pub(crate) struct World {
    folder: tempfile::TempDir,
}

/// What the program did.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Panics unless standard error has these words.
    #[track_caller]
    pub(crate) fn assert_says(&self, words: &str) {
        assert!(self.stderr.contains(words), "{}", self.stderr);
    }

    /// The lines of standard output as JSON, each of which its schema allows.
    pub(crate) fn json(&self) -> Vec<Value> {
        let parse = |l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"));
        let lines: Vec<Value> = self.stdout.lines().map(parse).collect();
        for line in &lines {
            validate(line).unwrap_or_else(|error| panic!("{error}\n{line}"));
        }
        lines
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the drawing called `name` as `NAME.png` and returns that file's name.
    pub(crate) fn drawing(&self, name: &str) -> String {
        let file = format!("{name}.png");
        self.drawing_as(name, &file);
        file
    }

    pub(crate) fn drawing_as(&self, name: &str, file: &str) {
        const SIZE: u32 = 256;
        let pixels = moue_drawings::find(name).unwrap().render(SIZE);
        let path = self.path(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        image::save_buffer_with_format(
            path,
            &pixels,
            SIZE,
            SIZE,
            image::ColorType::Rgb8,
            image::ImageFormat::Png,
        )
        .unwrap();
    }

    /// An animation of drawings, each shown for so many frames of 40 ms.
    pub(crate) fn animation(&self, file: &str, drawings: &[(&str, usize)]) {
        let drawings: Vec<_> = drawings.iter().map(|(name, n)| ([*name], *n)).collect();
        self.animation_of_rows(file, &drawings);
    }

    /// A drawing that is shown twice, for so many milliseconds each.
    pub(crate) fn slow_animation(&self, file: &str, drawing: &str, delay: u32) {
        self.encode_animation(file, &[([drawing], 2)], delay);
    }

    /// The same of several drawings beside each other.
    pub(crate) fn animation_of_rows<const N: usize>(
        &self,
        file: &str,
        rows: &[([&str; N], usize)],
    ) {
        self.encode_animation(file, rows, 40);
    }

    fn encode_animation<const N: usize>(
        &self,
        file: &str,
        rows: &[([&str; N], usize)],
        delay: u32,
    ) {
        let mut encoder = image::codecs::gif::GifEncoder::new_with_speed(
            std::fs::File::create(self.path(file)).unwrap(),
            30,
        );
        for (names, frames) in rows {
            let picture = image::DynamicImage::ImageRgb8(row_of(names)).into_rgba8();
            for _ in 0..*frames {
                let delay = image::Delay::from_numer_denom_ms(delay, 1);
                encoder
                    .encode_frame(image::Frame::from_parts(picture.clone(), 0, 0, delay))
                    .unwrap();
            }
        }
    }

    /// An animation in which there is no face.
    pub(crate) fn blank_animation(&self, file: &str, frames: usize) {
        let file = std::fs::File::create(self.path(file)).unwrap();
        let mut encoder = image::codecs::gif::GifEncoder::new(file);
        let picture = image::RgbaImage::from_pixel(90, 60, image::Rgba([90, 120, 200, 255]));
        let frames = std::iter::repeat_n(image::Frame::new(picture), frames);
        encoder.encode_frames(frames).unwrap();
    }

    /// A picture in which there is no face.
    pub(crate) fn blank(&self, file: &str) {
        image::RgbImage::from_pixel(90, 60, image::Rgb([90, 120, 200]))
            .save(self.path(file))
            .unwrap();
    }

    pub(crate) fn write(&self, file: &str, content: &[u8]) {
        std::fs::write(self.path(file), content).unwrap();
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = program();
        command.args(args).current_dir(self.folder.path());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }
}

/// Drawings beside each other, 256 pixels wide each.
pub(crate) fn row_of(names: &[&str]) -> image::RgbImage {
    const SIZE: u32 = 256;
    let mut picture = image::RgbImage::new(SIZE * names.len() as u32, SIZE);
    for (i, name) in names.iter().enumerate() {
        let pixels = moue_drawings::find(name).unwrap().render(SIZE);
        let drawing = image::RgbImage::from_raw(SIZE, SIZE, pixels).unwrap();
        image::imageops::replace(&mut picture, &drawing, i64::from(SIZE) * i as i64, 0);
    }
    picture
}

pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moue"));
    command.env_remove("MOUE_GALLERY");
    command
}

/// A field of each JSON line, by the name of the picture's file.
pub(crate) fn by_field(lines: &[Value], field: &str) -> HashMap<String, String> {
    lines
        .iter()
        .map(|line| {
            let path = line["picture"].as_str().unwrap_or_default();
            let name = path.rsplit('/').next().unwrap_or_default();
            let value = line[field].as_str().unwrap_or_default();
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

/// A JSON array as numbers.
pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect()
}

/// A folder of the research data, or `None` if the test has to be skipped.
pub(crate) fn data(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("MOUE_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = root.join(folder);
    if path.exists() {
        return Some(path);
    }
    skip(&format!(
        "{} is absent; see docs/development.md on $MOUE_DATA",
        path.display()
    ));
    None
}

/// Asks again and again until the condition holds; `false` after twenty seconds.
pub(crate) fn eventually(mut holds: impl FnMut() -> bool) -> bool {
    (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        holds()
    })
}

/// Whether a program that a test needs is installed. If not, the test has to be skipped.
pub(crate) fn installed(program: &str) -> bool {
    let started = Command::new(program)
        .arg("-version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok();
    if !started {
        skip(&format!("{program} is not installed"));
    }
    started
}

/// Prints why a test is skipped; panics where every test is required, as in CI.
pub(crate) fn skip(reason: &str) {
    if std::env::var_os("MOUE_REQUIRE").is_some() {
        panic!("MOUE_REQUIRE is set, and {reason}");
    }
    eprintln!("SKIPPED: {reason}");
}

/// Holds a line of JSON against the schema that its key `schema` names.
pub(crate) fn validate(line: &Value) -> Result<(), String> {
    static SCHEMAS: Mutex<BTreeMap<String, Value>> = Mutex::new(BTreeMap::new());
    let name = line["schema"].as_str().ok_or("it names no schema")?;
    let mut schemas = SCHEMAS.lock().unwrap_or_else(PoisonError::into_inner);
    if !schemas.contains_key(name) {
        let printed = program().args(["schema", name]).output().unwrap().stdout;
        let schema = serde_json::from_slice(&printed).map_err(|e| format!("{name}: {e}"))?;
        schemas.insert(name.to_owned(), schema);
    }
    let result = schema::check(&schemas[name], line);
    result.map_err(|e| format!("{name}: {e}"))
}
