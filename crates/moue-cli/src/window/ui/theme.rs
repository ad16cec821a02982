//! Whether the desktop has dark colors.

use egui::Theme;
use zbus::blocking::Connection;
use zbus::zvariant::{OwnedValue, Value};

/// What the settings portal of the desktop says; `None` if there is none or it does not care.
pub(super) fn of_desktop() -> Option<Theme> {
    let reply = Connection::session().ok()?.call_method(
        Some("org.freedesktop.portal.Desktop"),
        "/org/freedesktop/portal/desktop",
        Some("org.freedesktop.portal.Settings"),
        "Read",
        &("org.freedesktop.appearance", "color-scheme"),
    );
    let answer: OwnedValue = reply.ok()?.body().deserialize().ok()?;
    theme_of(&answer)
}

/// The answer is a number, in one variant or, as the first version of the portal has it, in two.
fn theme_of(mut answer: &Value<'_>) -> Option<Theme> {
    while let Value::Value(inner) = answer {
        answer = inner;
    }
    match answer {
        Value::U32(1) => Some(Theme::Dark),
        Value::U32(2) => Some(Theme::Light),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_in_variants_is_a_theme() {
        let nested = Value::Value(Box::new(Value::U32(2)));
        assert_eq!(theme_of(&nested), Some(Theme::Light));
        assert_eq!(theme_of(&Value::U32(1)), Some(Theme::Dark));
        assert_eq!(theme_of(&Value::U32(0)), None);
        assert_eq!(theme_of(&Value::from("dark")), None);
    }
}
