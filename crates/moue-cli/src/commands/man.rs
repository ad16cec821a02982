//! `moue man`.

use crate::args::{Args, ManArgs};
use crate::files::{MAN_MARK, OutputFolder, Outputs};
use crate::report::Outcome;
use anyhow::Result;
use clap::CommandFactory;

pub(crate) fn run(args: &ManArgs) -> Result<Outcome> {
    let outputs = Outputs::new(args.overwrite.force, [""; 0]);
    let folder = outputs.folder("man", &args.folder)?;
    let mut command = Args::command().disable_help_subcommand(true);
    // Gives the commands of commands their full names.
    command.build();
    write_pages(&command, &folder)?;
    Ok(Outcome::Found)
}

/// Writes the page of a command and those of its commands.
fn write_pages(command: &clap::Command, folder: &OutputFolder) -> Result<()> {
    let page = clap_mangen::Man::new(command.clone());
    let mut text = format!("{MAN_MARK}\n").into_bytes();
    page.render(&mut text)?;
    folder.write(page.get_filename(), &text)?;
    command
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .try_for_each(|command| write_pages(command, folder))
}
