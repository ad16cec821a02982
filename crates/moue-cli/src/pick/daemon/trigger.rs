//! Keys in the words of XDG's shortcuts: `CTRL+ALT+m`.

use global_hotkey::hotkey::{HotKey, Modifiers};

/// Modifiers and their names there.
#[allow(
    deprecated,
    reason = "a parsed hotkey has SUPER, never META, which replaces it elsewhere"
)]
const MODIFIERS: [(Modifiers, &str); 4] = [
    (Modifiers::CONTROL, "CTRL"),
    (Modifiers::ALT, "ALT"),
    (Modifiers::SHIFT, "SHIFT"),
    (Modifiers::META, "LOGO"),
];

/// `None` for keys whose name depends on the keyboard's layout; the person at the desktop chooses others.
pub(super) fn of(hotkey: &HotKey) -> Option<String> {
    let key = symbol(&hotkey.key.to_string())?;
    let held = MODIFIERS
        .iter()
        .filter(|(modifier, _)| hotkey.mods.contains(*modifier));
    let mut parts: Vec<&str> = held.map(|(_, name)| *name).collect();
    parts.push(&key);
    Some(parts.join("+"))
}

/// The name of a key's symbol, as `xkbcommon` has it.
fn symbol(code: &str) -> Option<String> {
    if let Some(letter) = code.strip_prefix("Key") {
        return Some(letter.to_lowercase());
    }
    if let Some(digit) = code.strip_prefix("Digit") {
        return Some(digit.to_owned());
    }
    let is_function = code
        .strip_prefix('F')
        .is_some_and(|number| number.parse::<u8>().is_ok());
    match code {
        _ if is_function => Some(code.to_owned()),
        "Space" => Some("space".to_owned()),
        "Enter" => Some("Return".to_owned()),
        "Insert" | "Home" | "End" | "Pause" => Some(code.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_names_of_xdg() {
        let trigger = |keys: &str| of(&keys.parse().unwrap());
        assert_eq!(trigger("ctrl+alt+KeyM").as_deref(), Some("CTRL+ALT+m"));
        assert_eq!(
            trigger("super+shift+Digit7").as_deref(),
            Some("SHIFT+LOGO+7")
        );
        assert_eq!(trigger("F9").as_deref(), Some("F9"));
        assert_eq!(trigger("ctrl+Space").as_deref(), Some("CTRL+space"));
        assert_eq!(trigger("ctrl+Comma"), None);
    }
}
