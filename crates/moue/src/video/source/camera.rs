//! Cameras by number and name, as `ffmpeg` lists them.

use super::command::{FFMPEG, ffmpeg, patience};
use super::error::SourceError;
use crate::frame::DecodeOptions;
use crate::program::{Patience, ProgramError, run};

/// A camera of this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Camera {
    /// The number that [`Ffmpeg::camera`](super::Ffmpeg::camera) takes.
    pub number: u32,
    /// Its name, as the system shows it.
    pub name: String,
    /// A name that no other camera has, where the system has one.
    pub unique_name: Option<String>,
}

/// Which interface of the system cameras have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum System {
    DirectShow,
    AvFoundation,
    Video4Linux,
}

impl System {
    const HERE: Self = if cfg!(windows) {
        Self::DirectShow
    } else if cfg!(target_os = "macos") {
        Self::AvFoundation
    } else {
        Self::Video4Linux
    };

    /// Its name in `ffmpeg`.
    fn format(self) -> &'static str {
        match self {
            Self::DirectShow => "dshow",
            Self::AvFoundation => "avfoundation",
            Self::Video4Linux => "v4l2",
        }
    }
}

/// The cameras of this computer. On Windows and macOS the program `ffmpeg` is asked.
///
/// # Errors
/// [`SourceError`] if `ffmpeg` is missing or does not answer.
pub fn cameras() -> Result<Vec<Camera>, SourceError> {
    Ok(list(System::HERE, &patience(&DecodeOptions::default()))?)
}

/// Format and input, for `ffmpeg`, of a camera that is given by its number or name.
pub(super) fn camera_input(
    camera: &str,
    patience: &Patience,
) -> Result<(&'static str, String), ProgramError> {
    let system = System::HERE;
    let number = camera.parse::<u32>().ok();
    // DirectShow knows names only, and a number would be taken for one.
    let listed = match (system, number) {
        (System::DirectShow, Some(_)) => list(system, patience)?,
        _ => Vec::new(),
    };
    let input = input(system, camera, &listed).ok_or_else(|| {
        let message = format!("there is no camera {camera}; {}", described(&listed));
        ProgramError::Failed {
            program: FFMPEG.name,
            message,
        }
    })?;
    Ok((system.format(), input))
}

/// What `ffmpeg` takes for a camera; `None` if `listed` lacks its number.
fn input(system: System, camera: &str, listed: &[Camera]) -> Option<String> {
    let number = camera.parse::<u32>().ok();
    Some(match (system, number) {
        (System::DirectShow, Some(number)) => {
            let found = listed.iter().find(|listed| listed.number == number)?;
            // Two cameras of one make have the same name.
            let name = found.unique_name.as_ref().unwrap_or(&found.name);
            format!("video={name}")
        }
        (System::DirectShow, None) => format!("video={camera}"),
        (System::Video4Linux, Some(number)) => format!("/dev/video{number}"),
        _ => camera.to_owned(),
    })
}

/// The cameras in words, for an error.
pub(super) fn described(cameras: &[Camera]) -> String {
    if cameras.is_empty() {
        return "no camera was found".into();
    }
    let names = cameras.iter().map(|c| format!("{} {:?}", c.number, c.name));
    format!("there are {}", names.collect::<Vec<String>>().join(", "))
}

fn list(system: System, patience: &Patience) -> Result<Vec<Camera>, ProgramError> {
    let input = match system {
        System::DirectShow => "dummy",
        System::AvFoundation => "",
        System::Video4Linux => return Ok(video4linux()),
    };
    let mut command = ffmpeg();
    // The list is information, not an error.
    command.args(["-v", "info", "-list_devices", "true"]).args([
        "-f",
        system.format(),
        "-i",
        input,
    ]);
    // It fails in any case: there is no camera of that name.
    let (_, messages) = run(FFMPEG, &mut command, patience.clone())?;
    Ok(match system {
        System::AvFoundation => avfoundation(&messages),
        _ => direct_show(&messages),
    })
}

/// The devices that the kernel lists, with their names.
fn video4linux() -> Vec<Camera> {
    let Ok(entries) = std::fs::read_dir("/sys/class/video4linux") else {
        return Vec::new();
    };
    let camera = |entry: std::fs::DirEntry| {
        let number = entry.file_name().to_str()?.strip_prefix("video")?.parse();
        let name = std::fs::read_to_string(entry.path().join("name")).ok()?;
        Some(Camera {
            number: number.ok()?,
            name: name.trim().to_owned(),
            unique_name: None,
        })
    };
    let mut found: Vec<Camera> = entries.flatten().filter_map(camera).collect();
    found.sort_by_key(|camera| camera.number);
    found
}

/// A line of `ffmpeg`'s without the name of what wrote it, `[dshow @ 0000020b]`.
fn message(line: &str) -> &str {
    let rest = line.strip_prefix('[').and_then(|l| l.split_once("] "));
    rest.map_or(line, |(_, message)| message).trim()
}

/// What stands between the first and the last quotation mark.
fn quoted(text: &str) -> Option<&str> {
    let (_, text) = text.split_once('"')?;
    text.rsplit_once('"').map(|(name, _)| name)
}

