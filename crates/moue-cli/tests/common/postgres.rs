//! The server of `.ci/postgres`.

/// A gallery of a test's own on the server of `.ci/postgres`; `None` if the test has to be skipped.
pub(crate) fn address(test: &str) -> Option<String> {
    let server = std::env::var("MOUE_POSTGRES")
        .ok()
        .filter(|a| !a.is_empty());
    let Some(server) = server else {
        let required = std::env::var_os("MOUE_REQUIRE").is_some_and(|v| !v.is_empty());
        assert!(
            !required,
            "{test} needs MOUE_POSTGRES: `.ci/postgres start` prints it"
        );
        eprintln!("SKIPPED: {test} needs MOUE_POSTGRES, see .ci/postgres");
        return None;
    };
    // No run meets what another one has left.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let number = now.unwrap().as_micros() % 1_000_000_000_000;
    Some(format!("{server}?gallery={test}{number}_"))
}
