//! What moue uses of the system: the desktop, the clipboard, fonts. Nothing of it is
//! needed to find a picture, so what is missing is told and is no error.

use crate::output::counted;
use moue_graph::Canvas;
use serde::Serialize;

/// What was found.
#[derive(Serialize)]
pub(super) struct System {
    /// Whether there is a desktop for the window of `moue live`.
    window: String,
    /// Whose clipboard there is.
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
            if cfg!(feature = "clipboard") {
                "none, as there is no desktop (X11, or Wayland with Xwayland)".to_owned()
            } else {
                "this moue was built without it".to_owned()
            }
        });
        let fonts = match self.fonts {
            0 => "none; captions are drawn with letters of 8 × 8 dots".to_owned(),
            count => format!(
                "captions are drawn with {}{}",
                counted(count, "font"),
                color_emoji()
            ),
        };
        vec![
            ("window", self.window.clone()),
            ("clipboard", clipboard),
            ("fonts", fonts),
        ]
    }
}

fn color_emoji() -> &'static str {
    match Canvas::emoji("🙂") {
        Some(_) => "",
        None => ", none of which has color emoji; Debian: fonts-noto-color-emoji",
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

/// Where `--copy` and the key `c` put things, if anywhere.
fn clipboard() -> Option<String> {
    if cfg!(not(feature = "clipboard")) {
        return None;
    }
    if cfg!(any(windows, target_os = "macos")) {
        return Some("of the system".to_owned());
    }
    let has_display = std::env::var_os("DISPLAY").is_some_and(|display| !display.is_empty());
    has_display.then(|| "of the desktop".to_owned())
}
