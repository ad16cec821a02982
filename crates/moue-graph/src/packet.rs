//! Packets: values with a timestamp, cheap to clone.

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The time of a packet, in microseconds from the start of its stream: 0 to [`Timestamp::MAX`].
///
/// Timestamps on a stream must ascend. They need not follow a clock: what counts is which packets
/// of different streams have the same one.
///
/// ```
/// use moue_graph::Timestamp;
/// let frames: Vec<Timestamp> = (0..3).filter_map(|i| Timestamp::new(i * 33_333)).collect();
/// assert!(frames.is_sorted());
/// assert_eq!(frames[2].micros(), 66_666);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The last timestamp: 2⁵³ µs, some 285 years.
    // Up to here every integer is exact in the double-precision numbers of JSON, in which
    // timestamps are printed and traced.
    pub const MAX: Self = Self(1 << 53);

    /// The timestamp `micros` microseconds after the start; `None` if that is negative or beyond
    /// [`Timestamp::MAX`].
    ///
    /// ```
    /// use moue_graph::Timestamp;
    /// assert_eq!(Timestamp::new(33_333).unwrap().micros(), 33_333);
    /// assert!(Timestamp::new(-1).is_none());
    /// ```
    pub fn new(micros: i64) -> Option<Self> {
        (0..=Self::MAX.0).contains(&micros).then_some(Self(micros))
    }

    /// The timestamp `time` after the start, in whole microseconds; `None` beyond
    /// [`Timestamp::MAX`].
    ///
    /// ```
    /// use moue_graph::Timestamp;
    /// use std::time::Duration;
    /// let at = Timestamp::after(Duration::from_millis(40)).unwrap();
    /// assert_eq!((at.micros(), at.elapsed()), (40_000, Duration::from_millis(40)));
    /// ```
    pub fn after(time: Duration) -> Option<Self> {
        Self::new(i64::try_from(time.as_micros()).ok()?)
    }

    /// The time from the start.
    pub fn elapsed(self) -> Duration {
        // Never negative, see `new`.
        Duration::from_micros(self.0.unsigned_abs())
    }

    /// Microseconds.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// The timestamp bound of a stream after a packet at this timestamp: the next microsecond.
    pub(crate) fn next(self) -> TimestampBound {
        TimestampBound(self.0 + 1)
    }
}

/// The timestamp bound of a stream: the lowest timestamp that its next packet may have. Elsewhere
/// such a promise is called a watermark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TimestampBound(i64);

impl TimestampBound {
    pub(crate) const START: Self = Self(0);
    /// The stream has ended.
    pub(crate) const DONE: Self = Self(i64::MAX);

    /// Whether no packet at `at` can follow.
    pub(crate) fn is_past(self, at: Timestamp) -> bool {
        self.0 > at.0
    }

    pub(crate) fn of(at: Timestamp) -> Self {
        Self(at.0)
    }

    pub(crate) fn micros(self) -> i64 {
        self.0
    }
}

/// The type of a packet's value.
///
/// ```
/// use moue_graph::{Packet, PacketType};
/// let packet = Packet::new(vec![1.5f32]);
/// assert_eq!(packet.packet_type(), PacketType::of::<Vec<f32>>());
/// assert_eq!(packet.packet_type().name(), "Vec<f32>");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct PacketType {
    id: TypeId,
    name: &'static str,
}

impl PacketType {
    /// The type `T`.
    pub fn of<T: Any>() -> Self {
        Self {
            id: TypeId::of::<T>(),
            name: std::any::type_name::<T>(),
        }
    }

    /// Its name without paths, such as `Vec<Detection>`.
    pub fn name(self) -> String {
        short(self.name).replace("<'_>", "")
    }

    /// The names of several, for messages.
    pub(crate) fn names(types: &[Self]) -> String {
        types
            .iter()
            .map(|t| t.name())
            .collect::<Vec<_>>()
            .join(" or ")
    }
}

impl PartialEq for PacketType {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// Drops the paths from a type's name.
fn short(name: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for c in name.chars() {
        match c {
            ':' => word.clear(),
            c if c.is_alphanumeric() || c == '_' => word.push(c),
            c => {
                out.push_str(&word);
                word.clear();
                out.push(c);
            }
        }
    }
    out + &word
}

/// A value of any type with a timestamp. Values do not change once they are in a packet, and clones
/// share them, so that one packet can have many readers.
#[derive(Clone)]
pub struct Packet {
    value: Arc<dyn Any + Send + Sync>,
    kind: PacketType,
    timestamp: Timestamp,
}

impl Packet {
    /// A packet at timestamp 0; [`Packet::at`] sets another.
    ///
    /// ```
    /// use moue_graph::{Packet, Timestamp};
    /// let packet = Packet::new(vec![1.5f32]).at(Timestamp::new(40).unwrap());
    /// assert_eq!(packet.get::<Vec<f32>>(), Some(&vec![1.5]));
    /// assert_eq!(packet.get::<String>(), None);
    /// ```
    pub fn new<T: Any + Send + Sync>(value: T) -> Self {
        Self::shared(Arc::new(value))
    }

    /// A packet of a value that is shared already.
    pub fn shared<T: Any + Send + Sync>(value: Arc<T>) -> Self {
        Self {
            value,
            kind: PacketType::of::<T>(),
            timestamp: Timestamp::default(),
        }
    }

    /// The same value at another timestamp.
    pub fn at(mut self, timestamp: Timestamp) -> Self {
        self.timestamp = timestamp;
        self
    }

    /// Its timestamp.
    pub fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// The value, if it is a `T`.
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.value.downcast_ref()
    }

    /// The shared value, if it is a `T`.
    pub fn share<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.value.clone().downcast().ok()
    }

    /// The type of the value.
    pub fn packet_type(&self) -> PacketType {
        self.kind
    }
}

impl fmt::Debug for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Packet<{}> at {} µs", self.kind.name(), self.timestamp.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_names_lose_their_paths() {
        assert_eq!(PacketType::of::<Vec<String>>().name(), "Vec<String>");
        assert_eq!(PacketType::of::<f32>().name(), "f32");
    }

    #[test]
    fn timestamps_have_limits() {
        assert_eq!(Timestamp::new(1 << 53), Some(Timestamp::MAX));
        assert_eq!(Timestamp::new((1 << 53) + 1), None);
        assert_eq!(Timestamp::new(i64::MIN), None);
    }
}
