//! A node's options, read by field name.

use prost_reflect::{DynamicMessage, ReflectMessage, Value};

/// An options message of a node.
pub(crate) type Message = DynamicMessage;

/// The options messages of a node. Of a field that several set, the last one counts.
#[derive(Debug, Clone, Default)]
pub struct Options(Vec<Message>);

/// A type that a field can be read as.
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

    /// The field's value where it was set.
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
        let set = |message: &Message| {
            let field = message.descriptor().get_field_by_name(name)?;
            message
                .has_field(&field)
                .then(|| T::from_value(&message.get_field(&field)))
                .flatten()
        };
        self.0.iter().rev().find_map(set)
    }

    /// The field's value, or `default` where it was not set.
    pub fn get_or<T: Field>(&self, name: &str, default: T) -> T {
        self.get(name).unwrap_or(default)
    }

    /// The name of an enum field's value where it was set.
    pub fn get_enum(&self, name: &str) -> Option<String> {
        let set = |message: &Message| {
            let field = message.descriptor().get_field_by_name(name)?;
            let kind = field.kind();
            let value = message
                .has_field(&field)
                .then(|| message.get_field(&field).as_enum_number())??;
            Some(kind.as_enum()?.get_value(value)?.name().to_owned())
        };
        self.0.iter().rev().find_map(set)
    }

    /// The options inside a field that is a message itself; empty where it was not set.
    pub fn message(&self, name: &str) -> Self {
        let inside = |message: &Message| {
            let field = message.descriptor().get_field_by_name(name)?;
            message
                .has_field(&field)
                .then(|| message.get_field(&field).as_message().cloned())?
        };
        Self(self.0.iter().filter_map(inside).collect())
    }

    /// Whether any message sets the field.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|m| m.has_field_by_name(name))
    }
}
