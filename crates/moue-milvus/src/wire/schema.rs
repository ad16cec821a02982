//! Collections, their fields, and rows as columns.

use prost::{Message, Oneof};

/// The types of fields that moue has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
pub(crate) enum DataType {
    None = 0,
    Bool = 1,
    Int64 = 5,
    VarChar = 21,
    Array = 22,
    FloatVector = 101,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct KeyValue {
    #[prost(string, tag = "1")]
    pub(crate) key: String,
    #[prost(string, tag = "2")]
    pub(crate) value: String,
}

impl KeyValue {
    pub(crate) fn new(key: &str, value: impl ToString) -> Self {
        Self {
            key: key.to_owned(),
            value: value.to_string(),
        }
    }
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct FieldSchema {
    #[prost(string, tag = "2")]
    pub(crate) name: String,
    #[prost(bool, tag = "3")]
    pub(crate) is_primary_key: bool,
    #[prost(string, tag = "4")]
    pub(crate) description: String,
    #[prost(enumeration = "DataType", tag = "5")]
    pub(crate) data_type: i32,
    #[prost(message, repeated, tag = "6")]
    pub(crate) type_params: Vec<KeyValue>,
    #[prost(enumeration = "DataType", tag = "10")]
    pub(crate) element_type: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct CollectionSchema {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) description: String,
    #[prost(message, repeated, tag = "4")]
    pub(crate) fields: Vec<FieldSchema>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct BoolArray {
    #[prost(bool, repeated, tag = "1")]
    pub(crate) data: Vec<bool>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct LongArray {
    #[prost(int64, repeated, tag = "1")]
    pub(crate) data: Vec<i64>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct FloatArray {
    #[prost(float, repeated, tag = "1")]
    pub(crate) data: Vec<f32>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct StringArray {
    #[prost(string, repeated, tag = "1")]
    pub(crate) data: Vec<String>,
}

/// A column of lists.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ArrayArray {
    #[prost(message, repeated, tag = "1")]
    pub(crate) data: Vec<Scalars>,
    #[prost(enumeration = "DataType", tag = "2")]
    pub(crate) element_type: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Scalars {
    #[prost(oneof = "ScalarData", tags = "1, 3, 6, 8")]
    pub(crate) data: Option<ScalarData>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(crate) enum ScalarData {
    #[prost(message, tag = "1")]
    Bools(BoolArray),
    #[prost(message, tag = "3")]
    Longs(LongArray),
    #[prost(message, tag = "6")]
    Strings(StringArray),
    #[prost(message, tag = "8")]
    Arrays(ArrayArray),
}

/// A column of vectors, one after the other.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Vectors {
    #[prost(int64, tag = "1")]
    pub(crate) dim: i64,
    #[prost(message, optional, tag = "2")]
    pub(crate) floats: Option<FloatArray>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct FieldData {
    #[prost(enumeration = "DataType", tag = "1")]
    pub(crate) data_type: i32,
    #[prost(string, tag = "2")]
    pub(crate) field_name: String,
    #[prost(oneof = "Column", tags = "3, 4")]
    pub(crate) column: Option<Column>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(crate) enum Column {
    #[prost(message, tag = "3")]
    Scalars(Scalars),
    #[prost(message, tag = "4")]
    Vectors(Vectors),
}

impl FieldData {
    fn scalars(name: &str, data_type: DataType, data: ScalarData) -> Self {
        Self {
            data_type: data_type.into(),
            field_name: name.to_owned(),
            column: Some(Column::Scalars(Scalars { data: Some(data) })),
        }
    }

    pub(crate) fn bools(name: &str, data: Vec<bool>) -> Self {
        Self::scalars(name, DataType::Bool, ScalarData::Bools(BoolArray { data }))
    }

    pub(crate) fn longs(name: &str, data: Vec<i64>) -> Self {
        Self::scalars(name, DataType::Int64, ScalarData::Longs(LongArray { data }))
    }

    pub(crate) fn strings(name: &str, data: Vec<String>) -> Self {
        let data = ScalarData::Strings(StringArray { data });
        Self::scalars(name, DataType::VarChar, data)
    }

    pub(crate) fn string_lists(name: &str, lists: Vec<Vec<String>>) -> Self {
        let list = |data| ScalarData::Strings(StringArray { data });
        Self::lists(name, DataType::VarChar, lists.into_iter().map(list))
    }

    pub(crate) fn long_lists(name: &str, lists: Vec<Vec<i64>>) -> Self {
        let list = |data| ScalarData::Longs(LongArray { data });
        Self::lists(name, DataType::Int64, lists.into_iter().map(list))
    }

    fn lists(name: &str, element: DataType, lists: impl Iterator<Item = ScalarData>) -> Self {
        let data = ScalarData::Arrays(ArrayArray {
            data: lists.map(|data| Scalars { data: Some(data) }).collect(),
            element_type: element.into(),
        });
        Self::scalars(name, DataType::Array, data)
    }

    pub(crate) fn vectors(name: &str, dim: usize, data: Vec<f32>) -> Self {
        Self {
            data_type: DataType::FloatVector.into(),
            field_name: name.to_owned(),
            column: Some(Column::Vectors(Vectors {
                dim: dim as i64,
                floats: Some(FloatArray { data }),
            })),
        }
    }

    pub(crate) fn as_longs(&self) -> Option<&[i64]> {
        match &self.column {
            Some(Column::Scalars(Scalars {
                data: Some(ScalarData::Longs(longs)),
            })) => Some(&longs.data),
            _ => None,
        }
    }

    pub(crate) fn as_strings(&self) -> Option<&[String]> {
        match &self.column {
            Some(Column::Scalars(Scalars {
                data: Some(ScalarData::Strings(strings)),
            })) => Some(&strings.data),
            _ => None,
        }
    }

    pub(crate) fn as_string_lists(&self) -> Option<Vec<&[String]>> {
        let Some(Column::Scalars(Scalars {
            data: Some(ScalarData::Arrays(lists)),
        })) = &self.column
        else {
            return None;
        };
        let strings = |list| match list {
            &Scalars {
                data: Some(ScalarData::Strings(ref strings)),
            } => Some(&strings.data[..]),
            _ => None,
        };
        lists.data.iter().map(strings).collect()
    }

    pub(crate) fn as_floats(&self) -> Option<&[f32]> {
        match &self.column {
            Some(Column::Vectors(vectors)) => vectors.floats.as_ref().map(|f| &f.data[..]),
            _ => None,
        }
    }
}
