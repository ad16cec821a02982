//! A screen of a test's own, without a window manager.
#![allow(dead_code, reason = "not every test presses keys")]

use crate::common;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};

pub(crate) struct Display {
    server: Child,
    pub(crate) name: String,
    has_clipboard: bool,
}

impl Display {
    /// `None` if Xvfb, or one of the programs that the test needs besides, is not installed.
    pub(crate) fn open(needed: &[&str]) -> Option<Self> {
        let mut all = std::iter::once(&"Xvfb").chain(needed);
        if !all.all(|program| common::installed(program)) {
            return None;
        }
        // Two servers that start at once may take the same number.
        static STARTING: Mutex<()> = Mutex::new(());
        let _starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        // Without `-noreset` it starts anew when its last client leaves, and refuses those that come meanwhile.
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-noreset", "-screen", "0", "1280x800x24"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // It prints its number once it can be used.
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        Some(Self {
            server,
            name: format!(":{}", line.trim()),
            has_clipboard: needed.contains(&"xclip"),
        })
    }

    /// Runs a program to its end.
    pub(crate) fn run(&self, program: &str, args: &[&str]) -> Output {
        Command::new(program)
            .args(args)
            .env("DISPLAY", &self.name)
            .output()
            .unwrap()
    }

    pub(crate) fn press(&self, key: &str) {
        self.run("xdotool", &["key", key]);
    }

    /// What holds a copy ends when something else is copied; that the server is gone may not reach it.
    fn empty_clipboard(&self) {
        let _ = Command::new("xclip")
            .args(["-selection", "clipboard", "-in", "/dev/null"])
            .env("DISPLAY", &self.name)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        if self.has_clipboard {
            self.empty_clipboard();
        }
        let _ = (self.server.kill(), self.server.wait());
    }
}
