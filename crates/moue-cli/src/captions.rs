//! What people have written about a picture: its caption and its tags.

use crate::raster;
use moue::Match;
use moue_graph::Canvas;
use std::time::Duration;

/// The description of a picture, unless it is blank or only repeats what the picture is called:
/// some collections give a picture one text for both.
pub(crate) fn description<'a>(label: &str, caption: Option<&'a str>) -> Option<&'a str> {
    let caption = caption.map(str::trim)?;
    (!caption.is_empty() && caption != label.trim()).then_some(caption)
}

/// The tags of a picture as `#one #two`. Those of drawings are moue's own, and their labels say
/// the same.
pub(crate) fn tags(path: &str, tags: &[String]) -> String {
    if raster::drawing_of(path).is_some() {
        return String::new();
    }
    let tags: Vec<String> = tags.iter().map(|tag| format!("#{tag}")).collect();
    tags.join(" ")
}

/// What a match is called: an emoji with its character, a face of a video with its time.
pub(crate) fn title(m: &Match) -> String {
    format!("{}{}", label(m), time(m))
}

/// The label of a match, of an emoji with its character.
pub(crate) fn label(m: &Match) -> String {
    let emoji = m.emoji.as_ref();
    let emoji = emoji.map_or(String::new(), |emoji| format!("{emoji}  "));
    format!("{emoji}{}", m.label)
}

/// When the face of a match is seen; nothing for still pictures.
pub(crate) fn time(m: &Match) -> String {
    m.time.map_or(String::new(), at)
}

/// The same in a picture, where an emoji that the system's fonts lack would be an empty box.
pub(crate) fn drawn_title(m: &Match) -> String {
    let is_drawn = |emoji: &String| Canvas::emoji(emoji).is_some();
    if m.emoji.as_ref().is_none_or(is_drawn) {
        return title(m);
    }
    format!("{}{}", m.label, time(m))
}

/// When a face is seen in an animation or video.
fn at(time: Duration) -> String {
    format!(" at {:.2} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caption_that_repeats_the_label_is_not_shown_twice() {
        assert_eq!(
            description("cat", Some("when it works")),
            Some("when it works")
        );
        assert_eq!(description("cat", Some(" cat\n")), None);
        assert_eq!(description("cat", Some(" ")), None);
        assert_eq!(description("cat", None), None);
    }

    #[test]
    fn tags_of_drawings_are_not_shown() {
        let all = ["cats".to_owned(), "monday".to_owned()];
        assert_eq!(tags("/home/me/cat.jpg", &all), "#cats #monday");
        assert_eq!(tags("builtin:gus-smirk", &all), "");
    }
}
