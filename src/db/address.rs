//! Removes passwords from errors about a connection string.
//!
//! A password that is not percent-encoded is split at its reserved characters, so that a part of it may be parsed as a
//! parameter or database name, which the errors of the parser and the server repeat.

use super::error::DbError;

/// Replaces an error of the parser that may contain a part of the password.
const INVALID: &str = "invalid connection string: in the username and password, write @ / ? & % as %40 %2F %3F %26 %25";

/// Replaces an error of the server that may contain a part of the password.
const CANNOT_CONNECT: &str = "cannot connect; in the username and password, write @ / ? & % as %40 %2F %3F %26 %25";

/// Returns an error of the parser that is safe to show.
pub(super) fn redact(address: &str, error: DbError) -> DbError {
    let is_safe = !is_ambiguous(address) && !address.contains("password=");
    if is_safe { error } else { DbError::Url(INVALID.to_owned()) }
}

/// Returns an error of the server that is safe to show, if the address is ambiguous.
pub(super) fn redact_refusal(is_ambiguous: bool, error: DbError) -> DbError {
    if is_ambiguous { DbError::Unavailable(CANNOT_CONNECT.to_owned()) } else { error }
}

/// Whether a part of the password may have been parsed as something else.
pub(super) fn is_ambiguous(address: &str) -> bool {
    let (before, after) = address.split_once("://").unwrap_or_default().1.split_once('@').unwrap_or_default();
    before.contains(['/', '?']) || after.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::postgres::Server;

    #[test]
    fn no_error_shows_a_part_of_the_password() {
        for address in ["postgres://ada:a@b?hunter=22@db/x", "postgres://db/x?user=ada&password=a&hunter=22"] {
            assert_eq!(Server::parse(address).err().expect("it is wrong").to_string(), INVALID, "{address}");
        }
        for address in ["postgres://ada:a@b/hunter@db", "postgres://ada:a/b@db?hunter=22@x"] {
            let refused = DbError::Unavailable("no database hunter".to_owned());
            let shown = redact_refusal(is_ambiguous(address), refused).to_string();
            assert_eq!(shown, format!("database unavailable: {CANNOT_CONNECT}"), "{address}");
        }
    }

    #[test]
    fn an_error_that_cannot_contain_the_password_is_shown() {
        for (address, error) in [
            ("postgres://ada:hunter22@db/x?schema=public", "invalid connection string: unknown option `schema`"),
            ("postgres://db/x?sslmode=maybe", "sslmode must be disable, prefer, require, verify-ca or verify-full"),
        ] {
            assert_eq!(Server::parse(address).err().expect("it is wrong").to_string(), error);
        }
        let away = DbError::Unavailable("away".to_owned());
        let address = "postgres://db/x?password=a";
        assert_eq!(redact_refusal(is_ambiguous(address), away.clone()).to_string(), away.to_string());
    }
}
