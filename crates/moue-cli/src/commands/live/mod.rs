//! `moue live`: frames through the graph `facial_search`, in a window, in the terminal or as JSON.

mod json;
mod moment;
#[cfg(feature = "server")]
mod overlay;
mod player;
mod search;

use crate::args::LiveArgs;
use crate::report::Outcome;
use crate::terminal::TerminalScreen;
use anyhow::{Result, ensure};

pub(crate) fn run(args: LiveArgs) -> Result<Outcome> {
    args.device.choose()?;
    if args.json {
        return json::run(&args);
    }
    #[cfg(feature = "window")]
    if args.window || (!args.terminal && crate::window::is_possible()) {
        match crate::window::Desktop::open() {
            Ok(desktop) => return in_window(args, desktop),
            Err(error) if args.window => return Err(error),
            // Without the option the window was only the default.
            Err(error) => {
                let reason = crate::report::chain(&error);
                crate::output::message(&format!("{reason}; going on in the terminal"));
            }
        }
    }
    ensure!(
        !args.window,
        "this moue was built without its window; --terminal works"
    );
    player::run(&args, || Ok(Box::new(TerminalScreen::open()?)))
}

#[cfg(feature = "window")]
fn in_window(args: LiveArgs, desktop: crate::window::Desktop) -> Result<Outcome> {
    use crate::window::{Closing, WindowScreen};
    desktop.run(Closing::OnQuit, move || {
        player::run(&args, || Ok(Box::new(WindowScreen)))
    })
}
