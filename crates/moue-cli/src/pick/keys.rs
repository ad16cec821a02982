//! What keys mean in the window.

use super::model::Event;
use egui::{Event as Input, Key, Modifiers, RawInput};

/// Takes the keys that mean something out of the input, so that the toolkit does nothing else with
/// them; the rest is for the filter. `columns` is how many pictures are in a row.
pub(crate) fn take(input: &mut RawInput, columns: usize) -> Vec<Event> {
    let mut events = Vec::new();
    input.events.retain(|event| match meaning(event, columns) {
        Meaning::Event(event) => {
            events.push(event);
            false
        }
        Meaning::Nothing => false,
        Meaning::Other => true,
    });
    events
}

enum Meaning {
    Event(Event),
    /// It belongs to a key that means something.
    Nothing,
    Other,
}

fn meaning(input: &Input, columns: usize) -> Meaning {
    match input {
        // Its text decides: other layouts have letters on these keys, and with Shift it is a sign.
        Input::Text(text) if is_place(text) => {
            Meaning::Event(Event::Digit(usize::from(text.as_bytes()[0] - b'1')))
        }
        Input::Key { key, .. } if is_digit(*key) => Meaning::Nothing,
        Input::Key {
            key,
            pressed: true,
            modifiers,
            ..
        } => of_key(*key, *modifiers, columns).map_or(Meaning::Other, Meaning::Event),
        Input::Copy => Meaning::Event(Event::Enter),
        _ => Meaning::Other,
    }
}

fn is_place(text: &str) -> bool {
    matches!(text.as_bytes(), [b'1'..=b'9'])
}

fn of_key(key: Key, modifiers: Modifiers, columns: usize) -> Option<Event> {
    let row = columns as isize;
    Some(match key {
        Key::Escape => Event::Escape,
        Key::Enter => Event::Enter,
        Key::Tab if modifiers.shift => Event::PreviousTab,
        Key::Tab => Event::NextTab,
        Key::ArrowLeft => Event::Move(-1),
        Key::ArrowRight => Event::Move(1),
        Key::ArrowUp => Event::Move(-row),
        Key::ArrowDown => Event::Move(row),
        Key::D if modifiers.command || modifiers.ctrl => Event::Favorite,
        _ => return None,
    })
}

fn is_digit(key: Key) -> bool {
    const DIGITS: [Key; 9] = [
        Key::Num1,
        Key::Num2,
        Key::Num3,
        Key::Num4,
        Key::Num5,
        Key::Num6,
        Key::Num7,
        Key::Num8,
        Key::Num9,
    ];
    DIGITS.contains(&key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(key: Key, modifiers: Modifiers) -> Input {
        Input::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers,
        }
    }

    #[test]
    fn keys_are_taken_and_letters_are_left() {
        let mut input = RawInput {
            events: vec![
                pressed(Key::Num3, Modifiers::NONE),
                Input::Text("3".into()),
                pressed(Key::Num3, Modifiers::SHIFT),
                Input::Text("#".into()),
                pressed(Key::C, Modifiers::NONE),
                Input::Text("c".into()),
                Input::Text("0".into()),
                pressed(Key::Tab, Modifiers::SHIFT),
                pressed(Key::ArrowDown, Modifiers::NONE),
                pressed(Key::D, Modifiers::CTRL),
                pressed(Key::D, Modifiers::NONE),
                Input::Copy,
            ],
            ..RawInput::default()
        };
        let events = take(&mut input, 3);
        let expected = [
            Event::Digit(2),
            Event::PreviousTab,
            Event::Move(3),
            Event::Favorite,
            Event::Enter,
        ];
        assert_eq!(events, expected);
        let left = [
            Input::Text("#".into()),
            pressed(Key::C, Modifiers::NONE),
            Input::Text("c".into()),
            Input::Text("0".into()),
            pressed(Key::D, Modifiers::NONE),
        ];
        assert_eq!(input.events, left);
    }
}
