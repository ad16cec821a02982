//! A table of attacks, each with what has to come of it.

mod access;
mod bounds;
#[path = "../common/mod.rs"]
mod common;
mod files;
mod messages;
mod pages;
mod streams;

use common::Answer;

fn refused(name: &str, answer: &Answer, statuses: &[u16]) {
    assert!(
        statuses.contains(&answer.status),
        "{name}: {} {}",
        answer.status,
        answer.text()
    );
    // What hyper itself refuses has no body; all else is a problem.
    if !answer.body.is_empty() {
        answer.problem();
    }
    assert_eq!(answer.header("access-control-allow-origin"), None, "{name}");
}
