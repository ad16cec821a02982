//! Face emoji of Unicode, posed as their meaning describes them.
//!
//! Each emoji is a pose of ours, drawn like every other pose; no font's glyph is used. The names
//! are the short names of Unicode's Common Locale Data Repository (CLDR), in English.
//!
//! ```
//! let surprised = moue_drawings::emoji::find("😮").unwrap();
//! assert_eq!(surprised.name(), "face with open mouth");
//! assert_eq!(surprised.drawing().render(32).len(), 32 * 32 * 3);
//! ```

mod angry;
mod calm;
mod definition;
mod sad;
mod shapes;
mod smiling;
mod surprised;

pub use definition::Emoji;

use crate::{CHARACTERS, Character, Drawing};

/// Who shows an emoji where no font does: the yellow round head.
const YELLOW: &str = "sunny";

const ALL: [&[Emoji]; 5] = [
    smiling::SMILING,
    calm::CALM,
    sad::SAD,
    surprised::SURPRISED,
    angry::ANGRY,
];

/// All emoji: smiling ones, calm ones, sad ones, surprised ones, angry ones.
pub fn all() -> impl Iterator<Item = &'static Emoji> {
    ALL.into_iter().flatten()
}

/// The emoji of this character; with or without a variation selector.
pub fn find(character: &str) -> Option<&'static Emoji> {
    let plain = |text: &'static str| text.trim_end_matches(VARIATION_SELECTOR);
    let wanted = character.trim_end_matches(VARIATION_SELECTOR);
    all().find(|emoji| plain(emoji.character) == wanted)
}

/// Asks for the colored form of the character before it.
const VARIATION_SELECTOR: char = '\u{fe0f}';

impl Emoji {
    /// Its CLDR short name.
    pub fn name(&self) -> &'static str {
        self.pose.name
    }

    /// The picture of it: a yellow face in its pose.
    pub fn drawing(&'static self) -> Drawing {
        let yellow = CHARACTERS.iter().find(|c| c.name == YELLOW);
        // A test makes sure that there is one.
        self.drawn_by(yellow.unwrap_or(&CHARACTERS[0]))
    }

    /// Every character in its pose, the drawings that its embedding is the mean of: hidden brows, a
    /// beard over the mouth or a screen for eyes change what an embedding sees, and in the mean over
    /// all characters that evens out.
    pub fn drawings(&'static self) -> impl Iterator<Item = Drawing> {
        CHARACTERS.iter().map(|character| self.drawn_by(character))
    }

    fn drawn_by(&'static self, character: &'static Character) -> Drawing {
        Drawing {
            character,
            pose: &self.pose,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn characters_and_names_are_unique() {
        let characters: HashSet<&str> = all().map(|e| e.character).collect();
        let names: HashSet<&str> = all().map(Emoji::name).collect();
        assert!(characters.len() >= 70);
        assert_eq!(characters.len(), all().count());
        assert_eq!(names.len(), all().count());
    }

    #[test]
    fn every_emoji_is_found_by_its_character() {
        assert!(all().all(|e| find(e.character) == Some(e)));
        assert_eq!(find("\u{263a}").map(Emoji::name), Some("smiling face"));
        assert_eq!(find("x"), None);
        assert_eq!(find(""), None);
    }

    #[test]
    fn no_two_emoji_have_the_same_face() {
        let faces: HashSet<String> = all().map(|e| e.drawing().svg()).collect();
        assert_eq!(faces.len(), all().count());
    }

    #[test]
    fn every_emoji_is_drawn_in_yellow_with_its_face_inside() {
        for emoji in all() {
            let drawing = emoji.drawing();
            assert_eq!(drawing.character.name, YELLOW);
            let [x, y, w, h] = drawing.face().bounding_box;
            let inside = x > 0.0 && y > 0.0 && x + w < 1.0 && y + h < 1.0;
            assert!(inside, "{}", emoji.name());
            let values = emoji.pose.shapes.values();
            let in_range = values.iter().all(|v| (-1.0..=1.0).contains(v));
            assert!(in_range, "{}", emoji.name());
        }
    }
}
