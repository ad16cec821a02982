//! The colors of a window.

use egui::{Color32, Stroke, Theme, Visuals};

/// Colors by what they are for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Palette {
    /// Behind everything.
    pub(crate) ground: Color32,
    /// Behind pictures, fields and cards.
    pub(crate) panel: Color32,
    /// Of a panel below the pointer.
    pub(crate) raised: Color32,
    pub(crate) text: Color32,
    pub(crate) quiet: Color32,
    /// Of what is chosen, and around faces.
    pub(crate) accent: Color32,
    /// Letters on the accent.
    pub(crate) on_accent: Color32,
    pub(crate) error: Color32,
}

const DARK: Palette = Palette {
    ground: Color32::from_rgb(22, 24, 31),
    panel: Color32::from_rgb(36, 39, 50),
    raised: Color32::from_rgb(48, 52, 66),
    text: Color32::from_rgb(232, 233, 240),
    quiet: Color32::from_rgb(158, 163, 180),
    accent: Color32::from_rgb(255, 196, 61),
    on_accent: Color32::from_rgb(36, 26, 0),
    error: Color32::from_rgb(255, 138, 128),
};

const LIGHT: Palette = Palette {
    ground: Color32::from_rgb(250, 250, 252),
    panel: Color32::from_rgb(237, 238, 243),
    raised: Color32::from_rgb(226, 228, 236),
    text: Color32::from_rgb(28, 30, 38),
    quiet: Color32::from_rgb(92, 97, 114),
    accent: Color32::from_rgb(240, 164, 0),
    on_accent: Color32::from_rgb(36, 26, 0),
    error: Color32::from_rgb(179, 38, 30),
};

impl Palette {
    pub(crate) fn of(theme: Theme) -> Self {
        match theme {
            Theme::Dark => DARK,
            Theme::Light => LIGHT,
        }
    }

    /// The same colors for the toolkit's own parts.
    pub(super) fn visuals(theme: Theme) -> Visuals {
        let colors = Self::of(theme);
        let mut visuals = theme.default_visuals();
        visuals.panel_fill = colors.ground;
        visuals.override_text_color = Some(colors.text);
        visuals.selection.bg_fill = colors.accent.gamma_multiply(0.4);
        visuals.selection.stroke = Stroke::new(1.5, colors.accent);
        visuals.text_cursor.stroke = Stroke::new(1.5, colors.accent);
        // A cursor that blinks draws the window anew twice a second.
        visuals.text_cursor.blink = false;
        visuals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as the WCAG defines it.
    fn luminance(color: Color32) -> f64 {
        let linear = |part: u8| {
            let share = f64::from(part) / 255.0;
            if share <= 0.04045 {
                share / 12.92
            } else {
                ((share + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let [a, b] = [luminance(a), luminance(b)];
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn words_can_be_read_on_every_ground() {
        for theme in [Theme::Dark, Theme::Light] {
            let p = Palette::of(theme);
            for ground in [p.ground, p.panel] {
                // What the WCAG asks for at level AA.
                for words in [p.text, p.quiet, p.error] {
                    assert!(contrast(words, ground) >= 4.5, "{theme:?} {words:?}");
                }
            }
            assert!(contrast(p.on_accent, p.accent) >= 4.5, "{theme:?}");
        }
    }
}
