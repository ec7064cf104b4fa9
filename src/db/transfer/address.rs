//! Removes passwords from errors about a connection string.

use crate::db::error::DbError;

/// Replaces an error that may contain a part of the password.
const REDACTED: &str =
    "invalid connection string: in the username and password, write @ / ? & % as %40 %2F %3F %26 %25";

/// Returns an error that is safe to show.
///
/// A password that is not percent-encoded is split at its reserved characters, so that a part of it may be parsed as a
/// parameter or database name, which the errors of the parser and the server repeat.
pub(super) fn redact(address: &str, error: DbError) -> DbError {
    let (before, after) = address.split_once("://").unwrap_or_default().1.split_once('@').unwrap_or_default();
    let is_plain = !before.contains(['/', '?']) && !after.contains('@');
    let has_parameter = matches!(error, DbError::Url(_)) && address.contains("password=");
    if is_plain && !has_parameter { error } else { DbError::Url(REDACTED.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::postgres::Server;

    #[test]
    fn no_error_shows_a_piece_of_the_password() {
        for address in [
            "postgres://ada:a@b?hunter=22@db/x",
            "postgres://ada:a@b/hunter@db",
            "postgres://ada:a/b@db?hunter=22@x",
            "postgres://db/x?user=ada&password=a&hunter=22",
            "postgres://db/x?password=a&hunter",
        ] {
            let error = Server::parse(address).err().unwrap_or(DbError::Unavailable("no database hunter".to_owned()));
            assert_eq!(redact(address, error).to_string(), REDACTED, "{address}");
        }
    }

    #[test]
    fn an_error_that_cannot_contain_the_password_is_shown() {
        for (address, error) in [
            ("postgres://ada:hunter22@db/x?schema=public", "invalid connection string: unknown option `schema`"),
            ("postgres://db/x?sslmode=maybe", "sslmode must be disable, prefer, require, verify-ca or verify-full"),
        ] {
            let found = Server::parse(address).err().expect("it is wrong");
            assert_eq!(redact(address, found).to_string(), error);
        }
        let away = DbError::Unavailable("away".to_owned());
        assert_eq!(redact("postgres://db/x?password=a", away.clone()).to_string(), away.to_string());
    }
}
