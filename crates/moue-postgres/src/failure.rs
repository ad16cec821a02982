//! The server's errors as those of a store.

use moue_store::StoreError;
use postgres::Error;
use postgres::error::SqlState;
use std::error::Error as _;

/// What a statement's error means, with a way out where there is one.
pub(crate) fn of(store: &str, error: &Error) -> StoreError {
    let store = store.to_owned();
    let Some(code) = error.code() else {
        let reason = with_causes(error);
        return if is_lost(error) {
            StoreError::Unreachable { store, reason }
        } else {
            StoreError::Failed { store, reason }
        };
    };
    let message = error.as_db_error().map(|e| e.message().to_owned());
    let reason = message.unwrap_or_default();
    if let Some(way_out) = way_out(code) {
        return StoreError::Setup {
            store,
            reason,
            way_out: way_out.to_owned(),
        };
    }
    if is_refusal(code) || is_lost(error) {
        return StoreError::Unreachable { store, reason };
    }
    StoreError::Failed { store, reason }
}

/// What a user can do about an error of the server.
fn way_out(code: &SqlState) -> Option<&'static str> {
    let ways = [
        (
            SqlState::INSUFFICIENT_PRIVILEGE,
            "ask the database's owner for the right, or use a database of your own",
        ),
        (
            SqlState::READ_ONLY_SQL_TRANSACTION,
            "this server is a standby; name all hosts, as postgres://a,b/DATABASE",
        ),
        (
            SqlState::INVALID_CATALOG_NAME,
            "make the database with `createdb`",
        ),
    ];
    let mut ways = ways.into_iter();
    ways.find(|(known, _)| known == code).map(|(_, way)| way)
}

/// A wrong user or password.
fn is_refusal(code: &SqlState) -> bool {
    [
        SqlState::INVALID_PASSWORD,
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION,
        SqlState::TOO_MANY_CONNECTIONS,
    ]
    .contains(code)
}

/// Whether the connection is gone, or the server is going or coming: after a while another
/// connection may work.
pub(crate) fn is_lost(error: &Error) -> bool {
    let is_io = || {
        let source = error.source();
        source.is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
    };
    match error.code() {
        None => error.is_closed() || is_io(),
        Some(code) => [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            // The leader has become a standby under an open connection.
            SqlState::READ_ONLY_SQL_TRANSACTION,
        ]
        .contains(code),
    }
}

/// Whether another writer was quicker: the same statements may succeed now.
pub(crate) fn is_conflict(error: &Error) -> bool {
    error.code().is_some_and(|code| {
        [
            SqlState::UNIQUE_VIOLATION,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::T_R_SERIALIZATION_FAILURE,
        ]
        .contains(code)
    })
}

/// The error and what caused it: the client says "error connecting to server" and no more.
pub(crate) fn with_causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let reason = error.to_string();
        if !text.contains(&reason) {
            text = format!("{text}: {reason}");
        }
        cause = error.source();
    }
    text
}
