//! `moue schema`: JSON Schemas of what the commands print with `--json`.

use crate::args::SchemaArgs;
use crate::output::{print_json, print_line};
use crate::report::Outcome;
use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};

/// What several schemas refer to, as the members of `$defs`.
const DEFINITIONS: &str = include_str!("../../schemas/definitions.json");

/// Defines [`SCHEMAS`] from the names of the files.
macro_rules! schemas {
    ($($name:literal),* $(,)?) => {
        /// The schemas by name. The key `schema` of what is printed is `moue.NAME/VERSION`.
        const SCHEMAS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../schemas/", $name, ".json")))),*];
    };
}

schemas! {
    "find",
    "find.together",
    "detect",
    "embed",
    "best",
    "live",
    "timeline",
    "run",
    "doctor",
    "gallery.add",
    "gallery.list",
    "gallery.load",
    "gallery.show",
    "gallery.tag",
    "gallery.rename",
    "gallery.hide",
    "gallery.unhide",
    "gallery.remove",
    "gallery.info",
    "gallery.stats",
    "gallery.verify",
    "gallery.reembed",
    "gallery.compact",
    "gallery.merge",
    "gallery.export",
    "gallery.import",
    "gallery.map",
    "gallery.tag-immich",
}

pub(crate) fn run(args: &SchemaArgs) -> Result<Outcome> {
    match &args.name {
        Some(name) => print_json(&schema(name)?)?,
        None => SCHEMAS.iter().try_for_each(print_summary)?,
    }
    Ok(Outcome::Found)
}

fn print_summary((name, text): &(&str, &str)) -> Result<()> {
    let schema: Value = serde_json::from_str(text)?;
    let description = schema["description"].as_str().unwrap_or_default();
    print_line(&format!("{name:<16}  {description}"))
}

/// The schema of a name: `find`, or `moue.find/1` as the output itself has it.
fn schema(name: &str) -> Result<Value> {
    let plain = name.strip_prefix("moue.").unwrap_or(name);
    let (plain, version) = match plain.split_once('/') {
        Some((plain, version)) => (plain, Some(version)),
        None => (plain, None),
    };
    let found = SCHEMAS.iter().find(|(known, _)| *known == plain);
    let (_, text) = found.with_context(|| {
        let known: Vec<&str> = SCHEMAS.iter().map(|(known, _)| *known).collect();
        format!("there is no schema {name}; there are {}", known.join(", "))
    })?;
    let mut schema: Value = serde_json::from_str(text)?;
    if let Some(version) = version {
        let key = schema["properties"]["schema"]["const"].as_str();
        let key = key.unwrap_or_default();
        ensure!(
            key.ends_with(&format!("/{version}")),
            "there is no schema {name}; this version of moue has {key}"
        );
    }
    schema["$defs"] = definitions_of(text)?;
    Ok(schema)
}

/// The definitions that a schema refers to, and those that they refer to.
fn definitions_of(text: &str) -> Result<Value> {
    let all: Map<String, Value> = serde_json::from_str(DEFINITIONS)?;
    let mut used = Map::new();
    let mut texts = vec![text.to_owned()];
    while let Some(text) = texts.pop() {
        for (name, definition) in &all {
            if text.contains(&format!("#/$defs/{name}\"")) && !used.contains_key(name) {
                texts.push(definition.to_string());
                used.insert(name.clone(), definition.clone());
            }
        }
    }
    Ok(used.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Args;
    use clap::CommandFactory;

    /// The commands that print JSON: those with the option, and `run`, which prints nothing else.
    fn commands(command: &clap::Command, prefix: &str) -> Vec<String> {
        let mut names = Vec::new();
        for sub in command.get_subcommands() {
            let name = format!("{prefix}{}", sub.get_name());
            let has_option = sub.get_arguments().any(|arg| arg.get_id() == "json");
            names.extend(commands(sub, &format!("{name}.")));
            if has_option || name == "run" {
                names.push(name);
            }
        }
        names
    }

    #[test]
    fn every_command_that_prints_json_has_a_schema() {
        let names = commands(&Args::command(), "");
        assert!(names.len() > 20, "{names:?}");
        for name in names {
            // The events of a watched folder are those of `add`.
            let of = if name == "gallery.watch" {
                "gallery.add"
            } else {
                &name
            };
            let schema = schema(of).unwrap_or_else(|e| panic!("moue {name}: {e}"));
            assert_eq!(schema["title"], schema["properties"]["schema"]["const"]);
            let said = schema["description"].as_str().unwrap();
            let command = format!("`moue {}", name.replace('.', " "));
            assert!(said.contains(&command), "{name}: {said}");
        }
    }

    /// A key that nobody described is found only if no object may have others.
    fn check_closed(at: &str, value: &Value) {
        let Some(object) = value.as_object() else {
            let items = value.as_array().into_iter().flatten();
            return items.for_each(|item| check_closed(at, item));
        };
        if object.get("type") == Some(&"object".into()) {
            let others = object.get("additionalProperties");
            let others = others.unwrap_or_else(|| panic!("{at}: others are allowed"));
            let is_map = others.is_object() && !object.contains_key("properties");
            assert!(is_map || *others == Value::Bool(false), "{at}");
        }
        for (name, part) in object {
            check_closed(&format!("{at}/{name}"), part);
        }
    }

    #[test]
    fn no_object_may_have_keys_that_are_not_described() {
        for (name, _) in SCHEMAS {
            check_closed(name, &schema(name).unwrap());
        }
    }
}
