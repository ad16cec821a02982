//! Holds a value against a JSON Schema, as far as the schemas of moue need it.
//!
//! The crates that validate JSON Schemas turn on features of `serde` and `syn` that moue does not
//! have: nearly all packages would be built once for the program and once more for its tests. A
//! keyword that is not known here is an error, so no part of a schema goes unchecked.

use serde_json::{Map, Value};

/// Holds a value against a schema. The error names the place and the keyword.
pub(super) fn check(schema: &Value, value: &Value) -> Result<(), String> {
    let schemas = Schemas { root: schema };
    schemas.check(schema, value, "$")
}

/// A schema with the definitions that it refers to.
struct Schemas<'a> {
    root: &'a Value,
}

impl Schemas<'_> {
    fn check(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let keywords = schema.as_object();
        let keywords = keywords.ok_or_else(|| format!("{at}: the schema is no object"))?;
        keywords.iter().try_for_each(|(keyword, operand)| {
            let reason = |e: String| {
                if e.starts_with('$') {
                    e
                } else {
                    format!("{at}: {keyword}: {e}")
                }
            };
            self.keyword(keywords, keyword, operand, value, at)
                .map_err(reason)
        })
    }

    fn keyword(
        &self,
        keywords: &Map<String, Value>,
        keyword: &str,
        operand: &Value,
        value: &Value,
        at: &str,
    ) -> Result<(), String> {
        let length = value.as_str().map(|text| text.chars().count());
        let count = value.as_array().map(Vec::len);
        let is_met = match keyword {
            "$schema" | "$defs" | "title" | "description" => true,
            "$ref" => return self.check(self.definition(operand)?, value, at),
            "anyOf" => list(operand)?
                .iter()
                .any(|one| self.check(one, value, at).is_ok()),
            "const" => operand == value,
            "enum" => list(operand)?.contains(value),
            "type" if operand.is_array() => list(operand)?.iter().any(|name| is_a(name, value)),
            "type" => is_a(operand, value),
            "minimum" => value
                .as_f64()
                .is_none_or(|number| number >= number_of(operand)),
            "maximum" => value
                .as_f64()
                .is_none_or(|number| number <= number_of(operand)),
            "minLength" => length.is_none_or(|length| length as f64 >= number_of(operand)),
            "maxLength" => length.is_none_or(|length| length as f64 <= number_of(operand)),
            "minItems" => count.is_none_or(|count| count as f64 >= number_of(operand)),
            "maxItems" => count.is_none_or(|count| count as f64 <= number_of(operand)),
            "items" => {
                let items = value.as_array().into_iter().flatten().enumerate();
                return items
                    .into_iter()
                    .try_for_each(|(i, item)| self.check(operand, item, &format!("{at}[{i}]")));
            }
            "required" => return check_required(operand, value),
            "properties" | "additionalProperties" | "propertyNames" => {
                let object = value.as_object().into_iter().flatten();
                return object.into_iter().try_for_each(|(name, value)| {
                    self.property(keywords, keyword, operand, (name, value), at)
                });
            }
            _ => return Err("is not known to the tests".into()),
        };
        if is_met {
            return Ok(());
        }
        Err(format!("{operand} is not met by {value}"))
    }

    /// Checks one property of an object against one of the keywords for properties.
    fn property(
        &self,
        keywords: &Map<String, Value>,
        keyword: &str,
        operand: &Value,
        (name, value): (&String, &Value),
        at: &str,
    ) -> Result<(), String> {
        let place = format!("{at}.{name}");
        let described = |properties: &Value| properties.get(name).is_some();
        match keyword {
            "properties" => match operand.get(name) {
                Some(schema) => self.check(schema, value, &place),
                None => Ok(()),
            },
            "propertyNames" => self.check(operand, &name.as_str().into(), &place),
            _ if keywords.get("properties").is_some_and(described) => Ok(()),
            _ if *operand == Value::Bool(false) => Err(format!("{name} is not described")),
            _ => self.check(operand, value, &place),
        }
    }

    fn definition(&self, reference: &Value) -> Result<&Value, String> {
        let pointer = reference.as_str().and_then(|text| text.strip_prefix('#'));
        let found = pointer.and_then(|pointer| self.root.pointer(pointer));
        found.ok_or_else(|| format!("{reference} is not defined"))
    }
}

fn check_required(names: &Value, value: &Value) -> Result<(), String> {
    let Some(object) = value.as_object() else {
        return Ok(());
    };
    let mut names = list(names)?.iter().filter_map(Value::as_str);
    match names.find(|name| !object.contains_key(*name)) {
        Some(name) => Err(format!("{name} is missing")),
        None => Ok(()),
    }
}

fn list(operand: &Value) -> Result<&Vec<Value>, String> {
    operand.as_array().ok_or_else(|| "no list".into())
}

/// An operand that is no number is met by no value.
fn number_of(operand: &Value) -> f64 {
    operand.as_f64().unwrap_or(f64::NAN)
}

fn is_a(name: &Value, value: &Value) -> bool {
    match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        _ => false,
    }
}
