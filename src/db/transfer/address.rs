//! What may be told of an address that does not work.

use crate::db::error::DbError;

/// Said instead where a fault may hold a piece of the password.
const UNTOLD: &str =
    "it cannot be used; in a user's name and password, the signs @ / ? & % are written %40 %2F %3F %26 %25";

/// A fault of an address as it may be shown.
///
/// A password that is not encoded is taken apart at the signs that it holds, and a piece of it then for a parameter or a
/// database, which errors name: the parser's, and the server's.
pub(super) fn told(address: &str, error: DbError) -> DbError {
    let (before, after) = address.split_once("://").unwrap_or_default().1.split_once('@').unwrap_or_default();
    let is_plain = !before.contains(['/', '?']) && !after.contains('@');
    let has_parameter = matches!(error, DbError::Url(_)) && address.contains("password=");
    if is_plain && !has_parameter { error } else { DbError::Url(UNTOLD.to_owned()) }
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
            assert_eq!(told(address, error).to_string(), UNTOLD, "{address}");
        }
    }

    #[test]
    fn what_is_no_password_is_told() {
        for (address, error) in [
            ("postgres://ada:hunter22@db/x?schema=public", "invalid connection string: unknown option `schema`"),
            ("postgres://db/x?sslmode=maybe", "sslmode must be disable, prefer, require, verify-ca or verify-full"),
        ] {
            let found = Server::parse(address).err().expect("it is wrong");
            assert_eq!(told(address, found).to_string(), error);
        }
        let away = DbError::Unavailable("away".to_owned());
        assert_eq!(told("postgres://db/x?password=a", away.clone()).to_string(), away.to_string());
    }
}