/// The video devices of `ffmpeg -list_devices true -f dshow`. Each has a line `"NAME" (video)` and
/// one with its alternative name; versions before 5 write a heading before all devices of a kind
/// instead of the kind behind each.
fn direct_show(messages: &str) -> Vec<Camera> {
    let mut found: Vec<Camera> = Vec::new();
    let mut under_video = false;
    let mut of_last = false;
    for line in messages.lines().map(message) {
        if line.starts_with("DirectShow ") {
            under_video = line.starts_with("DirectShow video devices");
        } else if let Some(rest) = line.strip_prefix("Alternative name ") {
            if let Some(last) = found.last_mut().filter(|_| of_last) {
                last.unique_name = quoted(rest).map(str::to_owned);
            }
        } else if let Some(name) = quoted(line).filter(|_| line.starts_with('"')) {
            let kinds = line.rsplit_once('"').map_or("", |(_, kinds)| kinds);
            of_last = kinds.contains("video") || kinds.is_empty() && under_video;
            if of_last {
                found.push(camera(found.len(), name));
            }
        }
    }
    found
}

/// The video devices of `ffmpeg -f avfoundation -list_devices true`: lines `[NUMBER] NAME` under a
/// heading.
fn avfoundation(messages: &str) -> Vec<Camera> {
    let mut found = Vec::new();
    let mut under_video = false;
    for line in messages.lines().map(message) {
        if line.starts_with("AVFoundation ") {
            under_video = line.starts_with("AVFoundation video devices");
        }
        let device = line.strip_prefix('[').and_then(|l| l.split_once("] "));
        if let Some((number, name)) = device.filter(|_| under_video)
            && let Ok(number) = number.parse()
        {
            found.push(camera(number, name));
        }
    }
    found
}

fn camera(number: usize, name: &str) -> Camera {
    Camera {
        number: number as u32,
        name: name.to_owned(),
        unique_name: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As versions from 5 on write it.
    const DIRECT_SHOW: &str = r#"[dshow @ 000001f2a1b3c4c0] "Integrated Camera" (video)
[dshow @ 000001f2a1b3c4c0]   Alternative name "@device_pnp_\\?\usb#vid_04f2&pid_b6d9&mi_00#6&1#{65e8773d}\global"
[dshow @ 000001f2a1b3c4c0] "OBS "Virtual" Camera" (none)
[dshow @ 000001f2a1b3c4c0]   Alternative name "@device_sw_{860BB310}\{A3FCE0F5}"
[dshow @ 000001f2a1b3c4c0] "Capture Card" (audio, video)
[dshow @ 000001f2a1b3c4c0]   Alternative name "@device_pnp_\\?\usb#vid_0fd9"
[dshow @ 000001f2a1b3c4c0] "Mikrofon (Realtek(R) Audio)" (audio)
[dshow @ 000001f2a1b3c4c0]   Alternative name "@device_cm_{33D9A762}\wave_{1D4F}"
dummy: Immediate exit requested"#;

    const DIRECT_SHOW_BEFORE_5: &str = r#"[dshow @ 0000020b] DirectShow video devices (some may be both video and audio devices)
[dshow @ 0000020b]  "HD Webcam"
[dshow @ 0000020b]     Alternative name "@device_pnp_\\?\usb#1"
[dshow @ 0000020b]  "HD Webcam"
[dshow @ 0000020b]     Alternative name "@device_pnp_\\?\usb#2"
[dshow @ 0000020b] DirectShow audio devices
[dshow @ 0000020b]  "Microphone"
[dshow @ 0000020b]     Alternative name "@device_cm_{3}"
dummy: Immediate exit requested"#;

    const AVFOUNDATION: &str = "[AVFoundation indev @ 0x7f8] AVFoundation video devices:
[AVFoundation indev @ 0x7f8] [0] FaceTime HD Camera
[AVFoundation indev @ 0x7f8] [1] Capture screen 0
[AVFoundation indev @ 0x7f8] AVFoundation audio devices:
[AVFoundation indev @ 0x7f8] [0] MacBook Pro Microphone
: Input/output error";

    fn names(cameras: &[Camera]) -> Vec<(u32, &str)> {
        let pair = |camera: &'_ Camera| camera.number;
        cameras.iter().map(|c| (pair(c), c.name.as_str())).collect()
    }

    #[test]
    fn a_number_is_the_device_of_that_place() {
        let listed = direct_show(DIRECT_SHOW);
        assert_eq!(
            names(&listed),
            [(0, "Integrated Camera"), (1, "Capture Card")]
        );
        let of = |camera| input(System::DirectShow, camera, &listed);
        assert_eq!(
            of("0").unwrap(),
            r"video=@device_pnp_\\?\usb#vid_04f2&pid_b6d9&mi_00#6&1#{65e8773d}\global"
        );
        assert_eq!(of("1").unwrap(), r"video=@device_pnp_\\?\usb#vid_0fd9");
        assert_eq!(of("2"), None);
        assert_eq!(of("HD Webcam").unwrap(), "video=HD Webcam");
        assert_eq!(
            described(&listed),
            r#"there are 0 "Integrated Camera", 1 "Capture Card""#
        );
    }

    #[test]
    fn older_lists_have_headings() {
        let listed = direct_show(DIRECT_SHOW_BEFORE_5);
        assert_eq!(names(&listed), [(0, "HD Webcam"), (1, "HD Webcam")]);
        let second = input(System::DirectShow, "1", &listed);
        assert_eq!(second.unwrap(), r"video=@device_pnp_\\?\usb#2");
    }

    #[test]
    fn macs_list_numbers_and_linux_has_files() {
        let listed = avfoundation(AVFOUNDATION);
        assert_eq!(
            names(&listed),
            [(0, "FaceTime HD Camera"), (1, "Capture screen 0")]
        );
        assert_eq!(input(System::AvFoundation, "1", &[]).unwrap(), "1");
        assert_eq!(input(System::Video4Linux, "2", &[]).unwrap(), "/dev/video2");
        assert_eq!(
            input(System::Video4Linux, "/dev/cam", &[]).unwrap(),
            "/dev/cam"
        );
    }
}
