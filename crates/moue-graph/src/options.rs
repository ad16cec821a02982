//! The options of a node, read by field name.

use prost_reflect::prost::Message as _;
use prost_reflect::{DynamicMessage, ReflectMessage, Value};

/// An options message of a node.
pub(crate) type Message = DynamicMessage;

/// The options of a node: protobuf messages, whose fields are read by name. Where several messages
/// set a field, the last one counts.
///
/// Names and types of the fields are those of MediaPipe's options messages. A field that was not
/// set has no value here, and the calculator sets the default: protobuf's own defaults would hide
/// whether a later message sets a field.
///
/// ```
/// use moue_graph::NodeConfig;
/// let node = NodeConfig::new("ImageTransformationCalculator")
///     .options("mediapipe.ImageTransformationCalculatorOptions", "output_width: 64 scale_mode: FIT")?;
/// assert_eq!(node.options.get_or("output_width", 0i64), 64);
/// assert_eq!(node.options.get_or("output_height", 0i64), 0);
/// assert_eq!(node.options.get_enum("scale_mode").as_deref(), Some("FIT"));
/// # Ok::<(), moue_graph::ConfigError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Options(Vec<Message>);

/// A type as which a field can be read.
pub trait Field: Sized {
    /// The value, if it is of this type.
    fn from_value(value: &Value) -> Option<Self>;
}

macro_rules! field {
    ($type:ty, $($pattern:pat => $value:expr),+) => {
        impl Field for $type {
            fn from_value(value: &Value) -> Option<Self> {
                match value {
                    $($pattern => Some($value),)+
                    _ => None,
                }
            }
        }
    };
}

field!(bool, Value::Bool(v) => *v);
field!(i64, Value::I32(v) => i64::from(*v), Value::I64(v) => *v, Value::EnumNumber(v) => i64::from(*v));
field!(f32, Value::F32(v) => *v, Value::F64(v) => *v as f32);
field!(String, Value::String(v) => v.clone());

impl<T: Field> Field for Vec<T> {
    fn from_value(value: &Value) -> Option<Self> {
        value.as_list()?.iter().map(T::from_value).collect()
    }
}

impl From<Message> for Options {
    fn from(message: Message) -> Self {
        Self(vec![message])
    }
}

impl Options {
    pub(crate) fn add(&mut self, message: Message) {
        self.0.push(message);
    }

    pub(crate) fn messages(&self) -> &[Message] {
        &self.0
    }

    /// Adds the messages of `other`, which count before those that are there.
    pub(crate) fn extend(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    /// The value of a field, if it was set.
    pub(crate) fn value(&self, name: &str) -> Option<Value> {
        self.0.iter().rev().find_map(|m| set_value(m, name))
    }

    /// Bytes that the messages take as protobuf encodes them.
    pub(crate) fn encoded_len(&self) -> usize {
        self.0.iter().map(Message::encoded_len).sum()
    }

    /// The value of a field, if it was set and is a `T`.
    ///
    /// ```
    /// # use moue_graph::NodeConfig;
    /// let node = NodeConfig::new("FlowLimiterCalculator")
    ///     .options("mediapipe.FlowLimiterCalculatorOptions", "max_in_flight: 2")?;
    /// assert_eq!(node.options.get::<i64>("max_in_flight"), Some(2));
    /// assert_eq!(node.options.get::<i64>("max_in_queue"), None);
    /// # Ok::<(), moue_graph::ConfigError>(())
    /// ```
    pub fn get<T: Field>(&self, name: &str) -> Option<T> {
        let mut values = self.0.iter().rev().filter_map(|m| set_value(m, name));
        values.find_map(|value| T::from_value(&value))
    }

    /// The value of a field, or `default` if it was not set.
    pub fn get_or<T: Field>(&self, name: &str, default: T) -> T {
        self.get(name).unwrap_or(default)
    }

    /// The name of the value of an enum field, if it was set.
    pub fn get_enum(&self, name: &str) -> Option<String> {
        self.0.iter().rev().find_map(|message| {
            let number = set_value(message, name)?.as_enum_number()?;
            let kind = message.descriptor().get_field_by_name(name)?.kind();
            Some(kind.as_enum()?.get_value(number)?.name().to_owned())
        })
    }

    /// The options in a field that is a message itself; empty if it was not set.
    pub fn message(&self, name: &str) -> Self {
        let values = self.0.iter().filter_map(|m| set_value(m, name));
        Self(values.filter_map(|v| v.as_message().cloned()).collect())
    }

    /// Whether any message sets the field.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|m| m.has_field_by_name(name))
    }
}

/// The value of a field that a message sets.
// `get_field` returns protobuf's default for a field that is not set; the two differ, see
// `Options`.
fn set_value(message: &Message, name: &str) -> Option<Value> {
    let field = message.descriptor().get_field_by_name(name)?;
    message
        .has_field(&field)
        .then(|| message.get_field(&field).into_owned())
}
