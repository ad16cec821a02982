//! How times are written: `Duration` in the API, whole microseconds in gallery files, seconds in
//! JSON answers.

use serde::{Deserialize, Deserializer, Serializer};
use std::time::Duration;

/// Writes a time as microseconds, as gallery files have them since their first format.
pub(crate) fn serialize<S: Serializer>(
    time: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serializer.serialize_some(&(time.as_micros() as i64)),
        None => serializer.serialize_none(),
    }
}

/// Reads microseconds; a negative number, which no writer makes, is no time.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    let micros = Option::<i64>::deserialize(deserializer)?;
    Ok(micros
        .and_then(|m| u64::try_from(m).ok())
        .map(Duration::from_micros))
}

/// Writes a time as seconds.
pub(crate) fn serialize_seconds<S: Serializer>(
    time: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        // One division of an integer that f64 holds exactly: `as_secs_f64` adds two rounded parts
        // and prints more digits than the time has.
        Some(time) => serializer.serialize_some(&(time.as_micros() as f64 / 1e6)),
        None => serializer.serialize_none(),
    }
}
