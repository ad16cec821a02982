//! A known option in the place of one that is mistyped.

use super::Args;
use crate::text::is_near;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};
use std::ffi::OsString;

/// The error with the option that was probably meant. Of a short name clap suggests none if letters
/// are swapped, and says how to pass it as a value instead.
pub(crate) fn with_suggestion(mut error: clap::Error) -> clap::Error {
    let words = std::env::args_os().skip(1);
    if error.kind() == ErrorKind::UnknownArgument
        && error.get(ContextKind::SuggestedArg).is_none()
        && let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidArg)
        && let Some(option) = nearest(unknown, words)
    {
        error.remove(ContextKind::Suggested);
        error.insert(ContextKind::SuggestedArg, ContextValue::String(option));
    }
    error
}

/// The option of the command in these words that is nearly `unknown`.
fn nearest(unknown: &str, words: impl Iterator<Item = OsString>) -> Option<String> {
    let unknown = unknown.strip_prefix("--")?;
    let mut root = Args::command();
    root.build();
    let mut command: &Command = &root;
    for word in words {
        command = command.find_subcommand(word).unwrap_or(command);
    }
    let names = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let mut names = names.filter_map(clap::Arg::get_long);
    let near = names.find(|name| is_near(name, unknown));
    near.map(|name| format!("--{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swapped_letters_of_a_short_option_are_seen_through() {
        let words = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        let of = |unknown, line| nearest(unknown, words(line).into_iter());
        assert_eq!(of("--tpo", "find a.jpg --tpo 3").as_deref(), Some("--top"));
        assert_eq!(
            of("--tga", "gallery list --tga x").as_deref(),
            Some("--tag")
        );
        assert_eq!(of("--xyz", "find a.jpg --xyz"), None);
        assert_eq!(of("-t", "find a.jpg -t"), None);
    }
}
