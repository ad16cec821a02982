//! The fonts of the system.

use anyhow::{Context, Result};
use egui::{FontData, FontDefinitions, FontFamily};
use std::path::Path;
use std::sync::Arc;

/// Files of a normal and a bold font that usual systems have. They are looked for first, as reading
/// the names of all fonts takes up to some tenths of a second.
const KNOWN: [[&str; 2]; 9] = [
    [
        "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
        "/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf",
    ],
    [
        "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
        "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",
    ],
    [
        "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
        "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans-Bold.ttf",
    ],
    [
        "/usr/share/fonts/noto/NotoSans-Regular.ttf",
        "/usr/share/fonts/noto/NotoSans-Bold.ttf",
    ],
    [
        "/usr/share/fonts/TTF/DejaVuSans.ttf",
        "/usr/share/fonts/TTF/DejaVuSans-Bold.ttf",
    ],
    [
        "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
        "/usr/share/fonts/truetype/liberation/LiberationSans-Bold.ttf",
    ],
    [
        "/System/Library/Fonts/Supplemental/Arial.ttf",
        "/System/Library/Fonts/Supplemental/Arial Bold.ttf",
    ],
    [
        "C:\\Windows\\Fonts\\segoeui.ttf",
        "C:\\Windows\\Fonts\\segoeuib.ttf",
    ],
    [
        "C:\\Windows\\Fonts\\arial.ttf",
        "C:\\Windows\\Fonts\\arialbd.ttf",
    ],
];

/// The family of bold letters.
const BOLD: &str = "bold";

pub(crate) fn bold() -> FontFamily {
    FontFamily::Name(BOLD.into())
}

/// A font for normal and one for bold letters.
pub(super) fn definitions() -> Result<FontDefinitions> {
    let [normal, bold] = match known() {
        Some(fonts) => fonts,
        None => any()?,
    };
    let mut fonts = FontDefinitions::empty();
    fonts.font_data.insert("normal".into(), Arc::new(normal));
    fonts.font_data.insert(BOLD.into(), Arc::new(bold));
    for (family, first) in [
        (FontFamily::Proportional, "normal"),
        (FontFamily::Monospace, "normal"),
        (self::bold(), BOLD),
    ] {
        fonts.families.insert(family, vec![first.into()]);
    }
    Ok(fonts)
}

fn known() -> Option<[FontData; 2]> {
    KNOWN.iter().find_map(|[normal, bold]| {
        let normal = read(normal)?;
        let bold = read(bold).unwrap_or_else(|| normal.clone());
        Some([normal, bold])
    })
}

fn read(path: impl AsRef<Path>) -> Option<FontData> {
    std::fs::read(path).ok().map(FontData::from_owned)
}

/// Whatever the system has.
fn any() -> Result<[FontData; 2]> {
    use fontdb::{Database, Family, Query, Weight};
    let mut database = Database::new();
    database.load_system_fonts();
    let find = |weight| {
        let asked = database.query(&Query {
            families: &[Family::SansSerif],
            weight,
            ..Query::default()
        });
        let id = asked.or_else(|| database.faces().next().map(|face| face.id))?;
        database.with_face_data(id, |bytes, index| FontData {
            index,
            ..FontData::from_owned(bytes.to_vec())
        })
    };
    let normal = find(Weight::NORMAL)
        .context("no font is installed; on Debian the package fonts-dejavu-core has one")?;
    let bold = find(Weight::BOLD).unwrap_or_else(|| normal.clone());
    Ok([normal, bold])
}
