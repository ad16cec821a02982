//! What moue uses of the system: the desktop, the clipboard, fonts. Nothing of it is
//! needed to find a picture, so what is missing is told and is no error.

use crate::output::counted;
use moue_graph::Canvas;
use serde::Serialize;

/// Programs that put text and pictures into the clipboard, by the desktop that they need.
const CLIPBOARDS: [(&str, &str); 3] = [
    ("WAYLAND_DISPLAY", "wl-copy"),
    ("DISPLAY", "xclip"),
    ("DISPLAY", "xsel"),
];

/// What was found.
#[derive(Serialize)]
pub(super) struct System {
    /// Whether there is a desktop for the window of `moue live`.
    window: String,
    /// The program for the clipboard.
    clipboard: Option<String>,
    /// Fonts of the system with which captions are drawn.
    fonts: usize,
}

impl System {
    pub(super) fn look() -> Self {
        Self {
            window: window(),
            clipboard: clipboard(),
            fonts: Canvas::font_count(),
        }
    }

    /// Lines for people: a title and what was found.
    pub(super) fn lines(&self) -> Vec<(&'static str, String)> {
        let clipboard = self.clipboard.clone();
        let clipboard = clipboard.unwrap_or_else(|| {
            "no program for it; install wl-clipboard (Wayland) or xclip (X11)".to_owned()
        });
        let fonts = match self.fonts {
            0 => "none; captions are drawn with letters of 8 × 8 dots".to_owned(),
            count => counted(count, "font"),
        };
        vec![
            ("window", self.window.clone()),
            ("clipboard", clipboard),
            ("fonts", fonts),
        ]
    }
}

fn window() -> String {
    #[cfg(not(feature = "window"))]
    return "this moue was built without it".to_owned();
    #[cfg(feature = "window")]
    // Trying it would connect to the desktop, and no command but `live` and `run` opens a socket.
    if crate::window::is_possible() {
        "there is a desktop".to_owned()
    } else {
        "there is no desktop; `moue live` shows itself in the terminal".to_owned()
    }
}

fn clipboard() -> Option<String> {
    if cfg!(any(windows, target_os = "macos")) {
        return Some("of the system".to_owned());
    }
    let usable = CLIPBOARDS.iter().find(|(variable, program)| {
        std::env::var_os(variable).is_some_and(|value| !value.is_empty()) && is_in_path(program)
    });
    usable.map(|(_, program)| (*program).to_owned())
}

fn is_in_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
