//! `moue live`: frames through the graph `facial_search`, in a window, in the terminal or as JSON.

mod json;
mod player;
mod search;

use crate::args::LiveArgs;
use crate::report::Outcome;
use anyhow::{Result, ensure};

pub(crate) fn run(args: LiveArgs) -> Result<Outcome> {
    if args.json {
        return json::run(&args);
    }
    #[cfg(feature = "window")]
    if args.window || (!args.terminal && crate::window::is_possible()) {
        return crate::window::with_window(move || {
            player::run(&args, |image| Ok(crate::window::show(image)))
        });
    }
    ensure!(
        !args.window,
        "this moue was built without its window; --terminal works"
    );
    player::run(&args, |image| crate::terminal::show(&image).map(|()| true))
}
